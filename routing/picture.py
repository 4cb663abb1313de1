"""The lifecycle as a picture and a table, drawn from `lifecycle.MOVES`; the docs carry them and a test compares."""

from collections import defaultdict

from routing.lifecycle import MOVES
from routing.model import ENDS, STAGE_OF, Status


def mermaid() -> str:
    """A Mermaid state diagram: one arrow for each pair of statuses, labelled with the events that lead along it.

    Events that change nothing but the notes on a case are left out of the picture; the table has them.
    """
    arrows: dict[tuple[Status, Status], list[str]] = defaultdict(list)
    for (status, event), move in MOVES.items():
        for target in move.to:
            if target is not status:
                arrows[status, target].append(event.__name__)
    lines = ["stateDiagram-v2", "    [*] --> received: Filed"]
    for (status, target), events in arrows.items():
        lines.append(f"    {status} --> {target}: {', '.join(sorted(events))}")
    lines += [f"    {status} --> [*]" for status in Status if status in ENDS]
    return "\n".join(lines)


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
