"""Roll-calls (摸排): one or two questions to every household of a fixed roster, and who is missing at any moment."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from broadcasts import commanding, refusals
from broadcasts.coverage import GRIDS
from broadcasts.plan_model import UNANSWERED, Question, RollCall, RollCallId, RunId, Seat
from broadcasts.plan_ports import UnitOfWork
from routing import refusals as general
from routing.effects import Json
from routing.model import ChatId, ChatKind, PersonId, Post, UnitCode
from routing.ports import Lane, Promise

OPENING: Final = commanding.COMMANDING | {Post.WORKER}
MOST_QUESTIONS: Final = 2
MOST_OPTIONS: Final = 8
LONGEST: Final = 200
LONGEST_OPTION: Final = 20
SHORTEST: Final = timedelta(minutes=5)
LONGEST_LIFE: Final = timedelta(days=3)
REMINDERS: Final = (0.4, 0.7)
"""Parts of its time after which the silent are reminded: the group, then the runners with the list of doors."""
KEPT: Final = timedelta(days=30)
"""After its end the answers are destroyed: they were given for this emergency and no other use."""
BATCH: Final = 20


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked, and for how long."""

    title: str
    questions: tuple[Question, ...]
    life: timedelta


@dataclass(frozen=True, slots=True)
class Count:
    """A roll-call in numbers: answered + missing = households, always.

    Args:
        households: On the roster.
        answered: Those with every question answered.
        by_runner: Of these, those for whom somebody else answered.
        sums: For each question how often each option was chosen.
        grids: Of each grid its households and how many have answered.
    """

    households: int
    answered: int
    by_runner: int
    sums: tuple[tuple[int, ...], ...]
    grids: Mapping[UnitCode, tuple[int, int]]

    @property
    def missing(self) -> int:
        """Households that have not answered every question."""
        return self.households - self.answered


def read(text: str, default: tuple[str, ...]) -> Form:
    """A form from a message: minutes, the title, then one or two questions, each on its line.

    A question has its options behind ``|``, parted by ``/``; without any they are *default*, yes and no. The first
    line is the title, and a number at its end is how many minutes there are (60 if none).

    Raises:
        FormUnclear: a line is missing, too long, or there are too many options.
    """
    title, *lines = [line.strip() for line in text.strip().splitlines() if line.strip()] or [""]
    words = title.split()
    minutes = int(words.pop()) if len(words) > 1 and words[-1].isdecimal() and len(words[-1]) < 6 else 60
    life = timedelta(minutes=minutes)
    questions = tuple(_question(line, default) for line in lines)
    if not words or not 0 < len(questions) <= MOST_QUESTIONS or not SHORTEST <= life <= LONGEST_LIFE:
        raise refusals.FormUnclear
    return Form(" ".join(words)[:LONGEST], questions, life)


def _question(line: str, default: tuple[str, ...]) -> Question:
    asked, _, choices = line.replace("\uff5c", "|").replace("\uff0f", "/").partition("|")  # wide ones, as people type
    options = tuple(dict.fromkeys(one.strip() for one in choices.split("/") if one.strip())) or default
    bad = not 1 < len(options) <= MOST_OPTIONS or any(len(one) > LONGEST_OPTION for one in options)
    if bad or not asked.strip() or len(asked) > LONGEST:
        raise refusals.FormUnclear
    return Question(asked.strip(), options)


def call(
    uow: UnitOfWork,
    by: PersonId,
    chat: ChatId,
    unit: UnitCode,
    form: Form,
    at: datetime,
    run: RunId | None = None,
) -> RollCall:
    """Ask every household below *unit*; the roster is fixed now.

    Raises:
        NotYours: *by* may not.
        NobodyThere: no household is registered there.
    """
    commanding.check(uow, by, unit, OPENING)
    grids = [one.code for one in uow.units.below(unit) if one.kind in GRIDS]
    homes = [home for grid in grids for home in uow.people.households_in(grid)]
    if not homes:
        raise refusals.NobodyThere
    closes = at + form.life
    rollcall = RollCall(
        id=RollCallId(uow.ids.new()),
        number=uow.rollcalls.next_number(),
        unit=unit,
        author=by,
        chat=chat,
        title=form.title,
        questions=form.questions,
        opened_at=at,
        closes_at=closes,
        next_at=_next(at, closes, 0),
        run=run,
    )
    nothing = (UNANSWERED,) * len(form.questions)
    seats = [
        Seat(rollcall=rollcall.id, seat=number, place=home.grid, household=home.code, answers=nothing)
        for number, home in enumerate(homes, 1)
    ]
    uow.rollcalls.add(rollcall, seats)
    for grid in dict.fromkeys(seat.place for seat in seats):
        _show_group(uow, rollcall, grid, "first")
    show_board(uow, rollcall, "first")
    return rollcall


