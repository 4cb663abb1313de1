"""Of what is neither red nor orange nothing is said at night, and nothing is lost for that: it waits for morning."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from sqlalchemy import Connection, select, update

from broadcasts import answering, desk, rules, ticking
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, Door, Level, State
from broadcasts.rules import Hours
from routing.calendar import Calendar
from routing.model import ChatId, ChatKind, ChatState
from storage.states import Delivery
from storage.tables import outbox
from tests.broadcasts.test_life_laws import GRIDS, HOMES, LEADER, STREET, Told, _begun
from tests.routing.village import MONDAY

HOURS: Final = Hours(Calendar.load())
SOON: Final = timedelta(minutes=20)
NOON: Final = MONDAY + timedelta(hours=3)
EVENING: Final = MONDAY + timedelta(hours=11, minutes=30)  # 20:30 in the town
BEDTIME: Final = MONDAY + timedelta(hours=13)  # 22:00, when the night begins
NIGHT: Final = MONDAY + timedelta(hours=14)
MORNING: Final = MONDAY + timedelta(hours=22)
SAID: Final = {
    "broadcast": "message",
    "broadcast_nudge": "group",
    "broadcast_private": "private",
    "broadcast_doors": "doors",
}


@pytest.fixture
def told(connection: Connection) -> Iterator[Told]:
    """The street, where one of the silent has a private chat."""
    with connection.begin() as transaction:
        made = _begun(connection)
        wang = made.uow.people.meet(900, "wang", "zh").id
        made.uow.people.join_household(wang, HOMES[0], MONDAY)
        made.uow.chats.meet(1, 900, ChatKind.PRIVATE, "", ChatState.OK)
        yield made
        transaction.rollback()


def noticed(told: Told, at: datetime, *, arrives: bool | None = True, **fields: Any) -> Broadcast:
    """A notice that is let out then; its messages arrive or fail, or (``None``) their outcome is open."""
    told.now = at
    known = {"text": "no water", "audience": Audience(STREET), **fields}
    made = desk.compose(told.uow, LEADER, told.chats["desk"], Class.NOTICE, at, **known)
    told.made = [made.id]
    desk.submit(told.uow, made.id, LEADER, at)
    if arrives is None:
        ticking.look(told.uow, made.id, at)
    else:
        told.passes(0, arrives)
    return stands(told)


def said(told: Told) -> set[str]:
    """What has been promised of the notice, but for the desk's own messages."""
    rows = told.uow.connection.execute(select(outbox.c.view).where(outbox.c.key.contains(f":{told.made[0]}:")))
    return {SAID[row.view] for row in rows if row.view in SAID}


def until(told: Told, at: datetime) -> None:
    """Time passes; the clock looks whenever something is due."""
    while told.now < at:
        told.passes(min(20, int((at - told.now) / timedelta(minutes=1))), arrives=True)


def back_to_waiting(told: Told) -> None:
    """What is on its way while it is paused is not sent, and waits again."""
    ours = outbox.c.key.contains(f":{told.made[0]}:") & (outbox.c.view == "broadcast")
    told.uow.connection.execute(update(outbox).where(ours).values(state=Delivery.EXPIRED))


def shown_at(told: Told, at: datetime) -> bool:
    """Whether the desk was shown then how it stands."""
    ours = outbox.c.key.like(f"broadcast:{told.made[0]}:live:%:{at.isoformat()}#%")
    return told.uow.connection.execute(select(outbox.c.id).where(ours)).first() is not None


def stands(told: Told) -> Broadcast:
    return told.uow.broadcasts.get(told.made[0])


def test_what_is_said_in_the_evening_is_chased_to_the_doors_in_the_morning(told: Told) -> None:
    noticed(told, EVENING)
    until(told, MORNING - SOON)
    assert said(told) == {"message", "group"}
    assert stands(told).state is State.CHASING
    until(told, MORNING)
    assert said(told) == {"message", "group", "private"}
    until(told, MORNING + timedelta(hours=1))
    assert said(told) == {"message", "group", "private", "doors"}
    until(told, MORNING + timedelta(minutes=100))
    assert stands(told).state is State.CHASING, "workers have a fifth of the window for the doors"
    until(told, MORNING + timedelta(minutes=120))
    assert stands(told).state is State.DONE


