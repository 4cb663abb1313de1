"""From filed to held: dispatch, claim, release, hand-over."""

from datetime import datetime

from routing import conflicts, refusals
from routing.effects import Arm, Disarm, Effect, Pause, Tell, TellFollowers, Whom
from routing.events import Assigned, Claimed, Dispatched, Filed, HandedOver, Released, Reopened
from routing.model import Case, Status, TimerKind, UnitCode
from routing.moves.step import Facts, Outcome, outcome
from routing.moves.waiting import stop_waiting

HANDLING = (TimerKind.RESPOND, TimerKind.HANDLE, TimerKind.SILENCE, TimerKind.REPLY)
"""Clocks that run while a unit works on a case."""


def file(case: Case, _event: Filed, facts: Facts) -> Outcome:
    """Take the report in: from now on somebody owes an answer."""
    respond = facts.arm(TimerKind.RESPOND, case, case.filed_at)
    return outcome(case, respond, status=Status.RECEIVED, respond_due_at=respond.due_at)


def dispatch(case: Case, event: Dispatched, facts: Facts) -> Outcome:
    """Give the case to a unit; its clocks run from now, whether or not anybody claims (law 4)."""
    if event.until is not None and event.until <= event.at:
        raise refusals.BadDate
    dispatcher = None
    if event.by is not None:
        conflicts.admit(facts.tree, case, event.to)
        dispatcher = event.unit
    given = outcome(case, rule=event.rule, designated=event.designated, dispatcher=dispatcher).case
    offered = offer(given, event.to, event.at, facts, key="tell.offered", until=event.until)
    moved = Outcome(outcome(offered.case, accepted=case.accepted or offered.case.unit).case, offered.effects)
    if event.by is None or case.parent is not None:
        return moved
    return Outcome(moved.case, (*moved.effects, Tell(Whom.REPORTER, "tell.transferred_reporter")))


def offer(case: Case, to: UnitCode, at: datetime, facts: Facts, *, key: str, until: datetime | None = None) -> Outcome:
    """Put the case before the roster of *to* with fresh clocks of that level.

    What the law decides gets no due time; a clock watches over it all the same (law 1). A date *until* that was set
    for it stands in the place of the limit. Where *to* must stay out of it, the first unit above that need not gets it.
    Whoever gives it to itself is nobody's dispatcher. It bears the policy by which its clocks were counted.
    """
    to = conflicts.instead(facts.tree, case, to)
    dispatcher = None if case.dispatcher == to else case.dispatcher
    moved = outcome(case, unit=to, holder=None, status=Status.OFFERED, waiting=False, overdue=False).case
    due, provisional = (until, False) if until is not None else facts.promised(moved, at)
    respond = facts.arm(TimerKind.RESPOND, moved, at)
    handle = Arm(TimerKind.HANDLE, at, due) if due is not None else facts.arm(TimerKind.HANDLE, moved, at)
    effects: list[Effect] = [
        Disarm((*HANDLING, TimerKind.REVIEW, TimerKind.RULING, TimerKind.RATE, TimerKind.CALL_BACK, TimerKind.RESUME)),
        handle,
        respond,
        Tell(Whom.ROSTER, key, to),
    ]
    return outcome(
        moved, *effects, policy=facts.stamp(to), dispatched_at=at, due_at=due, provisional=provisional,
        respond_due_at=respond.due_at, responded_at=None, ruling=None, rulers=(), proposed=None,
        assigned=(), dispatcher=dispatcher,
    )  # fmt: skip


def claim(case: Case, event: Claimed, facts: Facts) -> Outcome:
    """Whoever presses first has it; a person's claim answers the resident and stops the response clock."""
    taken = outcome(case, status=Status.CLAIMED, holder=event.by, responded_at=event.at).case
    return outcome(
        taken,
        Disarm((TimerKind.RESPOND,)),
        *_silence(taken, event.at, facts),
        Tell(Whom.REPORTER, "tell.claimed"),
    )