def _next(opened: datetime, closes: datetime, step: int) -> datetime:
    return opened + (closes - opened) * REMINDERS[step] if step < len(REMINDERS) else closes


def answer(
    uow: UnitOfWork, rollcall: RollCallId, by: PersonId, question: int, option: int, at: datetime
) -> tuple[RollCall, Seat]:
    """Somebody answers for their own household; until it closes they may think again.

    Raises:
        RollCallOver: it has closed, or there is no such thing.
        NotOnRoster: they belong to no household that was asked.
    """
    current = _open(uow, rollcall)
    home = uow.people.household_of(by)
    seat = uow.rollcalls.seat_of(rollcall, home.code) if home is not None else None
    if seat is None:
        raise refusals.NotOnRoster
    return current, _keep(uow, current, seat, by, question, option, at, runner=False)


def answer_for(
    uow: UnitOfWork, rollcall: RollCallId, number: int, by: PersonId, question: int, option: int, at: datetime
) -> tuple[RollCall, Seat]:
    """A runner answers for a household at its door.

    Raises:
        RollCallOver: it has closed, or there is no such thing.
        NotYours: no post of theirs reaches that household.
    """
    current = _open(uow, rollcall)
    seat = uow.rollcalls.seat(rollcall, number)
    if seat is None:
        raise general.NotYours
    check_runner(uow, by, seat.place)
    return current, _keep(uow, current, seat, by, question, option, at, runner=True)


def check_runner(uow: UnitOfWork, person: PersonId, grid: UnitCode) -> None:
    """See that *person* may go from door to door in *grid*: a post there, above it, or in a building of it.

    Raises:
        NotYours: they may not.
    """
    within = {unit.code for unit in uow.units.below(grid)} | {unit.code for unit in uow.units.path(grid)}
    posts = uow.people.posts_of(person)
    if not any(post.unit in within and post.post in commanding.RUNNING for post in posts):
        raise general.NotYours


def _open(uow: UnitOfWork, rollcall: RollCallId) -> RollCall:
    current = uow.rollcalls.find(rollcall)
    if current is None or not current.open:
        raise refusals.RollCallOver
    return current


def _keep(
    uow: UnitOfWork,
    rollcall: RollCall,
    seat: Seat,
    by: PersonId,
    question: int,
    option: int,
    at: datetime,
    *,
    runner: bool,
) -> Seat:
    """Write an answer down; who answers for their own home overrules a runner, not the other way round."""
    if not 0 <= question < len(rollcall.questions) or not 0 <= option < len(rollcall.questions[question].options):
        raise refusals.RollCallOver
    if runner and seat.at is not None and not seat.runner:
        raise general.AlreadyDone
    answers = (*seat.answers[:question], option, *seat.answers[question + 1 :])
    if answers == seat.answers:
        raise general.AlreadyDone
    complete = UNANSWERED not in answers
    answered_at = (seat.at or at) if complete else None
    kept = replace(seat, answers=answers, by=by if runner else None, runner=runner, at=answered_at)
    uow.rollcalls.put_seat(kept)
    if complete and seat.at is None:
        uow.rollcalls.hold(rollcall.id)  # two who are the last ones at once would each wait for the other
        _show_group(uow, rollcall, seat.place, f"seat:{seat.seat}")
        if all(answered == homes for homes, answered in uow.rollcalls.counts(rollcall.id).values()):
            rollcall = _close(uow, rollcall, at)
    show_board(uow, rollcall, f"{seat.seat}:{question}:{option}:{at.isoformat()}")
    return kept


def check_caller(uow: UnitOfWork, person: PersonId, unit: UnitCode) -> None:
    """See that *person* may call the roll in *unit*, and so may look at one and steer it.

    Raises:
        NotYours: they may not.
    """
    commanding.check(uow, person, unit, OPENING)


def close(uow: UnitOfWork, rollcall: RollCallId, by: PersonId, at: datetime) -> RollCall:
    """End it before its time.

    Raises:
        NotYours: *by* may not.
        RollCallOver: it has closed.
    """
    current = _open(uow, rollcall)
    check_caller(uow, by, current.unit)
    uow.rollcalls.hold(rollcall)
    closed = _close(uow, current, at)
    show_board(uow, closed, "closed")
    return closed


def send_out(uow: UnitOfWork, rollcall: RollCallId, by: PersonId, at: datetime) -> int:
    """Hand the lists of missing doors out before their time; returns how many grids have some.

    Raises:
        NotYours: *by* may not.
        RollCallOver: it has closed.
    """
    current = _open(uow, rollcall)
    check_caller(uow, by, current.unit)
    behind = [grid for grid, (homes, answered) in uow.rollcalls.counts(rollcall).items() if answered < homes]
    for grid in behind:
        send_runners(uow, current, grid, f"sent:{at.isoformat()}")
    return len(behind)


