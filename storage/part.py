"""What all stores have in common: one connection, one city, and statements that are built once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, FromClause, Insert, Select, Table, bindparam

from storage.many import Among, Many
from storage.portable import Colliding
from storage.prepared import GIVEN, Outcome, Prepared, Statement, prepared

HOLDS: Final = "huying_holds"
"""The execution option of connections that write beside others."""
_NOTHING: Final[Mapping[str, Any]] = {}


def given(name: str, *, many: bool = False) -> BindParameter[Any]:
    """A value that is given when the statement runs; *many* for the right side of an ``IN``."""
    return bindparam(GIVEN + name, expanding=many)


class Held:
    """A question whose rows no other transaction may change, if the asker may write and is not alone in that.

    With *read* several may hold a row so at once, and it may be changed by an update, but not held by another `Held`.
    """

    def __init__(self, question: Select[Any], *, read: bool = False) -> None:
        self._question, self._held = question, question.with_for_update(read=read, key_share=read)

    def over(self, connection: Connection) -> Select[Any]:
        """The statement to run over *connection*."""
        return self._held if connection.get_execution_options().get(HOLDS) else self._question


def mine(table: FromClause) -> ColumnElement[bool]:
    """The rows of this city: every statement that reads or changes a table begins with it."""
    return table.c.city_id == given("city")


def columns(table: Table, *but: str) -> list[ColumnElement[Any]]:
    """The columns of *table* without the city and those named; what a dataclass of the same fields is made from."""
    return [column for column in table.columns if column.name not in {"city_id", *but}]


class Part:
    """A store over one transaction; every statement is run for one city and no other."""

    def __init__(self, connection: Connection, city: str) -> None:
        self._connection, self._city = connection, city
        self._memory: dict[Any, Sequence[Any]] = {}

    def _run(self, statement: Statement | Held, changes: Mapping[str, Any] = _NOTHING, /, **values: Any) -> Outcome:
        """Run a statement written with `given` and `mine`; an update sets *changes* besides, by column."""
        if isinstance(statement, Held):
            statement = statement.over(self._connection)
        elif not isinstance(statement, Select):
            self._memory.clear()
        values["city"] = self._city
        if changes:
            values = {**changes, **{GIVEN + name: value for name, value in values.items()}}
        return prepared(statement, self._connection.dialect, tuple(changes)).run(self._connection, values)

    def _all(self, statement: Statement, **values: Any) -> Sequence[Any]:
        """All rows: tuples with names, typed loosely because the columns are known at run time only."""
        return self._run(statement, **values).rows

    def _recall(self, statement: Select[Any], **values: Any) -> Sequence[Any]:
        """The same as `_all`, asked once as long as this store changes nothing.

        For what is asked again and again within one move and changed by this store alone.
        """
        key = (id(statement), *(tuple(one) if isinstance(one, list) else one for one in values.values()))
        if key not in self._memory:
            self._memory[key] = self._all(statement, **values)
        return self._memory[key]

    def _first(self, statement: Statement | Held, **values: Any) -> Any:
        """The first row, or ``None``."""
        rows = self._run(statement, **values).rows
        return rows[0] if rows else None

    def _scalar(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or ``None``."""
        return self._run(statement, **values).scalar()

    def _among(self, question: Among, values: Sequence[Any], *others: Any) -> Sequence[tuple[Any, ...]]:
        """The rows for many values, as the driver gives them."""
        return question.ask(self._connection, self._city, values, *others)

    def _each(self, change: Many, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run a change once for each of *rows*, in one go; returns how many rows it wrote."""
        if not rows:
            return 0
        self._memory.clear()
        return change.run(self._connection, self._city, rows)

    def _put(self, statement: Insert | Colliding, values: Mapping[str, Any]) -> Outcome:
        """Run an insert with *values* by column."""
        row = {**values, "city_id": self._city}
        return self._ready(statement, row).run(self._connection, row)

    def _ready(self, statement: Insert | Colliding, row: Mapping[str, Any]) -> Prepared:
        insert = statement.on(self._connection.dialect.name) if isinstance(statement, Colliding) else statement
        self._memory.clear()
        return prepared(insert, self._connection.dialect, tuple(row))
