"""Statements made ready once: SQLAlchemy writes the SQL and knows the types, the driver runs it.

A statement of this program is built once, as a constant of its module. What SQLAlchemy does for it at each execution (a
key for its cache, a context, a result with its own kind of rows) costs ten times as much as the database does. Here all
of it is done at the first use: the SQL, the order of the values, and what translates a value each way. A later use puts
the values in order and hands them to the driver.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, UpdateBase
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Statement = Select[*tuple[Any, ...]] | UpdateBase
Values = Mapping[str, Any]
Process = Callable[[Any], Any]

GIVEN: Final = "given_"
"""What the names of values begin with that are given when a statement runs, apart from the columns that it writes."""
_MOST: Final = 2_000
"""So many statements are kept ready; those that somebody builds at run time must not fill the memory."""


class Outcome(NamedTuple):
    """What came of a statement: its rows, if it gives any, and how many rows it wrote."""

    rows: Sequence[Any]
    rowcount: int

    def scalar(self) -> Any:
        """The first column of the first row, or ``None``."""
        return self.rows[0][0] if self.rows else None


class Prepared:
    """A statement for one engine.

    Args:
        statement: As SQLAlchemy builds it.
        dialect: The engine.
        columns: Those that an insert or an update writes beside what stands in the statement. With any, what is given
            besides is called by its whole name, `GIVEN` included, so that it is never taken for a column.
    """

    def __init__(self, statement: Statement, dialect: Dialect, columns: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{type(statement).__name__} is nothing that can be prepared")
        self.compiled, self.dialect, self._apart = compiled, dialect, bool(columns)
        self.binds = {name: bound for bound, name in compiled.bind_names.items()}
        self.fixed = {name: compiled.params[name] for name, bound in self.binds.items() if not bound.required}
        self._lists = [name for name, bound in self.binds.items() if bound.expanding and bound.required]
        self._forms: dict[tuple[int, ...], Form] = {}
        self._made = _Rows(statement, dialect) if len(statement.exported_columns) else None

    def run(self, connection: Connection, values: Values) -> Outcome:
        """Run it within the transaction of *connection*, which begins here if it has not yet.

        Raises:
            KeyError: a value is missing.
            sqlalchemy.exc.DBAPIError: the database or its driver refused.
        """
        form = self._form(values)
        arguments = form.arguments(values)
        with _cursor(connection, form.sql, arguments) as cursor:
            cursor.execute(form.sql, arguments)
            rows = () if self._made is None else self._made.all(cursor.fetchall())
            return Outcome(rows, cursor.rowcount)

    def run_each(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it once for each of *rows*, in one go, within the transaction of *connection*; it gives no rows back.

        Raises:
            KeyError: a value is missing.
            sqlalchemy.exc.DBAPIError: the database or its driver refused.
        """
        form = self._form(rows[0])
        arguments = [form.arguments(row) for row in rows]
        with _cursor(connection, form.sql, arguments) as cursor:
            cursor.executemany(form.sql, arguments)

    def key(self, bound: str) -> str:
        """Under which name the value comes that SQLAlchemy calls *bound*."""
        return bound if self._apart else bound.removeprefix(GIVEN)

    def _form(self, values: Values) -> "Form":
        lengths = tuple(len(values[self.key(name)]) for name in self._lists) if self._lists else ()
        form = self._forms.get(lengths)
        if form is None:
            given = {name: values[self.key(name)] for name, bound in self.binds.items() if bound.required}
            form = self._forms[lengths] = Form(self, given)
        return form


class _cursor:  # noqa: N801 - used like a function; a generator would cost more than the statement
    """A cursor within the transaction of *connection*, which begins here if it has not yet.

    What the driver raises leaves as SQLAlchemy's own executions raise it, and a lost connection is given up likewise.
    """

    def __init__(self, connection: Connection, sql: str, arguments: Any) -> None:
        self._connection, self._sql, self._arguments = connection, sql, arguments

    def __enter__(self) -> Any:
        if not self._connection.in_transaction():
            self._connection.begin()
        self._cursor = self._connection.connection.cursor()
        return self._cursor

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, self._connection.dialect.loaded_dbapi.Error):
            fail = self._connection._handle_dbapi_exception  # noqa: SLF001 - there is no public way to it
            fail(error, self._sql, self._arguments, self._cursor, None)
        self._cursor.close()


class Form:
    """A prepared statement with so many values in each of its lists: one text, and an order of values."""

    def __init__(self, prepared: Prepared, given: Values) -> None:
        compiled, dialect = prepared.compiled, prepared.dialect
        state = compiled.construct_expanded_state(dict(given))
        parts = {part: (name, i) for name, all_ in state.parameter_expansion.items() for i, part in enumerate(all_)}
        names = list(state.parameters) if state.positiontup is None else list(state.positiontup)
        sources = [parts.get(name, (name, None)) for name in names]
        self.sql, self._fixed = state.statement, prepared.fixed
        self._names = names if state.positiontup is None else None
        self._pick = _picking([prepared.key(source) for source, _ in sources])
        self._parts = [(place, part) for place, (_, part) in enumerate(sources) if part is not None]
        types = [prepared.binds[source].type.dialect_impl(dialect) for source, _ in sources]
        self._processes = _those([one.bind_processor(dialect) for one in types])

    def arguments(self, values: Values) -> Any:
        """What the driver is given."""
        picked = list(self._pick({**self._fixed, **values} if self._fixed else values))
        for place, part in self._parts:
            picked[place] = picked[place][part]
        for place, process in self._processes:
            picked[place] = process(picked[place])
        return picked if self._names is None else dict(zip(self._names, picked, strict=True))


class _Rows:
    """Makes a statement's rows: tuples with names, whose cells are what their columns say."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        columns = list(statement.exported_columns)
        names = [str(getattr(column, "name", "")) for column in columns]  # a filtered count has none
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # the names are known now only
        self._make = row._make
        types = [column.type.dialect_impl(dialect) for column in columns]
        self._processes = _those([one.result_processor(dialect, None) for one in types])

    def all(self, found: Iterable[Sequence[Any]]) -> Sequence[Any]:
        """The rows that the driver found."""
        if not self._processes:
            return [self._make(row) for row in found]
        return [self._make(self._processed(row)) for row in found]

    def _processed(self, row: Sequence[Any]) -> Sequence[Any]:
        cells = list(row)
        for place, process in self._processes:
            cells[place] = process(cells[place])
        return cells


def _those(processes: Sequence[Process | None]) -> list[tuple[int, Process]]:
    """The places where there is something to do."""
    return [(place, process) for place, process in enumerate(processes) if process is not None]


def _picking(keys: Sequence[str]) -> Callable[[Values], Sequence[Any]]:
    """What takes the values of *keys* out of a mapping, in this order."""
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda values: [values[key] for key in keys]


_READY: Final[dict[tuple[Any, ...], Prepared]] = {}


def prepared(statement: Statement, dialect: Dialect, columns: tuple[str, ...] = ()) -> Prepared:
    """*statement* ready for the engine; made at its first use."""
    key = (statement, dialect.name, columns)
    found = _READY.get(key)
    if found is None:
        if len(_READY) >= _MOST:
            _READY.clear()
        found = _READY[key] = Prepared(statement, dialect, columns)
    return found
