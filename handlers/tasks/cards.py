"""/task, the card that a worker gets, and the board of whoever gave it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from broadcasts import commanding, tasks
from broadcasts.plan_model import Doer, DoerState, Task, TaskId
from broadcasts.plan_ports import UnitOfWork
from broadcasts.tasks import Deed
from handlers._kit import choices, panels
from handlers._kit.context import GridContext
from handlers._kit.doors import at_desk, go_private
from handlers._kit.naming import public_name, unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import collector, on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import MAIN, PLAIN, RISKY, Button, Look, Outgoing
from handlers._kit.words import Html
from routing.model import UnitCode
from routing.ports import UnitOfWork as CaseWork
from routing.refusals import NotYours

PER_PAGE: Final = 8
SHOWN: Final = 14
"""So many characters of a task stand on its button."""
NAMED: Final = 20
"""So many names stand in a line of the board; the rest is a number."""


@payload("task")
@dataclass(frozen=True, slots=True)
class TaskPressed:
    """接受 or 完成, under one's own card."""

    task: TaskId
    deed: Deed


@payload("tasklist")
@dataclass(frozen=True, slots=True)
class TasksPressed:
    """A page of the tasks below a unit."""

    unit: UnitCode
    page: int


@payload("taskshow")
@dataclass(frozen=True, slots=True)
class BoardPressed:
    """How far one of them is; then back to that page."""

    task: TaskId
    page: int


@payload("taskoff")
@dataclass(frozen=True, slots=True)
class WithdrawPressed:
    """撤销任务: nobody need do it any more."""

    task: TaskId


@on_command("task", menus=("office", "desk"))
async def give_out(said: Said, ctx: GridContext) -> None:
    """Give it to every worker below; without words say how it is written, and list those that were given out."""
    if not said.private and not await ctx.read(at_desk, said):
        await go_private(ctx, "tasks.in_private", "task")
    elif not said.args:
        await ctx.work(_explain, said)
    else:
        await ctx.work(_give_out, said, ctx.now)


@on_press(TaskPressed)
async def answer(press: TaskPressed, ctx: GridContext) -> None:
    """Note it; the board shows it at once."""
    await ctx.work(_answer, ctx.press, press, ctx.now)
    await ctx.toast("tasks.noted")


@on_press(TasksPressed)
async def turn(press: TasksPressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_turn, ctx.press, press)


@on_press(BoardPressed)
async def look_at(press: BoardPressed, ctx: GridContext) -> None:
    """Show how far it is."""
    await ctx.work(_look_at, ctx.press, press)


@on_press(WithdrawPressed)
async def withdraw(press: WithdrawPressed, ctx: GridContext) -> None:
    """Take it back."""
    await ctx.work(_withdraw, ctx.press, press, ctx.now)
    await ctx.toast("tasks.withdrawn_done")


@collector
def ring(uow: CaseWork, now: datetime) -> int:
    """Remind whoever is late."""
    return tasks.sweep(cast("UnitOfWork", uow), now)


def _explain(uow: UnitOfWork, said: Said) -> None:
    unit = commanding.unit_here(uow, said.person, said.chat, commanding.COMMANDING)
    panels.put_up(uow, said, "task_list", unit=unit.code, page=0)


def _turn(uow: UnitOfWork, here: Pressed, press: TasksPressed) -> None:
    commanding.check(uow, here.person, press.unit, commanding.COMMANDING)
    panels.redraw(uow, here, "task_list", unit=press.unit, page=press.page)


def _look_at(uow: UnitOfWork, here: Pressed, press: BoardPressed) -> None:
    task = uow.tasks.find(press.task)
    if task is None:
        raise NotYours
    commanding.check(uow, here.person, task.unit, commanding.COMMANDING)
    panels.redraw(uow, here, "task_board", task=task.id, page=press.page, unit=task.unit)


def _give_out(uow: UnitOfWork, said: Said, at: datetime) -> None:
    unit = commanding.unit_here(uow, said.person, said.chat, commanding.COMMANDING)
    what, due = tasks.read(uow, said.args, at)
    tasks.give_out(uow, said.person, said.chat, unit.code, what, due, at)


def _withdraw(uow: UnitOfWork, here: Pressed, press: WithdrawPressed, at: datetime) -> None:
    task = tasks.withdraw(uow, press.task, here.person, at)
    if panels.is_panel(uow, here):
        panels.redraw(uow, here, "task_board", task=task.id, page=0, unit=task.unit)


def _answer(uow: UnitOfWork, here: Pressed, press: TaskPressed, at: datetime) -> None:
    tasks.answer(uow, press.task, here.person, press.deed, at)


