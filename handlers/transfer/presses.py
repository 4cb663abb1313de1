"""转办: choose the unit beside that gets it."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import choices, panels
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import TransferPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import Look, Outgoing
from routing import hierarchy, refusals
from routing.events import Transferred
from routing.model import CaseId, UnitCode
from routing.ports import UnitOfWork


@payload("beside")
@dataclass(frozen=True, slots=True)
class BesideTurned:
    """Another page of the units beside."""

    case: CaseId
    page: int


@payload("passto")
@dataclass(frozen=True, slots=True)
class PassToPressed:
    """That unit gets it."""

    case: CaseId
    unit: UnitCode


@on_card_press(TransferPressed)
async def choose_unit(press: TransferPressed, ctx: GridContext) -> None:
    """Show the units of the same rank."""
    await ctx.work(_offer_units, ctx.press, press.case, ctx.now)


@on_press(BesideTurned)
async def turn(press: BesideTurned, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(panels.turn_page, ctx.press, press.case, Transferred, "beside", page=press.page)


@on_press(PassToPressed)
async def transfer(press: PassToPressed, ctx: GridContext) -> None:
    """Pass it on to the unit chosen."""
    await ctx.work(_transfer, ctx.press, press, ctx.now)


def _offer_units(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    beside = hierarchy.siblings(uow, uow.cases.get(case))
    if not beside:
        raise refusals.NotBeside
    hierarchy.check(uow, case, Transferred(at=at, by=pressed.person, to=beside[0].code))
    panels.put_up(uow, pressed, "beside", case=case, page=0)


def _transfer(uow: UnitOfWork, pressed: Pressed, press: PassToPressed, at: datetime) -> None:
    moved = hierarchy.transfer(uow, press.case, pressed.person, press.unit, at)
    panels.close(uow, pressed, "transfer.done", number=moved.number, unit=unit_name(uow, moved.unit))


@view("beside")
def beside(look: Look) -> Outgoing:
    """The units of the same rank beside the holding one."""
    case, page = look.uow.cases.get(CaseId(int(str(look.params["case"])))), int(str(look.params["page"]))
    found = choices.units(hierarchy.siblings(look.uow, case), lambda unit: PassToPressed(case.id, unit))
    rows = choices.paged(found, page, lambda other: BesideTurned(case.id, other))
    return look.message(look.t("transfer.to_whom", number=case.number), [*rows, [panels.never_mind()]])
