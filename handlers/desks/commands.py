"""/desk: what waits, what is late, what needs this desk's word."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import lists, panels
from handlers._kit.case_presses import BatchPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from routing import boards
from routing.model import UnitCode
from routing.ports import UnitOfWork


@payload("desk")
@dataclass(frozen=True, slots=True)
class DeskPressed:
    """A page of the desk's list; page 0 is the first."""

    page: int


@on_command("desk", menus=("private", "desk"))
async def desk(said: Said, ctx: GridContext) -> None:
    """Show the list of this desk, or in private of one's own."""
    await ctx.work(_show, said, 0, ctx.now)


@on_press(DeskPressed)
async def turn(press: DeskPressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_show, ctx.press, press.page, ctx.now)


def _show(uow: UnitOfWork, here: Said | Pressed, page: int, at: datetime) -> None:
    unit = boards.desk_unit(uow, here.person, here.chat)
    panels.turn(uow, here, "desk", unit=unit.code, page=page, at=at.timestamp())


@view("desk")
def desk_list(look: Look) -> Outgoing:
    """The figures of the desk and its cases, late ones first."""
    now, unit = lists.moment(look), UnitCode(str(look.params["unit"]))
    board = boards.desk(look.uow, unit, now, lists.page(look))
    head = look.t(
        "desk.head" if board.cases else "desk.nothing",
        unit=unit_name(look.uow, unit),
        offered=board.offered,
        held=board.held,
        judging=board.judging,
        late=board.late,
    )
    several = board.held + board.offered > 1 and look.uow.units.above(unit) is not None
    more = [Button("batch.button", BatchPressed())] if several else []
    return lists.show(look, board, head, DeskPressed, now, more)