@view("task")
def card(look: Look) -> Outgoing | None:
    """What is to be done, by when, and how far the reader is."""
    uow = cast("UnitOfWork", look.uow)
    task = uow.tasks.find(TaskId(int(str(look.params["task"]))))
    doer = uow.tasks.doer(task.id, look.chat.person) if task is not None and look.chat.person is not None else None
    if task is None or doer is None:
        return None
    text = look.t(
        "tasks.card",
        number=task.number,
        unit=unit_name(uow, task.unit),
        text=task.text,
        due=look.due(task.due_at),
        state=look.t(f"tasks.state.{doer.state.value}"),
    )
    if task.withdrawn_at is not None:
        return look.message(Html(f"{look.t('tasks.withdrawn')}\n{text}"))
    buttons = []
    if doer.state is DoerState.ASKED:
        buttons.append(Button("tasks.accept", TaskPressed(task.id, Deed.ACCEPT), PLAIN))
    if doer.state is not DoerState.DONE:
        buttons.append(Button("tasks.done", TaskPressed(task.id, Deed.DONE), MAIN))
    if task.next_at is None and doer.state is not DoerState.DONE:
        text = Html(f"{look.t('tasks.late')}\n{text}")
    return look.message(text, [buttons])


@view("task_board")
def board(look: Look) -> Outgoing | None:
    """How many have accepted and done it, who is late, and whom the bot cannot reach."""
    uow = cast("UnitOfWork", look.uow)
    task = uow.tasks.find(TaskId(int(str(look.params["task"]))))
    if task is None:
        return None
    found = tasks.board(uow, task, task.made_at)
    done, accepted = found.at(DoerState.DONE), found.at(DoerState.ACCEPTED)
    lines = [
        look.t("tasks.board", number=task.number, unit=unit_name(uow, task.unit), text=task.text,
               due=look.due(task.due_at)),
        look.t("tasks.counts", done=len(done), accepted=len(accepted), asked=len(found.at(DoerState.ASKED)),
               all=len(found.doers)),
    ]  # fmt: skip
    open_ones = [doer for doer in found.doers if doer.state is not DoerState.DONE]
    if found.late and open_ones:
        lines.append(look.t("tasks.late_ones", count=len(open_ones), names=_names(look, uow, open_ones)))
    if found.unreached and task.withdrawn_at is None:
        lines.append(look.t("tasks.unreached", count=len(found.unreached), names=_names(look, uow, found.unreached)))
    if task.withdrawn_at is not None:
        lines.insert(0, look.t("tasks.withdrawn"))
    ways = []
    if open_ones and task.withdrawn_at is None:
        ways.append(Button("tasks.withdraw", WithdrawPressed(task.id), RISKY))
    if unit := look.params.get("unit"):
        ways.append(Button("tasks.back", TasksPressed(UnitCode(str(unit)), int(str(look.params.get("page", 0))))))
    return look.message(Html("\n".join(lines)), [ways])


@view("task_list")
def listed(look: Look) -> Outgoing:
    """How a task is given out, and those that were, newest first."""
    uow, unit = cast("UnitOfWork", look.uow), UnitCode(str(look.params["unit"]))
    page = int(str(look.params["page"]))
    below = [one.code for one in uow.units.below(unit)]
    found = uow.tasks.of(below, limit=PER_PAGE + 1, offset=page * PER_PAGE)
    rows = [[_line(uow, task, page)] for task in found[:PER_PAGE]]
    turns = choices.turns(lambda other: TasksPressed(unit, other), page, more=len(found) > PER_PAGE)
    text = look.t("tasks.how", unit=unit_name(uow, unit))
    if rows:
        text = Html(f"{text}\n\n{look.t('tasks.list')}")
    return look.message(text, [*rows, turns, [panels.shut()]])


def _line(uow: UnitOfWork, task: Task, page: int) -> Button:
    doers = uow.tasks.doers(task.id)
    done = sum(doer.state is DoerState.DONE for doer in doers)
    values = {"number": task.number, "text": task.text[:SHOWN], "done": done, "all": len(doers)}
    return Button("tasks.line", BoardPressed(task.id, page), values=values)


def _names(look: Look, uow: UnitOfWork, doers: Sequence[Doer]) -> str:
    names = [f"{public_name(uow, doer.person, look.lang)} ({unit_name(uow, doer.unit)})" for doer in doers[:NAMED]]
    more = len(doers) - len(names)
    return ", ".join(names) + (f" … +{more}" if more else "")
