"""The side of the unit above: which chats are missing, and a one-time code for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers._kit import panels
from handlers._kit.context import GridContext, answer
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from handlers._kit.words import Html
from routing import binding, refusals, telling
from routing.model import ChatKind, PersonId, Unit, UnitCode
from routing.ports import Lane, Promise, UnitOfWork

PAGE: Final = 8
ADMIN_RIGHTS: Final = "pin_messages+delete_messages+invite_users"


@payload("bindlist")
@dataclass(frozen=True, slots=True)
class BindListPressed:
    """Show what is missing directly below a unit."""

    unit: UnitCode
    page: int


@payload("bindcode")
@dataclass(frozen=True, slots=True)
class BindCodePressed:
    """Issue a code for the chat of a unit."""

    unit: UnitCode


def offer(uow: UnitOfWork, said: Said) -> None:
    """Answer a bare /bind: the list in private and at a desk, elsewhere how binding goes."""
    if uow.chats.get(said.chat).kind not in (ChatKind.PRIVATE, ChatKind.DESK):
        answer(uow, said, "say", {"key": "bind.how"})
        return
    units = binding.governed(uow, said.person)
    panels.put_up(uow, said, "bind_list", unit=units[0].code if len(units) == 1 else "", person=said.person, page=0)


@on_press(BindListPressed)
async def turn(press: BindListPressed, ctx: GridContext) -> None:
    """Look further down the tree, or at the next page."""
    await ctx.work(_turn, ctx.press, press)


def _turn(uow: UnitOfWork, here: Pressed, press: BindListPressed) -> None:
    units = {unit.code for unit in binding.governed(uow, here.person)}
    if press.unit and not units & {unit.code for unit in uow.units.path(press.unit)}:
        raise refusals.NotYours
    panels.redraw(uow, here, "bind_list", unit=press.unit, person=here.person, page=press.page)


@view("bind_list")
def bind_list(look: Look) -> Outgoing:
    """What has no chat yet: the unit's own desk, its grids, and the units below it that miss some."""
    code, page = UnitCode(str(look.params["unit"])), int(str(look.params["page"]))
    rows = [[button] for button in _choices(look, code)]
    if not rows:
        return look.message(look.t("bind.list_done"), _up(look, code))
    most = (len(rows) - 1) // PAGE
    page = min(page, most)
    turns = [
        Button(key, BindListPressed(code, to))
        for key, to in (("bind.before", page - 1), ("bind.next", page + 1))
        if 0 <= to <= most
    ]
    shown = rows[page * PAGE : (page + 1) * PAGE]
    return look.message(look.t("bind.list"), [*shown, turns, *_up(look, code)])


def _choices(look: Look, code: UnitCode) -> list[Button]:
    if not code:
        units = binding.governed(look.uow, _asker(look))
        return [_drill(look, unit) for unit in units if binding.missing(look.uow, unit.code)]
    below = look.uow.units.below(code)
    made = [_issue(unit) for unit in below[:1] if _lacks(look, unit)]
    for unit in (one for one in below if one.parent == code):
        if _is_leaf(below, unit):
            made += [_issue(unit)] if _lacks(look, unit) else []
        elif binding.missing(look.uow, unit.code):
            made.append(_drill(look, unit))
    return made


def _lacks(look: Look, unit: Unit) -> bool:
    uow = look.uow
    return binding.chat_of(uow, unit) is None and binding.may_issue(uow, _asker(look), unit.code)


def _asker(look: Look) -> PersonId:
    return PersonId(int(str(look.params["person"])))


def _is_leaf(below: Sequence[Unit], unit: Unit) -> bool:
    return all(one.parent != unit.code for one in below)


def _issue(unit: Unit) -> Button:
    key = "bind.choose_grid" if binding.chat_kind(unit) is ChatKind.RESIDENTS else "bind.choose_desk"
    return Button(key, BindCodePressed(unit.code), values={"unit": unit.name})


def _drill(look: Look, unit: Unit) -> Button:
    count = binding.missing(look.uow, unit.code)
    return Button("bind.choose_below", BindListPressed(unit.code, 0), values={"unit": unit.name, "count": count})


def _up(look: Look, code: UnitCode) -> list[list[Button]]:
    """A way back, as far as the asker governs."""
    governed = {unit.code for unit in binding.governed(look.uow, _asker(look))}
    path = [unit.code for unit in look.uow.units.path(code)] if code else []
    if governed & set(path[1:]):
        return [[Button("bind.up", BindListPressed(path[1], 0))]]
    if code and len(governed) > 1:
        return [[Button("bind.up", BindListPressed(UnitCode(""), 0))]]
    return []


@on_press(BindCodePressed)
async def issue(press: BindCodePressed, ctx: GridContext) -> None:
    """Make a code and show it to whoever asked, in private if that is possible."""
    await ctx.toast(await ctx.work(_issued, ctx.press, press.unit, ctx.services.bot.username, ctx.now))


def _issued(uow: UnitOfWork, here: Pressed, unit: UnitCode, bot: str, at: datetime) -> str:
    issued = binding.issue(uow, here.person, unit, at)
    chat = telling.private_or(uow, here.person, here.chat)
    params = {"unit": unit, "secret": issued.secret, "bot": bot}
    uow.outbox.promise(
        Promise(
            key=f"bindcode:{here.bot}:{here.update}",
            chat=chat,
            view="bind_code",
            params=params,
            lane=Lane.ANSWER,
            not_after=at + binding.CODE_LIFE,
        )
    )
    return "bind.code_here" if chat == here.chat else "bind.code_private"


@view("bind_code")
def bind_code(look: Look) -> Outgoing:
    """The code, what to do with it, and a link that does most of it."""
    secret, bot = str(look.params["secret"]), str(look.params["bot"])
    unit = look.uow.units.get(UnitCode(str(look.params["unit"])))
    link = f"https://t.me/{bot}?startgroup=b{secret}&admin={ADMIN_RIGHTS}"
    text = look.t("bind.code", unit=unit.name, code=Html(f"<code>{secret}</code>"), plain=secret)
    return look.message(text, [[Button("bind.add_to_group", url=link, style=MAIN)]])
