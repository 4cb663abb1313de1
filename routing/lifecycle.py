"""The life of a case, as one table. Diagram, docs, buttons and tests derive from it; a missing pair is a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from routing import refusals
from routing.events import (
    Approved,
    Assigned,
    AssistDone,
    AssistStruck,
    CalledBack,
    CheckedIn,
    Claimed,
    Conferred,
    DeadlinePassed,
    Dispatched,
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Filed,
    HandedOver,
    Merged,
    Noted,
    Rated,
    RatingLapsed,
    Recounted,
    Refused,
    Released,
    Reopened,
    Resolved,
    Resumed,
    ReturnAsked,
    ReturnRuled,
    SentBack,
    Split,
    Supervised,
    Suspended,
    Transferred,
    Whistled,
    Withdrawn,
)
from routing.model import ENDS, Case, Status
from routing.moves import calling, circulation, clockwork, closing, offering, working
from routing.moves.step import Facts, Outcome, Rule

R, O, C, S, V, A = (  # noqa: E741 - the table below is read as columns
    Status.RECEIVED,
    Status.OFFERED,
    Status.CLAIMED,
    Status.SUSPENDED,
    Status.IN_REVIEW,
    Status.AWAITING_RATING,
)


@dataclass(frozen=True, slots=True)
class Move:
    """Where an event may lead from a status, and the rule that decides and computes it."""

    to: tuple[Status, ...]
    rule: Rule


def _moves() -> Mapping[tuple[Status, type[Event]], Move]:
    table: dict[tuple[Status, type[Event]], Move] = {
        (R, Dispatched): Move((O,), offering.dispatch),
        (R, Filed): Move((R,), offering.file),
        (O, Claimed): Move((C,), offering.claim),
        (C, Claimed): Move((C,), offering.claim_again),
        (O, Assigned): Move((C,), offering.assign),
        (C, Released): Move((O,), offering.release),
        (C, HandedOver): Move((C,), offering.hand_over),
        (C, Resolved): Move((V, A, Status.ARCHIVED), closing.resolve),
        (V, Approved): Move((A, Status.ARCHIVED), closing.approve),
        (V, SentBack): Move((O,), closing.send_back),
        (A, Rated): Move((Status.ARCHIVED, A, V), closing.rate),
        (A, Reopened): Move((O,), offering.reopen),
        (A, CalledBack): Move((A, V), calling.called),
        (A, RatingLapsed): Move((Status.ARCHIVED,), closing.lapse),
        (Status.ARCHIVED, Rated): Move((Status.ARCHIVED,), closing.rate_again),
        (O, Rated): Move((O,), closing.rate_again),
        (S, Resumed): Move((O, C), working.resume),
    }
    for status in (O, C):
        table |= {
            (status, Dispatched): Move((O,), offering.dispatch),
            (status, Escalated): Move((O,), circulation.escalate),
            (status, ReturnAsked): Move((status,), circulation.ask_return),
            (status, ReturnRuled): Move((O,), circulation.rule_return),
            (status, Transferred): Move((O,), circulation.transfer),
            (status, Suspended): Move((S,), working.suspend),
            (status, ExtensionAsked): Move((status,), working.ask_extension),
            (status, ExtensionRuled): Move((status,), working.rule_extension),
            (status, Whistled): Move((status,), working.whistle),
            (status, Split): Move((status,), working.split),
            (status, Conferred): Move((status,), working.confer),
        }
    for status in (O, C, S):
        table |= {
            (status, CheckedIn): Move((status,), working.check_in),
            (status, AssistDone): Move((status,), working.finish_assist),
            (status, AssistStruck): Move((status,), working.strike),
            (status, Recounted): Move((status,), clockwork.recount),
        }
    for status in (R, O, C, S):
        table |= {
            (status, Refused): Move((Status.REFUSED,), closing.refuse),
            (status, Merged): Move((Status.MERGED,), closing.merge),
            (status, Withdrawn): Move((Status.WITHDRAWN,), closing.withdraw),
        }
    table[V, Withdrawn] = Move((Status.WITHDRAWN,), closing.withdraw)
    for status in (R, O, C, S, V, A):
        table |= {
            (status, Noted): Move((status,), working.note),
            (status, Supervised): Move((status,), working.supervise),
            (status, DeadlinePassed): Move((status,), clockwork.ring),
        }
    return table


MOVES: Final[Mapping[tuple[Status, type[Event]], Move]] = _moves()


def step(case: Case, event: Event, facts: Facts) -> Outcome:
    """Return the case after *event*, with what the move asks for. Pure; the version is counted up.

    Raises:
        Refusal: the table has no such pair, or its rule says no.
    """
    move = MOVES.get((case.status, type(event)))
    if move is None:
        raise refusals.NotNow(case.status, type(event).__name__)
    made = move.rule(case, event, facts)
    if made.case.status not in move.to:
        raise AssertionError(f"{type(event).__name__} led from {case.status} to {made.case.status}: not in the table")
    return made


def possible(status: Status) -> frozenset[type[Event]]:
    """Events that the table knows in *status*; what may be shown as a button is a subset of these."""
    return frozenset(event for (known, event) in MOVES if known is status)


def ends() -> frozenset[Status]:
    """Statuses without an exit to another status; the docs and a test compare them with `ENDS`."""
    return frozenset(
        status
        for status in Status
        if not any(set(move.to) - {status} for (known, _), move in MOVES.items() if known is status)
    )


__all__ = ["ENDS", "MOVES", "Move", "ends", "possible", "step"]
