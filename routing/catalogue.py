"""What a report is about, and whether it can wait: a transparent rule over words that stand in `data/`.

Every verdict names the word that decided it, so that a person can see why and correct it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from routing.dangers import Danger, Dangers
from routing.lexicon import Lexicon, plain
from routing.wording import shipped

OTHER: Final = "L99"
KINDS: Final = frozenset({"enquiry", "help", "complaint", "tip_off", "suggestion", "praise"})
TIP_OFF: Final = "tip_off"
"""The kind of case whose reporter is hidden from whoever handles it, and all of it from the grid where it happened."""
PRAISE: Final = "praise"
"""Thanks are answered like everything else; no figure calls them late, and how they are rated is no satisfaction."""
_TOPS: Final = frozenset({"livelihood", "enforcement", "development"})
_TITLE: Final = 30


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that a report can be about.

    Args:
        code: Of GB/T 47678.5-2026, or ours with an L.
        zh: Its name in Chinese.
        en: Its name in English.
        kind: enquiry, help, complaint, tip_off, suggestion or praise.
        top: livelihood, enforcement or development.
        evidence: A photo is asked for when it is closed.
        same_day: It can't wait until tomorrow.
        department: A key of who usually answers for it; a town maps it to one of its units.
        hushed: Reports about it never show in a residents' chat: tip-offs, quarrels, violence at home.
    """

    code: str
    zh: str
    en: str
    kind: str
    top: str
    evidence: bool
    same_day: bool
    department: str | None
    hushed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the catalogue makes of a text.

    Args:
        matter: What it is about.
        rule: The word that weighed most, such as "word:漏水"; "none" when no word was known.
        urgent: A safety word stands in it.
        danger: That word.
    """

    matter: Matter
    rule: str
    urgent: bool
    danger: str | None


class Catalogue:
    """The matters, the words by which they are known and the words that mean danger.

    A longer word weighs more than a shorter one, by the square of its length (English letters count a third); a
    word in the title, that is the first line or the first 30 characters, weighs double; up to three repetitions
    weigh half as much each. The heaviest matter wins; of equals the one named first.
    """

    def __init__(self, data: Mapping[str, Any], dangers: Dangers) -> None:
        """Read the parsed catalogue file.

        Raises:
            ValueError: a matter is incomplete, a tip-off shows or a word stands under two; the sentence names it.
        """
        entries: Mapping[str, Mapping[str, Any]] = data["matters"]
        self.matters: Mapping[str, Matter] = {
            code: _matter(code, _with_defaults(code, entry, data["defaults"])) for code, entry in entries.items()
        }
        self._owner = _owners(entries, dangers)
        self._weight = {code: float(entry.get("weight", 1)) for code, entry in entries.items()}
        self._words = Lexicon(dangers.neutral | self._owner.keys())
        self._dangers = dangers
        self._large = Lexicon(data["large"]["words"])
        self._tip_offs = frozenset(data["tip_off"]["words"])
        self._telling = Lexicon((*data["tip_off"]["words"], *data["tip_off"]["neutral"]))

    @classmethod
    @cache
    def load(cls) -> "Catalogue":
        """The shipped catalogue, read once: nothing in it ever changes."""
        return cls(shipped("catalogue"), Dangers(shipped("dangers")))

    def classify(self, text: str) -> Verdict:
        """Say what *text* is about and whether it is urgent; always the same answer for the same text."""
        folded = plain(text)
        danger = self._dangers.first(folded)
        code, word = self._heaviest(folded)
        if danger is not None and (not word or self._only_told_on(code, danger)):
            code, word = danger.matter, danger.word
        rule = f"word:{word}" if word else "none"
        return Verdict(self.matters[code], rule, urgent=danger is not None, danger=danger.word if danger else None)

    def _only_told_on(self, code: str, danger: Danger) -> bool:
        """Whether that matter is a tip-off, which goes past the grid, while *danger* asks for help as quietly."""
        asked = self.matters[danger.matter]
        return self.matters[code].kind == TIP_OFF != asked.kind and asked.hushed

    def found(self, text: str) -> list[tuple[str, Matter]]:
        """The words of *text* by which a matter is known, in their order, each with its matter."""
        hits = self._words.find(plain(text))
        return [(hit.word, self.matters[self._owner[hit.word]]) for hit in hits if hit.word in self._owner]

    def danger(self, folded: str) -> str | None:
        """The first safety word of a text folded by `plain` that is meant in earnest."""
        danger = self._dangers.first(folded)
        return danger.word if danger else None

    def large(self, text: str) -> str | None:
        """The first word of *text* that says that many households have the trouble at once; ``None``: one has it."""
        hits = self._large.find(plain(text))
        return hits[0].word if hits else None

    def tips_off(self, text: str) -> bool:
        """Whether *text* calls itself a tip-off, whatever its matter is."""
        return any(hit.word in self._tip_offs for hit in self._telling.find(plain(text)))

    def _heaviest(self, folded: str) -> tuple[str, str]:
        """The code of the heaviest matter and its heaviest word."""
        first_line = folded.find("\n", 0, _TITLE)
        title = first_line if first_line > 0 else _TITLE
        points: dict[str, float] = {}
        times: dict[str, int] = {}
        for hit in self._words.find(folded):
            seen = times[hit.word] = times.get(hit.word, 0) + 1
            if hit.word in self._owner and seen <= 4:
                weight = _length(hit.word) ** 2 * (2 if hit.at < title else 1)
                points[hit.word] = points.get(hit.word, 0) + (weight if seen == 1 else weight / 2)
        totals: dict[str, float] = {}
        best: dict[str, str] = {}
        for word, value in points.items():
            code = self._owner[word]
            totals[code] = totals.get(code, 0) + value * self._weight[code]
            if code not in best or value > points[best[code]]:
                best[code] = word
        if not totals:
            return OTHER, ""
        code = max(totals, key=totals.__getitem__)
        return code, best[code]


def _length(word: str) -> float:
    """How much a word says: its characters, where three Latin letters count as one."""
    return len(word) / 3 if word.isascii() else len(word)


def _with_defaults(code: str, entry: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Fill *entry* from the defaults of every prefix of its code, longer ones over shorter ones."""
    merged: dict[str, Any] = {"evidence": False, "same_day": False, "department": None, "hushed": False}
    for length in range(1, len(code) + 1):
        merged |= defaults.get(code[:length], {})
    return {**merged, **entry}


def _matter(code: str, entry: Mapping[str, Any]) -> Matter:
    if entry.get("kind") not in KINDS or entry.get("top") not in _TOPS or not entry.get("zh") or not entry.get("en"):
        raise ValueError(f"the matter {code} needs a name in both languages, a kind and a top")
    if entry["kind"] == TIP_OFF and not entry["hushed"]:
        raise ValueError(f"the matter {code} is a tip-off, so it needs hushed = true")
    return Matter(code, **{key: entry[key] for key in Matter.__slots__ if key != "code"})


def _owners(matters: Mapping[str, Mapping[str, Any]], dangers: Dangers) -> dict[str, str]:
    """The matter of each word; a safety word that counts alone and that no matter claims belongs to its danger's."""
    owners: dict[str, str] = {}
    for code, entry in matters.items():
        for word in (*entry.get("zh_words", ()), *entry.get("en_words", ())):
            if word in owners:
                raise ValueError(f"{word!r} stands under {owners[word]} and under {code}")
            owners[word] = code
    for danger in dangers:
        if not danger.near:
            owners.setdefault(danger.word, danger.matter)
    return owners
