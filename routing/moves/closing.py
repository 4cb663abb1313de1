"""Towards the end: resolve, review, rate, archive; and the three other ends."""

from datetime import datetime

from routing import refusals
from routing.effects import Disarm, Effect, EndParts, Follow, Tell, TellFollowers, TellWhole, Whom
from routing.events import (
    Approved,
    Merged,
    Rated,
    RatingLapsed,
    Refused,
    Reopened,
    Resolved,
    SentBack,
    Withdrawn,
)
from routing.model import Case, Rating, Status, TimerKind
from routing.moves.offering import offer
from routing.moves.step import Facts, Outcome, outcome

EVERYTHING = Disarm(tuple(TimerKind))


def resolve(case: Case, event: Resolved, facts: Facts) -> Outcome:
    """The holder says it is done; parts and assists must be finished, evidence attached where asked (law 7)."""
    if event.by != case.holder:
        raise refusals.NotHolder
    unfinished = facts.open_parts + sum(not assist.over for assist in case.assists)
    if unfinished:
        raise refusals.PartsOpen(count=unfinished)
    if facts.needs_evidence and facts.policy.evidence and event.photos == 0:
        raise refusals.EvidenceNeeded
    done = outcome(
        case, handler=case.unit, solution=event.words, resolved_at=event.at, waiting=False, ruling=None, rulers=(),
        responded_at=case.responded_at or event.at,
    ).case  # fmt: skip
    if not facts.policy.review_required:
        return _to_rating(done, event, facts)
    unit = facts.reviewer(done)
    due, _ = facts.due(TimerKind.REVIEW, done, event.at, unit)
    return outcome(
        done,
        EVERYTHING,
        facts.arm(TimerKind.REVIEW, done, event.at, unit),
        Tell(Whom.DESK, "tell.review", unit),
        status=Status.IN_REVIEW,
        due_at=due,
    )


def _to_rating(case: Case, event: Resolved | Approved, facts: Facts) -> Outcome:
    """The reporter is asked for a rating; of a part nobody is, for the whole will be rated."""
    if case.parent is not None:
        told = TellWhole("tell.part_done")
        return outcome(case, EVERYTHING, told, status=Status.ARCHIVED, archived_at=event.at, overdue=False)
    due, provisional = facts.due(TimerKind.RATE, case, event.at)
    return outcome(
        case,
        EVERYTHING,
        facts.arm(TimerKind.RATE, case, event.at),
        Tell(Whom.REPORTER, "tell.rate"),
        TellFollowers("tell.outcome"),
        status=Status.AWAITING_RATING,
        calls=0,
        told=None,
        due_at=due,
        provisional=provisional,
        overdue=False,
    )


def approve(case: Case, event: Approved, facts: Facts) -> Outcome:
    """The reply goes out; or, when a judgement was asked, the closing stands and the case is archived."""
    _check_reviewer(case, event, facts)
    if case.judged:
        return outcome(
            case,
            EVERYTHING,
            Tell(Whom.REPORTER, "tell.judged_stands", None, {"assist": event.unit or facts.reviewer(case)}),
            status=Status.ARCHIVED,
            archived_at=event.at,
            holder=None,
        )
    return _to_rating(case, event, facts)


def _check_reviewer(case: Case, event: Approved | SentBack, facts: Facts) -> None:
    """Whoever stands between the handler and the reviewing level has no say (一门进、一门出)."""
    if event.unit is not None and event.unit not in {unit.code for unit in facts.tree.path(facts.reviewer(case))}:
        raise refusals.NotYours


def send_back(case: Case, event: SentBack, facts: Facts) -> Outcome:
    """Not good enough: the same unit does it again, with fresh clocks."""
    _check_reviewer(case, event, facts)
    again = outcome(case, judged=False, solution=None).case
    moved = offer(again, case.handler or case.unit, event.at, facts, key="tell.sent_back")
    key = "tell.judged_again" if case.judged else "tell.offered_reporter"
    judge = {"assist": event.unit or facts.reviewer(case)}
    return Outcome(moved.case, (*moved.effects, Tell(Whom.REPORTER, key, None, judge)))


