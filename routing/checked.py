"""TOML tables that were looked at before they are used: every key known, every value of its type, every fault named."""

import difflib
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any, Final, Self

from routing.calendar import clock_time
from routing.limits import Limit

Shape = Mapping[str, type]
_WORD: Final[Mapping[type, str]] = {
    str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a table",
}  # fmt: skip


def _nearest(key: str, shape: Shape) -> str:
    """What was probably meant."""
    close = difflib.get_close_matches(key, shape, n=1)
    return f"; did you mean {close[0]}?" if close else ""


class BadPolicy(ValueError):
    """The policy file cannot be used; the text says which file, which key and why."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}")
        self.source, self.key, self.reason = source, key, reason


class Checked:
    """One table of a policy file, with the keys and types of its *shape*.

    Args:
        source: The file, for sentences.
        body: What TOML made of the table.
        shape: The keys that may stand in it, each with its type.
        optional: Those of them that may be left out.
        where: The table's own key, for sentences; empty for the whole file.

    Raises:
        BadPolicy: a key is unknown or missing, or a value is of another type.
    """

    def __init__(self, source: str, body: Any, shape: Shape, *, optional: Sequence[str] = (), where: str = "") -> None:
        self._source, self._where = source, where
        if not isinstance(body, dict):
            raise BadPolicy(source, where, "must be a table")
        self._body: dict[str, Any] = body
        for key, value in body.items():
            if key not in shape:
                raise self.bad(key, f"unknown key (known here: {', '.join(shape)}){_nearest(key, shape)}")
            wanted: Any = int | float if shape[key] is float else shape[key]
            if not isinstance(value, wanted) or (shape[key] is not bool and isinstance(value, bool)):
                raise self.bad(key, f"must be {_WORD[shape[key]]}")
        for key in shape:
            if key not in body and key not in optional:
                raise self.bad(key, "is missing")

    def __contains__(self, key: str) -> bool:
        return key in self._body

    def __getitem__(self, key: str) -> Any:
        return self._body[key]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of an optional key."""
        return self._body.get(key, default)

    def bad(self, key: str, reason: str) -> BadPolicy:
        """The error that names *key* of this table."""
        return BadPolicy(self._source, ".".join(part for part in (self._where, key) if part), reason)

    def section(self, key: str, shape: Shape, *, optional: Sequence[str] = ()) -> Self:
        """The table below *key*; one that was left out is read as an empty one."""
        return self._below(key, self._body.get(key, {}), shape, optional)

    def sections(self, key: str, shape: Shape, *, optional: Sequence[str] = ()) -> Mapping[str, Self]:
        """The named tables below *key*, as in `[classes.livelihood]`."""
        return {name: self._below(f"{key}.{name}", body, shape, optional) for name, body in self[key].items()}

    def entries(self, key: str, shape: Shape, *, optional: Sequence[str] = ()) -> Sequence[Self]:
        """The tables of the list *key*, as in `[[limits]]`; sentences count them from one."""
        listed = enumerate(self._body.get(key, []), start=1)
        return [self._below(f"{key}[{index}]", body, shape, optional) for index, body in listed]

    def _below(self, key: str, body: Any, shape: Shape, optional: Sequence[str]) -> Self:
        return type(self)(self._source, body, shape, optional=optional, where=self.bad(key, "").key)

    def word(self, key: str) -> str:
        """One word, as names and versions are."""
        text = str(self[key])
        if not text or "@" in text or len(text.split()) != 1:
            raise self.bad(key, "must be one word without @; it is stored with every decision")
        return text

    def choice(self, key: str, choices: Sequence[str]) -> Any:
        """The value of *key*, which is one of *choices*."""
        if self[key] not in choices:
            raise self.bad(key, f"must be one of {', '.join(choices)}")
        return self[key]

    def count(self, key: str, most: int | None = None) -> int:
        """A number from 0 up, and no more than the law's *most*."""
        value = int(self[key])
        if value < 0:
            raise self.bad(key, "must not be negative")
        if most is not None and value > most:
            raise self.bad(key, f"must not be more than {most}: that is a law of every case")
        return value

    def limit(self, key: str) -> Limit:
        """How long somebody has."""
        try:
            return Limit.parse(self[key])
        except ValueError as error:
            raise self.bad(key, str(error)) from error

    def moment(self, key: str) -> time:
        """A time of day, as in "22:00"."""
        try:
            return clock_time(self[key])
        except ValueError as error:
            raise self.bad(key, str(error)) from error

    def parts(self, key: str) -> tuple[float, ...]:
        """Rising fractions of a limit."""
        parts = self[key]
        ordered = all(isinstance(part, int | float) and 0 < part < 1 for part in parts) and parts == sorted(set(parts))
        if not ordered:
            raise self.bad(key, "must rise between 0 and 1, as in [0.5, 0.8]")
        return tuple(float(part) for part in parts)
