"""/coverage: the share of households with a member, by grid and by building, in one message that is turned."""

from dataclasses import dataclass
from typing import Final

from broadcasts import coverage
from broadcasts.coverage import Coverage
from handlers._kit import choices, panels
from handlers._kit.context import GridContext
from handlers._kit.doors import at_desk, go_private
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import PLAIN, Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.coverage.presses import HomesPressed, Which
from routing.model import ChatKind, Unit, UnitCode, UnitKind
from routing.ports import UnitOfWork

PAGE: Final = 10


@payload("cover")
@dataclass(frozen=True, slots=True)
class CoveragePressed:
    """A page of the grids below that unit, or of the buildings of that grid; pressed again it shows today's figures."""

    unit: UnitCode
    page: int


@on_command("coverage", menus=("staff", "desk"))
async def show(said: Said, ctx: GridContext) -> None:
    """Show it at a desk or in private; in a residents' chat it is nobody's business."""
    if said.private or await ctx.read(at_desk, said):
        await ctx.work(_show, said)
    else:
        await go_private(ctx, "coverage.in_private", "coverage")


@on_press(CoveragePressed)
async def turn(press: CoveragePressed, ctx: GridContext) -> None:
    """Show that unit and page."""
    await ctx.work(_turn, ctx.press, press)


def _show(uow: UnitOfWork, said: Said) -> None:
    unit = coverage.scope(uow, said.person, None if said.private else uow.chats.get(said.chat).unit)
    panels.put_up(uow, said, "coverage", unit=unit.code, page=0)


def _turn(uow: UnitOfWork, here: Pressed, press: CoveragePressed) -> None:
    coverage.check(uow, here.person, press.unit)
    panels.turn(uow, here, "coverage", unit=press.unit, page=press.page)


@view("coverage")
def board(look: Look) -> Outgoing:
    """The figures of a unit and of the grids below it, or of a grid and its buildings."""
    unit = look.uow.units.get(UnitCode(str(look.params["unit"])))
    page = int(str(look.params["page"]))
    return _grid(look, unit) if unit.kind in coverage.GRIDS else _grids(look, unit, page)


def _grids(look: Look, unit: Unit, page: int) -> Outgoing:
    rows = coverage.by_grid(look.uow, unit.code)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(page, pages - 1)
    head = _head(look, unit, coverage.total(rows))
    if pages > 1:
        head = Html(f"{head}\n{look.t('list.page', page=page + 1, pages=pages)}")
    lines = [[_line(look, grid, figures)] for grid, figures in rows[page * PAGE : (page + 1) * PAGE]]
    turns = choices.turns(lambda other: CoveragePressed(unit.code, other), page, more=page + 1 < pages)
    return look.message(head, [*lines, turns, [Button("coverage.again", CoveragePressed(unit.code, page))]])


def _line(look: Look, grid: Unit, figures: Coverage) -> Button:
    chat = look.uow.chats.of_unit(grid.code, ChatKind.RESIDENTS)
    key = "coverage.line" if chat is not None else "coverage.line_no_chat"
    values = {"grid": grid.name, "bound": figures.bound, "households": figures.households, "share": _share(figures)}
    return Button(key, CoveragePressed(grid.code, 0), values=values)


def _grid(look: Look, grid: Unit) -> Outgoing:
    figures = coverage.total(coverage.by_grid(look.uow, grid.code))
    buildings = coverage.by_building(look.uow, grid.code)
    lines = [
        look.t(
            "coverage.building",
            building=one.name or grid.name,
            bound=len(one.bound),
            households=len(one.bound) + len(one.unbound),
        )
        for one in buildings
    ]
    unbound = sum(len(one.unbound) for one in buildings)
    ways = []
    if look.chat.kind is ChatKind.PRIVATE and buildings:
        button = Button("coverage.unbound", HomesPressed(grid.code, Which.UNBOUND, 0), PLAIN, values={"count": unbound})
        bound = Button("coverage.bound", HomesPressed(grid.code, Which.BOUND, 0), values={"count": figures.bound})
        ways = [button, bound]
    again = [Button("coverage.again", CoveragePressed(grid.code, 0))]
    if grid.parent is not None and look.uow.units.get(grid.parent).kind is UnitKind.OFFICE:
        again.append(Button("coverage.up", CoveragePressed(grid.parent, 0)))
    return look.message(Html("\n".join((_head(look, grid, figures), *lines))), [ways, again])


def _head(look: Look, unit: Unit, figures: Coverage) -> Html:
    key = "coverage.head_special" if unit.kind is UnitKind.SPECIAL else "coverage.head"
    return look.t(
        key,
        unit=unit.name,
        bound=figures.bound,
        households=figures.households,
        share=_share(figures),
        missing=figures.missing,
        people=figures.people,
    )


def _share(figures: Coverage) -> str:
    return "–" if figures.percent is None else f"{figures.percent}%"
