"""/desk: what waits, what is late, what needs this desk's word."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from handlers._kit import lists, panels
from handlers._kit.case_presses import BatchPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import public_name, unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.desks import live
from routing import boards
from routing.boards import Board, Only
from routing.effects import Json
from routing.model import PersonId, UnitCode
from routing.ports import UnitOfWork

SHOWN: Final = 5
"""So many entries of the bulletin stand above the list."""


@payload("desk")
@dataclass(frozen=True, slots=True)
class DeskPressed:
    """A page of the desk's list, or of the part of it that is wanted; page 0 is the first."""

    only: Only
    page: int


@on_command("desk", menus=("staff", "desk"))
async def desk(said: Said, ctx: GridContext) -> None:
    """Show the list of this desk, or in private of one's own."""
    await ctx.work(_show, said, Only.ALL, 0, ctx.now)


@on_press(DeskPressed)
async def turn(press: DeskPressed, ctx: GridContext) -> None:
    """Show that page of that part, or the page that is shown as it stands now."""
    await ctx.work(_show, ctx.press, press.only, press.page, ctx.now)


def _show(uow: UnitOfWork, here: Said | Pressed, only: Only, page: int, at: datetime) -> None:
    unit = boards.desk_unit(uow, here.person, here.chat)
    shown: dict[str, Json] = {"unit": unit.code, "only": only.value, "page": page, "person": here.person}
    carrier = panels.turn(uow, here, "desk", **shown, at=at.timestamp())
    live.remember(uow, here.chat, here.person, carrier, shown, at)


@view("desk")
def desk_list(look: Look) -> Outgoing | None:
    """The figures of the desk and its cases, late ones first; nothing in the place of a list that was deleted."""
    if live.gone(look.uow, look.chat.id, look.params):
        return None
    now, unit = lists.moment(look), UnitCode(str(look.params["unit"]))
    only, person = Only(str(look.params["only"])), PersonId(int(str(look.params.get("person", 0))))
    board = boards.desk(look.uow, unit, now, lists.page(look), only, of=person)
    head = look.t(
        "desk.head" if board.cases or only is not Only.ALL else "desk.nothing",
        unit=unit_name(look.uow, unit),
        offered=board.offered,
        held=board.held,
        judging=board.judging,
        late=board.late,
        returned=board.returned,
    )
    if board.calling:
        head = Html(f"{head}\n{look.t('desk.calling', count=board.calling)}")
    if only is Only.MINE:
        head = Html(f"{head}\n{look.t('desk.of', who=public_name(look.uow, person, look.lang))}")
    head = Html(f"{head}\n{look.t('desk.as_of', when=look.when(now))}")
    several = board.held + board.offered > 1 and look.uow.units.above(unit) is not None
    more = [Button("desk.again", DeskPressed(only, board.page))]
    more += [Button("batch.button", BatchPressed())] if several else []
    head = Html("\n".join([head, *_bulletin(look, unit, now)]))
    return lists.show(look, board, head, partial(DeskPressed, only), now, more, parts=_parts(board, only))


def _parts(board: Board, only: Only) -> list[Button]:
    """A button for each part of the list that there is but the one that is shown; none where there is one alone."""
    counts = {
        Only.OFFERED: board.offered,
        Only.HELD: board.held,
        Only.MINE: board.held if board.held + board.offered > 1 else 0,
        Only.JUDGING: board.judging,
        Only.LATE: board.late,
        Only.RETURNED: board.returned,
        Only.CALLING: board.calling,
        Only.DISPUTED: board.disputed,
    }
    found = {one: count for one, count in counts.items() if count and one is not only}
    if only is not Only.ALL:
        found = {Only.ALL: 0, **found}
    elif len(found) < 2:
        return []
    return [Button(f"desk.only_{one.value}", DeskPressed(one, 0), values={"count": n}) for one, n in found.items()]


def _bulletin(look: Look, unit: UnitCode, now: datetime) -> list[Html]:
    """How many entries of the bulletin are new, and the newest of them."""
    notices = boards.bulletin(look.uow, unit, now)
    if not notices:
        return []
    lines = [
        look.t(
            "bulletin.line",
            when=look.when(notice.entered_at),
            number=case.number,
            unit=unit_name(look.uow, notice.unit),
            fault=look.t(f"bulletin.{notice.fault.value}"),
        )
        for notice, case in notices[:SHOWN]
    ]
    return [look.t("bulletin.head", days=boards.NEWS.days, count=len(notices)), *lines]
