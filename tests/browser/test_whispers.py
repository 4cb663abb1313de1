"""Ephemeral messages on the page: one person sees them, marked as such, and presses their buttons."""

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from bot.sandbox import Sandbox
from tests.browser.stage import opened

pytestmark = pytest.mark.browser


async def test_a_whisper_is_seen_and_pressed_by_one_and_never_shown_to_the_other(
    browser: Browser, gallery: Sandbox
) -> None:
    chat_id = int(gallery.tour["steps"][1]["wait"]["chat"])
    resident_id = int(gallery.tour["steps"][1]["as"])
    (bot,) = gallery.exchange.world.bots.values()
    page = await opened(browser, gallery)
    both = page.get_by_test_id("pane")
    resident, worker = both.nth(0), both.nth(1)
    await expect(worker.get_by_test_id("poll")).to_be_visible()
    whisper = {
        "chat_id": chat_id,
        "text": "只给你看",
        "reply_markup": {"inline_keyboard": [[{"text": "好", "callback_data": "ok"}]]},
        "ephemeral_message_parameters": {"receiver_user_id": resident_id},
    }

    async with aiohttp.ClientSession() as http:
        await (await http.post(f"{gallery.url}/bot{bot.token}/sendMessage", json=whisper)).read()

    told = resident.get_by_test_id("message").filter(has_text="只给你看")
    await expect(told.get_by_test_id("ephemeral")).to_have_text("仅你可见")
    await told.get_by_test_id("key").click()
    queries = await gallery.wait_for(lambda s: list(s.exchange.queries.values()))
    assert (queries[0].person, queries[0].message) == (resident_id, 0)
    await page.reload()
    await expect(told).to_be_visible()
    await expect(worker.get_by_test_id("poll")).to_be_visible()
    await expect(worker.get_by_test_id("message").filter(has_text="只给你看")).to_have_count(0)
