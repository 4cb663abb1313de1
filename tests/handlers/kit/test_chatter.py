"""What neighbours say to one another leaves no trace: not in the database file, not in its journal, not in a log."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs
from storage.stores import Stores
from tests.town import Town

SECRET = "紫藤花开了"
"""Stands in every piece of chatter, and nowhere else."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the program's own loggers write while it is as talkative as it can be."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers[:], root.level)
    logs.configure("text", level=logging.DEBUG, stream=stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def talk(town: Town) -> None:
    """Fifty messages of many kinds by three neighbours, none of them for the bot."""
    for n in range(10):
        for who in (town.wang, town.zhou, town.emma):
            await who.acts("send_text", chat=town.group.id, text=f"{SECRET}，第{n}天，谁去看？")
    for n in range(10):
        await town.zhou.acts("send_photo", chat=town.group.id, caption=f"{SECRET}{n}")
    first = await town.wang.acts("send_text", chat=town.group.id, text=f"{SECRET}吗")
    number = first["message_id"]
    for n in range(4):
        await town.zhou.acts("send_text", chat=town.group.id, text=f"{SECRET}，回复{n}", reply_to=number)
        await town.wang.acts("edit_text", chat=town.group.id, message=number, text=f"{SECRET}改{n}")
    await town.emma.acts("send_album", chat=town.group.id, count=3, caption=SECRET)
    await town.emma.acts("send_poll", chat=town.group.id, question=SECRET, options=["去", "不去"])
    await town.wang.acts("send_text", chat=town.group.id, text=f"/weather@weather_bot {SECRET}")
    await town.quiet()


async def inbox(town: Town) -> int:
    def count(stores: Stores) -> int:
        return int(stores.connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one())

    return await town.read(count)


async def test_chatter_is_neither_stored_nor_logged_nor_answered(log: io.StringIO, town: Town, tmp_path: Path) -> None:
    before, said = await inbox(town), town.said(town.group)
    await talk(town)

    assert sum(SECRET in str(message) for message in town.messages(town.group)) >= 46
    assert await inbox(town) == before
    assert town.said(town.group) == said
    stored = files(tmp_path)
    assert any(name.startswith("town.db") for name in stored)
    assert [name for name, content in stored.items() if SECRET.encode() in content] == []
    assert log.getvalue()
    assert SECRET not in log.getvalue()


async def test_what_is_said_to_the_bot_is_stored_so_the_search_would_have_found_it(
    log: io.StringIO, town: Town, tmp_path: Path
) -> None:
    """A report's words are kept, and even they stay out of the logs."""
    await town.wang.writes(f"/report {SECRET}，3号楼楼道灯坏了")

    assert [name for name, content in files(tmp_path).items() if SECRET.encode() in content]
    assert SECRET not in log.getvalue()
