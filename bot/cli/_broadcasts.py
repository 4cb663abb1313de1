"""Broadcasts as rows: what was said, to how many, and how far it has come. No household and no name stands in them."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from bot.tables import write
from broadcasts.model import Broadcast, State
from storage.held_back import HeldBack
from storage.stores import Stores

COLUMNS: Final = (
    "number", "state", "kind", "level", "unit", "audience", "hazard", "issuer", "text", "receipts", "window_s",
    "drafted_at", "submitted_at", "begun_at", "sent_at", "expires_at", "ended_at", "updates", "chats", "sent", "failed",
    "target", "pressed", "told", "missing", "moved", "unbound", "helps", "half_at", "ninety_at", "all_at",
)  # fmt: skip


HELD_BACK: Final = {
    State.DRAFT: "was to leave since the backup and is a draft again: look whether it did, then publish or discard it",
    State.PAUSED: "was under way and is paused: look what has been said since the backup, then resume or cancel it",
    State.SCHEDULED: "still leaves at its time: cancel it if that was done since the backup",
}


def held_back(broadcasts: Iterable[HeldBack]) -> str:
    """What a restore did with broadcasts, a line each; it is for their desks to go on with them."""
    return "".join(f"broadcast no. {one.number} ({one.title}) {HELD_BACK[one.state]}\n" for one in broadcasts)


def export_broadcasts(stores: Stores, form: str) -> str:
    """Every broadcast, one object or row each."""
    out = io.StringIO()
    write(_rows(stores), COLUMNS, form, out)
    return out.getvalue()


def _rows(stores: Stores) -> Iterator[dict[str, Any]]:
    for broadcast in stores.broadcasts.all():
        yield {**_words(stores, broadcast), **_figures(stores, broadcast)}


def _words(stores: Stores, broadcast: Broadcast) -> dict[str, Any]:
    before = stores.broadcasts.get(broadcast.updates).number if broadcast.updates is not None else None
    instants = ("drafted_at", "submitted_at", "begun_at", "sent_at", "expires_at", "ended_at")
    return {
        "number": broadcast.number,
        "state": broadcast.state.value,
        "kind": broadcast.kind.value,
        "level": broadcast.level and broadcast.level.value,
        "unit": broadcast.unit,
        "audience": broadcast.audience.unit,
        "hazard": broadcast.alert.hazard,
        "issuer": broadcast.alert.issuer,
        "text": broadcast.text,
        "receipts": broadcast.receipts,
        "window_s": broadcast.window_s,
        "updates": before,
        **{name: _when(stores, getattr(broadcast, name)) for name in instants},
    }


def _figures(stores: Stores, broadcast: Broadcast) -> dict[str, Any]:
    figures = stores.targets.figures(broadcast.id)
    names = ("chats", "sent", "failed", "target", "pressed", "told", "missing", "moved", "unbound", "helps")
    shares = {"half_at": 50, "ninety_at": 90, "all_at": 100}
    return {name: getattr(figures, name) for name in names} | {
        name: _reached(stores, broadcast, -(-figures.target * share // 100)) for name, share in shares.items()
    }


def _reached(stores: Stores, broadcast: Broadcast, needed: int) -> str | None:
    """When so many households had confirmed; nothing where none was asked or that was never reached."""
    return _when(stores, stores.receipts.confirmed_at(broadcast.id, needed)) if needed else None


def _when(stores: Stores, instant: datetime | None) -> str | None:
    return stores.calendar.local(instant).isoformat(timespec="seconds") if instant else None
