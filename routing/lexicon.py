"""Find many words in one text, in one pass."""

import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

LONGEST_TEXT: Final = 4096


class Hit(NamedTuple):
    """A word and where it begins."""

    at: int
    word: str

    @property
    def end(self) -> int:
        """Where the next character stands."""
        return self.at + len(self.word)


def plain(text: str) -> str:
    """Fold full-width forms and letter case; cut at 4,096 characters, the length of a Telegram message."""
    return unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).lower()


class Lexicon:
    """A set of words, each of two characters or more, in the form that `plain` gives.

    Words are looked up by their first two characters, so that the time does not depend on how many there are.
    """

    __slots__ = ("_starts", "_words")

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            if len(word) < 2 or plain(word) != word:
                raise ValueError(f"{word!r} must have two characters or more, in lower case")
            lengths.setdefault(word[:2], set()).add(len(word))
        self._starts = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def find(self, text: str) -> list[Hit]:
        """Return the longest word at each place of *text*, without those that lie inside one found before.

        Words may overlap otherwise. A word of Latin letters must stand by itself.
        """
        hits: list[Hit] = []
        covered = 0
        for at in range(len(text) - 1):
            for length in self._starts.get(text[at : at + 2], ()):
                word = text[at : at + length]
                if word in self._words and stands_alone(text, at, word):
                    if at + len(word) > covered:
                        covered = at + len(word)
                        hits.append(Hit(at, word))
                    break
        return hits


def stands_alone(text: str, at: int, word: str) -> bool:
    """Whether *word* at *at* is no part of a longer Latin word; Chinese has no such bounds."""
    end = at + len(word)
    cut_before = at > 0 and _is_latin(word[0]) and _is_latin(text[at - 1])
    cut_after = end < len(text) and _is_latin(word[-1]) and _is_latin(text[end])
    return not (cut_before or cut_after)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
