"""派单 and 不予受理: what a unit above does with a case."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import choices, panels
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import DispatchPressed, RefusePressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import RISKY, Button, Look, Outgoing
from routing import casework, desk, owners
from routing.effects import Json
from routing.events import Dispatched, RefusalReason, Refused
from routing.model import CaseId, UnitCode
from routing.ports import UnitOfWork


@payload("below")
@dataclass(frozen=True, slots=True)
class BelowPressed:
    """Look further down: the units below that one, and a page of them."""

    case: CaseId
    unit: UnitCode
    page: int


@payload("sendto")
@dataclass(frozen=True, slots=True)
class SendToPressed:
    """That unit gets it."""

    case: CaseId
    unit: UnitCode


@payload("refusefr")
@dataclass(frozen=True, slots=True)
class RefuseForPressed:
    """For that reason."""

    case: CaseId
    reason: RefusalReason


@on_card_press(DispatchPressed)
async def choose_unit(press: DispatchPressed, ctx: GridContext) -> None:
    """Show the units below."""
    await ctx.work(_offer_units, ctx.press, press.case)


@on_press(BelowPressed)
async def look_below(press: BelowPressed, ctx: GridContext) -> None:
    """Show the units below another one."""
    params: dict[str, Json] = {"unit": press.unit, "page": press.page}
    await ctx.work(panels.turn_page, ctx.press, press.case, Dispatched, "below", **params)


@on_press(SendToPressed)
async def dispatch(press: SendToPressed, ctx: GridContext) -> None:
    """Give the case to the unit chosen."""
    await ctx.work(_dispatch, ctx.press, press, ctx.now)


@on_card_press(RefusePressed)
async def choose_reason(press: RefusePressed, ctx: GridContext) -> None:
    """Ask for the reason; each is one that the rules list."""
    await ctx.work(_offer_reasons, ctx.press, press.case)


@on_press(RefuseForPressed)
async def refuse(press: RefuseForPressed, ctx: GridContext) -> None:
    """Do not accept the case; the reporter learns why and where to turn."""
    await ctx.work(_refuse, ctx.press, press, ctx.now)


def _offer_units(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    current = uow.cases.get(case)
    casework.check(uow, current, pressed.person, Dispatched)
    unit = casework.acting_unit(uow, current, pressed.person, Dispatched)
    panels.put_up(uow, pressed, "below", case=case, unit=unit, page=0)


def _dispatch(uow: UnitOfWork, pressed: Pressed, press: SendToPressed, at: datetime) -> None:
    moved = casework.dispatch(uow, press.case, pressed.person, press.unit, at)
    panels.close(uow, pressed, "desk.dispatched", number=moved.number, unit=unit_name(uow, moved.unit))


def _offer_reasons(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), pressed.person, Refused)
    panels.put_up(uow, pressed, "reasons", case=case)


def _refuse(uow: UnitOfWork, pressed: Pressed, press: RefuseForPressed, at: datetime) -> None:
    moved = desk.move(uow, press.case, Refused(at=at, by=pressed.person, reason=press.reason))
    panels.close(uow, pressed, "desk.refused", number=moved.number)


@view("below")
def below(look: Look) -> Outgoing:
    """The departments that own the matter, then the units right below one: a tap gives it, or leads further down."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    unit, page = UnitCode(str(look.params["unit"])), int(str(look.params["page"]))
    below = look.uow.units.below(unit) if page == 0 else ()
    owning = [one for one in owners.owners(look.uow, case) if one in below and one.code != case.unit]
    rows = [[Button("desk.owner", SendToPressed(case.id, one.code), values={"unit": one.name})] for one in owning]
    rows += choices.tree(
        look.uow,
        unit,
        page,
        lambda code: SendToPressed(case.id, code),
        lambda code, other: BelowPressed(case.id, code, other),
        without={case.unit},
    )
    key = "desk.to_whom" if rows else "desk.nobody_below"
    text = look.t(key, number=case.number, unit=unit_name(look.uow, unit))
    return look.message(text, [*rows, [panels.never_mind()]])


@view("reasons")
def reasons(look: Look) -> Outgoing:
    """The reasons for which a case may be refused."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    rows = [[Button(f"refuse_reason.{one.value}", RefuseForPressed(case.id, one), RISKY)] for one in RefusalReason]
    return look.message(look.t("desk.why", number=case.number), [*rows, [panels.never_mind()]])
