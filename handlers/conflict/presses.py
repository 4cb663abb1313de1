"""回避: choose who must stay out of a case; whoever has it then is rid of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handlers._kit import choices, panels
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ConflictPressed
from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import Button, Look, Outgoing
from routing import accusing, casework
from routing.events import NoteKind
from routing.model import Case, CaseId, PersonId, UnitCode
from routing.ports import UnitOfWork


class Mark(StrEnum):
    """What a press makes of somebody."""

    ON = "on"
    OFF = "off"


@payload("barunit")
@dataclass(frozen=True, slots=True)
class BarUnitPressed:
    """That unit must stay out of it, or need not."""

    case: CaseId
    unit: UnitCode
    mark: Mark
    page: int


@payload("barwho")
@dataclass(frozen=True, slots=True)
class BarPersonPressed:
    """That colleague must stay out of it, or need not."""

    case: CaseId
    person: PersonId
    mark: Mark
    page: int


@payload("barpage")
@dataclass(frozen=True, slots=True)
class BarTurned:
    """Another page of them."""

    case: CaseId
    page: int


@on_card_press(ConflictPressed)
async def choose(press: ConflictPressed, ctx: GridContext) -> None:
    """Show whom the case could be about."""
    await ctx.work(_offer, ctx.press, press.case)


@on_press(BarTurned)
async def turn(press: BarTurned, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(panels.turn_page, ctx.press, press.case, NoteKind.CONFLICT, "conflict", page=press.page)


@on_press(BarUnitPressed)
async def bar_unit(press: BarUnitPressed, ctx: GridContext) -> None:
    """Mark it, or take the mark back."""
    await ctx.work(_bar_unit, ctx.press, press, ctx.now)


@on_press(BarPersonPressed)
async def bar_person(press: BarPersonPressed, ctx: GridContext) -> None:
    """Mark them, or take the mark back."""
    await ctx.work(_bar_person, ctx.press, press, ctx.now)


def _offer(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), pressed.person, NoteKind.CONFLICT)
    panels.put_up(uow, pressed, "conflict", case=case, page=0)


def _bar_unit(uow: UnitOfWork, pressed: Pressed, press: BarUnitPressed, at: datetime) -> None:
    accusing.mark_unit(uow, press.case, pressed.person, press.unit, at, accused=press.mark is Mark.ON)
    panels.redraw(uow, pressed, "conflict", case=press.case, page=press.page)


def _bar_person(uow: UnitOfWork, pressed: Pressed, press: BarPersonPressed, at: datetime) -> None:
    accusing.mark_person(uow, press.case, pressed.person, press.person, at, accused=press.mark is Mark.ON)
    panels.redraw(uow, pressed, "conflict", case=press.case, page=press.page)


@view("conflict")
def panel(look: Look) -> Outgoing:
    """Units and colleagues that the case could be about, with a mark at those who stay out of it."""
    case, page = look.uow.cases.get(CaseId(int(str(look.params["case"])))), int(str(look.params["page"]))
    buttons = [*_people(look, case, page), *_units(look, case, page)]
    rows = choices.paged(buttons, page, lambda other: BarTurned(case.id, other))
    return look.message(look.t("conflict.whom", number=case.number), [*rows, [panels.shut()]])


def _units(look: Look, case: Case, page: int) -> list[Button]:
    return [
        Button(
            "conflict.out" if unit.code in case.accused else "conflict.in",
            BarUnitPressed(case.id, unit.code, Mark.OFF if unit.code in case.accused else Mark.ON, page),
            values={"name": unit.name},
        )
        for unit in accusing.markable(look.uow, case)
        if unit.parent is not None
    ]


def _people(look: Look, case: Case, page: int) -> list[Button]:
    """The colleagues of whoever has it, and those marked before."""
    named = {one.person: one.name for one in accusing.colleagues(look.uow, case)}
    for person in case.accused_people:
        posts = look.uow.people.posts_of(person)
        named |= {person: posts[0].name} if posts else {}
    return [
        Button(
            "conflict.out" if person in case.accused_people else "conflict.in",
            BarPersonPressed(case.id, person, Mark.OFF if person in case.accused_people else Mark.ON, page),
            values={"name": name},
        )
        for person, name in named.items()
    ]
