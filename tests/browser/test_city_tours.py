"""Each city's story, walked through on the page from its first bubble to its last, in the town that the demo shows."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.sample.showing import showing
from bot.sample.town import USUAL, cities
from bot.sandbox import Sandbox
from storage.audit import findings
from storage.stores import Stores
from tests.browser.stage import explained, opened

pytestmark = pytest.mark.browser


def _broken(stores: Stores) -> list[str]:
    return [str(one) for one in findings(stores)]


@pytest.mark.parametrize("city", [name for name in cities() if name != USUAL])
async def test_the_story_of_a_city_runs_to_its_end(browser: Browser, city: str, tmp_path: Path) -> None:
    async with Sandbox() as sandbox, showing(sandbox, city, tmp_path) as app:
        steps = sandbox.tour["steps"]
        page = await opened(browser, sandbox, steps[0]["panes"])
        await page.get_by_test_id("tour-open").click()

        async with explained(page):
            for number in range(len(steps)):
                await expect(page.locator(".tour-dots .is-done")).to_have_count(number)
                go = page.get_by_test_id("tour-go")
                await expect(go).to_have_attribute("aria-disabled", "false")
                await expect(page.get_by_test_id("tour-note")).to_be_empty()
                await go.click()
            await expect(page.get_by_test_id("tour")).to_have_count(0)
        assert await app.store.read(_broken) == []
