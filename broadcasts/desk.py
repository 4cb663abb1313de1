"""The one door to a broadcast: what its author, its approver and its desk do with it. Each runs in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from broadcasts import commanding, lifecycle, refusals, rights, rules, telling
from broadcasts.lifecycle import Event
from broadcasts.model import ENDS, Audience, Broadcast, BroadcastId, Class, State
from broadcasts.ports import UnitOfWork, hours
from routing.model import ChatId, PersonId
from routing.refusals import AlreadyDone, Refusal

WHOLE_DAY: Final = timedelta(days=1)
"""So long a message holds at least when its author names no end."""
_EDITABLE: Final = frozenset(
    {
        "kind", "level", "template", "alert", "text", "media", "audience", "receipts", "window_s", "send_at",
        "repeat_s", "expires_at",
    }
)  # fmt: skip


def compose(uow: UnitOfWork, person: PersonId, chat: ChatId, kind: Class, at: datetime, **fields: Any) -> Broadcast:
    """Begin a draft; it is a row, shown where it is composed and edited in place.

    Raises:
        NotBroadcaster: *person* may not broadcast that from there.
    """
    unit = rights.speaking_unit(uow, person, chat, kind)
    known: dict[str, Any] = {
        "id": BroadcastId(uow.ids.new()),
        "number": uow.broadcasts.next_number(),
        "state": State.DRAFT,
        "kind": kind,
        "unit": unit,
        "author": person,
        "chat": chat,
        "drafted_at": at,
        "audience": Audience(unit),
        "window_s": int(uow.policy.broadcasting.window.total_seconds()),
    }
    made = Broadcast(**{**known, **fields})
    made = replace(made, next_at=rules.next_look(made, at, hours(uow, made)))
    uow.broadcasts.add(made)
    telling.promise_preview(uow, made)
    return made


def edit(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime, **changes: Any) -> Broadcast:
    """Change a draft.

    Raises:
        NotBroadcaster: *by* may not write it.
        NotThen: it is no draft any more.
        OutOfScope: the audience does not lie below its unit.
        TooLong: the text would not fit into one message.
        AlertRepeats: an alert would be a series.
    """
    current = uow.broadcasts.get(broadcast)
    if unknown := changes.keys() - _EDITABLE:
        raise TypeError(f"no part of a draft: {', '.join(sorted(unknown))}")
    changed = replace(current, **changes)
    rights.check_author(uow, by, current)
    rights.check_author(uow, by, changed)
    if current.state is not State.DRAFT:
        raise refusals.NotThen(state=current.state.value)
    rights.check_audience(uow, current, changed.audience.unit)
    if _length(changed) > rules.LONGEST_TEXT:
        raise refusals.TooLong(most=rules.LONGEST_TEXT)
    if changes.get("repeat_s"):
        _check_series(changed)
    return _kept(uow, changed, at, telling.promise_preview)


def _length(broadcast: Broadcast) -> int:
    alert = broadcast.alert
    return sum(
        len(part) for part in (broadcast.text, alert.hazard, alert.issuer, alert.area, alert.matter, alert.action)
    )


def submit(
    uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime, *, seen: int | None = None
) -> Broadcast:
    """Let a draft out: at once, at its time, or to a second person when it is red or orange.

    Whoever asks for that answers for it as its author, or they could alter another one's draft and approve it
    themselves. *seen* is the version that they looked at; ``None`` where it was made in this very transaction.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: it is no draft any more.
        ShownBefore: it has changed since.
        PartsMissing: it lacks parts that it must state.
        EndsTooSoon: it would expire before that begins of which it warns.
        NobodyThere: it would reach no chat and no household.
        WindowPassed: it would expire before anybody could answer.
        AlertRepeats: it is an alert and would be a series.
        NobodyApproves: it is red or orange, and there is no second person.
    """
    current = _with_end(uow, uow.broadcasts.get(broadcast), at)
    rights.check_author(uow, by, current)
    event = Event.SUBMITTED if current.grave else Event.RELEASED
    moved = lifecycle.step(current, event, at, by)
    _check_seen(current, seen)
    _check(uow, current, at)
    if event is Event.SUBMITTED:
        if not commanding.approvers(uow, current.unit, by):
            raise refusals.NobodyApproves
        kept = _kept(uow, replace(moved, author=by), at, telling.promise_preview)
        telling.promise_approval(uow, kept)
        return kept
    kept = _kept(uow, moved, at, telling.promise_preview)
    _replace_older(uow, kept, at)
    return kept


def _with_end(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> Broadcast:
    """Whatever is no alert holds for its window, and a day at least, if nobody said until when."""
    if broadcast.expires_at is not None or broadcast.kind is Class.ALERT:
        return broadcast
    leaves = rules.leaves_at(broadcast, at, hours(uow, broadcast))
    end = rules.windows_end(replace(broadcast, begun_at=leaves), hours(uow, broadcast)) or leaves
    return replace(broadcast, expires_at=max(end, leaves + WHOLE_DAY))


def _check(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> None:
    if missing := rules.missing_parts(broadcast):
        raise refusals.PartsMissing(count=len(missing))
    _check_series(broadcast)
    if broadcast.send_at is not None and broadcast.send_at < at - timedelta(minutes=1):
        raise refusals.WindowPassed
    leaves = rules.leaves_at(broadcast, at, hours(uow, broadcast))
    if broadcast.expires_at is not None and broadcast.expires_at < leaves + rules.SHORTEST_WINDOW:
        raise refusals.WindowPassed
    if rules.ends_too_soon(broadcast):
        raise refusals.EndsTooSoon
    reach = uow.targets.reach(broadcast.audience)
    if not reach.chats and not reach.households:
        raise refusals.NobodyThere


def _check_series(broadcast: Broadcast) -> None:
    """The next one of a series would warn of tomorrow with what was issued, and approved, today."""
    if broadcast.kind is Class.ALERT and broadcast.repeat_s:
        raise refusals.AlertRepeats


def _check_seen(broadcast: Broadcast, seen: int | None) -> None:
    if seen is not None and seen != broadcast.version:
        raise refusals.ShownBefore


def approve(
    uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime, *, seen: int | None = None
) -> Broadcast:
    """The second person's yes, to the version *seen*: it may have been taken back, altered and submitted again.

    Raises:
        OwnApproval: *by* wrote it.
        NotBroadcaster: they hold no post for it.
        NotThen: nobody waits for it.
        ShownBefore: it has changed since.
        AlertRepeats: it is an alert and would be a series.
    """
    current = uow.broadcasts.get(broadcast)
    rights.check_approver(uow, by, current)
    if current.state is not State.APPROVING:
        raise refusals.NotThen(state=current.state.value)
    _check_seen(current, seen)
    _check_series(current)
    released = _kept(uow, lifecycle.step(current, Event.RELEASED, at, by), at, telling.promise_preview)
    telling.renew_approval(uow, released)
    _replace_older(uow, released, at)
    return released


def reject(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime) -> Broadcast:
    """The second person's no: a draft again, and its author hears of it.

    Raises:
        OwnApproval, NotBroadcaster, NotThen: as for `approve`.
    """
    current = uow.broadcasts.get(broadcast)
    rights.check_approver(uow, by, current)
    kept = _kept(uow, lifecycle.step(current, Event.REJECTED, at, by), at, telling.promise_preview)
    telling.renew_approval(uow, kept)
    telling.tell_desk(uow, kept, "broadcast_rejected", at, by=by)
    return kept


def recall(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime) -> Broadcast:
    """Take it back to the draft before it has begun.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: it has begun.
    """
    current = uow.broadcasts.get(broadcast)
    rights.check_steering(uow, by, current)
    kept = _kept(uow, lifecycle.step(current, Event.RECALLED, at, by), at, telling.promise_preview)
    telling.renew_approval(uow, kept)
    return kept


def pause(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime) -> Broadcast:
    """Send no more and chase nobody until `resume`.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: it is not running.
    """
    return _steer(uow, broadcast, by, at, Event.PAUSED)


def resume(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime) -> Broadcast:
    """Go on where it was paused.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: it is not paused.
    """
    return _steer(uow, broadcast, by, at, Event.RESUMED)


def cancel(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime) -> Broadcast:
    """End it: a draft is thrown away; of what was sent every chat hears that it no longer holds, and no update leaves.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: it is at an end.
    """
    current = uow.broadcasts.get(broadcast)
    kept = _steer(uow, broadcast, by, at, Event.CANCELLED)
    if current.begun_at is None:
        telling.promise_preview(uow, kept)
        telling.renew_approval(uow, kept)
    else:
        _withdraw_updates(uow, kept, at)
    return kept


def _steer(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime, event: Event) -> Broadcast:
    current = uow.broadcasts.get(broadcast)
    rights.check_steering(uow, by, current)
    moved = lifecycle.step(current, event, at, by)
    shown = telling.promise_live if current.begun_at is not None else None
    return _kept(uow, moved, at, shown and (lambda stores, kept: shown(stores, kept, at)), busy=True)


def chase(uow: UnitOfWork, broadcast: BroadcastId, step: int, by: PersonId, at: datetime) -> Broadcast:
    """Begin the *step*-th step of the chase, counted from 1, before its time; the later ones keep theirs.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: nobody is chased now, or no step is left.
        AlreadyDone: that one has begun.
        NightTime: people are left alone now, and it is neither red nor orange.
    """
    current = uow.broadcasts.get(broadcast)
    rights.check_steering(uow, by, current)
    if current.step >= step:
        raise AlreadyDone
    if rules.next_step(current, hours(uow, current)) is None:
        raise refusals.NotThen(state=current.state.value)
    if not current.grave and hours(uow, current).awake(at) > at:
        raise refusals.NightTime
    return uow.broadcasts.save(replace(current, step=current.step + 1, next_at=at))


def retry(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, at: datetime) -> int:
    """Send it to grids that could not be reached and now can; returns how many.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: it is not running.
    """
    current = uow.broadcasts.get(broadcast)
    rights.check_steering(uow, by, current)
    if current.state not in (State.SENDING, State.CHASING, State.DONE):
        raise refusals.NotThen(state=current.state.value)
    again = uow.targets.retry(broadcast)
    if again:
        uow.broadcasts.save(replace(current, next_at=at))
    return again


def draft_update(uow: UnitOfWork, broadcast: BroadcastId, by: PersonId, chat: ChatId, at: datetime) -> Broadcast:
    """A draft that takes the place of one that was sent, once it begins itself.

    Raises:
        NotBroadcaster: *by* may not.
        NotThen: nothing was sent, or it is at an end.
    """
    current = uow.broadcasts.get(broadcast)
    rights.check_steering(uow, by, current)
    if Event.SUPERSEDED not in lifecycle.possible(current.state):
        raise refusals.NotThen(state=current.state.value)
    same = {name: getattr(current, name) for name in _EDITABLE - {"send_at", "repeat_s", "kind"}}
    if current.expires_at is not None and current.expires_at < at + rules.SHORTEST_WINDOW:
        same["expires_at"] = None
    chain = {"updates": current.id, "first": current.chain, "unit": current.unit}
    return compose(uow, by, chat, current.kind, at, **same, **chain)


def relay(uow: UnitOfWork, draft: Broadcast, at: datetime, *, release: bool) -> Broadcast:
    """Write a draft down that nobody here wrote, as from a warning centre; with *release* let it out at once.

    What may not leave, because it lacks a part or would reach nobody, stays a draft for somebody to complete.
    """
    made = replace(draft, next_at=rules.next_look(draft, at, hours(uow, draft)))
    uow.broadcasts.add(made)
    if release:
        try:
            _check(uow, made, at)
        except Refusal:
            release = False
    kept = _kept(uow, lifecycle.step(made, Event.RELEASED, at) if release else made, at, telling.promise_preview)
    _replace_older(uow, kept, at)
    return kept


def revoke(uow: UnitOfWork, broadcast: BroadcastId, at: datetime) -> Broadcast:
    """End it, and what was to take its place, because whoever issued it has cancelled it or said something newer.

    Raises:
        NotThen: it is at an end.
    """
    current = uow.broadcasts.get(broadcast)
    kept = _kept(uow, lifecycle.step(current, Event.CANCELLED, at), at, busy=True)
    if kept.begun_at is None:
        telling.promise_preview(uow, kept)
        telling.renew_approval(uow, kept)
    else:
        telling.promise_live(uow, kept, at)
        _withdraw_updates(uow, kept, at)
    return kept


def _withdraw_updates(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> None:
    for one in uow.broadcasts.chain(broadcast.chain):
        if one.begun_at is None and Event.CANCELLED in lifecycle.possible(one.state):
            revoke(uow, one.id, at)


def _replace_older(uow: UnitOfWork, broadcast: Broadcast, at: datetime) -> None:
    """What was said before a relayed *broadcast* and has not left never leaves, once that is let out itself.

    A draft of the same issuer goes at once; one that somebody here writes stays theirs.
    """
    out = broadcast.state is not State.DRAFT
    for one in uow.broadcasts.chain(broadcast.chain) if broadcast.origin else ():
        outdated = bool(one.origin) if one.state is State.DRAFT else out and one.begun_at is None
        if outdated and one.id < broadcast.id and Event.CANCELLED in lifecycle.possible(one.state):
            revoke(uow, one.id, at)


def show_anew(uow: UnitOfWork, broadcasts: Iterable[BroadcastId], at: datetime) -> None:
    """Show anew how these stand, as after a downtime or a restore; the living ones are told by `living`."""
    for broadcast in map(uow.broadcasts.get, broadcasts):
        telling.promise_anew(uow, broadcast, at)


def living(uow: UnitOfWork) -> Sequence[BroadcastId]:
    """Those that can be steered: drafts, and what has not come to its end."""
    return [one.id for one in uow.broadcasts.all() if one.state not in (*ENDS, State.DONE)]


def _kept(
    uow: UnitOfWork,
    broadcast: Broadcast,
    at: datetime,
    shown: Callable[[UnitOfWork, Broadcast], None] | None = None,
    *,
    busy: bool = False,
) -> Broadcast:
    """Write it down with its next look and show it."""
    busy = busy and broadcast.begun_at is not None
    look = rules.next_look(broadcast, at, hours(uow, broadcast), busy=busy)
    kept = uow.broadcasts.save(replace(broadcast, next_at=look))
    if shown is not None:
        shown(uow, kept)
    return kept
