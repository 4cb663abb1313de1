"""Changes and questions for many rows at once, as in a storm of presses: the driver's own work and little more.

SQLAlchemy looks at each value of each row, which costs more than the engine's work on it. So what goes in and comes out
here is what the driver itself takes and gives: an instant is its microseconds, a name is text.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Dialect, Insert, Select, Update, bindparam

from storage.portable import Colliding

Row = tuple[Any, ...]
CHUNK: Final = 128
"""So many values are asked for at once; a question with fewer repeats the last one."""
_STYLES: Final = {"sqlite": "qmark", "postgresql": "format"}


class Many:
    """A change that is run once for each of many rows, compiled once per engine.

    Args:
        statement: An insert, or an update written with `given` and `mine`, with no parameters but the city and *names*.
        names: What each row gives, in its order.
    """

    def __init__(self, statement: Insert | Update | Colliding, *names: str) -> None:
        self._statement, self._names = statement, names
        self._built: dict[str, tuple[str, Callable[[Row], Row]]] = {}

    def run(self, connection: Connection, city: str, rows: Sequence[Row]) -> int:
        """Run it over *connection* for each of *rows*, in one go; returns how many rows it wrote."""
        name = connection.dialect.name
        if name not in self._built:
            statement = self._statement.on(name) if isinstance(self._statement, Colliding) else self._statement
            columns = [*self._names, "city_id"] if isinstance(statement, Insert) else None
            self._built[name] = _compiled(statement, connection.dialect, [*self._names, "city"], columns)
        text, in_order = self._built[name]
        return connection.exec_driver_sql(text, [in_order((*row, city)) for row in rows]).rowcount


class Among:
    """A question about many values, compiled once per engine.

    Args:
        question: What is asked, of one table or some, written with `given` and `mine`.
        column: Whose value is to be among those asked about.
        names: The question's other parameters.
    """

    def __init__(self, question: Select[Any], column: Any, *names: str) -> None:
        values: list[BindParameter[Any]] = [bindparam(f"value_{number}") for number in range(CHUNK)]
        self._question, self._names = question.where(column.in_(values)), names
        self._built: dict[str, tuple[str, Callable[[Row], Row]]] = {}

    def ask(self, connection: Connection, city: str, values: Sequence[Any], *others: Any) -> Sequence[Row]:
        """The rows for *values*, in any order; *others* are the question's other parameters."""
        name = connection.dialect.name
        if name not in self._built:
            numbered = [f"value_{number}" for number in range(CHUNK)]
            self._built[name] = _compiled(self._question, connection.dialect, [*numbered, *self._names, "city"])
        text, in_order = self._built[name]
        rows: list[Any] = []
        for first in range(0, len(values), CHUNK):
            chunk = [*values[first : first + CHUNK]]
            chunk += chunk[-1:] * (CHUNK - len(chunk))
            filled = (*chunk, *others, city)
            rows += connection.exec_driver_sql(text, in_order(filled)).all()
        return rows


def _compiled(
    statement: Any, dialect: Dialect, names: Sequence[str], columns: Sequence[str] | None = None
) -> tuple[str, Callable[[Row], Row]]:
    """The text for the driver, and what puts values in the order of *names* into the order of its parameters."""
    positional: Any = type(dialect)
    compiled = statement.compile(dialect=positional(paramstyle=_STYLES[dialect.name]), column_keys=columns)
    places = [names.index(_plain(name)) for name in compiled.positiontup]
    return str(compiled), itemgetter(*places)


def _plain(parameter: str) -> str:
    return "city" if parameter == "city_id" else parameter.removeprefix("given_")
