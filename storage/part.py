"""What all stores have in common: one connection, one city, and statements that are built once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Executable, Select, Table, bindparam
from sqlalchemy.engine import CursorResult

from storage.many import Among, Many
from storage.portable import Colliding

HOLDS: Final = "huying_holds"
"""The execution option of connections that write beside others."""
_PREFIX: Final = "given_"
_NOTHING: Final[Mapping[str, Any]] = {}


def given(name: str, *, many: bool = False) -> BindParameter[Any]:
    """A value that is given when the statement runs; *many* for the right side of an ``IN``."""
    return bindparam(_PREFIX + name, expanding=many)


class Held:
    """A question whose rows no other transaction may change, if the asker may write and is not alone in that.

    With *read* several may hold a row so at once, and it may be changed by an update, but not held by another `Held`.
    """

    def __init__(self, question: Select[Any], *, read: bool = False) -> None:
        self._question, self._held = question, question.with_for_update(read=read, key_share=read)

    def over(self, connection: Connection) -> Executable:
        """The statement to run over *connection*."""
        return self._held if connection.get_execution_options().get(HOLDS) else self._question


def mine(table: Table) -> ColumnElement[bool]:
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

    def _run(
        self, statement: Executable | Held, changes: Mapping[str, Any] = _NOTHING, /, **values: Any
    ) -> CursorResult[Any]:
        """Run a statement written with `given` and `mine`; an update sets *changes* besides, by column."""
        if isinstance(statement, Held):
            statement = statement.over(self._connection)
        elif not isinstance(statement, Select):
            self._memory.clear()
        parameters = {_PREFIX + name: value for name, value in values.items()}
        return self._connection.execute(statement, {**changes, **parameters, _PREFIX + "city": self._city})

    def _all(self, statement: Executable, **values: Any) -> Sequence[Any]:
        """All rows: tuples with names, typed loosely because the columns are known at run time only."""
        return self._run(statement, **values).all()

    def _recall(self, statement: Select[Any], **values: Any) -> Sequence[Any]:
        """The same as `_all`, asked once as long as this store changes nothing.

        For what is asked again and again within one move and changed by this store alone.
        """
        key = (id(statement), *(tuple(one) if isinstance(one, list) else one for one in values.values()))
        if key not in self._memory:
            self._memory[key] = self._all(statement, **values)
        return self._memory[key]

    def _first(self, statement: Executable | Held, **values: Any) -> Any:
        """The first row, or ``None``."""
        return self._run(statement, **values).first()

    def _scalar(self, statement: Executable, **values: Any) -> Any:
        """The first column of the first row, or ``None``."""
        return self._run(statement, **values).scalar()

    def _among(self, question: Among, values: Sequence[Any], *others: Any) -> Sequence[tuple[Any, ...]]:
        """The rows for many values, as the driver gives them."""
        return question.ask(self._connection, self._city, values, *others)

    def _each(self, change: Many, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a change once for each of *rows*, in one go."""
        if rows:
            self._memory.clear()
            change.run(self._connection, self._city, rows)

    def _put(self, statement: Executable | Colliding, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Run an insert with *values* by column."""
        if isinstance(statement, Colliding):
            statement = statement.on(self._connection.dialect.name)
        self._memory.clear()
        return self._connection.execute(statement, {**values, "city_id": self._city})
