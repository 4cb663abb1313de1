"""Voting and reacting on the page: what one person does the other one sees, and it can be taken back."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.sandbox import Sandbox
from tests.browser.stage import opened

pytestmark = pytest.mark.browser


def panes(page: Page) -> tuple[Locator, Locator]:
    """The resident's pane and the worker's, side by side in the same group."""
    both = page.get_by_test_id("pane")
    return both.nth(0), both.nth(1)


async def test_a_vote_is_counted_before_everybodys_eyes(browser: Browser, gallery: Sandbox) -> None:
    resident, worker = panes(await opened(browser, gallery))

    await resident.get_by_test_id("option").first.click()
    await worker.get_by_test_id("option").first.click()

    for pane in (resident, worker):
        await expect(pane.get_by_test_id("option").first).to_have_text("上午2")
        await expect(pane.get_by_test_id("poll")).to_contain_text("2 票")


async def test_a_reaction_is_joined_and_taken_back_without_a_mouse(browser: Browser, gallery: Sandbox) -> None:
    page = await opened(browser, gallery)
    resident, worker = panes(page)
    await expect(resident.get_by_test_id("reaction")).to_have_text(["👍 1"])

    await worker.get_by_test_id("log").focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("react").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(resident.get_by_test_id("reaction")).to_have_text(["👍 2"])
    await resident.get_by_test_id("reaction").click()

    await expect(resident.get_by_test_id("reaction")).to_have_text(["👍 1"])
    await expect(resident.get_by_test_id("reaction")).to_have_attribute("aria-pressed", "false")
    await expect(worker.get_by_test_id("reaction")).to_have_attribute("aria-pressed", "true")
