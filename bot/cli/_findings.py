"""Findings as people and programs read them."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from bot.checks import Finding, Level

MOST_ITEMS: Final = 20


def as_json(findings: Iterable[Finding]) -> str:
    """One object, with every single item."""
    listed = [
        {"check": one.check, "level": one.level, "says": one.says, "mend": one.mend, "items": list(one.items)}
        for one in findings
    ]
    return json.dumps(
        {"ok": all(one["level"] != Level.FAILURE for one in listed), "checks": listed}, ensure_ascii=False
    )


def as_text(findings: Sequence[Finding]) -> str:
    """A line for each finding with the first of its items and how to mend it, and the counts at the end."""
    lines: list[str] = []
    for one in findings:
        lines.append(f"{one.level:<8} {one.check:<10} {one.says}")
        lines += [f"{'':<20}- {item}" for item in one.items[:MOST_ITEMS]]
        if len(one.items) > MOST_ITEMS:
            lines.append(f"{'':<20}- and {len(one.items) - MOST_ITEMS} more; --json lists all")
        if one.mend:
            lines.append(f"{'':<19} -> {one.mend}")
    counts = Counter(one.level for one in findings)
    good, doubtful, bad = (counts[level] for level in Level)
    return "\n".join([*lines, "", f"{good} ok, {doubtful} to look at, {bad} failed"])
