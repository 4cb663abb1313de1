"""What people write into a draft: free text, and lines such as "issuer: Sample City Weather Station"."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from broadcasts.model import Alert, Broadcast, Level
from handlers._kit import words
from routing import moments
from routing.calendar import Calendar

PARTS: Final = ("hazard", "level", "issuer", "issued_at", "starts_at", "area", "matter", "action", "expires_at")
"""The lines of the form, in order."""
_TEXTS: Final = frozenset({"hazard", "issuer", "area", "matter", "action"})
_COLONS: Final = (":", "\uff1a")


class Unreadable(ValueError):
    """A line of the form can't be read; *part* says which."""

    def __init__(self, part: str, value: str) -> None:
        super().__init__(f"{part}: {value}")
        self.part, self.value = part, value


def read(broadcast: Broadcast, text: str, now: datetime, calendar: Calendar) -> dict[str, Any]:
    """The changes that *text* makes to a draft: lines that begin with the name of a part fill it, the rest is its text.

    Raises:
        Unreadable: a level or a time that there is not.
    """
    alert, changes, free = broadcast.alert, dict[str, Any](), list[str]()
    for line in text.splitlines():
        part, value = _part(line)
        if part is None:
            free.append(line)
        elif part in _TEXTS:
            alert = _with(alert, part, value)
        elif part == "level":
            changes["level"] = _level(value)
        elif value:
            at = _when(part, value, now, calendar, since=alert.issued_at if part == "starts_at" else None)
            if part == "expires_at":
                changes["expires_at"] = at
            else:
                alert = _with(alert, part, at)
    if body := "\n".join(free).strip():
        changes["text"] = body
    return {**changes, "alert": alert} if alert != broadcast.alert else changes


def when(value: str, now: datetime, calendar: Calendar) -> datetime | None:
    """The next such time; ``None`` when it is to leave at once.

    Raises:
        Unreadable: there is none.
    """
    if value.strip().lower() in {words.plain("form.at_once", lang).lower() for lang in words.LANGUAGES}:
        return None
    return _when("send_at", value, now, calendar)


def filled(broadcast: Broadcast, lang: str, calendar: Calendar) -> str:
    """The form as it is now, to be copied, completed and sent back."""
    shown = {words.plain(f"form.{part}", lang): _shown(broadcast, part, lang, calendar) for part in PARTS}
    return "\n".join(f"{name}\uff1a{value}" for name, value in shown.items())


def _with(alert: Alert, part: str, value: Any) -> Alert:
    return replace(alert, **{part: value})


def _shown(broadcast: Broadcast, part: str, lang: str, calendar: Calendar) -> str:
    if part == "level":
        return words.plain(f"colour.{broadcast.level.value}", lang) if broadcast.level else ""
    value = broadcast.expires_at if part == "expires_at" else getattr(broadcast.alert, part)
    return f"{calendar.local(value):%m-%d %H:%M}" if isinstance(value, datetime) else str(value or "")


def _part(line: str) -> tuple[str | None, str]:
    """Which part a line fills, and with what."""
    for colon in _COLONS:
        name, found, value = line.partition(colon)
        if found:
            for part in PARTS:
                if name.strip().lower() in {words.plain(f"form.{part}", lang).lower() for lang in words.LANGUAGES}:
                    return part, value.strip()
    return None, ""


def _level(value: str) -> Level | None:
    if not value:
        return None
    for level in Level:
        for lang in words.LANGUAGES:
            *_, name = words.plain(f"colour_button.{level.value}", lang).lower().split()
            if value.lower().startswith(name):
                return level
    raise Unreadable("level", value)


def _when(part: str, value: str, now: datetime, calendar: Calendar, *, since: datetime | None = None) -> datetime:
    found = moments.find(value, now, calendar, past=part == "issued_at", since=since)
    if found is None:
        raise Unreadable(part, value)
    return found.at
