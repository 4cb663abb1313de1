"""A broadcast at its end: what its chart and its list of households show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from broadcasts.model import SPANS_S, Broadcast, Figures, ReceiptState, Target, TargetState
from broadcasts.ports import UnitOfWork
from broadcasts.telling import desk_of
from routing.ports import Lane, Promise

SHARES: Final = (50, 90, 100)
"""Per cent of the households by whose confirmation a broadcast is measured."""
WORST: Final = 10
QUICK: Final = timedelta(minutes=10)
MOST_LISTED: Final = 50_000
"""Households of a list that is sent to a chat; a larger one is exported where the database is."""


@dataclass(frozen=True, slots=True)
class Point:
    """How many households had pressed and been told so many minutes after the start."""

    minute: float
    pressed: int
    told: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A broadcast's figures, how they came about, when each share was reached, and the grids that lag.

    Unless *kept*, the answers are erased, and with them how the figures came about: they were given too long ago.
    """

    broadcast: Broadcast
    figures: Figures
    curve: tuple[Point, ...]
    reached: tuple[tuple[int, timedelta | None], ...]
    worst: tuple[tuple[str, Target], ...]  # with the grid's name
    kept: bool = True


def gather(uow: UnitOfWork, broadcast: Broadcast) -> Summary:
    """Read everything that a summary shows. What counted before the start, as carried over, counts from its start."""
    figures = uow.targets.figures(broadcast.id)
    begun = broadcast.begun_at or broadcast.drafted_at
    return Summary(
        broadcast,
        figures,
        tuple(_curve(uow, broadcast, figures, begun)),
        tuple((share, _reached(uow, broadcast, figures, share, begun)) for share in SHARES),
        tuple((uow.units.get(target.grid).name, target) for target in _grids(uow, broadcast)),
        uow.receipts.kept(broadcast.id),
    )


def _grids(uow: UnitOfWork, broadcast: Broadcast) -> list[Target]:
    """Where most are missing; when that is nearly nowhere, some of the others, too, so that there is a picture."""
    found = list(uow.targets.worst(broadcast.id, WORST))
    for state in (TargetState.SENT, TargetState.CLOSED, TargetState.FAILED):
        others = uow.targets.at(broadcast.id, state, WORST) if len(found) < WORST else ()
        found += [target for target in others if target.households and not target.missing]
    return found[:WORST]


def _curve(uow: UnitOfWork, broadcast: Broadcast, figures: Figures, begun: datetime) -> list[Point]:
    """How the figures grew, in minutes; in seconds when all of it took some minutes only."""
    last = uow.receipts.confirmed_at(broadcast.id, figures.confirmed) if figures.confirmed else None
    quick = last is not None and last - begun < QUICK
    seconds = min(SPANS_S) if quick else max(SPANS_S)
    points = [Point(0, 0, 0)]
    for at, state, count in uow.receipts.by_span(broadcast.id, seconds):
        minute = max(0, ceil((at - begun) / timedelta(seconds=seconds)) + 1) * seconds / 60
        before = points[-1]
        pressed = before.pressed + (count if state is ReceiptState.PRESSED else 0)
        told = before.told + (count if state is ReceiptState.TOLD else 0)
        if minute == before.minute:
            points.pop()
        points.append(Point(minute, pressed, told))
    return points


def _reached(uow: UnitOfWork, broadcast: Broadcast, figures: Figures, share: int, begun: datetime) -> timedelta | None:
    """How long it took until *share* per cent had confirmed; ``None`` when that never came."""
    wanted = -(-figures.target * share // 100)
    if not wanted or figures.confirmed < wanted:
        return None
    at = uow.receipts.confirmed_at(broadcast.id, wanted)
    return max(at - begun, timedelta(0)) if at is not None else None


def promise_files(uow: UnitOfWork, broadcast: Broadcast, mark: str) -> None:
    """Promise the chart and the list to the desk of its unit; *mark* tells several summaries apart."""
    for chat in desk_of(uow, broadcast):
        for view in ("broadcast_chart", "broadcast_list"):
            key = f"summary:{broadcast.id}:{mark}:{view}:{chat.id}"
            uow.outbox.promise(Promise(key, chat.id, view, {"broadcast": broadcast.id}, lane=Lane.DIGEST))
