"""/broadcasts: what was and is told to many, newest first."""

from typing import Final

from broadcasts.model import Broadcast, State
from broadcasts.refusals import NotBroadcaster
from handlers._kit import choices, panels
from handlers._kit.broadcast_presses import LivePressed
from handlers._kit.broadcast_words import work_of
from handlers._kit.context import GridContext
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers.broadcast.presses import ListPressed
from routing.model import ChatId, ChatKind, PersonId, Unit, UnitCode
from routing.ports import UnitOfWork

PER_PAGE: Final = 10
SHOWN: Final = tuple(state for state in State if state is not State.DRAFT)


@on_command("broadcasts", menus=("staff", "desk"))
async def broadcasts(said: Said, ctx: GridContext) -> None:
    """Those of this desk, or in private of one's own units."""
    await ctx.work(_show, said, 0)


@on_press(ListPressed)
async def turn(press: ListPressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_show, ctx.press, press.page)


def _show(uow: UnitOfWork, here: Said | Pressed, page: int) -> None:
    if not _units(uow, here.person, here.chat):
        raise NotBroadcaster(unit=uow.chats.get(here.chat).unit or "")
    panels.turn(uow, here, "broadcasts", person=here.person, page=page)


def _units(uow: UnitOfWork, person: PersonId, chat: ChatId) -> list[UnitCode]:
    """The units whose broadcasts somebody may see there: those on the way up, and those of the desk."""
    where = uow.chats.get(chat)
    held = [one.unit for one in uow.people.posts_of(person)]
    if where.kind is ChatKind.DESK and where.unit is not None:
        path = [one.code for one in uow.units.path(where.unit)]
        return path if set(path) & set(held) else []
    found: dict[UnitCode, Unit] = {}
    for code in held:
        found |= {one.code: one for one in uow.units.path(code)}
    return list(found)


@view("broadcasts")
def broadcast_list(look: Look) -> Outgoing:
    """A page of them; each leads to how it stands."""
    person, page = PersonId(int(str(look.params["person"]))), int(str(look.params["page"]))
    units = _units(look.uow, person, look.chat.id)
    found = work_of(look.uow).broadcasts.of(units, SHOWN, limit=PER_PAGE + 1, offset=page * PER_PAGE)
    rows = [[_line(look, one)] for one in found[:PER_PAGE]]
    turns = choices.turns(ListPressed, page, more=len(found) > PER_PAGE)
    return look.message(look.t("broadcast.list" if found else "broadcast.list_empty"), [*rows, turns])


def _line(look: Look, broadcast: Broadcast) -> Button:
    values = {
        "number": broadcast.number,
        "what": broadcast.alert.hazard or broadcast.text[:16] or look.t(f"broadcast_kind.{broadcast.kind.value}"),
        "state": look.t(f"broadcast_state.{broadcast.state.value}"),
    }
    return Button("broadcast.line_of_list", LivePressed(broadcast.id), values=values)
