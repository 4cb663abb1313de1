"""Bots written the way five libraries' manuals say hold a conversation with the sandbox, unchanged."""

from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Bot, Chat, Person, Sandbox
from bot.sandbox.files import sample_photo
from bot.sandbox.world import Json
from tests.conformance.node import installed, program
from tests.sandbox.conformance import check_everything

TOKEN = "42:SANDBOX"
MODES = ("poll", "webhook")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.jpg"
    path.write_bytes(sample_photo(2))
    return path


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("library", ["aiogram", "ptb", "telebot"])
async def test_a_strangers_python_bot_holds_a_conversation(library: str, mode: str, picture: Path) -> None:
    strangers = import_module("tests.conformance.strangers")  # takes seconds: not for every process that collects tests
    running = getattr(strangers, f"{library}_bot")
    async with Sandbox() as sandbox:
        await _converse(sandbox, running(sandbox.url, mode, picture), mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("library", ["grammy", "telegraf"])
async def test_a_strangers_javascript_bot_holds_a_conversation(
    library: str, mode: str, picture: Path, pytestconfig: pytest.Config
) -> None:
    folder = installed(pytestconfig)
    async with Sandbox() as sandbox:
        await _converse(sandbox, program(folder, f"{library}.mjs", sandbox.url, TOKEN, mode, str(picture)), mode)


async def _converse(sandbox: Sandbox, running: AbstractAsyncContextManager[None], mode: str) -> None:
    """Poll or webhook, group, command, press, edit, album and file, in both directions."""
    bot = sandbox.add_bot("Huying Sample", "huying_sample_bot", TOKEN)
    li = sandbox.add_person("Li Wei", username="liwei")
    group = sandbox.add_group("3号网格", owner=li)
    async with running:
        await sandbox.wait_for(lambda s: _listens(s, bot, mode))
        sandbox.seat(group, bot, admin=True)
        await _answer(sandbox, group, "hello 3号网格")
        await _claims(sandbox, li, group)
        await _sends_files(sandbox, li, group)
        sent = await sandbox.act(li, "send_album", chat=group.id, count=2)
        await sandbox.wait_for(lambda s: len(_photo_answers(s, group)) == 2)
    assert sorted(_photo_answers(sandbox, group)) == sorted(
        f"photo of {one['photo'][-1]['file_size']} bytes" for one in sent["messages"]
    )
    check_everything(sandbox)


async def _claims(sandbox: Sandbox, li: Person, group: Chat) -> None:
    told = await sandbox.act(li, "send_text", chat=group.id, text="/report@huying_sample_bot 灯坏了")
    card = await _answer(sandbox, group, "card")
    await sandbox.act(li, "press", chat=group.id, message=card["message_id"], data="claim")
    edited = await _answer(sandbox, group, "claimed by Li Wei")

    assert card["reply_to_message"]["message_id"] == told["message_id"]
    assert card["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    assert edited["message_id"] == card["message_id"]
    assert "reply_markup" not in edited
    assert [toast["text"] for toast in sandbox.toasts] == ["yours"]


async def _sends_files(sandbox: Sandbox, li: Person, group: Chat) -> None:
    await sandbox.act(li, "send_text", chat=group.id, text="/album@huying_sample_bot")
    album = await sandbox.wait_for(lambda s: [m for m in s.messages(group.id) if "media_group_id" in m][1:])
    await sandbox.act(li, "send_text", chat=group.id, text="/file@huying_sample_bot")
    document = await sandbox.wait_for(lambda s: [m["document"] for m in s.messages(group.id) if "document" in m])
    file = sandbox.exchange.world.files.find(document[0]["file_id"], None)

    assert album[0]["photo"][-1]["width"] == 960
    assert document[0]["file_name"] == "note.txt"
    assert file is not None
    assert file.data == b"a note"


def _listens(sandbox: Sandbox, bot: Bot, mode: str) -> bool:
    return sandbox.exchange.queue(bot).polled if mode == "poll" else bot.id in sandbox.exchange.couriers


async def _answer(sandbox: Sandbox, group: Chat, text: str) -> Json:
    found: Any = await sandbox.wait_for(lambda s: [m for m in s.messages(group.id) if m.get("text") == text])
    message: Json = found[-1]
    return message


def _photo_answers(sandbox: Sandbox, group: Chat) -> list[str]:
    texts = (message.get("text", "") for message in sandbox.messages(group.id))
    return [text for text in texts if text.startswith("photo of")]
