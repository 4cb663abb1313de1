"""R25 in small: what people write about themselves stays where it belongs, through the whole life of three cases.

Planted are a mobile number, an identity number, a door, a plate and full names; in a report before all neighbours, in
a private one, and in a household. Looked at are all calls to residents' chats, every log line and all exports.
"""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from prometheus_client import generate_latest

from bot.cli.export import EXPORTS
from bot.logs import configure
from bot.sample.town import TOKEN
from tests.handlers.cast import card_of
from tests.town import Message, Town, town_in

PHONE, IDENTITY, DOOR, PLATE, PLATE_TAIL = "13812345678", "370685199003072415", "2单元1704室", "鲁F8K23Q", "8K23Q"
NEIGHBOUR, REPORTER, HANDLER_SAID = "欧阳建国", "王小满", "15987654321"
SECRET = TOKEN.partition(":")[2]
PLANTED = (PHONE, IDENTITY, DOOR, "1704", PLATE, NEIGHBOUR, REPORTER, HANDLER_SAID)
IN_GROUP = f"3号楼{DOOR}楼道灯坏了，车牌{PLATE}挡路，我叫{REPORTER}，身份证{IDENTITY}，电话{PHONE}"
IN_PRIVATE = f"楼上{NEIGHBOUR}家{DOOR}漏水，电话{PHONE}，身份证{IDENTITY}，车{PLATE}"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG, as the program writes it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("text", level=logging.DEBUG, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_nothing_planted_is_seen_by_neighbours_logs_or_exports(log: io.StringIO, town: Town) -> None:
    await a_public_case_and_its_return(town)
    await a_private_case(town)
    await town.passes(days=2)

    assert await town.cases() == 2
    assert _seen(_told_to_neighbours(town)) == []
    assert _seen(log.getvalue()) == []
    for export in EXPORTS.values():
        for form in ("jsonl", "csv"):
            assert _seen(await town.read(export, form)) == []


async def test_no_token_is_in_logs_files_exports_or_metrics(log: io.StringIO, tmp_path: Path) -> None:
    """Logged at DEBUG, and by its shape alone: nobody told the log which secrets there are."""
    async with town_in(tmp_path) as town:
        for how in ("drop", "lost", "500", "502"):
            town.sandbox.fail_next(method="sendMessage", how=how)
        await a_public_case_and_its_return(town)
        exports = [await town.read(export, "jsonl") for export in EXPORTS.values()]
        metrics = generate_latest(town.app.meters.registry).decode()
        told = [log.getvalue(), metrics, repr(town.app), repr(town.app.settings), *exports]

    assert log.getvalue().count("NetworkError") >= 1, "troubles were told"
    assert [text[:200] for text in told if SECRET in text] == []
    assert (tmp_path / "town.db").exists(), "it is among the files"
    assert _files_with(tmp_path, SECRET) == []


async def test_whoever_has_to_act_sees_what_was_planted(town: Town) -> None:
    """Otherwise the first test would pass because nothing was ever said."""
    await a_public_case_and_its_return(town)
    await a_private_case(town)

    told = "\n".join([*town.said(town.li), *town.said(town.community_desk)])
    assert {PHONE, IDENTITY, DOOR, PLATE, NEIGHBOUR} <= {one for one in PLANTED if one in told}


async def a_public_case_and_its_return(town: Town) -> None:
    """Reported before everybody, solved by a worker who names a number, rated badly with a reason in the group."""
    said = await town.wang.sends_photo(f"/report {IN_GROUP}")
    card = town.answer_to(said)
    await town.zhou.presses(card, "我也遇到")
    await town.li.presses(card, "接单")
    await town.wang.writes(f"补充：找{NEIGHBOUR}，{HANDLER_SAID}", reply_to=said)
    await town.li.presses(town.now_of(town.li, card), "办结")
    await town.li.sends_photo(f"已联系{NEIGHBOUR} {HANDLER_SAID}，门牌{DOOR}", privately=True)
    await town.wang.presses(card_of(town, town.wang), "不满意")
    await town.wang.writes_privately(f"没人联系我 {PHONE}")
    await town.zhou.writes("/case 1")


async def a_private_case(town: Town) -> None:
    """Told to the bot alone, by somebody whose household is known."""
    await town.wang.starts()
    await town.wang.presses(town.last(town.wang), "我要上报")
    await town.wang.writes_privately(IN_PRIVATE)
    await town.wang.presses(_with(town, "提交"), "提交")
    await town.li.presses(card_of(town, town.li, 2), "接单")
    await town.zhou.writes("/case 2")


def _with(town: Town, words: str) -> Message:
    """The newest message to Wang that has such a button."""
    found = [one for one in town.private(town.wang) if any(words in label for label in town.buttons(one))]
    return found[-1]


def _told_to_neighbours(town: Town) -> str:
    """Every call that wrote into a residents' chat, and every line that a presser saw."""
    residents = {town.sample.chats[grid].id for grid in town.sample.grids}
    calls = [call.params for call in town.sandbox.calls if int(call.params.get("chat_id") or 0) in residents]
    toasts = [toast["text"] for toast in town.sandbox.toasts]
    assert len(calls) > 5
    return orjson.dumps([calls, toasts], default=str).decode()


def _files_with(folder: Path, text: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def _seen(text: str) -> list[str]:
    """What is found of it in *text*; four digits stand by chance in a hash, which tells nothing."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "", text)
    return [one for one in (*PLANTED, PLATE_TAIL) if one in text]
