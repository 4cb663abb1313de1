"""Showing the list, and keeping what was found. It shows where staff read, never before the neighbours."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from broadcasts import answering, rights
from broadcasts.model import BroadcastId, Door, Receipt
from broadcasts.refusals import BroadcastOver, NoSuchBroadcast, NotBroadcaster
from handlers._kit import panels
from handlers._kit.broadcast_presses import DoorsPressed
from handlers._kit.broadcast_words import broadcast_of, headline, work_of
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import MAIN, RISKY, Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.doorknock.presses import BuildingPressed, KnockPressed, NotedPressed, NotesPressed, TakeBackPressed, tag
from routing.model import ChatKind, Household, PersonId, UnitCode
from routing.ports import Lane, Promise, UnitOfWork
from routing.telling import private_or

log = logging.getLogger(__name__)

FEW: Final = 8
"""So many doors are shown at once instead of their buildings."""
MOST: Final = 40
"""So many doors are shown; those told make room for the others."""
EVERY: Final = 10_000
"""More doors than one person finds in one grid."""
_MARKED: Final = (Door.AWAY, Door.REFUSED)


@on_press(DoorsPressed)
async def show_grids(press: DoorsPressed, ctx: GridContext) -> None:
    """Show the grids whose doors the presser may knock at; from a group in private, where there is a private chat."""
    if not await ctx.work(_show_grids, ctx.press, press.broadcast):
        await ctx.toast("ask.in_private")


@on_press(BuildingPressed)
async def show(press: BuildingPressed, ctx: GridContext) -> None:
    """Show buildings, or the doors of one."""
    await ctx.work(_show, ctx.press, press)


@on_press(NotesPressed)
async def show_notes(press: NotesPressed, ctx: GridContext) -> None:
    """Show what can be said of a door."""
    await ctx.work(_show_notes, ctx.press, press)


@on_press(KnockPressed)
async def knock(press: KnockPressed, ctx: GridContext) -> None:
    """Keep what was found."""
    kept = await ctx.work(_knock, ctx.press, press, ctx.now)
    await ctx.toast(f"door_done.{press.found.value}" if kept else "doors.confirmed")


@on_press(NotedPressed)
async def show_noted(press: NotedPressed, ctx: GridContext) -> None:
    """Show what the presser noted last."""
    await ctx.work(_show_noted, ctx.press, press)


@on_press(TakeBackPressed)
async def take_back(press: TakeBackPressed, ctx: GridContext) -> None:
    """Let a door stand as if nobody had been there."""
    home, was = await ctx.work(_take_back, ctx.press, press, ctx.now)
    if home is None or was is None:
        await ctx.toast("doors.stands", alert=True)
        return
    taken = {"broadcast": press.broadcast, "grid": press.grid, "by": ctx.presser, "was": was.note, "noted": was.at}
    log.info("door taken back", extra=taken)
    await ctx.toast("doors.taken_back", door=_name(home))


def _show_grids(uow: UnitOfWork, pressed: Pressed, broadcast: BroadcastId) -> bool:
    """Show them where staff read alone; returns whether that is here.

    Raises:
        NoSuchBroadcast: the presser has no post for any of its doors.
    """
    work = work_of(uow)
    rights.check_reading(work, pressed.person, work.broadcasts.get(broadcast))
    chat = private_or(uow, pressed.person, pressed.chat)
    if uow.chats.get(chat).kind not in (ChatKind.PRIVATE, ChatKind.DESK):
        raise NoSuchBroadcast
    carrier = f"panel:{uow.ids.new()}"
    params = {"broadcast": broadcast, "person": pressed.person}
    uow.outbox.promise(Promise(carrier, chat, "broadcast_door_grids", params, Lane.ANSWER, carrier))
    return chat == pressed.chat


def _check(uow: UnitOfWork, pressed: Pressed, grid: UnitCode) -> None:
    rights.check_knocking(work_of(uow), pressed.person, grid)
    if uow.chats.get(pressed.chat).kind not in (ChatKind.PRIVATE, ChatKind.DESK):
        raise NotBroadcaster(unit=grid)


def _show(uow: UnitOfWork, pressed: Pressed, press: BuildingPressed) -> None:
    _check(uow, pressed, press.grid)
    panels.redraw(
        uow,
        pressed,
        "broadcast_doors",
        broadcast=press.broadcast,
        place=press.grid,
        building=press.building,
    )


def _show_notes(uow: UnitOfWork, pressed: Pressed, press: NotesPressed) -> None:
    _check(uow, pressed, press.grid)
    panels.redraw(uow, pressed, "broadcast_door", broadcast=press.broadcast, place=press.grid, home=press.home)


def _knock(uow: UnitOfWork, pressed: Pressed, press: KnockPressed, at: datetime) -> bool:
    """Whether it was kept: a household that has confirmed meanwhile is on the list no more."""
    _check(uow, pressed, press.grid)
    home = _home(uow, press.broadcast, press.grid, press.home)
    if home is not None:
        answering.knock(work_of(uow), press.broadcast, home.code, press.found, pressed.person, at)
    building = tag(home.building) if home is not None else 0
    panels.redraw(uow, pressed, "broadcast_doors", broadcast=press.broadcast, place=press.grid, building=building)
    return home is not None


def _show_noted(uow: UnitOfWork, pressed: Pressed, press: NotedPressed) -> None:
    _check(uow, pressed, press.grid)
    panels.redraw(
        uow, pressed, "broadcast_doors_noted", broadcast=press.broadcast, place=press.grid, person=pressed.person
    )


def _take_back(
    uow: UnitOfWork, pressed: Pressed, press: TakeBackPressed, at: datetime
) -> tuple[Household | None, Receipt | None]:
    """The door that was taken back, and what stood there; without them nothing of the presser's stands there."""
    _check(uow, pressed, press.grid)
    work = work_of(uow)
    if not work.broadcasts.get(press.broadcast).answerable:
        raise BroadcastOver
    noted = work.receipts.noted(press.broadcast, press.grid, pressed.person, EVERY)
    home = next((one for one, _ in noted if tag(one.code) == press.home), None)
    was = answering.take_back(work, press.broadcast, home.code, pressed.person, at) if home is not None else None
    building = tag(home.building) if home is not None else 0
    panels.redraw(uow, pressed, "broadcast_doors", broadcast=press.broadcast, place=press.grid, building=building)
    return home, was


