"""Whether a text tells of danger to life or limb, by the words that stand in `data/dangers.toml`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from routing.lexicon import Hit, Lexicon, stands_alone

_SHORT, _NEAR, _NOW, _BEFORE, _AFTER = 40, 12, 20, 8, 6
_ENGLISH: Final = 3
"""So many Latin letters say as much as one Chinese character."""
_CLAUSE_END: Final = re.compile(r"[，。！？；、,.!?;:：\n]")
_NO_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Danger:
    """What a safety word stands for.

    Args:
        word: It.
        matter: The code of the matter that it names.
        near: It counts only with one of these beside it, where there are any.
        suspected: Fear is enough.
    """

    word: str
    matter: str
    near: frozenset[str]
    suspected: bool


@dataclass(frozen=True, slots=True)
class _Guards:
    """The words that take a safety word back, as the file explains them."""

    before: tuple[str, ...]
    feared: tuple[str, ...]
    after: tuple[str, ...]
    now: tuple[str, ...]
    over: tuple[str, ...]
    early: int


class Dangers:
    """The safety words, and when they are meant in earnest.

    Attributes:
        neutral: Words that hide the shorter words inside them, whatever these stand for.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Read the parsed file.

        Raises:
            KeyError: a danger names a group that there is not.
        """
        self.neutral = frozenset(data["neutral"]["words"])
        self._by_word = _by_word(data["dangers"], data["groups"])
        self._lookout = Lexicon({*self.neutral, *data["harmless"]["words"], *self._by_word})
        self._cry = Danger(data["cries"]["words"][0], data["cries"]["matter"], frozenset(), suspected=True)
        cries = "|".join(_NO_WORD.sub("", cry) for cry in data["cries"]["words"])
        self._cries = re.compile(f"(?:{cries})+")
        guards = {key: tuple(data["guards"][key]) for key in ("before", "feared", "after", "now", "over")}
        self._guards = _Guards(**guards, early=int(data["guards"]["early"]))

    def __iter__(self) -> Iterator[Danger]:
        """All of them."""
        return (danger for dangers in self._by_word.values() for danger in dangers)

    def first(self, folded: str) -> Danger | None:
        """The first one of a text folded by `lexicon.plain` that is meant in earnest."""
        for hit in self._lookout.find(folded):
            for danger in self._by_word.get(hit.word, ()):
                if self._in_earnest(folded, hit, danger):
                    return danger
        return self._cry if self._cries.fullmatch(_NO_WORD.sub("", folded)) else None

    def _in_earnest(self, text: str, hit: Hit, danger: Danger) -> bool:
        """Whether the clause around a safety word tells of something happening, not of something feared or taught."""
        guards, scale = self._guards, _ENGLISH if hit.word.isascii() else 1
        short = len(text) <= _SHORT * scale
        if danger.near and not _any_of(danger.near, _beside(text, hit, len(text) if short else _NEAR * scale)):
            return False
        story = len(text) > guards.early * scale if danger.near else hit.at > guards.early
        if story and not _any_of(guards.now, _beside(text, hit, _NOW * scale)):
            return False
        before = _CLAUSE_END.split(text[max(0, hit.at - _BEFORE * scale) : hit.at])[-1]
        after = _CLAUSE_END.split(text[hit.end : hit.end + _AFTER * scale])[0].lstrip()
        doubted = guards.before if danger.suspected else guards.before + guards.feared
        return not (
            _any_of(doubted, before) or after.startswith(guards.after) or (short and _any_of(guards.over, text))
        )


def _beside(text: str, hit: Hit, reach: int) -> str:
    """The text within *reach* characters before and after *hit*, without the word itself."""
    return f"{text[max(0, hit.at - reach) : hit.at]} {text[hit.end : hit.end + reach]}"


def _any_of(words: Iterable[str], window: str) -> bool:
    """Whether one of *words* stands in *window*."""
    return any((at := window.find(word)) >= 0 and stands_alone(window, at, word) for word in words)


def _by_word(
    entries: Iterable[Mapping[str, Any]], groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Danger, ...]]:
    """The dangers that each word may stand for."""
    dangers: dict[str, tuple[Danger, ...]] = {}
    for entry in entries:
        near = frozenset(_spelt(entry.get("near", ()), groups))
        for word in entry["words"]:
            danger = Danger(word, entry["matter"], near, entry.get("suspected", False))
            dangers[word] = (*dangers.get(word, ()), danger)
    return dangers


def _spelt(words: Iterable[str], groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The words, each ``@name`` among them replaced by those of its group."""
    for word in words:
        if word.startswith("@"):
            yield from _spelt(groups[word[1:]], groups)
        else:
            yield word
