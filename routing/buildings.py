"""Which building of a grid a text names, however its number is written: 3号楼, 三栋, 3#, 3-2-501, Block 3."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from routing.masking import ADDRESS, BEHIND_NUMBER, ENGLISH_BUILDING
from routing.numerals import SPOKEN, in_digits
from routing.wording import either

_SPOKEN: Final = rf"{SPOKEN}{{1,3}}"
_WRITTEN: Final = r"[A-Za-z]?\d{1,4}[A-Za-z]?|[A-Za-z]"
_WORD: Final = "(?:" + "|".join(" ?".join(map(re.escape, word)) for word in BEHIND_NUMBER) + ")"
_BARE: Final = rf"(?<![0-9A-Za-z]|{SPOKEN})"
_ENGLISH: Final = rf"(?i:{ENGLISH_BUILDING})"
_MENTIONS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BARE}(?P<number>{_WRITTEN}|{_SPOKEN}) ?{_WORD}",
        r"(?<![\w-])(?P<number>\d{1,3})#?[-\u2013\u2014](?:\d{1,2}[-\u2013\u2014])?\d{3,4}(?![\d-])",
        rf"{_BARE}{_ENGLISH}\s{{0,2}}(?i:no\.?\s?|#)?(?P<number>\d{{1,4}}[A-Za-z]?|[A-Z])(?![0-9A-Za-z])",
        rf"{_BARE}(?i:no)\.?\s?(?P<number>\d{{1,4}}|[A-Z])\s{_ENGLISH}",
    )
)
_HOME: Final = re.compile(rf"{either(ADDRESS['before_home'])}\s*$", re.IGNORECASE)
"""What stands before the home of whoever writes, which seldom is where something is wrong."""
_NAME: Final = re.compile(rf"(?P<estate>.*?)(?:(?P<written>{_WRITTEN})\D{{0,3}}|(?P<spoken>{_SPOKEN}) ?{_WORD})")


def building_in(text: str, buildings: Sequence[str]) -> str:
    """The one of *buildings* that *text* names, or nothing; "13号楼" does not name "3号楼", "三栋" and "building 3" do.

    Of two with the same number, as of two estates, it is the one whose estate the text names as well. Of several that
    it names it is the first one that is not merely said to be somebody's home.
    """
    folded = unicodedata.normalize("NFKC", text)
    named = [*sorted(_by_name(folded, buildings)), *_by_number(folded, buildings)]
    elsewhere = (building for start, _, building in named if not _HOME.search(folded[:start]))
    return next(elsewhere, named[0][2] if named else "")


def _by_name(text: str, buildings: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where names stand in *text* as they are written; of those that begin there the longest is the least."""
    for building in filter(None, buildings):
        end = r"(?!\d)" if building[-1:].isdigit() else ""
        for match in re.finditer(rf"{_BARE}{re.escape(building)}{end}", text):
            yield match.start(), -len(building), building


def _by_number(text: str, buildings: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where *text* names one of them by its number, in its order."""
    numbered = [(building, *_parts(building)) for building in buildings]
    found = [match for mention in _MENTIONS for match in mention.finditer(text)]
    for match in sorted(found, key=lambda match: match.start()):
        number = _plain(match["number"])
        same = [(building, estate) for building, estate, its in numbered if its == number]
        if len(same) > 1:
            same = [(building, estate) for building, estate in same if estate and estate in text]
        if len(same) == 1:
            yield match.start(), 0, same[0][0]


def _parts(building: str) -> tuple[str, str | None]:
    """The estate that a name begins with, and its number; ``None``: it has none."""
    name = _NAME.fullmatch(building.strip())
    return (name["estate"].strip(), _plain(name["written"] or name["spoken"])) if name else ("", None)


def _plain(number: str) -> str:
    """One way of writing for all: 十二 and 012 are 12, a is A."""
    return in_digits(number).upper().lstrip("0") or "0"
