"""What every table is made of, and the metadata that holds them all."""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, Index, MetaData, Text, literal_column, text
from sqlalchemy.sql.elements import ColumnElement

metadata: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})


def city() -> Column[Any]:
    """The column that comes first in every key: whose row it is."""
    return Column("city_id", Text, primary_key=True, nullable=False)


def key(name: str, kind: Any) -> Column[Any]:
    """A part of the primary key; its value is made by the application."""
    return Column(name, kind, primary_key=True, autoincrement=False, nullable=False)


def given(name: str, kind: Any) -> Column[Any]:
    """A column that is never empty."""
    return Column(name, kind, nullable=False)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows for which *where* holds, spelled so that every engine reads it alike."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def fixed(*members: StrEnum) -> list[ColumnElement[Any]]:
    """Enum members as literals: only a query that spells out the condition of a partial index can use it."""
    return [literal_column(f"'{member}'") for member in members]
