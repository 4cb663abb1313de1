"""Logging: constant sentences with fields, as text or JSON lines, in which no secret and nobody's words appear."""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TextIO
from urllib.parse import quote

from telegram.error import TelegramError

from storage.errors import has_no_room

log = logging.getLogger(__name__)

HIDDEN: Final = "***"
_TOKEN: Final = re.compile(r"(?<![0-9])[0-9]{6,19}(?::|%3A)[A-Za-z0-9_-]{30,}")
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_OURS: Final = ("bot", "handlers", "routing", "storage", "broadcasts", "__main__")
_QUIET: Final = ("httpx", "httpcore", "telegram", "aiohttp", "asyncio", "aiosqlite", "alembic", "apscheduler")
# What these say was written by the system or by Telegram, so it may stand in a log; other errors may quote people.
_SPEAKING: Final = (OSError, TelegramError)

NO_ROOM: Final = "the disk is full, or fails; make room, and the program goes on by itself"

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Redactor:
    """Replaces known secrets, and whatever looks like a bot token, by three asterisks."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""))}
        self._known = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """*text* without secrets."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)


class Lines(logging.Formatter):
    """One line per record; an exception adds its kind and where it rose, never what it quotes from people."""

    def __init__(self, redact: Redactor, *, as_json: bool) -> None:
        super().__init__()
        self._redact = redact
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The record as one text line, or one JSON object."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        sentence = _sentence(record)
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        if self._as_json:
            whole = {"ts": at, "level": record.levelname, "logger": record.name, "event": sentence, **fields}
            return self._redact(json.dumps(whole, ensure_ascii=False, default=str))
        tail = "".join(f"  {name}={_plain(value)}" for name, value in fields.items())
        return self._redact(f"{at} {record.levelname:<7} {record.name}: {sentence}{tail}")

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's own name
        """The error's kind, its words where they are safe, and its frames from the outside in."""
        error = ei[1]
        if error is None:
            return ""
        frames = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(ei[2])]
        return f"{describe(error)} at {' > '.join(frames) or 'nowhere'}"


def describe(error: BaseException) -> str:
    """The error's kind, with its words only where these can't quote people; secrets are the formatter's to hide."""
    kind = type(error).__name__
    if has_no_room(error) and not isinstance(error, _SPEAKING):
        return f"{kind}: {NO_ROOM}"
    return f"{kind}: {error}" if isinstance(error, _SPEAKING) else kind


def _sentence(record: logging.LogRecord) -> str:
    """The constant sentence; a library's arguments are left out, because they may hold whole updates."""
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    return str(record.msg)


def _plain(value: object) -> str:
    """A value that keeps the line one line and its end visible."""
    text = str(value)
    if text and text.isprintable() and " " not in text:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def configure(
    style: str = "text", secrets: Iterable[str] = (), *, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Send all logs to *stream* (standard error) as ``text`` or ``json``; libraries speak from WARNING on.

    PTB's and httpx's lower levels are never let through, whatever *level*: they print whole updates and addresses
    that contain the token.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines(Redactor(secrets), as_json=style == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def hear_what_nobody_caught() -> None:
    """Log what would end the process or a thread; Python's own way prints its words, and people's with them."""

    def ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("ended by an error that nobody caught", exc_info=(kind, error, trace))

    def thread_ended(said: threading.ExceptHookArgs) -> None:
        if said.exc_value is not None:
            name = said.thread.name if said.thread else "unknown"
            error = (said.exc_type, said.exc_value, said.exc_traceback)
            log.critical("thread ended by an error that nobody caught", exc_info=error, extra={"part": name})

    sys.excepthook, threading.excepthook = ended, thread_ended
