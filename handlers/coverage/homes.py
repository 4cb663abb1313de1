"""The doors of a grid, for its workers in private: who has not registered, the code to hand over, who moved away."""

from typing import Final

from broadcasts import coverage
from handlers._kit import choices, panels
from handlers._kit.context import GridContext
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import RISKY, Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.coverage.boards import CoveragePressed
from handlers.coverage.presses import HomePressed, HomesPressed, VacatePressed, Which
from routing.admission import WrongCode
from routing.model import Household, UnitCode
from routing.ports import Lane, Promise, UnitOfWork
from routing.refusals import NotYours

PAGE: Final = 12


@on_press(HomesPressed)
async def homes(press: HomesPressed, ctx: GridContext) -> None:
    """List the doors of a grid."""
    await ctx.work(_list, ctx.press, press)


@on_press(HomePressed)
async def home(press: HomePressed, ctx: GridContext) -> None:
    """Show one of them."""
    await ctx.work(_show, ctx.press, press)


@on_press(VacatePressed)
async def vacate(press: VacatePressed, ctx: GridContext) -> None:
    """Nobody lives there any more; the next people get a new code."""
    await ctx.work(_vacate, ctx.press, press)
    await ctx.toast("coverage.vacated")


def _list(uow: UnitOfWork, here: Pressed, press: HomesPressed) -> None:
    _privately(here)
    coverage.check(uow, here.person, press.grid, doors=True)
    panels.redraw(uow, here, "homes", grid=press.grid, which=press.which, page=press.page)


def _show(uow: UnitOfWork, here: Pressed, press: HomePressed) -> None:
    _privately(here)
    found = uow.people.household_by_door_code(press.door_code)
    if found is None:
        raise WrongCode
    coverage.check(uow, here.person, found.grid, doors=True)
    panels.redraw(uow, here, "home", door_code=found.door_code)


def _vacate(uow: UnitOfWork, here: Pressed, press: VacatePressed) -> None:
    _privately(here)
    renewed, members = coverage.vacate(uow, here.person, press.door_code)
    for member in members:
        chat = uow.chats.private(member)
        if chat is not None:
            words = {"key": "coverage.you_moved", "building": renewed.building}
            key = f"vacated:{renewed.code}:{member}:{here.update}"
            uow.outbox.promise(Promise(key, chat.id, "say", words, lane=Lane.NOTICE))
    panels.redraw(uow, here, "home", door_code=renewed.door_code)


def _privately(here: Pressed) -> None:
    """Doors are listed in private only: a desk's chat may have members without a post.

    Raises:
        NotYours: the press came from a group.
    """
    if not here.private:
        raise NotYours


@view("homes")
def list_of_homes(look: Look) -> Outgoing:
    """A page of doors, building by building, each a button."""
    grid, which = look.uow.units.get(UnitCode(str(look.params["grid"]))), Which(str(look.params["which"]))
    buildings = coverage.by_building(look.uow, grid.code)
    doors = [door for one in buildings for door in (one.unbound if which is Which.UNBOUND else one.bound)]
    pages = max(1, -(-len(doors) // PAGE))
    page = min(int(str(look.params["page"])), pages - 1)
    head = look.t(f"coverage.list_{which.name.lower()}", grid=grid.name, count=len(doors))
    if pages > 1:
        head = Html(f"{head}\n{look.t('list.page', page=page + 1, pages=pages)}")
    shown = [_door(door) for door in doors[page * PAGE : (page + 1) * PAGE]]
    rows = [shown[start : start + 2] for start in range(0, len(shown), 2)]
    turns = choices.turns(lambda other: HomesPressed(grid.code, which, other), page, more=page + 1 < pages)
    return look.message(head, [*rows, turns, [Button("coverage.back", CoveragePressed(grid.code, 0))]])


def _door(door: Household) -> Button:
    return Button("coverage.door", HomePressed(door.door_code), values={"door": _place(door)})


def _place(door: Household) -> str:
    return " ".join(part for part in (door.building, f"{door.unit_no}{door.room}") if part) or door.code


@view("home")
def one_home(look: Look) -> Outgoing:
    """One home: how many have registered, and the code to hand over at the door."""
    door = look.uow.people.household_by_door_code(str(look.params["door_code"]))
    if door is None:
        return look.message(look.t("coverage.gone"))
    count = len(look.uow.people.members_of(door.code))
    code = f"{door.door_code[:4]}-{door.door_code[4:]}"
    text = look.t("coverage.home", door=_place(door), count=count, code=code)
    which = Which.BOUND if count else Which.UNBOUND
    moved = [Button("coverage.vacate", VacatePressed(door.door_code), RISKY)] if count else []
    return look.message(text, [moved, [Button("coverage.back", HomesPressed(door.grid, which, 0))]])
