"""/rollcall: the form that households answer in the group, and the board of whoever called it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, cast

from broadcasts import commanding, rollcalls
from broadcasts.plan_model import RollCall, RollCallId
from broadcasts.plan_ports import UnitOfWork
from broadcasts.rollcalls import Count
from handlers._kit import choices, panels, words
from handlers._kit.broadcast_words import bar
from handlers._kit.context import GridContext
from handlers._kit.doors import at_desk, go_private
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import collector, on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import RISKY, Button, Look, Outgoing
from handlers._kit.words import Html
from routing.model import UnitCode
from routing.ports import UnitOfWork as CaseWork
from routing.refusals import NotYours

WORST: Final = 8
PER_PAGE: Final = 8
SHOWN: Final = 14
"""So many characters of a title stand on its button."""


@payload("roll")
@dataclass(frozen=True, slots=True)
class AnswerPressed:
    """That option of that question, for one's own household."""

    rollcall: RollCallId
    question: int
    option: int


class Steer(StrEnum):
    """What whoever called the roll can do before its time."""

    SEND = "send"
    CLOSE = "close"


@payload("rollgo")
@dataclass(frozen=True, slots=True)
class SteerPressed:
    """现在就上门, or 提前截止."""

    rollcall: RollCallId
    what: Steer


@payload("rolls")
@dataclass(frozen=True, slots=True)
class RollCallsPressed:
    """A page of the roll-calls below a unit."""

    unit: UnitCode
    page: int


@payload("rollshow")
@dataclass(frozen=True, slots=True)
class ShowPressed:
    """How far one of them is; then back to that page."""

    rollcall: RollCallId
    page: int


@on_command("rollcall", menus=("office", "desk"))
async def call(said: Said, ctx: GridContext) -> None:
    """Ask every household below; without a form say how it is written, and list those that were asked."""
    if not said.private and not await ctx.read(at_desk, said):
        await go_private(ctx, "rollcall.in_private", "rollcall")
    elif not said.args:
        await ctx.work(_explain, said)
    else:
        await ctx.work(_call, said, ctx.now)


@on_press(RollCallsPressed)
async def turn(press: RollCallsPressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_turn, ctx.press, press)


@on_press(ShowPressed)
async def look_at(press: ShowPressed, ctx: GridContext) -> None:
    """Show how far it is."""
    await ctx.work(_look_at, ctx.press, press)


@on_press(SteerPressed)
async def steer(press: SteerPressed, ctx: GridContext) -> None:
    """Do not wait for its time."""
    await ctx.work(_steer, ctx.press, press, ctx.now)
    await ctx.toast(f"rollcall.steered.{press.what.value}")


@on_press(AnswerPressed)
async def answer(press: AnswerPressed, ctx: GridContext) -> None:
    """Note it; only whoever pressed is told what they chose."""
    chosen = await ctx.work(_answer, ctx.press, press, ctx.now)
    await ctx.toast("rollcall.noted", option=chosen)


@collector
def ring(uow: CaseWork, now: datetime) -> int:
    """Remind, close and destroy what is due."""
    return rollcalls.sweep(cast("UnitOfWork", uow), now)


def _explain(uow: UnitOfWork, said: Said) -> None:
    unit = commanding.unit_here(uow, said.person, said.chat, rollcalls.OPENING)
    panels.put_up(uow, said, "rollcall_list", unit=unit.code, page=0)


def _turn(uow: UnitOfWork, here: Pressed, press: RollCallsPressed) -> None:
    rollcalls.check_caller(uow, here.person, press.unit)
    panels.redraw(uow, here, "rollcall_list", unit=press.unit, page=press.page)


def _look_at(uow: UnitOfWork, here: Pressed, press: ShowPressed) -> None:
    rollcall = uow.rollcalls.find(press.rollcall)
    if rollcall is None:
        raise NotYours
    rollcalls.check_caller(uow, here.person, rollcall.unit)
    panels.redraw(uow, here, "rollcall_board", rollcall=rollcall.id, page=press.page, unit=rollcall.unit)


def _steer(uow: UnitOfWork, here: Pressed, press: SteerPressed, at: datetime) -> None:
    if press.what is Steer.CLOSE:
        rollcalls.close(uow, press.rollcall, here.person, at)
    else:
        rollcalls.send_out(uow, press.rollcall, here.person, at)
    if panels.is_panel(uow, here):
        rollcall = uow.rollcalls.find(press.rollcall)
        unit = rollcall.unit if rollcall is not None else ""
        panels.redraw(uow, here, "rollcall_board", rollcall=press.rollcall, page=0, unit=unit)


def _call(uow: UnitOfWork, said: Said, at: datetime) -> None:
    unit = commanding.unit_here(uow, said.person, said.chat, rollcalls.OPENING)
    default = (words.plain("rollcall.yes", said.lang), words.plain("rollcall.no", said.lang))
    rollcalls.call(uow, said.person, said.chat, unit.code, rollcalls.read(said.args, default), at)


def _answer(uow: UnitOfWork, here: Pressed, press: AnswerPressed, at: datetime) -> str:
    rollcall, _ = rollcalls.answer(uow, press.rollcall, here.person, press.question, press.option, at)
    return rollcall.questions[press.question].options[press.option]


