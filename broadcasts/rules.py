"""When a broadcast may leave, when its households are chased, and when the clock must look at it next. All pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from broadcasts.model import Broadcast, BroadcastId, Chase, Class, State
from routing.broadcast_lines import LONGEST, SHORTEST, Broadcasting
from routing.calendar import Calendar

SLICE: Final = 100
"""So many messages of one broadcast wait in the outbox of each bot at most, so that a pause is felt within seconds."""
DRAFT_LIFE: Final = timedelta(days=7)
LONGEST_TEXT: Final = 3000
"""Characters: the head, the parts of an alert and the counter still fit into the same message."""
SHORTEST_WINDOW: Final = SHORTEST
LONGEST_WINDOW: Final = LONGEST
APART: Final = timedelta(hours=1)
"""So far apart steps of the chase that the night has held up begin at most, however far apart they were planned."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The town's clocks, when people are left alone, and when the silent are chased."""

    calendar: Calendar
    chasing: Broadcasting = field(default_factory=Broadcasting)

    @property
    def chase(self) -> tuple[tuple[Chase, float], ...]:
        """The steps of the chase in order, each with its part of the window."""
        parts = (self.chasing.group_at, self.chasing.private_at, self.chasing.doors_at)
        return tuple((step, part) for step, part in zip(Chase, parts, strict=True) if part is not None)

    def awake(self, at: datetime) -> datetime:
        """The first instant from *at* on at which nobody is woken."""
        quiet = self.chasing.quiet
        return (quiet.until(self.calendar, at) if quiet is not None else None) or at

    def asleep(self, at: datetime) -> datetime | None:
        """When the next night begins after *at*; ``None`` where none does."""
        quiet = self.chasing.quiet
        return quiet.after(self.calendar, at) if quiet is not None else None


def leaves_at(broadcast: Broadcast, now: datetime, hours: Hours) -> datetime:
    """When it may begin: as its author wishes, not at night unless it is grave."""
    wanted = max(now, broadcast.send_at or now)
    return wanted if broadcast.grave else hours.awake(wanted)


def held_until(broadcast: Broadcast, now: datetime, hours: Hours) -> datetime | None:
    """When the night is over that holds it up now; ``None`` where nothing does: by day, and what is grave."""
    at = now if broadcast.grave else hours.awake(now)
    return at if at > now else None


def leaves_until(broadcast: Broadcast, now: datetime, hours: Hours) -> datetime | None:
    """Until when its message, promised now, may leave: until it expires, and until the night unless it is grave."""
    ends = (broadcast.expires_at, None if broadcast.grave else hours.asleep(now))
    return min((end for end in ends if end is not None), default=None)


def waits_until(broadcast: Broadcast, hours: Hours) -> datetime | None:
    """The morning for which the night puts it, or the next step of its chase, off; ``None`` when it does not.

    What expires before then, or in that moment, waits for nothing.
    """
    step = chase_at(broadcast, broadcast.step, hours) if broadcast.state is State.CHASING else None
    end = broadcast.expires_at
    ats = [at for at in (broadcast.next_at, step) if at is not None and (end is None or at < end)]
    return next((at for at in ats if held_until(broadcast, at - timedelta.resolution, hours) == at), None)


def windows_end(broadcast: Broadcast, hours: Hours) -> datetime | None:
    """When the time to answer is over; ``None`` before it has begun.

    It is over by so much later as the night puts the last step of the chase off, so that what follows on that step
    has the time that was meant for it. What it expires at comes before that.
    """
    if broadcast.begun_at is None:
        return None
    end = broadcast.begun_at + broadcast.window
    last = chase_at(broadcast, len(hours.chase) - 1, hours) if hours.chase else None
    if last is not None:
        end += last - (broadcast.begun_at + broadcast.window * hours.chase[-1][1])
    return end if broadcast.expires_at is None else min(end, broadcast.expires_at)


def chase_at(broadcast: Broadcast, step: int, hours: Hours) -> datetime | None:
    """When that step of the chase (0 is the first) begins; ``None`` when there is no such step.

    What falls into the night begins in the morning. Of several steps that do, each follows the one before it as far
    behind as planned, `APART` at most: households are reminded before somebody is sent to their doors.
    """
    steps, begun = hours.chase, broadcast.begun_at
    if begun is None or not broadcast.receipts or step >= len(steps):
        return None
    at = before = begun
    for _, part in steps[: step + 1]:
        planned = begun + broadcast.window * part
        at = planned if broadcast.grave else hours.awake(max(planned, at + min(planned - before, APART)))
        before = planned
    return at