def sweep(uow: UnitOfWork, now: datetime) -> int:
    """Remind the silent, close what is over, destroy what was kept long enough; returns how many were due."""
    due = uow.rollcalls.due(now, BATCH)
    for rollcall in due:
        if not rollcall.open:
            uow.rollcalls.purge(rollcall.id)
            uow.rollcalls.put(replace(rollcall, next_at=None))
        elif now >= rollcall.closes_at:
            show_board(uow, _close(uow, rollcall, now), "closed")
        else:
            _remind(uow, rollcall)
    return len(due)


def _close(uow: UnitOfWork, rollcall: RollCall, at: datetime) -> RollCall:
    purge = at + KEPT
    closed = replace(rollcall, closed_at=at, next_at=purge, purge_at=purge)
    uow.rollcalls.put(closed)
    for grid in uow.rollcalls.counts(rollcall.id):
        _show_group(uow, closed, grid, "closed")
    return closed


def _remind(uow: UnitOfWork, rollcall: RollCall) -> None:
    step = rollcall.step + 1
    uow.rollcalls.put(replace(rollcall, step=step, next_at=_next(rollcall.opened_at, rollcall.closes_at, step)))
    for grid, (homes, answered) in uow.rollcalls.counts(rollcall.id).items():
        if answered == homes:
            continue
        if step == 1:
            chat = uow.chats.of_unit(grid, ChatKind.RESIDENTS)
            words: dict[str, Json] = {"key": "rollcall.nudge", "number": rollcall.number, "missing": homes - answered}
            if chat is not None:
                key = f"rollcall:{rollcall.id}:nudge:{grid}"
                uow.outbox.promise(Promise(key, chat.id, "say", words, lane=Lane.NOTICE, not_after=rollcall.closes_at))
        send_runners(uow, rollcall, grid, f"step{step}")


def send_runners(uow: UnitOfWork, rollcall: RollCall, grid: UnitCode, mark: str) -> None:
    """Hand the list of missing doors to everybody who may go there."""
    staff = {post.person for unit in uow.units.below(grid) for post in uow.people.staff_of(unit.code)
             if post.post in commanding.RUNNING}  # fmt: skip
    for person in sorted(staff):
        chat = uow.chats.private(person)
        if chat is not None:
            carrier = f"rollcall:{rollcall.id}:doors:{grid}"
            params: dict[str, Json] = {"rollcall": rollcall.id, "grid": grid, "page": 0}
            key = f"{carrier}:{mark}:{person}"
            uow.outbox.promise(Promise(key, chat.id, "rollcall_doors", params, lane=Lane.CARD, carrier=carrier))


def count(uow: UnitOfWork, rollcall: RollCall) -> Count:
    """Where it stands now."""
    seats = uow.rollcalls.seats(rollcall.id)
    sums = [Counter(seat.answers[number] for seat in seats) for number in range(len(rollcall.questions))]
    return Count(
        len(seats),
        sum(seat.at is not None for seat in seats),
        sum(seat.at is not None and seat.runner for seat in seats),
        tuple(
            tuple(sums[number][option] for option in range(len(question.options)))
            for number, question in enumerate(rollcall.questions)
        ),
        uow.rollcalls.counts(rollcall.id),
    )


def missing(uow: UnitOfWork, rollcall: RollCall, grid: UnitCode) -> Sequence[Seat]:
    """The roster of a grid minus those who have answered: exactly those who are missing, in the order of the doors."""
    return [seat for seat in uow.rollcalls.seats(rollcall.id, [grid]) if seat.at is None]


def _show_group(uow: UnitOfWork, rollcall: RollCall, grid: UnitCode, mark: str) -> None:
    chat = uow.chats.of_unit(grid, ChatKind.RESIDENTS)
    if chat is not None:
        carrier = f"rollcall:{rollcall.id}"
        params: dict[str, Json] = {"rollcall": rollcall.id, "grid": grid}
        key = f"{carrier}:{grid}:{mark}"
        lane = Lane.NOTICE if mark == "first" else Lane.DIGEST
        uow.outbox.promise(Promise(key, chat.id, "rollcall", params, lane=lane, carrier=carrier))


def show_board(uow: UnitOfWork, rollcall: RollCall, mark: str) -> None:
    """Let the board of whoever called it say what is so now."""
    carrier = f"rollcall:{rollcall.id}:board"
    params: dict[str, Json] = {"rollcall": rollcall.id}
    key = f"{carrier}:{mark}"
    uow.outbox.promise(Promise(key, rollcall.chat, "rollcall_board", params, lane=Lane.CARD, carrier=carrier))
