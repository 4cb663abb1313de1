"""Every planted breach of a law of broadcasts is found."""

from dataclasses import replace

import pytest

from broadcasts.model import Audience, Broadcast, BroadcastId, Class, Level, State, TargetState
from routing.model import CaseId, ChatId, PersonId, Unit, UnitCode, UnitKind
from storage.audit import findings
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import NOON

AUTHOR, OTHER = PersonId(1), PersonId(2)


def _asked(uow: Stores) -> Broadcast:
    uow.units.put(Unit(UnitCode("s"), "s", "street", None, UnitKind.OFFICE))
    uow.units.put(Unit(UnitCode("g1"), "g1", "grid", UnitCode("s"), UnitKind.BASIC))
    made = Broadcast(
        id=BroadcastId(5),
        number=1,
        state=State.CHASING,
        kind=Class.ALERT,
        level=Level.RED,
        unit=UnitCode("s"),
        author=AUTHOR,
        approver=OTHER,
        chat=ChatId(1),
        drafted_at=NOON,
        begun_at=NOON,
        next_at=NOON,
        audience=Audience(UnitCode("s")),
    )
    uow.broadcasts.add(made)
    uow.targets.aim(made)
    for target in uow.targets.at(made.id, TargetState.WAITING, 9):
        uow.receipts.ask(target)
    return made


async def test_a_sound_broadcast_has_no_findings(store: Store) -> None:
    await store.work(_asked)

    assert [one.law for one in await store.read(lambda uow: list(findings(uow)))] == []


@pytest.mark.parametrize(
    ("damage", "law"),
    [
        (lambda uow, _: uow.connection.exec_driver_sql("UPDATE targets SET pressed = 1"), "receipts"),
        (lambda uow, made: uow.broadcasts.save(replace(made, next_at=None)), "broadcast"),
        (lambda uow, made: uow.broadcasts.save(replace(made, approver=None)), "approval"),
        (lambda uow, made: uow.broadcasts.save(replace(made, approver=AUTHOR)), "approval"),
        (lambda uow, made: uow.receipts.helped(made.id, "x", "g1", CaseId(9), NOON), "help"),
    ],
)
async def test_a_breach_is_found(store: Store, damage: object, law: str) -> None:
    made = await store.work(_asked)
    await store.work(damage, made)  # type: ignore[arg-type]  # any use-case

    assert [one.law for one in await store.read(lambda uow: list(findings(uow)))] == [law]
