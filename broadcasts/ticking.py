"""The clock's part: begin what is due, send it slice by slice, chase the silent, say everywhere when it is over.

Everything is done bit by bit, each bit in a transaction of its own, and where it was left off stands in the rows: a
process that dies in the middle goes on where it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from broadcasts import lifecycle, rules, summary, telling
from broadcasts.lifecycle import Event
from broadcasts.model import ENDS, Broadcast, BroadcastId, Chase, State, Target, TargetState
from broadcasts.ports import UnitOfWork, hours
from routing.model import ChatState

AT_ONCE: Final = 20  # broadcasts looked at in one transaction
PER_LOOK: Final = 50  # chats of one broadcast, so that the writer is never held for long
PER_CLOSE: Final = 25  # likewise, where each may have private reminders that have to be taken back, too
MOST_FAILED: Final = 1_000
PUT_OFF: Final = timedelta(minutes=10)
UNBOUND: Final = "unbound"


def due(uow: UnitOfWork, now: datetime) -> Sequence[BroadcastId]:
    """Broadcasts that the clock must look at, each in a transaction of its own."""
    return [broadcast.id for broadcast in uow.broadcasts.due(now, AT_ONCE)]


def look(uow: UnitOfWork, broadcast: BroadcastId, now: datetime) -> int:
    """Do the next bit of what is due; returns how many things were done: from `PER_LOOK` on, there may be more."""
    current = uow.broadcasts.get(broadcast)
    return _look(uow, current, now) if current.next_at is not None and current.next_at <= now else 0


def postpone(uow: UnitOfWork, broadcast: BroadcastId, now: datetime) -> None:
    """Let one at which something fails stand aside for `PUT_OFF`, so that it never stops the others."""
    uow.broadcasts.save(replace(uow.broadcasts.get(broadcast), next_at=now + PUT_OFF))


def refresh(uow: UnitOfWork, now: datetime) -> int:
    """Show new figures: under the messages, and at the desks. Called every few seconds, so that edits stay few.

    How far the sending has come is left to `show_progress`.

    Returns:
        How many messages changed; when there were `PER_LOOK`, there may be more.
    """
    changed = uow.targets.changed(PER_LOOK)
    running: dict[BroadcastId, Broadcast] = {}
    for target in changed:
        if target.broadcast not in running:
            running[target.broadcast] = uow.broadcasts.get(target.broadcast)
        telling.promise_edit(uow, running[target.broadcast], target, now)
        if target.step and not target.missing:
            telling.renew_complete(uow, running[target.broadcast], target, now.isoformat())
        uow.targets.shown(target)
    for broadcast in running.values():
        if broadcast.state is not State.SENDING:
            look_again(uow, broadcast, now)
    return len(changed)


def show_progress(uow: UnitOfWork, now: datetime) -> None:
    """Show at the desks how far the sending has come. Called seldom: each edit costs a household its turn."""
    for broadcast in uow.broadcasts.due(now, AT_ONCE):
        if broadcast.state is State.SENDING:
            telling.promise_live(uow, broadcast, now)


def look_again(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> None:
    """The figures of *broadcast* have changed: show them at its desk, and end the chase when nobody is missing."""
    telling.promise_live(uow, broadcast, now)
    if broadcast.state is State.CHASING and not uow.targets.figures(broadcast.id).missing:
        _finish(uow, broadcast, Event.ANSWERED, now)


def _look(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    over = broadcast.expires_at is not None and broadcast.expires_at <= now
    stale = broadcast.state is State.DRAFT
    if (over or stale) and Event.EXPIRED in lifecycle.possible(broadcast.state):
        return _expire(uow, broadcast, now)
    match broadcast.state:
        case State.SCHEDULED:
            return _begin(uow, broadcast, now)
        case State.SENDING:
            return _send(uow, broadcast, now)
        case State.CHASING:
            return _chase(uow, broadcast, now)
        case State.DONE:
            return _send_late(uow, broadcast, now)
        case state if state in ENDS:
            return _close(uow, broadcast, now)
    _keep(uow, broadcast, now)
    return 0


def _keep(uow: UnitOfWork, broadcast: Broadcast, now: datetime, *, busy: bool = False) -> Broadcast:
    look = rules.next_look(broadcast, now, hours(uow, broadcast), busy=busy)
    return uow.broadcasts.save(replace(broadcast, next_at=look))


def _expire(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    kept = _keep(uow, lifecycle.step(broadcast, Event.EXPIRED, now), now, busy=broadcast.begun_at is not None)
    if kept.begun_at is None:
        telling.promise_preview(uow, kept)
        telling.renew_approval(uow, kept)
        return 1
    telling.promise_live(uow, kept, now)
    if broadcast.state is not State.DONE:
        _sum_up(uow, kept)
    return 1


def _begin(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    """Aim it, let it take the place of what it updates, lay the next one of a series, and promise the first slice.

    Where answers are carried over, the first slice waits for the next look: what it updates must have ended for
    everybody first, so that nobody presses there any more while answers are taken from it (`Receipts.ask`).
    """
    if rules.leaves_at(broadcast, now, hours(uow, broadcast)) > now:
        _keep(uow, broadcast, now)
        return 0
    before = _taken_over(uow, broadcast)
    carried = before is not None and not rules.asks_again(before, broadcast)
    updates = before.id if before is not None else None
    kept = _keep(uow, replace(lifecycle.step(broadcast, Event.BEGUN, now), carried=carried, updates=updates), now)
    uow.targets.aim(kept)
    if before is not None and Event.SUPERSEDED in lifecycle.possible(before.state):
        ended = _keep(uow, lifecycle.step(before, Event.SUPERSEDED, now), now, busy=True)
        telling.promise_live(uow, ended, now)
    if kept.repeat_s is not None:
        _lay_next(uow, kept, now)
    telling.promise_preview(uow, kept)
    telling.promise_live(uow, kept, now)
    return 1 if carried else 1 + _send(uow, kept, now)


def _taken_over(uow: UnitOfWork, broadcast: Broadcast) -> Broadcast | None:
    """What it takes the place of: what is running of its chain now, whatever ran when it was written."""
    if broadcast.updates is None and broadcast.first is None:
        return None
    chain = uow.broadcasts.chain(broadcast.chain)
    running = [one for one in chain if one.begun_at and Event.SUPERSEDED in lifecycle.possible(one.state)]
    named = [one for one in chain if one.id == broadcast.updates]
    return next(iter((*running[::-1], *named)), None)


def _lay_next(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> None:
    """The next one of a series is a broadcast of its own, on its schedule already."""
    later = rules.repeated(broadcast, BroadcastId(uow.ids.new()), uow.broadcasts.next_number(), now)
    uow.broadcasts.add(replace(later, next_at=rules.next_look(later, now, hours(uow, later))))
    telling.tell_desk(uow, later, "broadcast_next", now, before=broadcast.number)


def _send(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    """Take over what became of the last slice, promise the next one, and end when every chat has an outcome."""
    news = uow.targets.settle(broadcast.id)
    figures = uow.targets.figures(broadcast.id)
    if figures.waiting and _held(uow, broadcast, now):
        return news
    slice_ = _slice(uow, broadcast.id) if figures.waiting else ()
    _promise(uow, broadcast, slice_, now)
    if figures.waiting or figures.promised:
        return news + len(slice_)
    if broadcast.receipts and figures.missing:
        _keep(uow, lifecycle.step(broadcast, Event.DELIVERED, now), now)
        _tell_unreached(uow, broadcast, now, figures.failed)
        telling.promise_live(uow, broadcast, now)
        return 1
    _finish(uow, broadcast, Event.ANSWERED, now)
    _tell_unreached(uow, broadcast, now, figures.failed)
    return 1


def _slice(uow: UnitOfWork, broadcast: BroadcastId) -> Sequence[Target]:
    """The next chats of every bot that has room before it: bots send beside each other, none waits for another."""
    open_ = [one for one in uow.targets.backlogs(broadcast) if one.waiting and one.promised < rules.SLICE]
    return [
        target
        for one in open_
        for target in uow.targets.next(broadcast, one.bot, min(-(-PER_LOOK // len(open_)), rules.SLICE - one.promised))
    ]


def _send_late(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    """Chats that could not be reached before the end and now can."""
    uow.targets.settle(broadcast.id)
    slice_ = uow.targets.at(broadcast.id, TargetState.WAITING, PER_LOOK)
    if slice_ and _held(uow, broadcast, now):
        return 0
    _promise(uow, broadcast, slice_, now)
    busy = bool(uow.targets.at(broadcast.id, TargetState.PROMISED, 1))
    _keep(uow, broadcast, now, busy=busy)
    if not busy:
        telling.promise_live(uow, broadcast, now)
    return len(slice_)


def _held(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> bool:
    """Whether the night holds up what is left to say: then it is put off until the morning, or its end before that.

    Until what was promised before has an outcome, it is looked at all the same.
    """
    until = rules.held_until(broadcast, now, hours(uow, broadcast))
    if until is not None and not uow.targets.at(broadcast.id, TargetState.PROMISED, 1):
        kept = uow.broadcasts.save(replace(broadcast, next_at=min(until, broadcast.expires_at or until)))
        telling.promise_live(uow, kept, now)
    return until is not None


def _promise(uow: UnitOfWork, broadcast: Broadcast, targets: Sequence[Target], now: datetime) -> None:
    """Ask the households of some chats and promise the message, or write down why it can't be said there.

    What has not left when the night begins expires, and then waits for the morning.
    """
    until = rules.leaves_until(broadcast, now, hours(uow, broadcast))
    for target in targets:
        if broadcast.receipts and not target.round:
            uow.receipts.ask(target, *_carried(uow, broadcast))
        if target.chat is None:
            reason = UNBOUND if broadcast.audience.post is None else ChatState.NEVER_STARTED.value
            uow.targets.move(target, TargetState.FAILED, reason)
            continue
        telling.promise_message(uow, broadcast, target, target.chat, until)
        uow.targets.move(target, TargetState.PROMISED)


def _carried(uow: UnitOfWork, broadcast: Broadcast) -> Iterator[BroadcastId]:
    """Those whose answers count for it, newest first: one of them may have ended before it had asked everybody."""
    while broadcast.carried and broadcast.updates is not None:
        broadcast = uow.broadcasts.get(broadcast.updates)
        yield broadcast.id


def _tell_unreached(uow: UnitOfWork, broadcast: Broadcast, now: datetime, failed: int) -> None:
    if failed:
        telling.tell_unreached(uow, broadcast, uow.targets.at(broadcast.id, TargetState.FAILED, failed), now)


def _chase(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    """Do the step that is due, a few chats at a time; what was slept through is left out but for the last step."""
    news = uow.targets.settle(broadcast.id)
    step, known = broadcast.step, hours(uow, broadcast)
    while (at := rules.chase_at(broadcast, step, known)) is not None and at <= now:
        step += 1
    waiting = uow.targets.at(broadcast.id, TargetState.WAITING, PER_LOOK)
    left = waiting or (uow.targets.behind(broadcast.id, step, 1) if step and known.chase else ())
    if left and _held(uow, broadcast, now):
        return 0
    _promise(uow, broadcast, waiting, now)
    broadcast = replace(broadcast, step=step)
    behind = uow.targets.behind(broadcast.id, step, PER_LOOK) if step and known.chase else ()
    for target in behind:
        _do_step(uow, broadcast, target, rules.step_of(step, known))
        uow.targets.chased(target, step)
    end = rules.windows_end(broadcast, known)
    if not behind and end is not None and end <= now:
        _finish(uow, broadcast, Event.CLOSED, now)
        return 1
    figures = uow.targets.figures(broadcast.id)
    if not figures.missing:
        _finish(uow, broadcast, Event.ANSWERED, now)
        return 1
    _keep(uow, broadcast, now, busy=bool(behind) or bool(figures.promised))
    if behind or (news and not figures.promised):
        telling.promise_live(uow, broadcast, now)
    return len(behind)


def _do_step(uow: UnitOfWork, broadcast: Broadcast, target: Target, step: Chase) -> None:
    """Staff have neither a group nor a door here: they are reminded in private, and then named at the desk."""
    staff = broadcast.audience.post is not None
    match step:
        case Chase.GROUP if not staff:
            telling.promise_nudge(uow, broadcast, target)
        case Chase.GROUP | Chase.PRIVATE:
            for person in uow.receipts.silent(broadcast.id, target.place):
                chat = uow.chats.private(person)
                if chat is not None:
                    telling.promise_reminder(uow, broadcast, target, person, chat.id)
        case Chase.DOORS if staff:
            telling.promise_absent(uow, broadcast)
        case Chase.DOORS:
            telling.promise_doors(uow, broadcast, target)


def _finish(uow: UnitOfWork, broadcast: Broadcast, event: Event, now: datetime) -> None:
    late = any(uow.targets.at(broadcast.id, state, 1) for state in (TargetState.WAITING, TargetState.PROMISED))
    kept = _keep(uow, lifecycle.step(broadcast, event, now), now, busy=late)
    telling.promise_live(uow, kept, now)
    if kept.receipts:
        _sum_up(uow, kept)


def _sum_up(uow: UnitOfWork, broadcast: Broadcast) -> None:
    telling.promise_summary(uow, broadcast)
    summary.promise_files(uow, broadcast, "end")


def _close(uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> int:
    """Say in every chat that it is over, a few at a time; what had not left never leaves."""
    uow.targets.settle(broadcast.id)
    waiting = uow.targets.at(broadcast.id, TargetState.WAITING, PER_LOOK)
    for target in waiting:
        uow.targets.move(target, TargetState.FAILED, broadcast.state.value)
    view = "broadcast_cleared" if broadcast.state is State.CANCELLED else None
    sent = uow.targets.at(broadcast.id, TargetState.SENT, PER_CLOSE)
    for target in sent:
        telling.promise_end(uow, broadcast, target, now, view)
        _close_asides(uow, broadcast, target)
        uow.targets.move(target, TargetState.CLOSED)
    left = waiting or sent or uow.targets.at(broadcast.id, TargetState.PROMISED, 1)
    if not left:
        for target in uow.targets.at(broadcast.id, TargetState.FAILED, MOST_FAILED):
            telling.promise_end(uow, broadcast, target, now, view)
            _close_asides(uow, broadcast, target)
        if broadcast.receipts and broadcast.state is State.CANCELLED:
            _sum_up(uow, broadcast)
    _keep(uow, broadcast, now, busy=bool(left))
    return len(waiting) + len(sent)


def _close_asides(uow: UnitOfWork, broadcast: Broadcast, target: Target) -> None:
    if target.step:
        telling.renew_asides(uow, broadcast, target)
