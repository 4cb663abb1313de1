"""Keys to sentences. Every feature brings `strings/zh.toml` and `strings/en.toml`; duplicates are refused."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

LANGUAGES: Final = ("zh", "en")
FOLDER: Final = Path(__file__).resolve().parent.parent


class WordsMissing(LookupError):
    """A key has no sentence; a test renders every key, so this is a fault of the program."""


class Html(str):
    """Text that is already Telegram HTML; everything else is escaped when it is put into a sentence."""

    __slots__ = ()


def language(*wishes: str | None) -> str:
    """The first of *wishes* that is spoken here (``zh-hans`` counts as ``zh``); Chinese if none is."""
    for wish in wishes:
        short = (wish or "").split("-")[0].lower()
        if short in LANGUAGES:
            return short
    return LANGUAGES[0]


def say(key: str, lang: str, /, **values: object) -> Html:
    """The sentence of *key* in *lang* as HTML, its placeholders filled with escaped values.

    Raises:
        WordsMissing: there is no such key, or a placeholder got no value.
    """
    try:
        template = sentences(lang)[key]
        return Html(template.format_map({name: _safe(value) for name, value in values.items()}))
    except KeyError as error:
        raise WordsMissing(f"{lang}:{key}: {error}") from error


def plain(key: str, lang: str, /, **values: object) -> str:
    """The same without HTML: for callback answers, buttons and command descriptions."""
    try:
        return sentences(lang)[key].format_map({name: str(value) for name, value in values.items()})
    except KeyError as error:
        raise WordsMissing(f"{lang}:{key}: {error}") from error


def has(key: str) -> bool:
    """Whether there is such a sentence."""
    return key in sentences(LANGUAGES[0])


@cache
def sentences(lang: str) -> Mapping[str, str]:
    """Every sentence of *lang* by key.

    Raises:
        ValueError: two features bring the same key.
    """
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"*/strings/{lang}.toml")):
        for key, sentence in _flat(tomllib.loads(path.read_text("utf-8"))):
            if key in found:
                raise ValueError(f"{path}: the key {key} exists in another feature")
            found[key] = sentence
    return found


def placeholders(sentence: str) -> frozenset[str]:
    """Names of the placeholders in a sentence."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def _safe(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value), quote=False)