@pytest.mark.parametrize("window_h", [0.2, 4, 12, 20, 24, 168])
def test_whenever_it_begins_every_step_has_its_turn_before_it_ends(window_h: float) -> None:
    for begins in range(24):
        at = HOURS.awake(MONDAY + timedelta(hours=begins))
        notice = _notice(at, window_h)
        steps = [rules.chase_at(notice, step, HOURS) or at for step in range(3)]
        end = rules.windows_end(notice, HOURS) or at
        turns = [at, *steps, end]

        assert steps == [HOURS.awake(one) for one in steps]
        assert all(before < after for before, after in pairwise(turns))
        assert end - steps[-1] == notice.window - notice.window * 0.8
        assert end >= at + notice.window


def _notice(begun_at: datetime, window_h: float) -> Broadcast:
    return Broadcast(
        id=BroadcastId(1), number=1, state=State.CHASING, kind=Class.NOTICE, unit=STREET, author=None, chat=ChatId(1),
        drafted_at=begun_at, begun_at=begun_at, audience=Audience(STREET), window_s=int(window_h * 3600),
    )  # fmt: skip


def test_a_notice_holds_until_its_last_step_has_had_its_time(told: Told) -> None:
    notice = noticed(told, MONDAY, window_s=24 * 3600)  # the doors would be at 04:12, and are at 07:00
    assert notice.expires_at == MORNING + timedelta(hours=4, minutes=48)
    until(told, MORNING + SOON)

    assert "doors" in said(told)


@pytest.mark.parametrize("expires_at", [EVENING + timedelta(hours=6), MORNING])
def test_what_expires_before_the_morning_is_not_chased_any_more(told: Told, expires_at: datetime) -> None:
    noticed(told, EVENING, expires_at=expires_at)
    until(told, NIGHT)
    assert stands(told).state is State.CHASING
    assert rules.waits_until(stands(told), HOURS) is None, "nor does the desk read that it goes on then"
    until(told, MORNING)

    assert stands(told).state is State.EXPIRED
    assert said(told) == {"message", "group"}


def test_what_is_resumed_at_night_goes_on_in_the_morning(told: Told) -> None:
    begun = noticed(told, NOON, arrives=None)
    desk.pause(told.uow, begun.id, LEADER, told.now)
    back_to_waiting(told)
    until(told, NIGHT)
    desk.resume(told.uow, begun.id, LEADER, told.now)
    until(told, MORNING - SOON)
    assert stands(told).state is State.SENDING
    assert rules.waits_until(stands(told), HOURS) == MORNING == stands(told).next_at
    assert told.uow.targets.figures(begun.id).waiting == len(GRIDS)
    until(told, MORNING)

    assert told.uow.targets.figures(begun.id).sent == len(GRIDS)


def test_a_step_that_was_slept_through_is_taken_in_the_morning(told: Told) -> None:
    noticed(told, NOON)
    told.now = NIGHT  # nothing ran until then
    told.passes(0, arrives=True)
    assert said(told) == {"message"}
    assert (stands(told).state, stands(told).step, stands(told).next_at) == (State.CHASING, 0, MORNING)
    until(told, MORNING)

    assert said(told) == {"message", "doors"}


@pytest.mark.parametrize("done", [False, True])
def test_what_is_sent_again_at_night_leaves_in_the_morning(told: Told, done: bool) -> None:
    begun = noticed(told, NOON if done else EVENING, arrives=False)
    until(told, NIGHT)
    assert (stands(told).state is State.DONE) == done
    assert desk.retry(told.uow, begun.id, LEADER, told.now) == len(GRIDS)
    until(told, MORNING - SOON)
    assert told.uow.targets.figures(begun.id).waiting == len(GRIDS)
    until(told, MORNING)

    assert told.uow.targets.figures(begun.id).sent == len(GRIDS)
    assert shown_at(told, MORNING)


