"""Panels: a message with choices or a list, edited in place by the presses on it and closed with a line."""

from dataclasses import dataclass
from typing import Final

from handlers._kit.cards import remove
from handlers._kit.context import GridContext
from handlers._kit.presses import BadPress, payload
from handlers._kit.registry import on_press
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button
from routing import casework
from routing.effects import Json
from routing.model import CaseId, ChatId
from routing.ports import Lane, Promise, UnitOfWork

_PANEL: Final = "panel:"


def put_up(uow: UnitOfWork, here: Said | Pressed, view: str, /, **params: Json) -> str:
    """Show a fresh panel in this chat; in a group it answers the message that asked for it. Returns its carrier."""
    carrier = f"{_PANEL}{uow.ids.new()}"
    reply_to = None if here.private else here.message_id
    uow.outbox.promise(_promise(here, carrier, view, params, reply_to))
    return carrier


def redraw(uow: UnitOfWork, press: Pressed, view: str, /, **params: Json) -> str:
    """Show something else in the panel that was pressed; a panel that nobody recorded is recorded now.

    When Telegram no longer has the message, a fresh one is put up. Returns the panel's carrier.

    Raises:
        BadPress: the message is no panel: whoever sends such a press made it up.
    """
    if press.message_id is None:
        return put_up(uow, press, view, **params)
    carrier = _panel(uow, press, press.message_id)
    if carrier is None:
        carrier = f"{_PANEL}{uow.ids.new()}"
        uow.outbox.adopt(carrier, press.chat, press.message_id)
    _follows_no_more(uow, press.chat, carrier)
    uow.outbox.promise(_promise(press, carrier, view, params, None))
    return carrier


def following(chat: ChatId) -> str:
    """The draft that names the panel of a chat which follows what happens, as the list of a desk does."""
    return f"following:{chat}"


def _follows_no_more(uow: UnitOfWork, chat: ChatId, carrier: str) -> None:
    """Whatever a panel shows now must not be overwritten by what it showed before."""
    draft = uow.notebook.draft(following(chat))
    if draft is not None and draft.data["carrier"] == carrier:
        uow.notebook.drop_draft(draft.key)


def _panel(uow: UnitOfWork, press: Pressed, message_id: int) -> str | None:
    """The carrier of the panel that was pressed; ``None`` when nobody recorded that message, which has the button.

    Raises:
        BadPress: it carries something else, as a card does, or has no such button. Telegram passes on whatever data a
            client sends, so without this anybody could wipe or deface every message of the bot.
    """
    carrier = uow.outbox.carrier_of(press.chat, message_id)
    if not (carrier.startswith(_PANEL) if carrier is not None else press.genuine):
        raise BadPress("panel")
    return carrier


def turn(uow: UnitOfWork, here: Said | Pressed, view: str, /, **params: Json) -> str:
    """Show a page: in the panel whose button was pressed, else, as from a menu or a command, in a fresh one.

    Returns the panel's carrier.
    """
    if isinstance(here, Pressed) and is_panel(uow, here):
        return redraw(uow, here, view, **params)
    return put_up(uow, here, view, **params)


def is_panel(uow: UnitOfWork, press: Pressed) -> bool:
    """Whether the message pressed is a panel that we recorded."""
    carrier = uow.outbox.carrier_of(press.chat, press.message_id) if press.message_id is not None else None
    return carrier is not None and carrier.startswith(_PANEL)


def turn_page(uow: UnitOfWork, press: Pressed, case: CaseId, deed: casework.Deed, view: str, /, **params: Json) -> None:
    """Redraw a panel about a case, for whoever may do *deed* to it now; a made-up press learns nothing.

    Raises:
        NotYours: they may not.
        NotNow: nobody may, as the case stands.
    """
    casework.check(uow, uow.cases.get(case), press.person, deed)
    redraw(uow, press, view, case=case, **params)


def close(uow: UnitOfWork, press: Pressed, key: str, /, **values: Json) -> None:
    """Let the sentence *key* stand in the place of the panel that was pressed; its buttons go."""
    redraw(uow, press, "say", **{"key": key, **values})


def _promise(here: Said | Pressed, carrier: str, view: str, params: dict[str, Json], reply_to: int | None) -> Promise:
    key = f"{carrier}:{here.update}"
    return Promise(
        key=key, chat=here.chat, view=view, params=params, lane=Lane.ANSWER, carrier=carrier, reply_to=reply_to
    )


@payload("close")
@dataclass(frozen=True, slots=True)
class PanelClosed:
    """取消, 保持不变, 关闭: nothing is chosen."""


def never_mind() -> Button:
    """取消: the button that leaves a choice unmade."""
    return Button("ask.cancel", PanelClosed())


def keep() -> Button:
    """保持不变: the same beside a button that cancels or withdraws something, where 取消 could mean either."""
    return Button("ask.keep", PanelClosed())


def shut() -> Button:
    """关闭: the button that takes away what was only looked at."""
    return Button("ask.close", PanelClosed())


@on_press(PanelClosed)
async def closed(_press: PanelClosed, ctx: GridContext) -> None:
    """Take the panel away."""
    await ctx.work(_take_away, ctx.press)


def _take_away(uow: UnitOfWork, press: Pressed) -> None:
    if press.message_id is not None:
        _panel(uow, press, press.message_id)
        remove(uow, press.chat, press.message_id)
