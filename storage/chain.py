"""The chain of hashes that binds the lines of a case's log, and its proof for whoever has only an export.

What a line holds of persons stands in its digest and is not exported: the chain is whole or broken without it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from storage.types import compact

GENESIS: Final = ""
"""What stands in the place of a previous hash before the first line."""

Head = tuple[int, int, int, str]
"""Where a case's chain ends: its public number, its id, the number of the last line, and that line's hash."""


def digest(data: str, change: str) -> str:
    """SHA-256, in hexadecimal, of the JSON array of an event's fields and of what it changed, as they are stored."""
    return sha256(f"[{data},{change}]".encode()).hexdigest()


def link(
    previous: str, case: int, seq: int, event: str, instant: str | None, unit: str | None, post: str | None, within: str
) -> str:
    """The hash of a line: SHA-256, in hexadecimal, of the JSON array of these eight; the last one is its `digest`."""
    return sha256(compact([previous, case, seq, event, instant, unit, post, within]).encode()).hexdigest()


def seal(heads: Iterable[Head]) -> str:
    """SHA-256, in hexadecimal, of the JSON array of all *heads* by number; who keeps it knows the whole log again."""
    return sha256(compact([list(head) for head in heads]).encode()).hexdigest()


@dataclass
class Proof:
    """What an exported log shows to somebody who has nothing but the file.

    Attributes:
        faults: A sentence for each line that does not continue what stands before it, with its place in the file.
        heads: Where each case's chain ends, in the order of the file.
        lines: How many lines were looked at.
    """

    faults: list[str] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    lines: int = 0

    @property
    def seal(self) -> str:
        """The seal of what stands in the file."""
        return seal(self.heads)


def prove(lines: Iterable[str], earlier: Iterable[Head] = ()) -> Proof:
    """Check an export of events in JSON *lines*: that each is as it was written, and none is missing or displaced.

    With *earlier*, the heads of an export that was made before, every chain must go on from where it ended then: so
    nothing that was known at that time has been changed since, though somebody made every hash anew.
    """
    proof = Proof()
    before = {case: (number, seq, last) for number, case, seq, last in earlier}
    of = 0
    for place, text in enumerate(lines, start=1):
        proof.lines = place
        try:
            row = _Row(json.loads(text))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            proof.faults.append(f"line {place} is no line of an export of events ({type(error).__name__})")
            continue
        number, case, seq, previous = proof.heads[-1] if proof.heads else (0, 0, 0, GENESIS)
        if row.case != case or not proof.heads:
            proof.faults += _ended(proof, of)
            if row.number <= number or any(row.case == head[1] for head in proof.heads):
                proof.faults.append(f"line {place}: case #{row.number} does not stand in its order")
            seq, previous, of = 0, GENESIS, row.of
            proof.heads.append((row.number, row.case, 0, GENESIS))
        elif row.number != number:
            proof.faults.append(f"line {place}: its case was #{number} before and is #{row.number} now")
        proof.faults += (f"line {place}: {what}" for what in row.faults(seq, previous, of))
        if row.case in before and row.seq == before[row.case][1]:
            then, _, last = before.pop(row.case)
            if (row.number, row.hash) != (then, last):
                proof.faults.append(
                    f"line {place}: line {row.seq} of case #{then} is not what an earlier export ended with"
                )
        proof.heads[-1] = (proof.heads[-1][0], row.case, row.seq, row.hash)
    proof.faults += _ended(proof, of)
    proof.faults += (
        f"case #{number} had {seq} lines in an earlier export, and has not now" for number, seq, _ in before.values()
    )
    return proof


def _ended(proof: Proof, of: int) -> Iterator[str]:
    """Whether the last case has all the lines that each of them says there are."""
    if proof.heads and proof.heads[-1][2] != of:
        number, _, seq, _ = proof.heads[-1]
        yield f"case #{number} should have {of} lines and ends with line {seq}"


class _Row:
    """One exported line with the types that it has to have.

    Raises:
        KeyError: something is missing.
        TypeError: something is of another type.
        ValueError: *row* holds no instants where they should be.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.number, self.case, self.seq, self.of = (_typed(int, row[name]) for name in ("number", "case", "seq", "of"))
        self.event, self.digest, self.hash = (_typed(str, row[name]) for name in ("event", "digest", "hash"))
        self.instant, shown = _typed(str, row["instant"]), _typed(str, row["at"])
        self.unit, self.post = (_typed(str | None, row[name]) for name in ("unit", "post"))
        self.shown_right = datetime.fromisoformat(self.instant).replace(microsecond=0) == datetime.fromisoformat(shown)

    def faults(self, seq: int, previous: str, of: int) -> Iterator[str]:
        """What is wrong with it after line *seq* with the hash *previous*, of a case that has *of* lines."""
        whole = link(previous, self.case, self.seq, self.event, self.instant, self.unit, self.post, self.digest)
        if self.seq != seq + 1:
            yield f"line {self.seq} of case #{self.number} follows line {seq}"
        elif self.hash != whole:
            yield f"line {self.seq} of case #{self.number} is not what was written down"
        if not self.shown_right:
            yield f"line {self.seq} of case #{self.number} shows another time than its own"
        if self.of != of:
            yield f"line {self.seq} of case #{self.number} counts {self.of} lines, the first one {of}"


def _typed(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError
    return value