def _home(uow: UnitOfWork, broadcast: BroadcastId, grid: str, named: int) -> Household | None:
    """The missing household of that short name; ``None`` when it has confirmed meanwhile."""
    return next((home for home, _ in answering.doors(work_of(uow), broadcast, grid) if tag(home.code) == named), None)


@view("broadcast_door_grids")
def grids(look: Look) -> Outgoing:
    """Grids with missing households whose doors the reader may knock at."""
    current, work = broadcast_of(look), work_of(look.uow)
    buttons = []
    for target in work.targets.worst(current.id, 1000):
        try:
            rights.check_knocking(work, look.params["person"], target.grid)  # type: ignore[arg-type]  # a number of ours
        except NotBroadcaster:
            continue
        values = {"grid": unit_name(look.uow, target.grid), "missing": target.missing}
        buttons.append(Button("doors.grid", BuildingPressed(current.id, target.grid, 0), values=values))
    key = "doors.which_grid" if buttons else "doors.nobody"
    return look.message(look.t(key, number=current.number), [*([one] for one in buttons[:40]), [panels.shut()]])


@view("broadcast_doors")
def doors(look: Look) -> Outgoing:
    """The list: few doors at once, many by building."""
    current, work = broadcast_of(look), work_of(look.uow)
    grid, building = UnitCode(str(look.params["place"])), int(str(look.params["building"]))
    missing = answering.doors(work, current.id, grid)
    where = unit_name(look.uow, grid)
    mistake = _mistake(look, current.id, grid, missing)
    if not missing or not current.answerable:
        key = "doors.all_told" if current.answerable else "doors.over"
        return look.message(look.t(key, number=current.number, grid=where), [mistake] if current.answerable else [])
    head = look.t("doors.head", number=current.number, title=headline(look, current), grid=where, missing=len(missing))
    shown = [one for one in missing if tag(one[0].building) == building]
    if not shown and len(missing) > FEW:
        rows = [[_building(current.id, grid, one)] for one in answering.buildings(work, current.id, grid)]
        return look.message(Html(f"{head}\n{look.t('doors.which_building')}"), [*rows[:90], mistake])
    shown = sorted(shown or missing, key=lambda one: one[1] in _MARKED)  # where nobody was yet comes first
    one_building = len({home.building for home, _ in shown}) == 1
    rows = [_door(look, current.id, grid, home, found, short=one_building) for home, found in shown[:MOST]]
    ways = [Button("doors.again", BuildingPressed(current.id, grid, building))]
    if len(missing) > FEW:
        ways.append(Button("doors.buildings", BuildingPressed(current.id, grid, 0)))
    rows += [ways, mistake]
    if one_building:
        head = Html(f"{head}\n{look.t('doors.in_building', building=shown[0][0].building)}")
    return look.message(Html(f"{head}\n{look.t('doors.hint', most=MOST)}"), rows)


