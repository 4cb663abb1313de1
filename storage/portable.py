"""An insert that may collide: the engines spell it alike, but SQLAlchemy offers it once per engine."""

from collections.abc import Callable
from typing import Any, Final, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.prepared import Statement

Insert = sqlite.Insert

_INSERTS: Final[dict[str, Callable[[Table], Insert]]] = {
    "sqlite": sqlite.insert,
    "postgresql": cast("Callable[[Table], Insert]", postgresql.insert),  # has the same two methods
}


class Colliding:
    """An insert with an ``ON CONFLICT`` clause, built once per engine."""

    def __init__(self, table: Table, build: Callable[[Insert], Statement]) -> None:
        self._table, self._build = table, build
        self._built: dict[str, Statement] = {}

    def on(self, dialect: str) -> Statement:
        """The statement for the engine of that name; it asks for no keys back."""
        if dialect not in self._built:
            self._built[dialect] = self._build(_INSERTS[dialect](self._table).inline())
        return self._built[dialect]


def key_of(table: Table) -> list[str]:
    """The names of the primary key's columns."""
    return [column.name for column in table.primary_key]


def unless_there(table: Table) -> Colliding:
    """Insert; a row that collides with any unique key stays as it is."""
    return Colliding(table, lambda insert: insert.on_conflict_do_nothing())


def or_replace(table: Table, *but: str) -> Colliding:
    """Insert, or overwrite the row with the same primary key; columns in *but* keep their old value."""
    changing = [column.name for column in table.columns if column.name not in {*key_of(table), *but}]

    def build(insert: Insert) -> Statement:
        new: dict[Any, Any] = {name: insert.excluded[name] for name in changing}
        return insert.on_conflict_do_update(index_elements=key_of(table), set_=new)

    return Colliding(table, build)
