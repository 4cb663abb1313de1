"""What the tests of the page share: opening it on a screen of some size, finding panes and cards, writing, pressing."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, Locator, Page

from bot.sandbox import Sandbox
from tests.browser.chromium import PATIENCE_MS
from tests.town import Persona, Town

WIDE: Final = (1600, 950)
PHONE: Final = (390, 844)


async def opened(
    browser: Browser, town: Town | Sandbox, panes: str = "", size: tuple[int, int] = WIDE, locale: str = "zh-CN"
) -> Page:
    """The page with the panes of a link, in a browser that was never here before."""
    sandbox = town if isinstance(town, Sandbox) else town.sandbox
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        has_touch=size is PHONE,
        locale=locale,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{sandbox.url}/{'#' if panes else ''}{panes}")
    return page


def pane(page: Page, who: Persona) -> Locator:
    """The pane that *who* holds."""
    return page.locator(f"[data-testid=pane][data-person='{who.id}']")


def card(page: Page, who: Persona) -> Locator:
    """The newest message with buttons in somebody's open chat."""
    return pane(page, who).get_by_test_id("message").filter(has=page.get_by_test_id("key")).last


async def press(page: Page, who: Persona, words: str) -> None:
    """Press the button of the newest card whose label ends with *words*."""
    await card(page, who).get_by_test_id("key").filter(has_text=re.compile(rf"(^|\s){words}$")).click()


async def write(page: Page, who: Persona, text: str) -> None:
    """Type into the composer and press Enter."""
    field = pane(page, who).get_by_test_id("composer-text")
    await field.fill(text)
    await field.press("Enter")


async def report_with_photo(page: Page, who: Persona, caption: str) -> None:
    """Send a sample picture with a caption."""
    await pane(page, who).get_by_test_id("composer-text").fill(caption)
    await pane(page, who).get_by_test_id("attach").click()
    await page.get_by_test_id("attach-sample-photo").click()
    await pane(page, who).get_by_test_id("send").click()


@asynccontextmanager
async def explained(page: Page) -> AsyncIterator[None]:
    """Whatever fails in the block says too what stood on the page then."""
    try:
        yield
    except AssertionError as error:
        error.add_note(await page.locator("body").inner_text())
        raise
