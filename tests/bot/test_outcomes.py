"""Messages that cannot be made, and outcomes that cannot be written down: none holds up anybody for ever."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError

from bot import courier as module
from bot import settlement
from bot.sandbox import Person, Sandbox
from handlers._kit.registry import registry
from routing.model import ChatKind
from routing.ports import Doubt
from storage.errors import GroupLost
from tests.bot.test_courier import BOT, Post, group, li, post, views

__all__ = ["li", "post", "views"]  # fixtures


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr(module, "POLL_S", 0.001)


@pytest.mark.usefixtures("hasty")
async def test_what_arrived_is_sent_though_what_follows_from_it_cannot_be_written(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def clash(stores: Any, chat: Any) -> bool:
        tries.append(1)
        raise IntegrityError("", None, sqlite3.IntegrityError())

    monkeypatch.setattr(settlement, "_moved", clash)
    chat = await post.meet(group(sandbox, li))
    await post.promise(chat, "first")
    await post.promise(chat, "second")
    post.start()

    await post.settled(sent=2)
    assert len(tries) == 2 * module.MOST_UNWRITTEN
    assert post.count("sendMessage") == 2, "nothing is sent again"


@pytest.mark.usefixtures("hasty")
async def test_what_did_not_arrive_is_in_doubt_in_the_end_when_its_consequence_cannot_be_written(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clash(*_: Any) -> None:
        raise IntegrityError("", None, sqlite3.IntegrityError())

    monkeypatch.setattr(settlement, "_failed", clash)
    left, grid = group(sandbox, li), group(sandbox, li, "Grid 4")
    chat, fine = await post.meet(left), await post.meet(grid)
    await sandbox.act(li, "kick", chat=left.id, user=BOT)
    await post.promise(chat, "refused", doubt=Doubt.DROP)
    await post.promise(fine, "fine")
    post.start()

    await post.settled(in_doubt=1, sent=1)
    reasons = "SELECT reason FROM outbox WHERE state = 'in_doubt'"
    reason = await post.store.read(lambda stores: stores.connection.exec_driver_sql(reasons).scalar_one())
    assert reason.startswith("outcome not written: IntegrityError")


@pytest.mark.usefixtures("hasty")
async def test_a_text_whose_question_always_fails_costs_that_message_alone(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks(look: Any) -> Any:
        raise ProgrammingError("SELECT nothing", None, sqlite3.ProgrammingError())

    monkeypatch.setitem(registry.views, "test.asks", asks)
    for number in range(3):
        chat = await post.meet(group(sandbox, li, f"Grid {number}"))
        await post.promise(chat, view="asks" if number == 1 else "plain")
    post.start()

    await post.settled(sent=2, rejected=1)


@pytest.mark.usefixtures("hasty")
async def test_a_database_that_is_away_is_waited_for_with_all_that_follows(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, tries = settlement._moved, list[int]()

    def lost(stores: Any, chat: Any) -> bool:
        tries.append(1)
        if len(tries) <= 3 * module.MOST_UNWRITTEN:
            raise GroupLost
        return moved(stores, chat)

    monkeypatch.setattr(settlement, "_moved", lost)
    chat = await post.meet(group(sandbox, li))
    await post.promise(chat, "card", carrier="case:1")
    post.start()

    await post.settled(sent=1)
    assert await post.store.read(lambda stores: dict(stores.outbox.carriers("case:1"))), "it is known as the card"


async def test_who_cannot_be_written_to_and_is_erased_meanwhile_costs_no_second_try(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    line = post.courier._line

    def erase(stores: Any) -> None:
        stores.people.erase(stores.people.meet(li.id, "", None).id, post.clock.now())

    class Forgotten:
        async def call(self, method: str, params: Any) -> Any:
            await post.store.work(erase)
            return await line.call(method, params)

    monkeypatch.setattr(post.courier, "_line", Forgotten())
    await post.promise(await post.meet(li, ChatKind.PRIVATE), "hello")
    post.start()

    await post.settled(blocked=1)
    assert "outcome not written" not in caplog.text
