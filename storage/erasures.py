"""What was erased: receipts in a chain of hashes, and the look whether anything was left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, insert, select

from routing.model import PersonId
from routing.records import Erasure, ErasureReason
from storage.chain import GENESIS
from storage.part import Part, columns, given, mine
from storage.tables import appointments, drafts, erasures, members, people, prompts, shifts, words
from storage.traces import EXPIRE, NAMING
from storage.types import compact, micros

_LAST = select(erasures.c.seq, erasures.c.hash).where(mine(erasures)).order_by(erasures.c.seq.desc()).limit(1)
_ALL = select(*columns(erasures)).where(mine(erasures)).order_by(erasures.c.seq)
_APPEND = insert(erasures)

_PERSONAL: Final[Mapping[str, ColumnElement[bool]]] = {
    "people": and_(mine(people), people.c.id == given("person")),
    "appointments": and_(mine(appointments), appointments.c.person == given("person")),
    "members": and_(mine(members), members.c.person == given("person")),
    "shifts": and_(mine(shifts), shifts.c.person == given("person")),
    "drafts": and_(mine(drafts), drafts.c.person == given("person")),
    "prompts": and_(mine(prompts), prompts.c.person == given("person")),
    "words": and_(mine(words), words.c.author == given("person")),
    **NAMING,
}
"""Where a person's number leads to something of theirs: nowhere, once they were erased."""
_LEFT = {table: select(func.count()).where(condition) for table, condition in _PERSONAL.items()}


def chained(previous: str, erasure: Erasure) -> str:
    """The hash of a receipt: SHA-256, in hexadecimal, of a JSON array of the previous one's and its own fields."""
    own = [erasure.seq, micros(erasure.at), erasure.why.value, erasure.person, dict(erasure.rows)]
    return sha256(compact([previous, *own]).encode()).hexdigest()


class SqlErasures(Part):
    """`routing.ports.Erasures` over one transaction."""

    def add(self, at: datetime, why: ErasureReason, person: PersonId | None, rows: Mapping[str, int]) -> Erasure:
        """Write the next receipt of the chain; tables of which nothing was erased are left out."""
        last = self._first(_LAST)
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        erased = {table: count for table, count in rows.items() if count}
        bare = Erasure(seq, at, why, person, erased, "")
        receipt = Erasure(seq, at, why, person, erased, chained(previous, bare))
        self._put(_APPEND, asdict(receipt))
        return receipt

    def all(self) -> Sequence[Erasure]:
        """All of them, oldest first, as stored (hashes are not checked here)."""
        return [Erasure(*row) for row in self._all(_ALL)]

    def drop_answers(self, before: datetime, places: int) -> Mapping[str, int]:
        """Erase answers to what ended before then, of some places at a time; returns how many rows, by table."""
        return {
            table: self._run(statement, before=before, places=places).rowcount for table, statement in EXPIRE.items()
        }

    def left_of(self, person: PersonId) -> dict[str, int]:
        """Rows by which that number still leads to somebody, by table; none once the person was erased."""
        found: dict[str, Any] = {table: self._scalar(count, person=person) for table, count in _LEFT.items()}
        return {table: count for table, count in found.items() if count}


def broken_at(receipts: Iterable[Erasure]) -> int | None:
    """The number of the first receipt that does not continue the chain; ``None`` when it is whole."""
    previous, expected = GENESIS, 1
    for receipt in receipts:
        if receipt.seq != expected or receipt.hash != chained(previous, receipt):
            return receipt.seq
        previous, expected = receipt.hash, expected + 1
    return None
