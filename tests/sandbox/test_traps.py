"""The traps of docs/traps.md: each is held by a test that exists or says why not; and those that no other file sets."""

import re
from pathlib import Path

import pytest

from bot.sandbox import Refused
from bot.sandbox.files import DOWNLOAD_LIMIT_BYTES, describe, for_bot
from tests.sandbox.conftest import Cast, keyboard

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(\S+?)::(\w+)`")


def test_every_trap_names_tests_that_exist_or_says_why_there_is_none() -> None:
    rows = ROW.findall((ROOT / "docs/traps.md").read_text("utf-8"))
    named = [(file, name) for _, _, held in rows for file, name in NAMED.findall(held)]

    assert [int(number) for number, _, _ in rows] == list(range(1, 45))
    assert [number for number, _, held in rows if not NAMED.search(held) and not held.startswith("No test: ")] == []
    assert [f"{file}::{name}" for file, name in named if f"def {name}(" not in _source(file)] == []


def _source(file: str) -> str:
    path = ROOT / "tests" / file
    return path.read_text("utf-8") if path.exists() else ""


async def test_an_outsider_presses_in_a_public_group_and_not_in_a_closed_one(cast: Cast) -> None:
    stranger = cast.sandbox.add_person("Stranger")
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    press = {"chat": cast.group.id, "message": card["message_id"], "data": "claim:1"}
    with pytest.raises(Refused, match="is not in"):
        await cast.sandbox.act(stranger, "press", **press)
    cast.group.username = "grid3"
    await cast.sandbox.act(stranger, "press", **press)

    query = (await cast.updates())[0]["callback_query"]

    assert query["from"]["id"] == stranger.id
    assert (await cast.ask("getChatMember", chat_id=cast.group.id, user_id=stranger.id))["status"] == "left"


async def test_a_file_of_more_than_twenty_megabytes_is_named_and_not_handed_out(cast: Cast) -> None:
    files = cast.sandbox.exchange.world.files
    sizes = {"fits": DOWNLOAD_LIMIT_BYTES, "too big": DOWNLOAD_LIMIT_BYTES + 1}
    ids = {
        name: for_bot(describe(files.add("video", bytes(size))), cast.bot.id)["file_id"] for name, size in sizes.items()
    }

    assert (await cast.ask("getFile", file_id=ids["fits"]))["file_size"] == DOWNLOAD_LIMIT_BYTES
    assert await cast.refusal("getFile", file_id=ids["too big"]) == "Bad Request: file is too big"


async def test_a_web_app_opens_from_private_chats_only(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")
    button = {"text": "打开", "web_app": {"url": "https://example.org"}}
    about = {"text": "x", "reply_markup": {"inline_keyboard": [[button]]}}

    assert await cast.refusal("sendMessage", chat_id=cast.group.id, **about) == "Bad Request: BUTTON_TYPE_INVALID"
    await cast.ask("sendMessage", chat_id=cast.li.id, **about)


async def test_a_person_may_have_no_language(cast: Cast) -> None:
    silent = cast.sandbox.add_person("Silent")
    await cast.sandbox.act(silent, "start", bot="huying_sample_bot")
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")

    languages = [update["message"]["from"].get("language_code") for update in await cast.updates()]

    assert languages == [None, "zh"]


async def test_a_topic_is_kept_by_replies_and_refused_when_it_is_gone(cast: Cast) -> None:
    cast.group.forum = True
    where = {"chat_id": cast.group.id}
    thread = (await cast.ask("createForumTopic", **where, name="路灯"))["message_thread_id"]
    told = await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, topic=thread, text="坏了")
    answer = await cast.say("好", reply_parameters={"message_id": told["message_id"]})
    await cast.ask("deleteForumTopic", **where, message_thread_id=thread)

    assert answer["message_thread_id"] == thread
    for gone in (thread, 1):
        refusal = await cast.refusal("sendMessage", **where, message_thread_id=gone, text="x")
        assert refusal == "Bad Request: message thread not found"
