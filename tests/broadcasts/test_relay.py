"""Warnings that come in as CAP: drafts, or straight out for trusted senders; updates and cancels find the first one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcasts import refusals, relay, ticking
from broadcasts.cap.model import Area, Message, MsgType, Named, Scope, Status
from broadcasts.cap.writing import write
from broadcasts.model import Broadcast, Class, Level, State
from broadcasts.relay import Fate, Taken
from routing.model import ChatKind, UnitCode
from storage.stores import Stores
from tests.broadcasts.cap.samples import info, message
from tests.routing.village import STREET, Village, village

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def _no_desks(stores: Stores) -> None:
    for chat in stores.chats.all():
        if chat.kind is ChatKind.DESK:
            stores.chats.bind(chat.id, ChatKind.DESK, None)


def warning(**fields: Any) -> Message:
    """The warning, for an area that is a grid of the village."""
    return message(**{"info": (info(area=(Area("示范街道"),)),), **fields})


async def taken(here: Village, came: Message, unit: UnitCode | None = STREET, at: datetime = NOW) -> Taken:
    return await here.work(relay.take, came, write(came).decode(), unit, at)


async def now_of(here: Village, took: Taken) -> Broadcast:
    assert took.broadcast is not None
    number = took.broadcast.number
    return await here.store.read(lambda stores: stores.broadcasts.by_number(number))


@pytest.fixture
def trusting(tmp_path: Path) -> str:
    """A policy that trusts the warning centre."""
    from importlib.resources import files

    text = (files("routing") / "policies" / "default.toml").read_text("utf-8")
    (tmp_path / "policy.toml").write_text(f'{text}\n[cap]\ntrusted = ["warnings@example.org"]\n', "utf-8")
    return str(tmp_path / "policy.toml")


async def test_a_strangers_warning_becomes_a_draft_with_all_its_parts(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        took = await taken(here, warning())
        made = await now_of(here, took)

        assert took.fate is Fate.DRAFTED
        assert (made.state, made.kind, made.level, made.author) == (State.DRAFT, Class.ALERT, Level.ORANGE, None)
        assert made.alert.hazard == "暴雪"
        assert "<identifier>" in made.source


async def test_a_message_that_comes_twice_is_taken_once(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        first = await taken(here, warning())
        again = await taken(here, warning(sent=warning().sent.astimezone(UTC)))

        assert (again.fate, again.broadcast) == (Fate.KNOWN, await now_of(here, first))


async def test_a_trusted_senders_warning_goes_straight_out_and_its_update_takes_its_place(
    tmp_path: Path, trusting: str
) -> None:
    async with village(tmp_path, trusting) as here:
        first = await taken(here, warning())
        assert first.fate is Fate.RELEASED
        assert (await now_of(here, first)).state is State.SCHEDULED
        await here.work(_begin, first)
        update = warning(
            identifier="second", sent=warning().sent + timedelta(minutes=5), msg_type=MsgType.UPDATE,
            references=(warning().reference,),
        )  # fmt: skip
        second = await now_of(here, await taken(here, update))
        begun = await now_of(here, first)

        assert (second.updates, second.first) == (begun.id, begun.id)
        assert second.state is State.SCHEDULED


def _begin(stores: Stores, took: Taken) -> None:
    assert took.broadcast is not None
    current = stores.broadcasts.by_number(took.broadcast.number)
    stores.broadcasts.save(replace(current, state=State.SENDING, begun_at=NOW))


async def test_a_cancel_of_a_trusted_sender_ends_it_and_anothers_only_tells_the_desk(
    tmp_path: Path, trusting: str
) -> None:
    cancel = warning(
        identifier="off", sent=warning().sent + timedelta(minutes=9), msg_type=MsgType.CANCEL, info=(),
        references=(warning().reference,),
    )  # fmt: skip
    async with village(tmp_path, trusting) as here:
        first = await taken(here, warning())
        await here.work(_begin, first)
        stranger = await taken(here, replace(cancel, sender="somebody@example.net"))
        assert stranger.fate is Fate.CANCEL_ASKED
        assert (await now_of(here, first)).state is State.SENDING
        assert (await taken(here, cancel)).fate is Fate.CANCELLED
        assert (await now_of(here, first)).state is State.CANCELLED

        assert (await taken(here, cancel)).fate is Fate.KNOWN


async def test_an_update_of_what_never_came_is_refused(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        update = warning(msg_type=MsgType.UPDATE, references=(replace(warning().reference, identifier="first"),))
        with pytest.raises(refusals.UnknownFirst):
            await taken(here, update)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.TEST},
        {"msg_type": MsgType.ACK},
        {"scope": Scope.RESTRICTED, "restriction": "staff of the street"},
        {"scope": Scope.PRIVATE, "addresses": "duty@example.org"},
    ],
)
async def test_what_is_not_for_people_is_taken_by_nobody(tmp_path: Path, fields: dict[str, Any]) -> None:
    async with village(tmp_path) as here:
        references = (replace(warning().reference, identifier="first"),)
        took = await taken(here, warning(**{"references": references, **fields}))

        assert took == Taken(Fate.NOT_FOR_PEOPLE)


@pytest.mark.parametrize("fields", [{"status": Status.TEST}, {"scope": Scope.PRIVATE, "addresses": "duty@example.org"}])
async def test_a_cancel_that_is_not_for_people_ends_nothing(
    tmp_path: Path, trusting: str, fields: dict[str, Any]
) -> None:
    async with village(tmp_path, trusting) as here:
        first = await taken(here, warning())
        cancel = warning(
            identifier="off", sent=warning().sent + timedelta(minutes=9), msg_type=MsgType.CANCEL, info=(),
            references=(warning().reference,), **fields,
        )  # fmt: skip

        assert await taken(here, cancel) == Taken(Fate.NOT_FOR_PEOPLE)
        assert (await now_of(here, first)).state is State.SCHEDULED


async def test_without_a_desk_or_a_unit_nobody_could_see_it(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        with pytest.raises(refusals.OutOfScope):
            await taken(here, warning(), UnitCode("nowhere"))
        assert (await taken(here, warning(), None)).fate is Fate.DRAFTED
        await here.work(_no_desks)
        with pytest.raises(refusals.NoDesk):
            await taken(here, warning(identifier="another"))


async def test_what_lacks_a_part_stays_a_draft_even_of_a_trusted_sender(tmp_path: Path, trusting: str) -> None:
    async with village(tmp_path, trusting) as here:
        cases: list[dict[str, Any]] = [{"instruction": ""}, {"expires": None}, {"expires": NOW}]
        for number, fields in enumerate(cases):
            came = warning(identifier=f"x{number}", info=(info(**fields),))
            assert (await taken(here, came)).fate is Fate.DRAFTED


FIRST = warning(info=(info(area=(Area("示范街道"),), parameter=(Named("ColourLevel", "yellow"),)),))
"""At night it is held until the morning."""
NIGHT = NOW.replace(hour=15)


def _update(identifier: str, minutes: int, *before: Message, **fields: Any) -> Message:
    return warning(
        identifier=identifier, sent=FIRST.sent + timedelta(minutes=minutes), msg_type=MsgType.UPDATE,
        references=tuple(one.reference for one in before), **fields,
    )  # fmt: skip


def _cancel(*before: Message) -> Message:
    return replace(_update("off", 30, *before), msg_type=MsgType.CANCEL, info=())


async def test_what_is_held_until_morning_does_not_leave_after_its_update(tmp_path: Path, trusting: str) -> None:
    async with village(tmp_path, trusting) as here:
        held = await taken(here, FIRST, at=NIGHT)
        assert (await now_of(here, held)).state is State.SCHEDULED
        red = await taken(here, _update("second", 5, FIRST), at=NIGHT)
        assert red.broadcast is not None
        await here.work(ticking.look, red.broadcast.id, NIGHT)

        update = await now_of(here, red)
        assert (update.state, update.updates) == (State.SENDING, None)
        assert (await now_of(here, held)).state is State.CANCELLED
        lifted = await taken(here, _cancel(FIRST), at=NIGHT)
        assert (lifted.fate, (await now_of(here, red)).state) == (Fate.CANCELLED, State.CANCELLED)


async def test_an_update_of_an_update_that_nobody_has_let_out_takes_the_place_of_what_runs(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        first = await taken(here, FIRST)
        await here.work(_begin, first)
        update = _update("second", 5, FIRST)
        second = await taken(here, update)
        third = await now_of(here, await taken(here, _update("third", 7, FIRST, update)))

        running = await now_of(here, first)
        assert (third.updates, third.first, third.state) == (running.id, running.id, State.DRAFT)
        assert (await now_of(here, second)).state is State.CANCELLED
        assert running.state is State.SENDING


async def test_a_cancel_ends_what_runs_and_the_draft_of_its_update(tmp_path: Path, trusting: str) -> None:
    async with village(tmp_path, trusting) as here:
        first = await taken(here, FIRST)
        await here.work(_begin, first)
        update = _update("second", 5, FIRST, info=(info(instruction=""),))
        second = await taken(here, update)
        assert second.fate is Fate.DRAFTED
        lifted = await taken(here, _cancel(FIRST, update))

        assert (lifted.fate, lifted.broadcast) == (Fate.CANCELLED, await now_of(here, first))
        assert [(await now_of(here, one)).state for one in (first, second)] == [State.CANCELLED] * 2


async def test_a_strangers_cancel_takes_its_draft_back_and_tells_the_desk_of_what_runs(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        first = await taken(here, FIRST)
        await here.work(_begin, first)
        second = await taken(here, _update("second", 5, FIRST))
        lifted = await taken(here, _cancel(FIRST))

        assert (lifted.fate, lifted.broadcast) == (Fate.CANCEL_ASKED, await now_of(here, first))
        assert [(await now_of(here, one)).state for one in (first, second)] == [State.SENDING, State.CANCELLED]


async def test_a_strangers_cancel_does_not_end_what_somebody_has_let_out(tmp_path: Path, trusting: str) -> None:
    stranger = replace(_cancel(FIRST), sender="somebody@example.net")
    async with village(tmp_path, trusting) as here:
        released = await taken(here, FIRST)
        asked = await taken(here, stranger)

        assert (released.fate, asked.fate) == (Fate.RELEASED, Fate.CANCEL_ASKED)
        assert (await now_of(here, released)).state is State.SCHEDULED
        assert (await taken(here, _cancel(FIRST))).fate is Fate.CANCELLED
