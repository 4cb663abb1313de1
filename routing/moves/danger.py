"""A danger that is named when the case is already on its way."""

from typing import Final

from routing.effects import Arm, Effect, Follow, Tell, Whom
from routing.events import Noted, Resumed
from routing.model import Case, Status, TimerKind, UnitCode, UnitKind, Urgency
from routing.moves.step import Facts, Outcome, outcome
from routing.moves.waiting import stop_waiting

_GRIDS: Final = frozenset({UnitKind.BASIC, UnitKind.SPECIAL, UnitKind.MICRO})
"""Units without a desk of their own."""
_WORKED_ON: Final = frozenset({Status.OFFERED, Status.CLAIMED, Status.SUSPENDED})


def office(case: Case, facts: Facts) -> UnitCode:
    """The nearest unit with a desk that answers for who has *case*."""
    return next((unit.code for unit in facts.tree.path(case.unit) if unit.kind not in _GRIDS), case.unit)


def raise_urgency(case: Case, event: Noted, facts: Facts) -> Outcome:
    """A danger named later makes a case urgent: work that waited for an answer, or was suspended, goes on at once.

    It shortens the clocks and never lengthens them. Of what nobody works on, and of what is suspended although it was
    urgent before, the desk that answers for it reads aloud what was said.
    """
    if not event.urgent:
        return outcome(case)
    aloud = Tell(Whom.DESK, "tell.danger", office(case, facts), {"words": event.words})
    urgent = outcome(case, urgency=Urgency.URGENT).case
    if case.status not in _WORKED_ON:
        return outcome(urgent, aloud)
    if case.urgency is Urgency.URGENT:
        return outcome(case, *([aloud] if case.status is Status.SUSPENDED else []))
    effects, changes = _sooner(urgent, event, facts)
    suspended = case.status is Status.SUSPENDED
    resumed: tuple[Effect, ...] = (aloud, Follow(Resumed(at=event.at))) if suspended else ()
    told = Tell(Whom.ROSTER, "tell.urgent", case.unit)
    return outcome(urgent, *stop_waiting(case), *effects, told, *resumed, waiting=False, **changes)


def _sooner(case: Case, event: Noted, facts: Facts) -> tuple[list[Effect], dict[str, object]]:
    """The clocks of an urgent case, from now, each where that is sooner than what holds."""
    arms: list[Effect] = []
    changes: dict[str, object] = {}
    due, provisional = facts.due(TimerKind.HANDLE, case, event.at)
    standing = facts.due_now(case, event.at)
    if standing is not None and due < standing:
        arms.append(Arm(TimerKind.HANDLE, event.at, due))
        changes |= {"due_at": due, "provisional": provisional}
    answer = facts.arm(TimerKind.RESPOND, case, event.at)
    before = facts.stands(TimerKind.RESPOND, event.at) or case.respond_due_at
    if case.responded_at is None and before is not None and answer.due_at < before:
        arms.append(answer)
        changes["respond_due_at"] = answer.due_at
    return arms, changes
