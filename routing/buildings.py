"""Which building of a grid a text names, however its number is written: 3号楼, 三栋, 3#, 3-2-501, Block 3."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from routing.masking import ADDRESS
from routing.numerals import SPOKEN, in_digits

_SPOKEN: Final = rf"{SPOKEN}{{1,3}}"
_WRITTEN: Final = r"[A-Za-z]?\d{1,4}[A-Za-z]?|[A-Za-z]"
_WORD: Final = "(?:" + "|".join(" ?".join(map(re.escape, word)) for word in ADDRESS["behind_number"]) + ")"
_BARE: Final = rf"(?<![0-9A-Za-z]|{SPOKEN})"
_ENGLISH: Final = r"(?i:building|block|bldg\.?)"
_MENTIONS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_BARE}(?P<number>{_WRITTEN}|{_SPOKEN}) ?{_WORD}",
        r"(?<![\w-])(?P<number>\d{1,3})#?[-\u2013\u2014](?:\d{1,2}[-\u2013\u2014])?\d{3,4}(?![\d-])",
        rf"{_BARE}{_ENGLISH}\s{{0,2}}(?i:no\.?\s?|#)?(?P<number>\d{{1,4}}[A-Za-z]?|[A-Z])(?![0-9A-Za-z])",
        rf"{_BARE}(?i:no)\.?\s?(?P<number>\d{{1,4}}|[A-Z])\s{_ENGLISH}",
    )
)
_NAME: Final = re.compile(rf"(?P<estate>.*?)(?:(?P<written>{_WRITTEN})\D{{0,3}}|(?P<spoken>{_SPOKEN}) ?{_WORD})")


def building_in(text: str, buildings: Sequence[str]) -> str:
    """The one of *buildings* that *text* names, or nothing; "13号楼" does not name "3号楼", "三栋" and "building 3" do.

    Of two with the same number, as of two estates, it is the one whose estate the text names as well.
    """
    folded = unicodedata.normalize("NFKC", text)
    for building in sorted(buildings, key=len, reverse=True):
        end = r"(?!\d)" if building[-1:].isdigit() else ""
        if building and re.search(rf"{_BARE}{re.escape(building)}{end}", folded):
            return building
    numbered = [(building, *_parts(building)) for building in buildings]
    for number in _numbers(folded):
        same = [(building, estate) for building, estate, its in numbered if its == number]
        if len(same) > 1:
            same = [(building, estate) for building, estate in same if estate and estate in folded]
        if len(same) == 1:
            return same[0][0]
    return ""


def _numbers(text: str) -> Iterator[str]:
    """The numbers of all buildings that *text* names, in its order."""
    found = [match for mention in _MENTIONS for match in mention.finditer(text)]
    return (_plain(match["number"]) for match in sorted(found, key=lambda match: match.start()))


def _parts(building: str) -> tuple[str, str | None]:
    """The estate that a name begins with, and its number; ``None``: it has none."""
    name = _NAME.fullmatch(building.strip())
    return (name["estate"].strip(), _plain(name["written"] or name["spoken"])) if name else ("", None)


def _plain(number: str) -> str:
    """One way of writing for all: 十二 and 012 are 12, a is A."""
    return in_digits(number).upper().lstrip("0") or "0"
