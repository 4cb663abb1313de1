"""The words that are shipped beside the rules, in `data/`, and patterns made of them."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any


def shipped(name: str) -> dict[str, Any]:
    """The parsed file ``data/NAME.toml``."""
    return tomllib.loads((files("routing") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def either(words: Iterable[str]) -> str:
    """A pattern for any of *words*, as they are; the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