def step_of(number: int, hours: Hours) -> Chase:
    """What the chase does at its *number*-th step, counted from 1; the last one where the policy has fewer by now."""
    steps = hours.chase
    return steps[min(number, len(steps)) - 1][0]


def next_step(broadcast: Broadcast, hours: Hours) -> Chase | None:
    """What the chase does next; ``None`` when nothing is left, or nobody is chased."""
    left = hours.chase[broadcast.step :] if broadcast.receipts and broadcast.state is State.CHASING else ()
    return left[0][0] if left else None


def next_look(broadcast: Broadcast, now: datetime, hours: Hours, *, busy: bool = False) -> datetime | None:
    """When the clock must look at it next.

    Args:
        broadcast: As it stands.
        now: Aware UTC.
        hours: For the night.
        busy: Whether something is being done bit by bit: then at the next tick.
    """
    if busy or broadcast.state is State.SENDING:
        return now
    ends = [broadcast.expires_at]
    match broadcast.state:
        case State.DRAFT:
            ends = [broadcast.drafted_at + DRAFT_LIFE]
        case State.SCHEDULED:
            ends.append(leaves_at(broadcast, now, hours))
        case State.CHASING:
            ends += [windows_end(broadcast, hours), chase_at(broadcast, broadcast.step, hours)]
        case State.SUPERSEDED | State.CANCELLED | State.EXPIRED:
            return None
        case _:
            pass
    return min((end for end in ends if end is not None), default=None)


def repeated(broadcast: Broadcast, id_: BroadcastId, number: int, now: datetime) -> Broadcast:
    """The next one of a series: the same, later; turns that were slept through are left out.

    Raises:
        ValueError: it does not repeat.
    """
    if not broadcast.repeat_s:
        raise ValueError("it does not repeat")
    before = broadcast.send_at or broadcast.begun_at or now
    turns = max(1, -(-int((now - before).total_seconds() + 1) // broadcast.repeat_s))
    later = timedelta(seconds=broadcast.repeat_s * turns)
    return replace(
        broadcast,
        id=id_,
        number=number,
        state=State.SCHEDULED,
        version=0,
        drafted_at=now,
        submitted_at=now,
        send_at=before + later,
        expires_at=broadcast.expires_at and broadcast.expires_at + later,
        begun_at=None,
        sent_at=None,
        ended_at=None,
        step=0,
        first=None,
        updates=None,
        carried=False,
    )


def asks_again(before: Broadcast, after: Broadcast) -> bool:
    """Whether an update asks those who have confirmed once more: the level rises or what to do is another thing."""
    risen = (after.level.rank if after.level else 0) > (before.level.rank if before.level else 0)
    return risen or _action(after) != _action(before)


def _action(broadcast: Broadcast) -> str:
    return broadcast.alert.action if broadcast.kind is not Class.NOTICE and broadcast.alert.action else broadcast.text


PARTS: Final = ("hazard", "level", "starts_at", "area", "matter", "action", "issuer", "issued_at", "expires_at")
"""What an alert states: the eight parts that the law names (突发事件应对法 64), and until when it holds."""


def ends_too_soon(broadcast: Broadcast) -> bool:
    """Whether it ends before that begins of which it warns."""
    starts_at, end = broadcast.alert.starts_at, broadcast.expires_at
    return starts_at is not None and end is not None and end <= starts_at


def missing_parts(broadcast: Broadcast) -> tuple[str, ...]:
    """Parts that it must state and does not, in the order of `PARTS`; of what is no alert only its text."""
    alerting = broadcast.kind is Class.ALERT or (broadcast.kind is Class.EXERCISE and broadcast.level is not None)
    if not alerting:
        return () if broadcast.text.strip() or broadcast.media else ("text",)
    held = {name: getattr(broadcast.alert, name, None) for name in PARTS}
    held |= {"level": broadcast.level, "expires_at": broadcast.expires_at}
    return tuple(name for name in PARTS if not held[name])