def rate(case: Case, event: Rated, facts: Facts) -> Outcome:
    """Only the reporter (or the household), once per closing. "Not satisfied" starts the work again (law 9)."""
    allowed = {case.reporter} | (facts.household_of_reporter if facts.policy.rating_by == "household" else frozenset())
    if event.by is None or event.by not in allowed:
        raise refusals.NotReporter
    first = case.rating_first or event.rating
    rated = outcome(case, rating_first=first, rating_final=event.rating, calling=None).case
    if event.rating is not Rating.NOT_SATISFIED:
        return outcome(rated, EVERYTHING, Tell(Whom.HOLDER, "tell.rated"), status=Status.ARCHIVED, archived_at=event.at)
    if case.reopened == 0:
        return outcome(rated, Disarm((TimerKind.RATE, TimerKind.CALL_BACK)), Follow(Reopened(at=event.at, by=None)))
    return ask_judgement(rated, event.at, facts)


def ask_judgement(case: Case, at: datetime, facts: Facts) -> Outcome:
    """A second "not satisfied": the level above says whether the closing stands (law 9)."""
    above = facts.tree.above(case.unit)
    unit = above.code if above else case.unit
    due, provisional = facts.due(TimerKind.REVIEW, case, at, unit)
    return outcome(
        case,
        EVERYTHING,
        facts.arm(TimerKind.REVIEW, case, at, unit),
        Tell(Whom.DESK, "tell.judge", unit),
        Tell(Whom.REPORTER, "tell.judge_reporter", None, {"assist": unit}),
        status=Status.IN_REVIEW,
        judged=True,
        due_at=due,
        provisional=provisional,
    )


def rate_again(_case: Case, _event: Rated, _facts: Facts) -> Outcome:
    """A second press on the stars changes nothing."""
    raise refusals.AlreadyRated


def lapse(case: Case, event: RatingLapsed, _facts: Facts) -> Outcome:
    """Silence is not satisfaction: archived as unrated."""
    return outcome(case, EVERYTHING, status=Status.ARCHIVED, archived_at=event.at, calling=None)


def merge(case: Case, event: Merged, facts: Facts) -> Outcome:
    """It repeats another case; the reporter follows that one from now on. What has open parts goes on by itself."""
    if event.into == case.id or case.parent is not None:
        raise refusals.SameCase
    _check_parts(facts)
    over = () if case.holder in (None, event.by) else (Tell(Whom.HOLDER, "tell.merged_holder", case.unit),)
    return outcome(
        case,
        EVERYTHING,
        Tell(Whom.REPORTER, "tell.merged"),
        *over,
        *_called_off(case),
        status=Status.MERGED,
        merged_into=event.into,
        archived_at=event.at,
    )


def refuse(case: Case, event: Refused, facts: Facts) -> Outcome:
    """Not accepted; the reporter learns the reason and the route to take, and whoever worked on it that it is over."""
    _check_parts(facts)
    reason = {"reason": event.reason.value}
    tells: tuple[Effect, ...] = (
        Tell(Whom.REPORTER, "tell.refused", None, reason),
        TellFollowers("tell.refused_follower", reason),
    )
    if case.parent is not None:
        tells = (TellWhole("tell.part_gone"),)
    if case.holder not in (None, event.by):
        tells = (*tells, Tell(Whom.HOLDER, "tell.refused_holder", case.unit, reason))
    return outcome(case, EVERYTHING, *tells, *_called_off(case), status=Status.REFUSED, archived_at=event.at)


def _called_off(case: Case) -> tuple[Effect, ...]:
    """Whoever was called and has not finished need not come any more."""
    called = (one.unit for one in case.assists if not one.over)
    return tuple(Tell(Whom.DESK, "tell.called_off", unit, {"assist": unit}) for unit in called)


def _check_parts(facts: Facts) -> None:
    if facts.open_parts:
        raise refusals.PartsOpen(count=facts.open_parts)


def withdraw(case: Case, event: Withdrawn, _facts: Facts) -> Outcome:
    """The reporter takes it back, and with it its parts. A part goes by the word of whoever has the whole."""
    if case.parent is None and case.status is Status.IN_REVIEW:
        raise refusals.NotNow(case.status, type(event).__name__)
    if case.parent is None and (event.by is None or event.by != case.reporter):
        raise refusals.NotReporter
    told = (TellWhole("tell.part_gone"),) if case.parent is not None and event.by is not None else ()
    return outcome(
        case,
        EVERYTHING,
        EndParts(),
        TellFollowers("tell.withdrawn_follower"),
        *told,
        Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.withdrawn", case.unit),
        *_called_off(case),
        status=Status.WITHDRAWN,
        archived_at=event.at,
    )
