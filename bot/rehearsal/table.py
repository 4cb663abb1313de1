"""The figures as a table for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table


def table(figures: Mapping[str, Any]) -> Table:
    """One row per figure, in order; what has parts gets a row for each of them."""
    made = Table(show_header=False, box=None, pad_edge=False)
    made.add_column(style="cyan")
    made.add_column(justify="right")
    for name, value in _rows(figures):
        made.add_row(name, value)
    return made


def _rows(figures: Mapping[str, Any], indent: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        label = f"{indent}{name.replace('_', ' ') if not indent else name}"
        if isinstance(value, Mapping):
            if value and all(isinstance(one, Mapping) for one in value.values()):
                yield label, ""
                yield from ((f"  {part}", _spread(one)) for part, one in value.items())
            else:
                yield label, "" if value else "none"
                yield from _rows(value, "  ")
        elif isinstance(value, list):
            yield label, str(len(value))
            yield from ((f"  {_line(one)}", "") for one in value)
        else:
            yield label, _shown(value)


def _spread(value: Mapping[str, Any]) -> str:
    return " · ".join(f"{name} {_shown(one)}" for name, one in value.items())


def _line(value: Any) -> str:
    return _spread(value) if isinstance(value, Mapping) else str(value)


def _shown(value: Any) -> str:
    return "none" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)
