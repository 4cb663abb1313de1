"""Whoever can't see the page, holds no mouse or reads no Chinese: names, focus, live regions, both languages."""

import pytest
from playwright.async_api import Browser, Page, expect

from bot.sample.town import TOKEN
from bot.sandbox import Sandbox
from tests.browser.stage import PHONE, WIDE, opened

pytestmark = pytest.mark.browser

NAMELESS = """nodes => nodes
    .filter((node) => node.offsetParent && !node.disabled)
    .filter((node) => {
        const named = [node.ariaLabel, node.title, node.textContent, node.alt, node.labels?.[0]?.textContent];
        return !named.some((name) => name?.trim());
    })
    .map((node) => node.outerHTML)"""
FOCUS = """() => {
    const node = document.activeElement;
    const style = getComputedStyle(node.closest('.search') || node);
    const ring = style.outlineStyle !== 'none' || style.boxShadow.includes('2px inset');
    return [node.dataset.testid || node.tagName, ring];
}"""


async def say_with_buttons(page: Page, sandbox: Sandbox) -> None:
    chat = tour_chat(sandbox)
    markup = {"inline_keyboard": [[{"text": "✋ 接单", "callback_data": "claim", "style": "success"}]]}
    call = {"chat_id": chat, "text": "<b>#1</b>", "parse_mode": "HTML", "reply_markup": markup}
    answer = await page.request.post(f"{sandbox.url}/bot{TOKEN}/sendMessage", data=call)
    assert answer.ok


def tour_chat(sandbox: Sandbox) -> str:
    """The id of the first grid's chat."""
    return str(sandbox.tour["steps"][0]["panes"].split(",")[0].partition("@")[2])


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_every_control_has_a_name_and_every_picture_words(
    browser: Browser, gallery: Sandbox, size: tuple[int, int]
) -> None:
    page = await opened(browser, gallery, size=size)
    await say_with_buttons(page, gallery)
    await expect(page.get_by_test_id("key").first).to_be_visible()
    await page.get_by_test_id("tour-open").click()
    await page.get_by_test_id("tour-go").click()
    await expect(page.get_by_test_id("picture")).to_have_count(1)

    controls = page.locator("button, a[href], input:not([type=file]), textarea, [role=button], [tabindex='0']")

    assert await controls.count() > 20
    assert await controls.evaluate_all(NAMELESS) == []
    assert await page.locator("img:not([alt])").count() == 0
    assert await page.locator("[data-testid=album] img[alt=''], [data-testid=photo] img[alt='']").count() == 0


async def test_the_focus_is_seen_wherever_the_tab_key_leads(browser: Browser, gallery: Sandbox) -> None:
    page = await opened(browser, gallery)
    await say_with_buttons(page, gallery)
    await expect(page.get_by_test_id("key").first).to_be_visible()

    seen: dict[str, bool] = {}
    for _ in range(30):
        await page.keyboard.press("Tab")
        where, ring = await page.evaluate(FOCUS)
        seen[where] = ring
    seen.pop("BODY", None)  # beyond the last control the focus leaves the page

    assert {"tour-open", "switch-person", "log", "key", "composer-text"} <= seen.keys()
    assert [where for where, ring in seen.items() if not ring] == []


async def test_what_arrives_is_announced_once_and_politely(browser: Browser, gallery: Sandbox) -> None:
    page = await opened(browser, gallery)
    await expect(page.get_by_test_id("composer").first).to_be_visible()
    await say_with_buttons(page, gallery)

    announcer = page.get_by_test_id("announcer")
    await expect(announcer).to_have_attribute("aria-live", "polite")
    await expect(announcer).to_have_text("呼应 Huying：#1")
    for log in await page.get_by_test_id("log").all():
        await expect(log).to_have_attribute("role", "log")
        await expect(log).to_have_attribute("aria-live", "off")


async def test_the_page_speaks_both_languages_and_remembers_which(browser: Browser, gallery: Sandbox) -> None:
    page = await opened(browser, gallery)
    await expect(page.get_by_test_id("add-pane")).to_have_text("再加一个人")
    await expect(page.get_by_test_id("switch-person").first).to_contain_text("居民")

    await page.get_by_test_id("language").click()
    await page.reload()

    await expect(page.get_by_test_id("add-pane")).to_have_text("Add a person")
    await expect(page.get_by_test_id("switch-person").first).to_contain_text("Resident")
    await expect(page.get_by_test_id("language")).to_have_attribute("aria-label", "切换到中文")
    assert await page.evaluate("document.documentElement.lang") == "en-GB"
