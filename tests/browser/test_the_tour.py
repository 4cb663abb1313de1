"""The guided tour of the demo, from its first bubble to its last, against the running bot."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from bot.sample.tour import tour_of
from broadcasts.model import Figures
from storage.audit import findings
from storage.stores import Stores
from tests.browser.chromium import PATIENCE_MS
from tests.browser.stage import PHONE, card, opened, pane, press
from tests.town import STREET, Persona, Town

pytestmark = pytest.mark.browser

CROWD_PATIENCE_MS = 180_000
"""So long the page itself waits for many people; `crowd` of a step."""
MORNING = datetime(2027, 3, 1, 1, tzinfo=UTC)


@pytest.fixture
def guided(town: Town) -> Town:
    """The town as the demo shows it."""
    town.sandbox.tour = tour_of(town.sample)
    return town


async def at_step(page: Page, number: int, patience_ms: int = PATIENCE_MS) -> None:
    """Wait for the bubble of step *number*, counted from 1, to be ready for its button."""
    await expect(page.locator(".tour-dots .is-done")).to_have_count(number - 1, timeout=patience_ms)
    await expect(page.get_by_test_id("tour-go")).to_have_attribute("aria-disabled", "false")


def loop(town: Town) -> int:
    """How many steps the first part of the story has: a small matter that is solved, and one that comes back."""
    return next(number for number, step in enumerate(town.sandbox.tour["steps"]) if "chapter" in step)


async def test_one_button_per_step_shows_the_loop_and_what_comes_back(browser: Browser, guided: Town) -> None:
    page = await opened(browser, guided)
    await page.get_by_test_id("tour-open").click()

    for number in range(1, loop(guided) + 1):
        await at_step(page, number)
        await expect(page.get_by_test_id("tour-go")).to_be_focused()
        await page.keyboard.press("Enter")

    await at_step(page, loop(guided) + 1)
    await page.get_by_test_id("tour-stop").click()
    await expect(page.get_by_test_id("tour-open")).to_be_focused()
    first, second = await guided.case(1), await guided.case(2)
    assert (first.status, second.status) == ("archived", "claimed")
    assert (second.unit, second.reopened) == ("370001001001", 1)


async def test_a_warning_reaches_every_household_and_a_notice_is_called_back(browser: Browser, guided: Town) -> None:
    for grid in guided.sample.grids:
        await Persona(guided, guided.sample.staff(grid)[0], guided.group).starts()
    page = await opened(browser, guided)
    steps = guided.sandbox.tour["steps"]
    await page.get_by_test_id("tour-open").click()
    await page.get_by_test_id("tour-chapter").click()

    for number in range(loop(guided) + 1, len(steps) + 1):
        await at_step(page, number, CROWD_PATIENCE_MS if "crowd" in steps[number - 2] else PATIENCE_MS)
        await page.get_by_test_id("tour-go").click()

    await expect(page.get_by_test_id("tour")).to_have_count(0)
    desk = page.locator(f"[data-testid=pane][data-person='{guided.sample.staff(STREET, 'broadcaster')[0].id}']")
    await expect(desk.get_by_test_id("photo")).to_have_count(2)  # the charts of the two summaries
    warning, notice = await guided.read(_told)
    assert warning == ("done", Figures(chats=6, sent=6, households=132, pressed=15, told=117, helps=1))
    assert notice[0] == "cancelled"
    assert (await guided.case()).urgency == "urgent"
    assert list(await guided.read(_broken)) == []


def _told(stores: Stores) -> list[tuple[str, Figures]]:
    return [(one.state.value, stores.targets.figures(one.id)) for one in stores.broadcasts.all()]


def _broken(stores: Stores) -> list[str]:
    return [str(one) for one in findings(stores)]


async def test_who_does_a_step_by_hand_goes_on_just_the_same(browser: Browser, guided: Town) -> None:
    page = await opened(browser, guided)
    await page.get_by_test_id("tour-open").click()
    for number in (1, 2):
        await at_step(page, number)
        await page.get_by_test_id("tour-go").click()
    await at_step(page, 3)
    await expect(page.get_by_test_id("tour-ring")).to_be_visible()

    await press(page, guided.li, "接单")

    await at_step(page, 4)
    await expect(card(page, guided.li)).to_contain_text("办理中")


async def test_the_tour_can_be_left_at_any_time_and_takes_its_draft_along(browser: Browser, guided: Town) -> None:
    page = await opened(browser, guided)
    await page.get_by_test_id("tour-open").click()
    await at_step(page, 1)
    await page.get_by_test_id("tour-go").click()
    await at_step(page, 2)
    await expect(pane(page, guided.wang).get_by_test_id("composer-text")).not_to_have_value("")

    await page.keyboard.press("Escape")

    await expect(page.get_by_test_id("tour")).to_have_count(0)
    await expect(page.get_by_test_id("tour-ring")).to_have_count(0)
    await expect(pane(page, guided.wang).get_by_test_id("composer-text")).to_have_value("")
    assert await guided.cases() == 0


async def test_on_a_phone_the_tour_covers_nothing_and_speaks_the_visitors_language(
    browser: Browser, guided: Town
) -> None:
    page = await opened(browser, guided, size=PHONE, locale="en-GB")
    await page.get_by_test_id("tour-open").click()
    for number in (1, 2):
        await at_step(page, number)
        await page.get_by_test_id("tour-go").click()
    await at_step(page, 3)

    await expect(page.get_by_test_id("tour-say")).to_contain_text("The answer comes in seconds")
    bubble = await page.get_by_test_id("tour").bounding_box()
    chat = await pane(page, guided.li).bounding_box()
    assert bubble is not None
    assert chat is not None
    assert bubble["y"] + bubble["height"] <= chat["y"]
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("tour-say")).to_contain_text("几秒钟就有回音")


async def test_a_silent_bot_ends_no_tour_but_lets_the_step_be_skipped(browser: Browser, guided: Town) -> None:
    page = await opened(browser, guided)
    await page.clock.install(time=MORNING)
    await page.get_by_test_id("tour-open").click()
    await at_step(page, 1)
    await page.get_by_test_id("tour-go").click()
    await at_step(page, 2)
    await guided.app.__aexit__(None, None, None)
    await page.clock.pause_at(MORNING + timedelta(hours=1))  # patience ends when the test says so, however slow it is

    await page.get_by_test_id("tour-go").click()
    await expect(page.get_by_test_id("tour-go")).to_have_attribute("aria-disabled", "true")
    await expect(pane(page, guided.wang).get_by_test_id("photo")).to_have_count(1)
    await page.clock.fast_forward(21_000)
    await expect(page.get_by_test_id("tour-note")).to_have_text("还没有等到回应。机器人在运行吗？")
    await page.get_by_test_id("tour-go").click()

    await at_step(page, 3)
    await guided.start()