@view("rollcall")
def form(look: Look) -> Outgoing | None:
    """The form in a residents' chat: how many have answered, never who or what."""
    uow, rollcall = found(look)
    if rollcall is None:
        return None
    homes, answered = uow.rollcalls.counts(rollcall.id).get(UnitCode(str(look.params["grid"])), (0, 0))
    head = look.t("rollcall.form", number=rollcall.number, unit=unit_name(uow, rollcall.unit), title=rollcall.title)
    if not rollcall.open:
        return look.message(Html(f"{head}\n{look.t('rollcall.closed')}"))
    asked = "\n".join(
        look.t("rollcall.question", place=place, text=one.text) for place, one in enumerate(rollcall.questions, 1)
    )
    foot = look.t("rollcall.so_far", answered=answered, households=homes, closes=look.when(rollcall.closes_at))
    return look.message(Html(f"{head}\n{asked}\n{foot}"), options(rollcall))


def options(rollcall: RollCall) -> list[list[Button]]:
    """A row or two of options for each question, marked with its number when there are two."""
    rows = []
    for number, question in enumerate(rollcall.questions):
        mark = f"{number + 1}. " if len(rollcall.questions) > 1 else ""
        buttons = [
            Button("rollcall.option", AnswerPressed(rollcall.id, number, place), values={"mark": mark, "option": text})
            for place, text in enumerate(question.options)
        ]
        rows += [buttons[start : start + 4] for start in range(0, len(buttons), 4)]
    return rows


def found(look: Look) -> tuple[UnitOfWork, RollCall | None]:
    """The stores as this feature needs them, and the roll-call that is shown."""
    uow = cast("UnitOfWork", look.uow)
    return uow, uow.rollcalls.find(RollCallId(int(str(look.params["rollcall"]))))


@view("rollcall_board")
def board(look: Look) -> Outgoing | None:
    """The bar, the sums of each answer, and the grids where most are missing."""
    uow, rollcall = found(look)
    if rollcall is None:
        return None
    now = rollcalls.count(uow, rollcall)
    lines = [look.t("rollcall.form", number=rollcall.number, unit=unit_name(uow, rollcall.unit), title=rollcall.title)]
    if not now.households:
        lines.append(look.t("rollcall.destroyed", at=look.when(rollcall.purge_at or rollcall.closes_at)))
        return look.message(Html("\n".join(lines)), _ways(look, rollcall, now))
    figures = {"answered": now.answered, "households": now.households, "missing": now.missing}
    shown = bar(now.answered, now.households)
    lines.append(look.t("rollcall.bar", bar=shown, runners=now.by_runner, **figures))
    for question, sums in zip(rollcall.questions, now.sums, strict=True):
        chosen = zip(question.options, sums, strict=True)
        answers = " · ".join(look.t("rollcall.sum", option=option, count=count) for option, count in chosen)
        lines.append(look.t("rollcall.sums", text=question.text, answers=Html(answers)))
    behind = sorted(now.grids.items(), key=lambda row: row[1][1] - row[1][0])
    lines += [
        look.t("rollcall.behind", grid=unit_name(uow, grid), missing=homes - answered, households=homes)
        for grid, (homes, answered) in behind[:WORST]
        if answered < homes
    ]
    key = "rollcall.ends" if rollcall.open else "rollcall.ended"
    lines.append(look.t(key, at=look.when(rollcall.closed_at or rollcall.closes_at)))
    return look.message(Html("\n".join(lines)), _ways(look, rollcall, now))


def _ways(look: Look, rollcall: RollCall, now: Count) -> list[list[Button]]:
    """What whoever called it can do, and the way back to the list, where it was opened from there."""
    ways = []
    if rollcall.open and now.missing:
        ways.append([Button("rollcall.send_out", SteerPressed(rollcall.id, Steer.SEND))])
    if rollcall.open:
        ways.append([Button("rollcall.close", SteerPressed(rollcall.id, Steer.CLOSE), RISKY)])
    if unit := look.params.get("unit"):
        page = int(str(look.params.get("page", 0)))
        again = Button("rollcall.again", ShowPressed(rollcall.id, page))
        ways.append([again, Button("rollcall.all", RollCallsPressed(UnitCode(str(unit)), page))])
    return ways


@view("rollcall_list")
def listed(look: Look) -> Outgoing:
    """How the roll is called, and those that were, newest first."""
    uow, unit = cast("UnitOfWork", look.uow), UnitCode(str(look.params["unit"]))
    page = int(str(look.params["page"]))
    below = [one.code for one in uow.units.below(unit)]
    shown = uow.rollcalls.of(below, limit=PER_PAGE + 1, offset=page * PER_PAGE)
    rows = [[_line(uow, one, page)] for one in shown[:PER_PAGE]]
    turns = choices.turns(lambda other: RollCallsPressed(unit, other), page, more=len(shown) > PER_PAGE)
    text = look.t("rollcall.how", unit=unit_name(uow, unit))
    if rows:
        text = Html(f"{text}\n\n{look.t('rollcall.list')}")
    return look.message(text, [*rows, turns, [panels.shut()]])


def _line(uow: UnitOfWork, rollcall: RollCall, page: int) -> Button:
    counts = uow.rollcalls.counts(rollcall.id).values()
    homes, answered = sum(count[0] for count in counts), sum(count[1] for count in counts)
    values = {"number": rollcall.number, "title": rollcall.title[:SHOWN], "answered": answered, "households": homes}
    return Button("rollcall.line" if homes else "rollcall.gone", ShowPressed(rollcall.id, page), values=values)
