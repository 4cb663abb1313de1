"""Every statement that the stores have built is made for one city, whatever tables it joins."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import chain
from operator import eq
from typing import Any, Final

import pytest
from sqlalchemy import (
    CTE,
    BinaryExpression,
    CompoundSelect,
    Delete,
    FromClause,
    Join,
    Select,
    Subquery,
    Update,
    select,
    update,
)
from sqlalchemy.sql.visitors import iterate

import storage
from storage.many import Among, Many
from storage.part import Held, given, mine
from storage.prepared import GIVEN
from storage.tables import cases, units

BEFORE_ITS_CONDITIONS = {"storage.duty._SHIFTS"}
"""What others are made from, each with its own condition."""

QUESTIONS: Final = (Select, CompoundSelect, CTE, Subquery)


def built() -> Iterator[tuple[str, Any]]:
    """Every statement that stands in a module of the stores, with its place."""
    for module in pkgutil.walk_packages(storage.__path__, "storage."):
        if not module.name.startswith("storage.migrations"):
            for name, value in vars(import_module(module.name)).items():
                for one in _within(value):
                    yield f"{module.name}.{name}", one


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        yield from chain.from_iterable(map(_within, value))
    elif isinstance(value, Held | Among):
        yield value._question
    elif isinstance(value, Many):
        yield from _within(value._statement)
    elif isinstance(value, Select | CompoundSelect | Update | Delete):
        yield value


def _tables(source: FromClause) -> Iterator[FromClause]:
    if isinstance(source, Join):
        yield from _tables(source.left)
        yield from _tables(source.right)
    else:
        yield source


def _own(clause: Any) -> Iterator[Any]:
    """*clause* and what it is made of, questions inside it excepted."""
    yield clause
    for child in clause.get_children():
        if not isinstance(child, QUESTIONS):
            yield from _own(child)


def _free(clause: Any, known: frozenset[Any] = frozenset()) -> Iterator[str]:
    """*known* are the tables whose city the question around has compared with something."""
    tables: list[Any] = []
    conditions: list[Any] = []
    if isinstance(clause, Select):
        joined = clause.get_final_froms()
        tables = [one for one in chain.from_iterable(map(_tables, joined)) if "city_id" in one.c]
        conditions = [clause.whereclause, *(one for one in joined if isinstance(one, Join))]
    elif isinstance(clause, Update | Delete):
        tables, conditions = [clause.table], [clause.whereclause]
    for part in chain.from_iterable(_own(one) for one in conditions if one is not None):
        if isinstance(part, BinaryExpression) and part.operator is eq:
            sides: tuple[Any, ...] = (part.left, part.right)
            known |= {side.table for side in sides if getattr(side, "name", "") == "city_id"}
    yield from (str(one.name) for one in tables if one not in known and not isinstance(one, CTE | Subquery))
    for child in clause.get_children():
        yield from _free(child, frozenset() if isinstance(child, CTE | Subquery) else known)


def free(statement: Any) -> list[str]:
    """The tables that *statement* reads or changes whatever the city; "no city" where none is given at all."""
    bound = any(getattr(one, "key", "") == f"{GIVEN}city" for one in iterate(statement))
    return sorted({*_free(statement), *([] if bound else ["no city"])})


def test_every_statement_of_the_stores_is_made_for_one_city() -> None:
    found = list(built())

    assert len(found) > 300
    assert {place for place, one in found if free(one)} == BEFORE_ITS_CONDITIONS


@pytest.mark.parametrize(
    ("statement", "lacking"),
    [
        (select(cases.c.id).where(mine(cases)), []),
        (select(cases.c.id).where(cases.c.id == given("id")), ["cases", "no city"]),
        (update(cases).where(cases.c.id == given("id")), ["cases", "no city"]),
        (select(cases.c.id).join(units, units.c.code == cases.c.unit).where(mine(cases)), ["units"]),
        (select(cases.c.id).where(mine(cases), cases.c.unit.in_(select(units.c.code))), ["units"]),
    ],
)
def test_a_table_without_its_city_is_found(statement: Any, lacking: list[str]) -> None:
    assert free(statement) == lacking
