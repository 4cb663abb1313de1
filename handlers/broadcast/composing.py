"""/broadcast: what kind, from which template; then the draft is a message that is edited in place."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from broadcasts import desk, rights
from broadcasts.model import Broadcast, BroadcastId, Class, Level
from broadcasts.refusals import NotBroadcaster
from handlers._kit import choices, panels, words
from handlers._kit.broadcast_words import work_of
from handlers._kit.context import GridContext
from handlers._kit.doors import go_private
from handlers._kit.presses import BadPress
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers.broadcast import pictures, templates
from handlers.broadcast.presses import AudiencePressed, Field, KindPressed, SetPressed, TemplatePressed, ToPressed
from routing.broadcast_lines import Template
from routing.emergency import is_on
from routing.model import ChatKind, PersonId, Post, UnitCode, UnitKind
from routing.ports import UnitOfWork


@on_command("broadcast", menus=("staff", "desk"))
async def broadcast(said: Said, ctx: GridContext) -> None:
    """Begin: with words or a picture a notice that says so, else the choice of what it is to be."""
    if await ctx.read(_residents_here, said):
        await go_private(ctx, "broadcast.in_private", "broadcast")
    elif said.args or said.media:
        await ctx.work(_notice, said, ctx.now)
    else:
        await ctx.work(_offer_kinds, said)


@on_press(KindPressed)
async def choose_template(press: KindPressed, ctx: GridContext) -> None:
    """Show what is ready-made."""
    await ctx.work(_offer_templates, ctx.press, press.kind)


@on_press(TemplatePressed)
async def compose(press: TemplatePressed, ctx: GridContext) -> None:
    """Begin the draft."""
    await ctx.work(_compose, ctx.press, press, words.language(ctx.services.locale), ctx.now)


@on_press(SetPressed)
async def change(press: SetPressed, ctx: GridContext) -> None:
    """Set a part of the draft."""
    await ctx.work(_set, ctx.press, press, ctx.now)


@on_press(AudiencePressed)
async def look_below(press: AudiencePressed, ctx: GridContext) -> None:
    """Show whom it could be for."""
    await ctx.work(_offer_units, ctx.press, press)


@on_press(ToPressed)
async def aim(press: ToPressed, ctx: GridContext) -> None:
    """It is for them."""
    await ctx.work(_aim, ctx.press, press, ctx.now)


def _residents_here(uow: UnitOfWork, said: Said) -> bool:
    return uow.chats.get(said.chat).kind is ChatKind.RESIDENTS


def _notice(uow: UnitOfWork, said: Said, at: datetime) -> None:
    media = pictures.together(uow, said)
    text = said.args.strip()
    made = desk.compose(work_of(uow), said.person, said.chat, Class.NOTICE, at, text=text, media=media)
    pictures.expect(uow, said, made.id, at)


def _offer_kinds(uow: UnitOfWork, said: Said) -> None:
    if not rights.classes(work_of(uow), said.person, said.chat):
        raise NotBroadcaster(unit=uow.chats.get(said.chat).unit or "")
    panels.put_up(uow, said, "broadcast_kinds", person=said.person)


def _offer_templates(uow: UnitOfWork, pressed: Pressed, kind: Class) -> None:
    rights.speaking_unit(work_of(uow), pressed.person, pressed.chat, kind)
    panels.redraw(uow, pressed, "broadcast_templates", kind=kind.value, person=pressed.person)


def _compose(uow: UnitOfWork, pressed: Pressed, press: TemplatePressed, lang: str, at: datetime) -> None:
    fields = templates.filled(uow.policy.broadcasting, press.kind, press.code, lang)
    made = desk.compose(work_of(uow), pressed.person, pressed.chat, press.kind, at, **fields)
    panels.close(uow, pressed, "broadcast.begun", number=made.number)


def _set(uow: UnitOfWork, pressed: Pressed, press: SetPressed, at: datetime) -> None:
    current = work_of(uow).broadcasts.get(press.broadcast)
    try:
        changes = _changes(current, press.field, press.value, at)
    except ValueError as error:
        raise BadPress(press.field) from error
    desk.edit(work_of(uow), current.id, pressed.person, at, **changes)


def _changes(current: Broadcast, field: Field, value: str, at: datetime) -> dict[str, Any]:
    """What a press makes of a draft.

    Raises:
        ValueError: no button says that.
    """
    match field:
        case Field.LEVEL:
            return {"level": Level(value) if value else None}
        case Field.RECEIPTS:
            return {"receipts": value == "on"}
        case Field.WINDOW:
            return {"window_s": _seconds(value)}
        case Field.REPEAT:
            return {"repeat_s": _seconds(value) if value else None}
        case Field.EXPIRY:
            begins = max(at, current.send_at or at)
            return {"expires_at": begins + timedelta(seconds=_seconds(value))}
        case Field.KINDS:
            kinds = (UnitKind(value),) if value else (UnitKind.BASIC, UnitKind.SPECIAL)
            return {"audience": replace(current.audience, kinds=kinds)}
        case Field.MEDIA:
            return {"media": ()}
        case Field.POST:
            return {"audience": replace(current.audience, post=Post(value) if value else None)}


def _seconds(value: str) -> int:
    seconds = int(value)
    if not 600 <= seconds <= 30 * 24 * 3600:
        raise ValueError(value)
    return seconds


def _offer_units(uow: UnitOfWork, pressed: Pressed, press: AudiencePressed) -> None:
    current = work_of(uow).broadcasts.get(press.broadcast)
    rights.check_author(work_of(uow), pressed.person, current)
    rights.check_audience(work_of(uow), current, press.unit)
    panels.turn(uow, pressed, "broadcast_audience", broadcast=current.id, unit=press.unit, page=press.page)


def _aim(uow: UnitOfWork, pressed: Pressed, press: ToPressed, at: datetime) -> None:
    current = work_of(uow).broadcasts.get(press.broadcast)
    audience = replace(current.audience, unit=press.unit)
    desk.edit(work_of(uow), current.id, pressed.person, at, audience=audience)
    panels.close(uow, pressed, "broadcast.aimed", unit=uow.units.get(press.unit).name)


@view("broadcast_kinds")
def kinds(look: Look) -> Outgoing:
    """What it can be, for whoever asked."""
    person = look.params["person"]
    allowed = rights.classes(work_of(look.uow), person, look.chat.id)  # type: ignore[arg-type]  # a number of ours
    rows = [[Button(f"broadcast_kind.{kind.value}", KindPressed(kind))] for kind in allowed]
    return look.message(look.t("broadcast.what"), [*rows, [panels.never_mind()]])


@view("broadcast_templates")
def template_list(look: Look) -> Outgoing:
    """Ready-made texts, and a blank sheet."""
    kind = Class(str(look.params["kind"]))
    person = PersonId(int(str(look.params["person"])))
    unit = rights.speaking_unit(work_of(look.uow), person, look.chat.id, kind)
    ready = templates.offered(look.uow.policy.broadcasting, kind, emergency=is_on(look.uow.units, unit))
    rows = [[_template(look, kind, one)] for one in ready]
    blank = [Button("broadcast.blank", TemplatePressed(kind, "")), panels.never_mind()]
    return look.message(look.t("broadcast.which"), [*rows, blank])


def _template(look: Look, kind: Class, ready: Template | str) -> Button:
    if isinstance(ready, str):
        return Button(f"template.{ready}.name", TemplatePressed(kind, ready))
    key = "broadcast.emergency_template" if ready.emergency else "broadcast.own_template"
    return Button(key, TemplatePressed(kind, ready.code), values={"name": ready.name[look.lang]})


@view("broadcast_audience")
def audience(look: Look) -> Outgoing:
    """The units below one: each is chosen by a tap, or leads further down."""
    current = work_of(look.uow).broadcasts.get(BroadcastId(int(str(look.params["broadcast"]))))
    unit, page = UnitCode(str(look.params["unit"])), int(str(look.params["page"]))
    whole = Button("broadcast.whole", ToPressed(current.id, unit), values={"unit": look.uow.units.get(unit).name})
    rows = choices.tree(
        look.uow,
        unit,
        page,
        lambda code: ToPressed(current.id, code),
        lambda code, other: AudiencePressed(current.id, code, other),
        without=[one.code for one in look.uow.units.below(unit) if one.kind in _NO_AUDIENCE],
    )
    return look.message(look.t("broadcast.to_whom", number=current.number), [[whole], *rows, [panels.never_mind()]])


_NO_AUDIENCE = frozenset({UnitKind.DEPARTMENT, UnitKind.PARTNER, UnitKind.MICRO})
