"""Benchmarks: one module each, discovered. Its docstring says what is measured; ``measure(size)`` returns rows.

A figure alone says little, because machines differ; so every bench also does the bare minimum of the same work in the
same run, and what counts is the ratio.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast


class Size(StrEnum):
    """How much work a bench does."""

    SHORT = "short"  # seconds, for a look and for the tests
    FULL = "full"  # minutes, for the page of results


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of results.

    Args:
        bench: Name of the bench.
        what: What the ratio compares, in words.
        ratio: Ours to theirs; ``None`` where a figure stands for itself.
        target: What it should be, in words, as in "at least 0.2"; empty for a figure without a target.
        met: Whether it is; ``None`` without a target.
        figures: What was measured, by name and unit.
    """

    bench: str
    what: str
    ratio: float | None
    target: str = ""
    met: bool | None = None
    figures: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row as plain data."""
        return asdict(self)


Measure = Callable[[Size], Coroutine[Any, Any, list[Row]]]

_NOT_BENCHES: Final = {"__init__", "stand", "updates", "machine", "crowd", "shape", "live"}

TAKES_HOURS: Final = frozenset({"life"})
"""Left out of a full run of everything; who wants one of these asks for it by name."""


def benches() -> dict[str, str]:
    """Every bench and the first line of its docstring, in the order of their names."""
    found = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in _NOT_BENCHES)
    return {name: (import_module(f"bot.bench.{name}").__doc__ or "").partition("\n")[0] for name in found}


def bench(name: str) -> Measure:
    """The bench called *name*.

    Raises:
        LookupError: there is none; the text names those that there are.
    """
    if name not in benches():
        raise LookupError(f"There is no bench {name!r}; there are: {', '.join(benches())}.")
    return cast("Measure", import_module(f"bot.bench.{name}").measure)


def at_least(bench_name: str, what: str, ratio: float, target: float, figures: Mapping[str, float]) -> Row:
    """A row whose ratio should not be smaller than *target*."""
    return Row(bench_name, what, ratio, f"at least {target:g}", ratio >= target, figures)


def at_most(bench_name: str, what: str, ratio: float, target: float, figures: Mapping[str, float]) -> Row:
    """A row whose ratio should not be larger than *target*."""
    return Row(bench_name, what, ratio, f"at most {target:g}", ratio <= target, figures)