def test_what_is_sent_again_by_day_shows_at_the_desk_what_became_of_it(told: Told) -> None:
    begun = noticed(told, NOON, arrives=False)
    until(told, NOON + SOON)
    desk.retry(told.uow, begun.id, LEADER, told.now)
    told.passes(0, arrives=True)

    assert stands(told).state is State.CHASING
    assert shown_at(told, NOON + SOON)


def test_what_is_sent_again_in_the_morning_in_which_it_ends_is_counted_all_the_same(told: Told) -> None:
    begun = noticed(told, NOON + timedelta(hours=3), arrives=False, window_s=8 * 3600)
    until(told, NIGHT - SOON)
    desk.retry(told.uow, begun.id, LEADER, told.now)
    until(told, MORNING)
    figures = told.uow.targets.figures(begun.id)

    assert (figures.sent, figures.promised) == (len(GRIDS), 0)
    assert (stands(told).state, stands(told).next_at) == (State.DONE, stands(told).expires_at)


@pytest.mark.parametrize("kind", [Class.NOTICE, Class.ALERT])
def test_what_has_not_left_when_the_night_begins_waits_for_the_morning_unless_it_is_grave(
    told: Told, kind: Class
) -> None:
    begun = noticed(told, BEDTIME - SOON, arrives=None)
    if kind is Class.ALERT:
        told.uow.broadcasts.save(replace(stands(told), kind=kind, level=Level.RED))
        back_to_waiting(told)
    told.now = BEDTIME - timedelta(minutes=1)
    ticking.look(told.uow, begun.id, told.now)
    on_their_way = told.uow.targets.figures(begun.id).promised
    told.uow.sending.expire(BEDTIME + timedelta(seconds=1))

    told.now = BEDTIME + timedelta(minutes=1)
    ticking.look(told.uow, begun.id, told.now)
    figures = told.uow.targets.figures(begun.id)
    assert on_their_way == len(GRIDS)
    assert (figures.promised, figures.waiting) == ((0, len(GRIDS)) if kind is Class.NOTICE else (len(GRIDS), 0))
    until(told, MORNING)
    assert told.uow.targets.figures(begun.id).sent == len(GRIDS)


def test_what_was_to_leave_by_day_and_was_slept_through_begins_in_the_morning(told: Told) -> None:
    noticed(told, NOON, send_at=EVENING)
    told.now = NIGHT
    told.passes(0, arrives=True)
    assert (stands(told).state, stands(told).next_at) == (State.SCHEDULED, MORNING)
    until(told, MORNING)

    assert stands(told).begun_at == MORNING


def test_who_waits_for_the_morning_is_not_forgotten_when_all_the_others_answer(told: Told) -> None:
    begun = noticed(told, EVENING, arrives=False)
    until(told, NIGHT)
    desk.retry(told.uow, begun.id, LEADER, told.now)
    told.passes(0, arrives=True)
    for home in HOMES:
        answering.knock(told.uow, begun.id, home, Door.TOLD, LEADER, told.now)
    ticking.refresh(told.uow, told.now)
    assert stands(told).state is State.DONE
    until(told, MORNING)

    assert told.uow.targets.figures(begun.id).sent == len(GRIDS)


@pytest.mark.parametrize("why", ["grave", "emergency"])
def test_what_no_night_holds_up_goes_on_at_once(told: Told, why: str) -> None:
    begun = noticed(told, NOON, arrives=False)
    if why == "grave":
        told.uow.broadcasts.save(replace(stands(told), kind=Class.ALERT, level=Level.RED))
    else:
        told.uow.units.put(replace(told.uow.units.get(STREET), emergency=True))
    told.now = NIGHT
    desk.retry(told.uow, begun.id, LEADER, NIGHT)
    told.passes(0, arrives=True)

    assert told.uow.targets.figures(begun.id).sent == len(GRIDS)
