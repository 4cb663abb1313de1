"""Recognising what the bot says: from a sentence back to its key."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from handlers._kit.words import LANGUAGES, sentences

_GROUPS: Final = (
    "refusal.",
    "solve.",
    "claim.",
    "review.",
    "rating.",
    "ask.too_late",
    "ask.photo",
    "ask.why",
    "report.",
    "climb.escalated",
    "returns.asked",
    "returns.refused",
    "extend.asked",
    "extend.refused",
    "suspend.done",
    "whistle.called",
    "callback.noted",
)
"""The sentences that end a step, well or badly, and the question that nobody has to answer."""
_TAG: Final = re.compile(r"<[^>]+>")
_PLACE: Final = re.compile(r"\{\w+\}")


def key_of(text: str) -> str | None:
    """The key of the sentence that *text* is, if it is one that ends a step."""
    return next((key for key, pattern in _patterns() if pattern.fullmatch(text)), None)


def is_refusal(key: str | None) -> bool:
    """Whether the sentence says no."""
    return key is not None and (key.startswith("refusal.") or key == "ask.too_late")


def is_archived(card: str) -> bool:
    """Whether the card shows that its case has come to its end."""
    return any(sentences(lang)["status.archived"] in card for lang in LANGUAGES)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(_compiled())


def _compiled() -> Iterator[tuple[str, re.Pattern[str]]]:
    for lang in LANGUAGES:
        for key, sentence in sentences(lang).items():
            plain = _TAG.sub("", sentence)
            if key.startswith(_GROUPS) and _PLACE.sub("", plain).strip():
                parts = [re.escape(part) for part in _PLACE.split(plain)]
                yield key, re.compile(".*".join(parts), re.DOTALL)