def claim_again(case: Case, event: Claimed, facts: Facts) -> Outcome:
    """A second press: the same person changes nothing, another one is told who was faster.

    Whom the clock gave it to takes it on by this press, which answers the resident.
    """
    if case.holder != event.by:
        raise refusals.AlreadyClaimed(by=case.holder)
    if not case.pending:
        raise refusals.AlreadyDone
    taken = outcome(case, responded_at=event.at).case
    return outcome(
        taken,
        Disarm((TimerKind.RESPOND,)),
        facts.arm(TimerKind.SILENCE, taken, event.at),
        Tell(Whom.REPORTER, "tell.claimed"),
    )


def assign(case: Case, event: Assigned, facts: Facts) -> Outcome:
    """Nobody took it in time, so somebody has it now, each of a unit at most once; the level above learns who.

    It is the clock's deed: the response clock runs on until that person says something (law 4).
    """
    if event.to not in facts.colleagues:
        raise refusals.NotColleague
    if event.to in case.assigned:
        raise refusals.AlreadyDone
    given = outcome(case, status=Status.CLAIMED, holder=event.to, assigned=(*case.assigned, event.to)).case
    above = facts.tree.above(case.unit)
    return outcome(
        given,
        *_silence(given, event.at, facts),
        Tell(Whom.HOLDER, "tell.assigned"),
        *([Tell(Whom.DESK, "tell.assigned_above", above.code)] if above else []),
        Tell(Whom.REPORTER, "tell.assigned_reporter"),
    )


def _silence(case: Case, at: datetime, facts: Facts) -> tuple[Effect, ...]:
    """The clock of whoever has just got *case*; while its reporter is to answer it stands still."""
    held = (Pause((TimerKind.SILENCE,)),) if facts.held(case) else ()
    return (facts.arm(TimerKind.SILENCE, case, at), *held)


def release(case: Case, event: Released, facts: Facts) -> Outcome:
    """Back to the roster. The handling clock runs on: time that one person lost is not given back.

    Nobody waits for an answer any more; what the reporter writes now is something more.
    """
    freed = outcome(case, status=Status.OFFERED, holder=None, waiting=False, responded_at=None).case
    return outcome(
        freed,
        *stop_waiting(case),
        Disarm((TimerKind.SILENCE,)),
        facts.arm(TimerKind.RESPOND, freed, event.at),
        Tell(Whom.ROSTER, "tell.released" if event.by else "tell.released_by_silence", case.unit),
        Tell(Whom.REPORTER, "tell.offered_reporter"),
        respond_due_at=facts.due(TimerKind.RESPOND, freed, event.at)[0],
    )


def hand_over(case: Case, event: HandedOver, facts: Facts) -> Outcome:
    """A colleague of the same unit takes over; deadlines stay."""
    if event.to not in facts.colleagues:
        raise refusals.NotColleague
    if event.to == case.holder:
        raise refusals.AlreadyDone
    passed = outcome(case, holder=event.to, responded_at=case.responded_at or event.at).case
    return outcome(
        passed,
        *([Disarm((TimerKind.RESPOND,))] if case.pending else []),
        *_silence(passed, event.at, facts),
        Tell(Whom.HOLDER, "tell.handed_over"),
        Tell(Whom.REPORTER, "tell.handed_over_reporter"),
    )


def reopen(case: Case, event: Reopened, facts: Facts) -> Outcome:
    """Start again one level above the unit that closed it, with new deadlines and a counted reopening (law 9)."""
    above = facts.tree.above(case.handler or case.unit)
    to = above.code if above else case.unit
    again = outcome(case, reopened=case.reopened + 1, archived_at=None, designated=False, dispatcher=None).case
    moved = offer(again, to, event.at, facts, key="tell.reopened")
    higher = facts.tree.above(to)
    shown = (Tell(Whom.DESK, "tell.reopened_below", higher.code),) if higher else ()
    return Outcome(
        moved.case,
        (
            *moved.effects,
            Tell(Whom.DESK, "tell.reopened", to),
            *shown,
            Tell(Whom.REPORTER, "tell.reopened_reporter"),
            TellFollowers("tell.reopened_follower"),
        ),
    )
