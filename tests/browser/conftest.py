"""The browser that looks at the page, and a town in which everything that can be sent was sent."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from bot.sample.tour import tour_of
from bot.sample.town import furnish
from bot.sandbox import Sandbox
from tests.browser.chromium import chromium

KINDS = ("text", "photo", "album", "voice", "video", "document", "location", "venue", "contact", "poll", "dice")
WORDS = {
    "text": "楼道灯坏了",
    "latitude": 37.36,
    "longitude": 120.4,
    "title": "社区服务中心",
    "address": "样例路1号",
    "phone_number": "0535-0000000",
    "first_name": "样例",
    "question": "几点方便",
    "options": ["上午", "下午"],
}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium; without one the test is skipped aloud."""
    async with chromium() as running:
        yield running


@pytest.fixture
async def gallery() -> AsyncIterator[Sandbox]:
    """The sample town with one message of every kind in the first grid, buttons under one, and nobody to answer."""
    async with Sandbox() as sandbox:
        town = furnish(sandbox)
        sandbox.tour = tour_of(town)
        grid = town.grids[0]
        chat, someone = town.chats[grid], town.residents(grid)[0]
        for kind in KINDS:
            await sandbox.act(someone, f"send_{kind}", chat=chat.id, **WORDS)
        sent = sandbox.messages(chat.id)[-1]["message_id"]
        await sandbox.act(someone, "react", chat=chat.id, message=sent, emoji="👍")
        yield sandbox
