"""Bots that somebody else wrote, the examples of two libraries, run against the sandbox unchanged."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Bot, Person, Sandbox
from bot.sandbox.world import Json
from tests.conformance.published import examples, published
from tests.sandbox.conformance import check_everything

TOKEN = "42:SANDBOX"
PTB = "python-telegram-bot"


@dataclass
class Chatting:
    """Li in the private chat with a bot."""

    sandbox: Sandbox
    bot: Bot
    li: Person

    async def does(self, action: str, answers: int = 1, **fields: Any) -> list[Json]:
        """Let Li do something there and wait for so many answers of the bot, which are returned."""
        before = len(self.answers())
        await self.sandbox.act(self.li, action, chat="private:example_bot", **fields)
        await self.sandbox.wait_for(lambda _: len(self.answers()) >= before + answers, 30)
        return self.answers()[before:]

    async def starts(self, payload: str = "") -> Json:
        """Press Start and return the answer."""
        before = len(self.answers())
        await self.sandbox.act(self.li, "start", bot="example_bot", payload=payload)
        await self.sandbox.wait_for(lambda _: len(self.answers()) > before, 30)
        return self.answers()[-1]

    def answers(self) -> list[Json]:
        """What the bot has said so far."""
        messages = self.sandbox.private(self.li, self.bot)
        return [message for message in messages if message["from"]["id"] == self.bot.id]


Opening = Callable[[str, str], AbstractAsyncContextManager[Chatting]]


@pytest.fixture
def running(pytestconfig: pytest.Config, tmp_path: Path) -> Opening:
    """Run an example of a library by name, and chat with it once it listens."""

    @asynccontextmanager
    async def opened(library: str, name: str) -> AsyncIterator[Chatting]:
        example = examples(pytestconfig, library) / f"{name}.py"
        async with Sandbox() as sandbox:
            chatting = Chatting(sandbox, sandbox.add_bot("Example", "example_bot", TOKEN), sandbox.add_person("Li"))
            async with published(example, sandbox.url, TOKEN, tmp_path):
                await sandbox.wait_for(lambda s: s.exchange.queue(chatting.bot).polled, 60)
                yield chatting
            check_everything(sandbox)

    return opened


async def test_the_echo_bot_of_python_telegram_bot_echoes(running: Opening) -> None:
    async with running(PTB, "echobot") as chat:
        greeting = await chat.starts()
        (echo,) = await chat.does("send_text", text="楼道灯坏了")

    assert greeting["entities"][0]["user"]["id"] == chat.li.id
    assert echo["text"] == "楼道灯坏了"


async def test_its_keyboard_bot_edits_what_was_pressed(running: Opening) -> None:
    async with running(PTB, "inlinekeyboard") as chat:
        menu = await chat.starts()
        pressed = {"message": menu["message_id"], "data": "2"}
        await chat.sandbox.act(chat.li, "press", chat="private:example_bot", **pressed)
        edited = await chat.sandbox.wait_for(lambda _: [m for m in chat.answers() if "edit_date" in m], 30)

    assert [len(row) for row in menu["reply_markup"]["inline_keyboard"]] == [2, 1]
    assert edited[0]["text"].endswith(" 2")
    assert "reply_markup" not in edited[0]


async def test_its_conversation_bot_hears_the_story_to_its_end_and_keeps_the_photo(
    running: Opening, tmp_path: Path
) -> None:
    async with running(PTB, "conversationbot") as chat:
        await chat.starts()
        await chat.does("send_text", text="Other")
        await chat.does("send_photo")
        await chat.does("send_location", latitude=37.36, longitude=120.4)
        await chat.does("send_text", text="a neighbour")
        assert (await chat.starts())["text"]

    assert (tmp_path / "user_photo.jpg").read_bytes().startswith(b"\xff\xd8")


async def test_its_member_bot_greets_who_comes_and_knows_where_it_is(running: Opening) -> None:
    async with running(PTB, "chatmemberbot") as chat:
        sandbox, zhang = chat.sandbox, chat.sandbox.add_person("Zhang")
        group = sandbox.add_group("三号网格", owner=chat.li)
        sandbox.seat(group, chat.bot, admin=True)
        await sandbox.act(zhang, "join", chat=group.id)
        await sandbox.wait_for(lambda s: any("Zhang" in m.get("text", "") for m in s.messages(group.id)), 30)
        await chat.starts()
        (known,) = await chat.does("send_text", text="/show_chats")

    assert str(group.id) in known["text"]
    assert str(chat.li.id) in known["text"]


async def test_its_poll_bot_hears_what_was_voted_for(running: Opening) -> None:
    async with running(PTB, "pollbot") as chat:
        (poll,) = await chat.does("send_text", text="/poll")
        (said,) = await chat.does("vote", message=poll["message_id"], options=[0, 2])
        (quiz,) = await chat.does("send_text", text="/quiz")

    chosen = [poll["poll"]["options"][number]["text"] for number in (0, 2)]
    assert [text for text in chosen if text not in said["text"]] == []
    assert quiz["poll"]["type"] == "quiz"


async def test_its_links_lead_deeper_and_deeper(running: Opening) -> None:
    async with running(PTB, "deeplinking") as chat:
        await chat.starts()
        masked = await chat.starts("so-cool")
        link = next(entity["url"] for entity in masked["entities"] if entity["type"] == "text_link")
        button = await chat.starts(link.rpartition("=")[2])
        data = button["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        pressed = {"message": button["message_id"], "data": data}
        await chat.sandbox.act(chat.li, "press", chat="private:example_bot", **pressed)
        (toast,) = await chat.sandbox.wait_for(lambda s: s.toasts, 30)
        last = await chat.starts(toast["url"].rpartition("=")[2])

    assert link.startswith("https://t.me/example_bot?start=")
    assert toast["url"].rpartition("=")[2] in last["text"]


async def test_the_echo_bot_of_aiogram_copies_every_kind(running: Opening) -> None:
    async with running("aiogram", "echo_bot") as chat:
        assert "Li" in (await chat.starts())["text"]
        for kind in ("photo", "voice", "video", "document", "sticker", "dice"):
            (copy,) = await chat.does(f"send_{kind}")
            assert kind in copy


async def test_its_form_asks_and_remembers(running: Opening) -> None:
    async with running("aiogram", "finite_state_machine") as chat:
        await chat.starts()
        await chat.does("send_text", text="Li")
        await chat.does("send_text", text="Yes")
        answers = await chat.does("send_text", 2, text="Python")

    assert "reply_to_message" in answers[0]
    assert "Li" in answers[1]["text"]
    assert "Python" in answers[1]["text"]
