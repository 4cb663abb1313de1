"""批量上报: tick the cases, then write the covering note."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers._kit import asking, choices, panels
from handlers._kit.case_presses import BatchPressed, CasePressed
from handlers._kit.context import GridContext, answer
from handlers._kit.html import tame
from handlers._kit.naming import matter_name, unit_name, urgency_mark
from handlers._kit.presses import payload
from handlers._kit.registry import forgotten_after, on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from routing import batches, boards, refusals
from routing.casework import Saying
from routing.effects import Json
from routing.model import Case, CaseId, PersonId, UnitCode, WordsKind
from routing.ports import Draft, Prompt, UnitOfWork

TICKS: Final = "batch"
"""The step of the draft row that keeps the ticks of a panel."""
TICKS_LIFE: Final = timedelta(days=1)

forgotten_after(TICKS, TICKS_LIFE)


@payload("batchon")
@dataclass(frozen=True, slots=True)
class BatchTicked:
    """That case goes up, too (1), or does not (0); said outright, so that a press that comes twice changes nothing."""

    case: CaseId
    on: int
    page: int


@payload("batchpg")
@dataclass(frozen=True, slots=True)
class BatchTurned:
    """Another page of the cases."""

    page: int


@payload("batchgo")
@dataclass(frozen=True, slots=True)
class BatchChosen:
    """That is all; then: the covering note."""


@on_press(BatchPressed)
async def choose(_press: BatchPressed, ctx: GridContext) -> None:
    """Show the cases that can go up."""
    await ctx.work(_offer, ctx.press, ctx.now)


@on_press(BatchTicked)
async def tick(press: BatchTicked, ctx: GridContext) -> None:
    """Keep the tick and show it."""
    await ctx.work(_tick, ctx.press, press, ctx.now)


@on_press(BatchTurned)
async def turn(press: BatchTurned, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_redraw, ctx.press, press.page)


@on_press(BatchChosen)
async def ask_note(_press: BatchChosen, ctx: GridContext) -> None:
    """Ask for the covering note."""
    await ctx.work(_ask_note, ctx.press, ctx.now)


@on_prompt("batch")
async def escalate(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Send them up."""
    await ctx.work(_escalate, said, prompt, ctx.now)


def _key(person: PersonId, unit: UnitCode) -> str:
    return f"batch:{unit}:{person}"


def _ticked(uow: UnitOfWork, person: PersonId, unit: UnitCode) -> set[int]:
    draft = uow.notebook.draft(_key(person, unit))
    kept = draft.data.get("cases") if draft is not None else None
    return {int(str(case)) for case in kept} if isinstance(kept, list) else set()


def _keep(uow: UnitOfWork, pressed: Pressed, unit: UnitCode, cases: Collection[int], at: datetime) -> None:
    data: list[Json] = [*sorted(cases)]
    key = _key(pressed.person, unit)
    uow.notebook.keep_draft(Draft(key, pressed.person, pressed.chat, TICKS, at, {"cases": data}))


def _movable(uow: UnitOfWork, pressed: Pressed) -> tuple[UnitCode, list[Case]]:
    unit = boards.desk_unit(uow, pressed.person, pressed.chat).code
    found = batches.movable(uow, unit, pressed.person)
    if not found:
        raise refusals.NothingToEscalate
    return unit, found


def _offer(uow: UnitOfWork, pressed: Pressed, at: datetime) -> None:
    unit, _ = _movable(uow, pressed)
    _keep(uow, pressed, unit, (), at)
    panels.put_up(uow, pressed, "batch", unit=unit, by=pressed.person, page=0)


def _redraw(uow: UnitOfWork, pressed: Pressed, page: int) -> None:
    unit, _ = _movable(uow, pressed)
    panels.redraw(uow, pressed, "batch", unit=unit, by=pressed.person, page=page)


def _tick(uow: UnitOfWork, pressed: Pressed, press: BatchTicked, at: datetime) -> None:
    unit, found = _movable(uow, pressed)
    ticked = _ticked(uow, pressed.person, unit) & {case.id for case in found}
    _keep(uow, pressed, unit, ticked | {press.case} if press.on else ticked - {press.case}, at)
    panels.redraw(uow, pressed, "batch", unit=unit, by=pressed.person, page=press.page)


def _ask_note(uow: UnitOfWork, pressed: Pressed, at: datetime) -> None:
    unit, found = _movable(uow, pressed)
    ticked = _ticked(uow, pressed.person, unit)
    chosen = [case for case in found if case.id in ticked]
    if not chosen:
        raise refusals.NothingToEscalate
    uow.notebook.drop_draft(_key(pressed.person, unit))
    asking.ask(uow, pressed, chosen[0], "batch", at, unit=unit, cases=",".join(str(case.id) for case in chosen))
    panels.close(uow, pressed, "batch.chosen", numbers=_numbers(chosen))


def _escalate(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    cases = [CaseId(int(one)) for one in str(prompt.params["cases"]).split(",")]
    note: Saying = asking.saying(said)
    moved = batches.escalate(uow, cases, said.person, note, at, unit=UnitCode(str(prompt.params["unit"])))
    asking.settle(uow, said, prompt, WordsKind.REASON, at)
    done: dict[str, Json] = {"key": "batch.done", "numbers": _numbers(moved), "unit": unit_name(uow, moved[0].unit)}
    answer(uow, said, "say", done)


def _numbers(cases: Collection[Case]) -> str:
    return " ".join(f"#{case.number}" for case in cases)


@view("batch")
def panel(look: Look) -> Outgoing:
    """Every case that can go up, with a tick at those chosen."""
    unit, by = UnitCode(str(look.params["unit"])), PersonId(int(str(look.params["by"])))
    page, ticked = int(str(look.params["page"])), _ticked(look.uow, by, unit)
    buttons = [
        Button(
            "batch.ticked" if case.id in ticked else "batch.unticked",
            BatchTicked(case.id, 0 if case.id in ticked else 1, page),
            values={"case": _label(look, case)},
        )
        for case in batches.movable(look.uow, unit, by)
    ]
    rows = choices.paged(buttons, page, BatchTurned)
    last = [Button("batch.go", BatchChosen(), MAIN), panels.never_mind()]
    return look.message(look.t("batch.which", unit=unit_name(look.uow, unit)), [*rows, last])


@view("cover")
def cover(look: Look) -> Outgoing:
    """To the level above: how many cases came up together, the covering note, and the way to each of them."""
    cases = [look.uow.cases.get(CaseId(int(one))) for one in str(look.params["cases"]).split(",")]
    said = look.uow.words.of(cases[0].id, WordsKind.REASON)
    note = tame(said[-1].text) if said else ""
    unit = unit_name(look.uow, str(look.params["unit"]))
    rows = [[Button("batch.case", CasePressed(case.id), values={"case": _label(look, case)})] for case in cases]
    return look.message(look.t("batch.cover", unit=unit, count=len(cases), note=note), rows)


def _label(look: Look, case: Case) -> str:
    return f"{urgency_mark(case, look.lang)}#{case.number} {matter_name(look.uow, case.matter, look.lang)}"
