"""The lifecycle as a picture and a table, drawn from `lifecycle.MOVES`; the docs carry them and a test compares."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from routing.events import Event, Released, Resolved, Suspended
from routing.lifecycle import MOVES
from routing.model import ENDS, Status
from routing.policy import Policy
from routing.stages import STAGE_OF

Arrow = tuple[Status, type[Event], Status]
_AFTER_WORK: Final = {
    True: Status.IN_REVIEW,  # review required
    False: Status.AWAITING_RATING,
}


def mermaid(policy: Policy | None = None) -> str:
    """A Mermaid state diagram: one arrow for each pair of statuses, labelled with the events that lead along it.

    Events that change nothing but the notes on a case are left out of the picture; the table has them. With *policy*
    only the arrows that a case can take under it are drawn, and the statuses that they reach.
    """
    arrows: dict[tuple[Status, Status], list[str]] = defaultdict(list)
    for status, event, target in _arrows() if policy is None else _taken(policy):
        arrows[status, target].append(event.__name__)
    reached = {Status.RECEIVED, *(target for _, target in arrows)}
    lines = ["stateDiagram-v2", "    [*] --> received: Filed"]
    for (status, target), events in arrows.items():
        lines.append(f"    {status} --> {target}: {', '.join(sorted(events))}")
    lines += [f"    {status} --> [*]" for status in Status if status in ENDS & reached]
    return "\n".join(lines)


def _arrows() -> Iterator[Arrow]:
    for (status, event), move in MOVES.items():
        yield from ((status, event, target) for target in move.to if target is not status)


def _taken(policy: Policy) -> Iterator[Arrow]:
    """The arrows that a case can take under *policy*.

    Review after the work is the policy's choice. A judgement on a second "not satisfied" is not, so `in_review` stays.
    """
    reached = {Status.RECEIVED}
    known = [arrow for arrow in _arrows() if not _barred(arrow, policy)]
    while more := {target for status, _, target in known if status in reached} - reached:
        reached |= more
    yield from (arrow for arrow in known if arrow[0] in reached)


def _barred(arrow: Arrow, policy: Policy) -> bool:
    _, event, target = arrow
    if event is Resolved:
        return target is _AFTER_WORK[not policy.review_required]
    if event is Released:  # the clock releases dead claims, whoever may not
        return False
    return event in policy.buttons.barred or (event is Suspended and policy.most_suspensions == 0)


def table() -> str:
    """A Markdown table: for each status, its public stage, the events it knows and where each may lead."""
    lines = ["| Status | Public stage | Event | Leads to |", "|---|---|---|---|"]
    for status in Status:
        rows = sorted((event.__name__, move.to) for (known, event), move in MOVES.items() if known is status)
        for name, to in rows:
            targets = ", ".join("stays" if target is status else target.value for target in to)
            lines.append(f"| {status} | {STAGE_OF[status]} | {name} | {targets} |")
        if not rows:
            lines.append(f"| {status} | {STAGE_OF[status]} | – | an end |")
    return "\n".join(lines)
