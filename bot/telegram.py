"""The way to Telegram: python-telegram-bot's objects, set up for a program that keeps its own queues."""

import os
import ssl
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import httpx
from telegram import InputMediaDocument, InputMediaPhoto, InputMediaVideo
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import Application, ContextTypes, ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.settings import Secret, is_loopback

os.environ["PTB_TIMEDELTA"] = "1"  # python-telegram-bot reads it at each use: pauses are timedeltas, without a warning
if "sniffio" not in sys.modules and find_spec("sniffio") is None:
    # httpcore tries to import it several times in each call, and each time the whole path is searched in vain: 0.1 ms.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # how Python notes that a module can't be had

POLLS: Final = 8
"""Connections for polling: a pool of one can stay broken for ever after a cut connection."""
IN_FLIGHT: Final = 8  # sends at once: 29/s times a quarter of a second; it also bounds doubles per crash
ANSWERS_AT_ONCE: Final = 32  # answers to presses, which Telegram does not meter
CONNECT_S: Final = 3.0
READ_S: Final = 25.0
LONG_POLL_S: Final = 25
ALLOWED_UPDATES: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
)

_ITEMS: Final[Mapping[str, type[Any]]] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "document": InputMediaDocument,
}

App = Application[Any, Any, Any, Any, Any, Any]


class Line(ExtBot[None]):
    """One bot's line to Telegram, with raw calls beside PTB's own methods.

    Raw calls take what a view made and give back what Telegram answered, so no object is built for a message that is
    only passed on; errors are PTB's.
    """

    _answered_at = float("-inf")

    @property
    def answered_at(self) -> float:
        """When Telegram last answered a call, be it with a refusal, by the monotonic clock. Polls do not count.

        They may be answered by a Telegram that answers nothing else.
        """
        return self._answered_at

    async def _post(self, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = await super()._post(endpoint, *args, **kwargs)
        except TelegramError as error:
            if not isinstance(error, NetworkError) or isinstance(error, BadRequest):
                self._answered_at = time.monotonic()
            raise
        if endpoint != "getUpdates":
            self._answered_at = time.monotonic()
        return answer

    async def call(self, method: str, params: Mapping[str, Any]) -> Any:
        """Call *method* of the Bot API and return its result as plain data."""
        return await self._post(
            method, {name: _album(value) if name == "media" else value for name, value in params.items()}
        )

    async def poll(self, offset: int | None, *, wait_s: int = LONG_POLL_S) -> Sequence[dict[str, Any]]:
        """Wait up to *wait_s* for updates from *offset* on; asking for an offset confirms all those before it."""
        params = {"offset": offset, "timeout": wait_s, "allowed_updates": ALLOWED_UPDATES}
        updates: Sequence[dict[str, Any]] = await self._post("getUpdates", params, read_timeout=wait_s + CONNECT_S + 5)
        return updates


def _album(items: Any) -> Any:
    """The items of an album as PTB's objects: it looks into these, and stumbles over plain data."""
    if not isinstance(items, list):
        return items
    return [_ITEMS[one["type"]](**{name: value for name, value in one.items() if name != "type"}) for one in items]


def build(token: Secret, api_url: str, context: type[Any] | None = None, *, request: BaseRequest | None = None) -> App:
    """Make the application of one bot: no updater, no persistence, no job queue; these are ours.

    Args:
        token: The bot's token.
        api_url: ``https://api.telegram.org`` or another server; ``/bot<token>/…`` and ``/file/bot<token>/…`` below it.
        context: The class of handlers' contexts; PTB's own when ``None``.
        request: Carries the calls instead of HTTP, as where nothing may leave the process.
    """
    line = Line(
        token.reveal(),
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request or _request(IN_FLIGHT + ANSWERS_AT_ONCE + 8, api_url),
        get_updates_request=request or _request(POLLS, api_url),
    )
    builder = Application.builder().bot(line).updater(None).job_queue(None)
    if context is not None:
        builder = builder.context_types(ContextTypes(context=context))
    return builder.build()


def line_of(application: App) -> Line:
    """The application's bot, which `build` made."""
    line: Line = application.bot
    return line


def _request(connections: int, api_url: str) -> HTTPXRequest:
    """What carries the calls: through the proxy that the environment names, unless they stay on this machine."""
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        write_timeout=READ_S,
        pool_timeout=CONNECT_S,
        httpx_kwargs={"verify": _trusted(), "trust_env": not is_loopback(api_url)},
    )


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are believed in, read once: all requests of all bots share them."""
    return httpx.create_ssl_context()


# PTB notes every chat and person ever seen for a persistence that we don't have, and never forgets them.
_NEVER_CLEARED: Final = ("_chat_ids_to_be_updated_in_persistence", "_user_ids_to_be_updated_in_persistence")


def forget_seen_ids(application: App) -> int:
    """Empty PTB's two sets that only grow (150 bytes per person and chat); returns how many ids they held.

    They are private, so a PTB without them is left in peace.
    """
    forgotten = 0
    for name in _NEVER_CLEARED:
        if hasattr(application, name):
            seen: set[int] = getattr(application, name)
            forgotten += len(seen)
            seen.clear()
    return forgotten
