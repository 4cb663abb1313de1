"""R8, R9, R10, R16: whatever happens to a call has one outcome; copies are bounded and heal; the last word is right."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handlers import render
from routing import desk
from routing.events import Claimed, Noted, NoteKind, Rated, Released, Resolved
from routing.model import CaseId, Chat, ChatId, PersonId, Rating
from routing.ports import Doubt, Promise
from storage.stores import Stores
from tests.crash.board import Board
from tests.handlers.cast import filed, zh
from tests.town import Persona, Town, town_in

READ_S, SLOW_S = 3.0, 9.0
PATIENCE_S = 60.0
IN_DOUBT = ("lost", "drop", "500", "502")


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town whose bot waits a shorter while for an answer."""
    monkeypatch.setattr("bot.telegram.READ_S", READ_S)
    async with town_in(tmp_path) as running:
        yield running


@dataclass(frozen=True)
class Fault:
    """What happens to the first *times* calls of a send with that *doubt*, and what it must lead to."""

    how: str
    outcome: str
    copies: int
    doubt: Doubt = Doubt.RESEND
    times: int = 1


FAULTS = (
    Fault("429", "sent", 1),
    Fault("429", "sent", 1, times=3),
    Fault("400", "rejected", 0),
    Fault("403", "blocked", 0),
    Fault("500", "sent", 1),
    Fault("502", "sent", 1, Doubt.REPEAT),
    Fault("503", "in_doubt", 0, Doubt.DROP),
    Fault("504", "in_doubt", 0, times=2),
    Fault("drop", "sent", 1),
    Fault("drop", "in_doubt", 0, Doubt.DROP),
    Fault("lost", "sent", 2),
    Fault("lost", "in_doubt", 1, Doubt.DROP),
    Fault("lost", "in_doubt", 2, times=2),
    Fault("lost", "sent", 3, Doubt.REPEAT, times=2),
    Fault("slow", "in_doubt", 1, Doubt.DROP),
    Fault("slow", "sent", 2),
)


async def test_every_fault_has_its_outcome_and_its_number_of_copies(town: Town) -> None:
    people = [person for grid in town.sample.grids for person in town.sample.residents(grid)][: len(FAULTS)]
    for person in people:
        await town.sandbox.act(person, "start", bot=town.sample.bot.username)
    await town.quiet()
    before = {person.id: len(town.sandbox.private(person, town.sample.bot)) for person in people}

    for person, fault in zip(people, FAULTS, strict=True):
        town.sandbox.fail_next("sendMessage", fault.how, times=fault.times, contains=str(person.id), seconds=SLOW_S)
        await town.work(_promise, town.sample.bot.id, person.id, fault.doubt)
    await all_out(town)

    states = await town.read(_outcomes)
    found = {
        fault: (states[person.id], len(town.sandbox.private(person, town.sample.bot)) - before[person.id])
        for person, fault in zip(people, FAULTS, strict=True)
    }
    assert found == {fault: (fault.outcome, fault.copies) for fault in FAULTS}


@pytest.mark.parametrize("seed", [0, 1, 2])
async def test_copies_are_no_more_than_doubts_and_every_card_ends_at_the_truth(town: Town, seed: int) -> None:
    """Seed 0 has no faults, and so no copies."""
    board, rng = Board(town.sandbox), random.Random(seed)
    ordered = 0
    for step in range(12):
        if seed and rng.random() < 0.7:
            method = rng.choice(["sendMessage", "editMessageText"])
            town.sandbox.fail_next(method, rng.choice(IN_DOUBT))
            ordered += 1
        if step % 4 == 0:
            await town.wang.acts("send_text", chat=town.group.id, text=f"/report 楼道灯坏了 {step}")
            await town.sandbox.wait_for(lambda _: not town.sandbox.exchange.queues[town.sample.bot.id].pending)
            await town.quiet()
        await town.work(_something, rng.randrange(1_000_000), await people(town), town.now)
    await all_out(town)

    faults = ordered - len(town.sandbox.exchange.faults.orders)
    assert board.doubles <= faults
    shown, wanted = _last_texts(town), await town.read(_cards)
    assert {where: shown.get(where) for where in wanted} == wanted
    assert await town.read(_out_of_order) == []
    assert len(wanted) >= 9


async def test_a_card_whose_answer_was_lost_is_doubled_and_a_press_on_the_unknown_copy_heals_it(town: Town) -> None:
    town.sandbox.fail_next("sendMessage", "lost", contains=str(town.group.id))
    await filed(town)
    await all_out(town)
    first, second = [message for message in town.messages(town.group) if "接单" in str(town.buttons(message))]

    await town.li.presses(first, "接单")

    left = [message["message_id"] for message in town.messages(town.group)]
    assert first["message_id"] in left
    assert second["message_id"] not in left
    assert "🔵 办理中" in town.now_of(town.li, first)["text"]


