"""Recordings and faces on the page: the samples really play, a group's photo and a member's tag are shown."""

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox import Sandbox
from tests.browser.stage import opened

pytestmark = pytest.mark.browser


async def test_a_sample_voice_plays_to_its_end(browser: Browser, gallery: Sandbox) -> None:
    page = await opened(browser, gallery)
    voice = page.get_by_test_id("voice").first
    sound = voice.locator("audio")

    await voice.get_by_test_id("voice-play").click()

    await expect(voice).to_have_class("voice is-playing")
    await sound.evaluate("sound => new Promise((done) => { sound.onended = done; sound.currentTime = 2.8; })")
    assert 2.9 < await sound.evaluate("sound => sound.duration") < 3.1
    await expect(voice).to_have_class("voice")


async def test_a_sample_film_shows_its_pictures(browser: Browser, gallery: Sandbox) -> None:
    page = await opened(browser, gallery)

    await page.get_by_test_id("video").first.click()

    film = page.locator("video")
    await expect(film).to_be_visible()
    await film.evaluate("film => film.readyState >= 2 || new Promise((done) => { film.onloadeddata = done; })")
    assert await film.evaluate("film => [film.videoWidth, film.videoHeight]") == [320, 240]


async def test_a_group_shows_its_photo_and_a_member_the_word_beside_the_name(
    browser: Browser, gallery: Sandbox
) -> None:
    grid = gallery.exchange.world.chats[int(gallery.tour["steps"][1]["wait"]["chat"])]
    writer = next(message.author for message in grid.messages.values() if "text" in message.content)
    owner = next(user for user, member in grid.members.items() if member.status == "creator")
    page = await opened(browser, gallery)
    conversation = page.locator(f"[data-testid=conversation][data-chat='{grid.id}']").last
    await expect(conversation.locator(".chat-head .avatar img")).to_have_count(0)

    await gallery.act(owner, "photo", chat=grid.id)
    await gallery.act(owner, "tag", chat=grid.id, user=writer, tag="楼长")
    await gallery.act(writer, "send_text", chat=grid.id, text="大家好")

    await expect(conversation.locator(".chat-head .avatar img")).to_be_visible()
    await expect(conversation.locator(".sender .role").last).to_have_text("楼长")
