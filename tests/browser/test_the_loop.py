"""A newcomer at the page: the whole loop with the mouse and the keyboard, against the running bot."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import chromium
from tests.town import Persona, Town

pytestmark = pytest.mark.browser

WIDE = {"width": 1600, "height": 950}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


async def opened(browser: Browser, town: Town, panes: str, view: dict[str, int] = WIDE, locale: str = "zh-CN") -> Page:
    context = await browser.new_context(
        viewport={"width": view["width"], "height": view["height"]}, locale=locale, timezone_id="Asia/Shanghai"
    )
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(f"{town.sandbox.url}/#{panes}")
    return page


def pane(page: Page, who: Persona) -> Locator:
    return page.locator(f"[data-testid=pane][data-person='{who.id}']")


def card(page: Page, who: Persona) -> Locator:
    """The newest message with buttons in somebody's open chat."""
    return pane(page, who).get_by_test_id("message").filter(has=page.get_by_test_id("key")).last


async def press(page: Page, who: Persona, words: str) -> None:
    await card(page, who).get_by_test_id("key").filter(has_text=re.compile(rf"(^|\s){words}$")).click()


async def write(page: Page, who: Persona, text: str) -> None:
    field = pane(page, who).get_by_test_id("composer-text")
    await field.fill(text)
    await field.press("Enter")


async def report_with_photo(page: Page, who: Persona, caption: str) -> None:
    await pane(page, who).get_by_test_id("composer-text").fill(caption)
    await pane(page, who).get_by_test_id("attach").click()
    await page.get_by_test_id("attach-sample-photo").click()
    await pane(page, who).get_by_test_id("send").click()


async def test_a_photo_is_reported_claimed_solved_found_wanting_and_comes_back_to_the_superior(
    browser: Browser, town: Town
) -> None:
    group, desk, bot = town.group.id, town.community_desk.id, town.sample.bot.username
    page = await opened(browser, town, f"{town.wang.id}@{group},{town.li.id}@{group},{town.chen.id}@{desk}")

    await report_with_photo(page, town.wang, "/report 3号楼2单元楼道灯坏了")
    await expect(card(page, town.wang)).to_contain_text("#1")
    await press(page, town.li, "接单")
    await expect(card(page, town.wang)).to_contain_text("办理中")
    await press(page, town.li, "办结")
    await town.quiet()
    await page.goto(f"{town.sandbox.url}/#{town.wang.id}@{group},{town.li.id}@{bot},{town.chen.id}@{desk}")
    await expect(pane(page, town.li).get_by_test_id("message").last).to_contain_text("#1")
    await report_with_photo(page, town.li, "灯泡已换好")
    await expect(card(page, town.wang)).to_contain_text("待评价")
    await press(page, town.wang, "不满意")

    await expect(card(page, town.chen)).to_contain_text("#1")
    await expect(card(page, town.chen).get_by_test_id("key").first).to_contain_text("接单")
    case = await town.case()
    assert (case.status, case.unit, case.reopened) == ("offered", "370001001001", 1)


async def test_two_workers_race_and_the_slower_one_is_told_who(browser: Browser, town: Town) -> None:
    group = town.group.id
    page = await opened(browser, town, f"{town.li.id}@{group},{town.zhang.id}@{group}")
    await town.wang.writes("/report 2号楼电梯异响")

    seen = await card(page, town.zhang).get_by_test_id("key").first.get_attribute("data-data")
    message = town.last(town.group)["message_id"]
    await press(page, town.li, "接单")
    await expect(card(page, town.zhang)).to_contain_text("李安")

    await town.zhang.acts("press", chat=town.group.id, message=message, data=seen, forged=True)

    await expect(pane(page, town.zhang).get_by_test_id("toast")).to_contain_text("李安")


async def test_on_a_phone_in_english_a_resident_reports_in_three_actions(browser: Browser, town: Town) -> None:
    page = await opened(browser, town, f"{town.emma.id}@{town.group.id}", PHONE, "en-GB")

    await write(page, town.emma, "/report The street lamp at building 2 is broken")

    await expect(card(page, town.emma)).to_contain_text("#1")


async def test_the_bot_restarts_in_the_middle_and_the_card_still_works(browser: Browser, town: Town) -> None:
    group = town.group.id
    page = await opened(browser, town, f"{town.wang.id}@{group},{town.li.id}@{group}")
    await write(page, town.wang, "/report 1号楼门口积水")
    await expect(card(page, town.li)).to_contain_text("#1")

    await town.restart()
    await press(page, town.li, "接单")

    await expect(card(page, town.wang)).to_contain_text("李安")
