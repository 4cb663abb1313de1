"""Everything that the sandbox says in a rich scene, read by three parties' types: nothing missing, nothing invented."""

from collections.abc import Iterable

import orjson
import pytest

from bot.sandbox.exchange import METHODS, Record
from bot.sandbox.updates import KINDS
from bot.sandbox.world import Json
from tests.conformance.node import complaints, installed
from tests.conformance.scene import play
from tests.sandbox.conformance import check_update
from tests.sandbox.conftest import Cast


async def test_the_scene_leaves_no_method_and_no_kind_of_update_out(cast: Cast) -> None:
    """aiogram's and python-telegram-bot's types read it too, as they do at the end of every test with a cast."""
    updates = await play(cast)

    assert {record.method.lower() for record in cast.sandbox.calls if record.ok} == set(METHODS)
    assert {kind for update in updates for kind in update} == {"update_id", *KINDS}
    for update in updates:
        check_update(update)


async def test_the_types_of_the_newest_bot_api_accept_every_answer_and_update(
    cast: Cast, pytestconfig: pytest.Config
) -> None:
    folder = installed(pytestconfig)
    updates = await play(cast)

    assert complaints(folder, _recording(cast.sandbox.calls, updates)) == ""


async def test_the_judge_sees_what_is_wrong(pytestconfig: pytest.Config) -> None:
    privat = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "privat"}}
    wrong: list[Json] = [
        {"update_id": 1, "message": {"message_id": 1, "date": 1}},
        {"update_id": 1, "mesage": {}},
        {"update_id": 1, "message": privat},
        {"update_id": 1, "poll": None},
    ]
    found = complaints(installed(pytestconfig), _recording([], wrong)).splitlines()

    reasons = ("Property 'chat' is missing", '"mesage"', '"privat"', "Type 'null' is not assignable")
    assert [reason for reason, line in zip(reasons, found, strict=True) if reason not in line] == []


def _recording(calls: Iterable[Record], updates: Iterable[Json]) -> str:
    """The recording as TypeScript, each value a literal of the type that it should have."""
    answers = {f'APIMethodReturn<"{call.method}"> = {_literal(call.answer["result"])}' for call in calls if call.ok}
    values = [*sorted(answers), *(f"TelegramUpdate = {_literal(update)}" for update in updates)]
    lines = [f"export const said{number}: {value};" for number, value in enumerate(values)]
    return "\n".join(['import type { APIMethodReturn, TelegramUpdate } from "@gramio/types";', *lines, ""])


def _literal(value: object) -> str:
    return orjson.dumps(value).decode()
