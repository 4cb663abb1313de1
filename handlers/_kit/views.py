"""Making messages: what a view is given, and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from handlers._kit import html, words
from handlers._kit.presses import encode
from handlers._kit.registry import registry, view
from handlers._kit.words import Html
from routing.effects import Json
from routing.model import Chat, ChatKind, Media
from routing.ports import UnitOfWork

MAIN: Final = "success"
RISKY: Final = "danger"
PLAIN: Final = "primary"
MOST_LENT_BYTES: Final = 20 * 1024 * 1024
"""A bot may fetch files up to this size, so larger ones cannot be sent by another bot."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: the key of its label, and what it carries; or a link.

    *style* marks the one main action or the risky one.
    """

    key: str
    press: object | None = None
    style: str | None = None
    url: str | None = None
    values: Mapping[str, object] | None = None


Keyboard = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call of the Bot API, without the chat. Those in *more* are sent after it, in order."""

    method: str
    params: Mapping[str, Any]
    more: tuple["Outgoing", ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file made when the message leaves: a view only says how, since making it may take a second.

    Args:
        name: Of the file, as people see it.
        read: Asks the stores for what the file needs, beside the writer.
        make: Makes the bytes of it, in a thread of its own; it may not touch the stores.
    """

    name: str
    read: Callable[[Any], Any]
    make: Callable[[Any], bytes]


@dataclass(frozen=True, slots=True)
class Loan:
    """A file that another bot was given, which alone can fetch it; the courier does so, and sends it as its own."""

    media: Media


@dataclass(frozen=True, slots=True)
class Look:
    """What a view sees: the stores as they are now, the chat that will read it, its language, and the promise."""

    uow: UnitOfWork
    chat: Chat
    lang: str
    params: Mapping[str, Json]
    repeated: bool = False

    @property
    def public(self) -> bool:
        """Whether neighbours read along: then everything is masked."""
        return self.chat.kind in (ChatKind.RESIDENTS, ChatKind.UNBOUND)

    def carries(self, media: Media) -> bool:
        """Whether the bot that is to show it can: what another one was given must be fetched there first."""
        return media.bot == self.chat.bot or (media.size or 0) <= MOST_LENT_BYTES

    def file(self, media: Media) -> str | Loan:
        """A file as a call names it: by its number, which means something to the bot that got it and to no other."""
        return media.file_id if media.bot == self.chat.bot else Loan(media)

    def t(self, key: str, /, **values: object) -> Html:
        """The sentence of *key* in the reader's language."""
        return words.say(key, self.lang, **values)

    def when(self, instant: datetime) -> Html:
        """An instant: the town's time, which clients turn into the reader's own time zone."""
        local = self.uow.calendar.local(instant)
        shown = self.t("kit.when", month=local.month, day=local.day, time=f"{local:%H:%M}")
        return Html(f'<tg-time unix="{int(instant.timestamp())}" format="dt">{shown}</tg-time>')

    def due(self, instant: datetime) -> Html:
        """A deadline; one at midnight names the last minute of the day that is over then, not the day after."""
        return self.when(last_minute(self.uow.calendar.local(instant)))

    def keyboard(self, rows: Keyboard) -> dict[str, Any] | None:
        """The rows as Telegram wants them; empty rows fall away, no rows is no keyboard."""
        made = [[self._button(button) for button in row] for row in rows if row]
        return {"inline_keyboard": made} if made else None

    def message(self, text: Html, rows: Keyboard = (), **params: Any) -> Outgoing:
        """A text message with buttons under its last part; a text that is too long is split, nothing is lost."""
        if self.repeated:
            text = Html(f"{self.t('kit.repeated')}\n{text}")
        pieces = html.split(text)
        calls = [
            Outgoing("sendMessage", {"text": piece, "parse_mode": "HTML", **NO_PREVIEW, **params}) for piece in pieces
        ]
        markup = self.keyboard(rows)
        calls[0 if len(calls) == 1 else -1] = _with_markup(calls[-1], markup)
        return replace(calls[0], more=tuple(calls[1:]))

    def _button(self, button: Button) -> dict[str, Any]:
        made: dict[str, Any] = {"text": words.plain(button.key, self.lang, **(button.values or {}))}
        if button.url:
            made["url"] = button.url
        else:
            made["callback_data"] = encode(button.press)
        if button.style:
            made["style"] = button.style
        return made


def last_minute(deadline: datetime) -> datetime:
    """The *deadline*, in local time, as people name it: 24 o'clock is the 23:59 of the day that it ends."""
    return deadline - timedelta(minutes=1) if deadline.time() == time() else deadline


NO_PREVIEW: Final[Mapping[str, Any]] = {"link_preview_options": {"is_disabled": True}}


def _with_markup(call: Outgoing, markup: dict[str, Any] | None) -> Outgoing:
    return replace(call, params={**call.params, "reply_markup": markup}) if markup else call


@view("say")
def say(look: Look) -> Outgoing:
    """A plain sentence: ``key`` and its values."""
    values = {name: value for name, value in look.params.items() if name != "key"}
    return look.message(look.t(str(look.params["key"]), **values))


def render(
    uow: UnitOfWork, name: str, params: Mapping[str, Json], chat: Chat, *, locale: str, repeated: bool = False
) -> Outgoing | None:
    """Make the message of a promise, now, in the language of the chat (in private its owner's), else in *locale*.

    Returns:
        What to call; ``None`` when there is nothing to say any more.

    Raises:
        LookupError: no feature makes that view.
    """
    make = registry.views.get(name)
    if make is None:
        raise LookupError(f"no feature makes the view {name}")
    uow.here = chat.id
    return make(Look(uow, chat, words.language(chat.lang, locale), params, repeated))
