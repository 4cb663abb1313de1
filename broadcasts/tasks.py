"""Tasks to staff: one command reaches every worker of a subtree once; each accepts, does it, or is overdue."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from broadcasts import commanding, refusals
from broadcasts.plan_model import Doer, DoerState, RunId, Task, TaskId
from broadcasts.plan_ports import UnitOfWork
from routing.effects import Json
from routing.model import ChatId, PersonId, Post, UnitCode
from routing.ports import Lane, Promise
from routing.refusals import AlreadyDone, BadMeeting, NotYours
from routing.whistle import meeting

DOERS: Final = frozenset({Post.WORKER})
LIFE: Final = timedelta(days=1)
"""Of a task whose author names no time."""
LONGEST: Final = 1000
BATCH: Final = 20


class Deed(StrEnum):
    """What somebody says about their part."""

    ACCEPT = "accept"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Board:
    """How far a task is, for whoever gave it out."""

    task: Task
    doers: tuple[Doer, ...]
    late: bool

    def at(self, state: DoerState) -> list[Doer]:
        """Those at *state*."""
        return [doer for doer in self.doers if doer.state is state]

    @property
    def unreached(self) -> list[Doer]:
        """Those who never opened the bot: somebody must ring them up."""
        return [doer for doer in self.doers if doer.chat is None and doer.state is DoerState.ASKED]


def read(uow: UnitOfWork, text: str, at: datetime) -> tuple[str, datetime]:
    """What is to be done, and by when: a time in *text*, or else a day from now.

    Raises:
        TaskUnclear: nothing is said, too much, or the time is past.
    """
    try:
        what, due = meeting(text, at, uow.calendar)
    except BadMeeting:
        what, due = " ".join(text.split()), at + LIFE
    if not any(sign.isalpha() for sign in what) or len(what) > LONGEST:
        raise refusals.TaskUnclear(most=LONGEST)
    return what, due


def give_out(
    uow: UnitOfWork,
    by: PersonId,
    chat: ChatId,
    unit: UnitCode,
    what: str,
    due_at: datetime,
    at: datetime,
    run: RunId | None = None,
) -> Task:
    """Give everybody below *unit* the task; whoever has several grids gets it once.

    Raises:
        NotYours: *by* may not give orders there.
        NobodyThere: there is no worker below it.
    """
    commanding.check(uow, by, unit, commanding.COMMANDING)
    staff = commanding.staff_below(uow, unit, DOERS)
    if not staff:
        raise refusals.NobodyThere
    task = Task(
        id=TaskId(uow.ids.new()),
        number=uow.tasks.next_number(),
        unit=unit,
        author=by,
        chat=chat,
        text=what,
        made_at=at,
        due_at=due_at,
        next_at=due_at,
        run=run,
    )
    doers = []
    for person, appointment in staff.items():
        private = uow.chats.private(person)
        doers.append(Doer(task=task.id, person=person, unit=appointment.unit, chat=private.id if private else None))
    uow.tasks.add(task, doers)
    for doer in doers:
        show(uow, doer, "first")
    show_board(uow, task, "first")
    return task


def answer(uow: UnitOfWork, task: TaskId, by: PersonId, deed: Deed, at: datetime) -> Doer:
    """Somebody accepts their part, or has done it.

    Raises:
        NotYours: it was not given to them.
        AlreadyDone: they said so before.
        TaskWithdrawn: nobody need do it any more.
    """
    doer, known = uow.tasks.doer(task, by), uow.tasks.find(task)
    if doer is None or known is None:
        raise NotYours
    if known.withdrawn_at is not None:
        raise refusals.TaskWithdrawn
    if doer.state is DoerState.DONE or (deed is Deed.ACCEPT and doer.state is DoerState.ACCEPTED):
        raise AlreadyDone
    if deed is Deed.ACCEPT:
        doer = replace(doer, state=DoerState.ACCEPTED, accepted_at=at)
    else:
        doer = replace(doer, state=DoerState.DONE, accepted_at=doer.accepted_at or at, done_at=at)
    uow.tasks.put_doer(doer)
    show(uow, doer, deed.value)
    show_board(uow, known, f"{by}:{deed}")
    return doer


def withdraw(uow: UnitOfWork, task: TaskId, by: PersonId, at: datetime) -> Task:
    """Take it back: nobody need do it any more, and nobody is reminded. What was done stays done.

    Raises:
        NotYours: *by* may not give orders there, or there is no such task.
        AlreadyDone: it was taken back before.
    """
    known = uow.tasks.find(task)
    if known is None:
        raise NotYours
    commanding.check(uow, by, known.unit, commanding.COMMANDING)
    if known.withdrawn_at is not None:
        raise AlreadyDone
    ended = replace(known, withdrawn_at=at, next_at=None)
    uow.tasks.put(ended)
    for doer in uow.tasks.doers(task):
        show(uow, doer, "withdrawn")
    show_board(uow, ended, "withdrawn")
    return ended


def sweep(uow: UnitOfWork, now: datetime) -> int:
    """Remind everybody who has not done a task whose time is up, once; returns how many tasks rang."""
    due = uow.tasks.due(now, BATCH)
    for task in due:
        uow.tasks.put(replace(task, next_at=None))
        for doer in uow.tasks.doers(task.id):
            if doer.state is not DoerState.DONE and doer.chat is not None:
                words: dict[str, Json] = {"key": "tasks.overdue", "number": task.number}
                uow.outbox.promise(
                    Promise(f"task:{task.id}:overdue:{doer.person}", doer.chat, "say", words, lane=Lane.NOTICE)
                )
                show(uow, doer, "overdue")
        show_board(uow, task, "overdue")
    return len(due)


def board(uow: UnitOfWork, task: Task, now: datetime) -> Board:
    """How far it is."""
    late = task.withdrawn_at is None and (task.next_at is None or task.due_at <= now)
    return Board(task, tuple(uow.tasks.doers(task.id)), late)


def show(uow: UnitOfWork, doer: Doer, mark: str) -> None:
    """Let somebody's card say what is so now."""
    if doer.chat is not None:
        carrier = f"task:{doer.task}"
        params = {"task": doer.task, "person": doer.person}
        key = f"{carrier}:{doer.person}:{mark}"
        uow.outbox.promise(Promise(key, doer.chat, "task", params, lane=Lane.CARD, carrier=carrier))


def show_board(uow: UnitOfWork, task: Task, mark: str) -> None:
    """Let the board of whoever gave it out say what is so now."""
    carrier = f"task:{task.id}:board"
    params = {"task": task.id}
    uow.outbox.promise(Promise(f"{carrier}:{mark}", task.chat, "task_board", params, lane=Lane.CARD, carrier=carrier))