def _mistake(
    look: Look, broadcast: BroadcastId, grid: UnitCode, missing: Sequence[tuple[Household, Door | None]]
) -> list[Button]:
    """The way back, once anything was noted there."""
    target = work_of(look.uow).targets.get(broadcast, grid)
    noted = (target is not None and (target.told or target.moved)) or any(found is not None for _, found in missing)
    return [Button("doors.noted", NotedPressed(broadcast, grid))] if noted else []


@view("broadcast_doors_noted")
def noted(look: Look) -> Outgoing:
    """What somebody noted last, each with its way back."""
    current, work = broadcast_of(look), work_of(look.uow)
    grid, person = UnitCode(str(look.params["place"])), PersonId(int(str(look.params["person"])))
    where = unit_name(look.uow, grid)
    if not current.answerable:
        return look.message(look.t("doors.over", number=current.number, grid=where))
    rows = [
        [Button("doors.take_back", TakeBackPressed(current.id, grid, tag(home.code)), values=_found(look, home, found))]
        for home, found in work.receipts.noted(current.id, grid, person, FEW)
    ]
    back = [Button("doors.back", BuildingPressed(current.id, grid, 0))]
    key = "doors.noted_head" if rows else "doors.noted_none"
    return look.message(look.t(key, number=current.number, grid=where), [*rows, back])


def _found(look: Look, home: Household, found: Door) -> dict[str, object]:
    return {"door": _name(home), "found": look.t(f"door_found.{found.value}")}


def _name(home: Household) -> str:
    return f"{home.building} {home.unit_no} {home.room}"


def _building(broadcast: BroadcastId, grid: UnitCode, one: answering.Building) -> Button:
    values = {"building": one.name, "missing": one.missing}
    return Button("doors.building", BuildingPressed(broadcast, grid, tag(one.name)), values=values)


def _door(
    look: Look, broadcast: BroadcastId, grid: UnitCode, home: Household, found: Door | None, *, short: bool
) -> list[Button]:
    """A door's two buttons; *short*: all that are shown are of one building, which stands above them."""
    mark = look.t(f"door_mark.{found.value}") if found is not None and found in _MARKED else ""
    door = f"{home.unit_no} {home.room}" if short else _name(home)
    values = {"door": door, "mark": mark}
    return [
        Button("doors.tell", KnockPressed(broadcast, grid, tag(home.code), Door.TOLD), values=values),
        Button("doors.more", NotesPressed(broadcast, grid, tag(home.code))),
    ]


@view("broadcast_door")
def door(look: Look) -> Outgoing:
    """One door, and what can be said of it."""
    current = broadcast_of(look)
    grid = UnitCode(str(look.params["place"]))
    home = _home(look.uow, current.id, grid, int(str(look.params["home"])))
    back = Button("doors.back", BuildingPressed(current.id, grid, tag(home.building) if home else 0))
    if home is None or not current.answerable:
        return look.message(look.t("doors.confirmed"), [[back]])
    found = {door: KnockPressed(current.id, grid, tag(home.code), door) for door in Door}
    rows = [
        [Button("door_found.told", found[Door.TOLD], MAIN), Button("door_found.away", found[Door.AWAY])],
        [Button("door_found.refused", found[Door.REFUSED]), Button("door_found.moved", found[Door.MOVED], RISKY)],
        [back],
    ]
    return look.message(look.t("doors.one", door=_name(home)), rows)