async def test_the_losers_toast_names_the_winner_even_on_an_unknown_copy(town: Town) -> None:
    town.sandbox.fail_next("sendMessage", "lost", contains=str(town.group.id))
    await filed(town)
    await all_out(town)
    first, second = [message for message in town.messages(town.group) if "接单" in str(town.buttons(message))]
    claim = town.li._data(first, "接单")

    await town.li.acts("press", chat=town.group.id, message=second["message_id"], data=claim)
    await town.zhang.acts("press", chat=town.group.id, message=first["message_id"], data=claim)
    await town.quiet()

    assert town.toast(town.zhang) == zh("refusal.already_claimed", by="李安")
    assert (await town.case()).holder == (await people(town))[town.li.id]


async def people(town: Town) -> dict[int, PersonId]:
    """Our numbers of the cast, by their Telegram ids."""
    cast: list[Persona] = [town.wang, town.li, town.zhang]
    return await town.read(lambda stores: {one.id: _person(stores, one.id) for one in cast})


async def all_out(town: Town) -> None:
    """Return when nothing waits to be sent, not even for a later try."""
    hub = town.sandbox.exchange.hub
    while await town.read(_waiting):
        seen = hub.changes
        await hub.until(lambda seen=seen: hub.changes > seen, 1.0)  # type: ignore[misc]  # a default binds it


def _waiting(stores: Stores) -> bool:
    run = stores.connection.exec_driver_sql
    return bool(run("SELECT count(*) FROM outbox WHERE state IN ('ready', 'sending')").scalar_one())


def _promise(stores: Stores, bot: int, person: int, doubt: Doubt) -> None:
    chat = stores.chats.find(bot, person)
    assert chat is not None
    key = {"key": "kit.unknown_command"}
    stores.outbox.promise(Promise(key=f"fault:{person}", chat=chat.id, view="say", params=key, doubt=doubt))


def _outcomes(stores: Stores) -> dict[int, str]:
    rows = stores.connection.exec_driver_sql("SELECT key, state FROM outbox WHERE key LIKE 'fault:%'")
    return {int(key.partition(":")[2]): state for key, state in rows}


def _person(stores: Stores, telegram_id: int) -> PersonId:
    row = stores.connection.exec_driver_sql("SELECT id FROM people WHERE telegram_id = ?", (telegram_id,)).scalar_one()
    return PersonId(row)


def _something(stores: Stores, choice: int, cast: dict[int, PersonId], at: Any) -> None:
    """Let something happen to a case that may happen to it now."""
    wang, li, zhang = cast.values()
    numbers = stores.connection.exec_driver_sql("SELECT id FROM cases ORDER BY number").scalars().all()
    case = stores.cases.get(CaseId(numbers[choice % len(numbers)]))
    if case.status == "offered":
        event: Any = Claimed(at=at, by=li if choice % 2 else zhang)
    elif case.status == "claimed" and case.holder is not None:
        event = (
            Noted(at=at, by=case.holder, kind=NoteKind.NOTE),
            Released(at=at, by=case.holder),
            Resolved(at=at, by=case.holder, photos=1),
        )[choice % 3]
    elif case.status == "awaiting_rating":
        event = Rated(at=at, by=wang, rating=Rating.SATISFIED)
    else:
        return
    desk.move(stores, case.id, event)


def _cards(stores: Stores) -> dict[tuple[int, int], str]:
    """What the card of every case should say now, by chat and message."""
    rows = stores.connection.exec_driver_sql(
        "SELECT carrier, chat, message_id FROM carriers WHERE carrier LIKE 'case:%'"
    )
    wanted = {}
    for carrier, chat_id, message in rows:
        if carrier.count(":") == 1:
            chat: Chat = stores.chats.get(ChatId(chat_id))
            made = render(stores, "card", {"case": int(carrier[5:])}, chat, locale="zh", repeated=False)
            assert made is not None
            wanted[(chat.telegram_id, message)] = str(made.params["text"])
    return wanted


def _last_texts(town: Town) -> dict[tuple[int, int], str]:
    """What was last written into every message."""
    shown = {}
    for call in town.sandbox.calls:
        result = call.answer.get("result")
        if call.ok and isinstance(result, dict) and "text" in call.params and "message_id" in result:
            shown[(int(result["chat"]["id"]), int(result["message_id"]))] = str(call.params["text"])
    return shown


def _out_of_order(stores: Stores) -> list[tuple[int, int]]:
    """Chats and lanes in which a later promise was kept before an earlier one."""
    rows = stores.connection.exec_driver_sql(
        "SELECT chat, lane, finished_at FROM outbox WHERE state = 'sent' ORDER BY id"
    )
    last: defaultdict[tuple[int, int], int] = defaultdict(int)
    wrong = []
    for chat, lane, at in rows:
        if at < last[(chat, lane)]:
            wrong.append((chat, lane))
        last[(chat, lane)] = at
    return wrong
