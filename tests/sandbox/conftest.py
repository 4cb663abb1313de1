"""A sandbox with a small cast; whatever it answered or delivered is checked by two libraries at the end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from telegram import Bot as PtbBot

from bot.sandbox import Bot, Chat, ManualClock, Person, Sandbox
from bot.sandbox.world import Json
from tests.sandbox.conformance import check_everything

TOKEN = "42:SANDBOX"


@dataclass
class Cast:
    """Everyone a scene needs: a bot, two neighbours, and the group that Li owns."""

    sandbox: Sandbox
    clock: ManualClock
    session: aiohttp.ClientSession
    bot: Bot
    li: Person
    zhang: Person
    group: Chat

    async def call(self, method: str, **params: Any) -> Json:
        """Call the Bot API with a JSON body and return the whole envelope."""
        async with self.session.post(f"{self.sandbox.url}/bot{TOKEN}/{method}", json=params) as response:
            body: Json = await response.json()
            assert response.status == body.get("error_code", 200)
            return body

    async def ask(self, method: str, **params: Any) -> Any:
        """Call the Bot API and return the result of a call that succeeds."""
        body = await self.call(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        """Call the Bot API and return the description of a call that fails."""
        body = await self.call(method, **params)
        assert not body["ok"], body
        return str(body["description"])

    async def say(self, text: str, **params: Any) -> Json:
        """Let the bot write in the group."""
        message: Json = await self.ask("sendMessage", chat_id=self.group.id, text=text, **params)
        return message

    async def updates(self) -> list[Json]:
        """Take what waits for the bot and confirm it."""
        taken: list[Json] = []
        offset = 0
        while waiting := await self.ask("getUpdates", offset=offset):
            taken += waiting
            offset = waiting[-1]["update_id"] + 1
        return taken

    async def listening_for(self, *kinds: str) -> None:
        """Ask for these kinds of updates from now on."""
        await self.ask("getUpdates", allowed_updates=list(kinds))
        await self.updates()


@pytest.fixture
async def cast() -> AsyncIterator[Cast]:
    clock = ManualClock()
    async with Sandbox(clock=clock) as sandbox, aiohttp.ClientSession() as session:
        bot = sandbox.add_bot("Huying Sample", "huying_sample_bot", TOKEN)
        li = sandbox.add_person("Li Wei", username="liwei", language_code="zh")
        zhang = sandbox.add_person("Zhang San", username="zhangsan", language_code="en")
        group = sandbox.add_group("3号网格", owner=li, members=[zhang])
        sandbox.seat(group, bot, admin=True)
        people = Cast(sandbox, clock, session, bot, li, zhang, group)
        await people.updates()
        yield people
        check_everything(sandbox)


@pytest.fixture
async def ptb(cast: Cast) -> AsyncIterator[PtbBot]:
    root = cast.sandbox.url
    async with PtbBot(TOKEN, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot") as bot:
        yield bot


def keyboard(*labels_and_data: tuple[str, str]) -> Json:
    """One row of buttons."""
    return {"inline_keyboard": [[{"text": label, "callback_data": data} for label, data in labels_and_data]]}
