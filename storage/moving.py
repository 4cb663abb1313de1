"""A whole database from one engine to another: every row as it stands, all of them or none, and checked afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from routing.model import CaseId
from storage import schema
from storage.engines import Database
from storage.errors import SchemaError, Unusable
from storage.leases import alone
from storage.log import broken_at
from storage.tables import metadata

_AT_ONCE: Final = 1000
_SUM: Final = 1 << 128


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied: the number of rows by table, and of cases whose chain of hashes was checked."""

    rows: Mapping[str, int]
    chains: int


def move(source: Database, target: Database) -> Moved:
    """Copy *source* into the empty database *target*, which gets its tables first; *source* stays as it is.

    Everything is read at one moment and written in one transaction. Before the COMMIT both sides must have the same
    rows, and every case's log must be a whole chain.

    Raises:
        Unusable: one of them is in use or cannot be reached, *target* is not empty, or the copy is not the original.
        SchemaError: *source* needs `huying migrate` first, or a newer program.
    """
    if not source.exists():
        raise SchemaError(f"There is no database at {source.place} yet. Run `huying migrate`.")
    locks = [source.lock(), target.lock()]
    reading, writing = source.looking(), target.writing()
    try:
        with reading.connect() as old:
            schema.check(old)
            old.rollback()  # the moment that is copied comes after the look
            begun = None if locks[0] else _alone(source)
            schema.upgrade(target)
            with writing.begin() as new:
                _refuse_if_filled(new, target)
                rows = {table.name: _copy(old, new, table) for table in map(_plain, metadata.sorted_tables)}
                moved = Moved(rows, chains(new))
                if begun is not None and _alone(source) != begun:
                    raise Unusable(
                        f"A program has worked on {source.place} meanwhile; nothing was kept. Stop it first."
                    )
                return moved
    except DBAPIError as error:
        raise Unusable(f"{source.place} cannot be moved to {target.place}: {error.orig}.") from error
    finally:
        reading.dispose()
        writing.dispose()
        for lock in filter(None, locks):
            lock.release()


def _alone(source: Database) -> int:
    """`alone`, in a transaction of its own."""
    engine = source.writing()
    try:
        with engine.begin() as connection:
            return alone(connection, source.place)
    finally:
        engine.dispose()


def sums(connection: Connection) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a sum over all of them: the same in two databases that hold the same."""
    found = {}
    for table in map(_plain, metadata.sorted_tables):
        count, total = 0, 0
        for rows in _pages(connection, table):
            count, total = count + len(rows), (total + _digest(rows)) % _SUM
        found[table.name] = (count, f"{total:032x}")
    return found


def _plain(table: Table) -> Table:
    """The table with its values as they are stored, not as what they mean."""
    columns = [
        Column(column.name, column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type)
        for column in table.columns
    ]
    return Table(table.name, MetaData(), *columns)


def _refuse_if_filled(new: Connection, target: Database) -> None:
    for table in metadata.sorted_tables:
        if new.execute(select(table.c.city_id).limit(1)).first() is not None:
            raise Unusable(
                f"{target.place} has rows in {table.name} already; make an empty database, none is overwritten."
            )


def _copy(old: Connection, new: Connection, table: Table) -> int:
    """Copy a table; returns how many rows it has."""
    count, total = 0, 0
    for rows in _pages(old, table):
        new.execute(insert(table), [dict(zip(table.columns.keys(), row, strict=True)) for row in rows])
        count, total = count + len(rows), (total + _digest(rows)) % _SUM
    copied = new.execute(select(func.count()).select_from(table)).scalar_one()
    if copied != count or sum(_digest(rows) for rows in _pages(new, table)) % _SUM != total:
        raise Unusable(f"The copy of the table {table.name} is not the original; nothing was kept.")
    return count


def _pages(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """The rows, some at a time."""
    with connection.execute(select(table).execution_options(yield_per=_AT_ONCE)) as found:
        for rows in found.partitions():
            yield [tuple(row) for row in rows]


def _digest(rows: Iterable[Any]) -> int:
    """A sum that two sets of rows share exactly if they are the same, in whatever order they come."""
    return sum(int.from_bytes(blake2b(repr(tuple(map(_same, row))).encode(), digest_size=16).digest()) for row in rows)


def _same(value: Any) -> Any:
    """Engines differ in how they give bytes and truth."""
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def chains(new: Connection) -> int:
    """Check the log of every case; returns how many there are."""
    log = metadata.tables["log"]
    question = select(log).order_by(log.c.city_id, log.c.case_id, log.c.seq)
    count = 0
    with new.execute(question.execution_options(yield_per=_AT_ONCE)) as lines:
        for (_, case), chain in groupby(lines, lambda line: (line.city_id, line.case_id)):
            broken = broken_at(CaseId(case), chain)
            if broken is not None:
                raise Unusable(f"Line {broken} of the log of the case with id {case} does not continue its chain.")
            count += 1
    return count
