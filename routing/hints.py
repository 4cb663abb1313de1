"""Whether a message in a group reads like a report, so that the bot may quietly offer to take it.

The rule can be explained to whoever asks: something is wrong, and the message says where, or with what, or asks
somebody to act. Chatter is judged in memory and forgotten; most of it ends at the first look.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from routing.catalogue import Catalogue
from routing.lexicon import Lexicon, plain
from routing.wording import shipped

SHORTEST: Final = 5
LONGEST: Final = 500
LONGEST_THANKS: Final = 24
"""Thanks of more characters than that may have something behind them."""
_WORDS: Final[dict[str, Any]] = shipped("hints")
_TROUBLE, _PLACE, _REQUEST, _QUIET, _POLITE = (
    Lexicon(_WORDS[key]) for key in ("trouble", "place", "request", "quiet", "polite")
)
_NOTICE: Final = tuple(_WORDS["notice"])
_NEIGHBOURHOOD: Final = ("0", "1", "L0", "L1", "L2")


class HintReason(StrEnum):
    """Why a message reads like a report."""

    DANGER = "danger"
    """A safety word is meant in earnest."""
    PLACE = "place"
    """Something is wrong, and it says where."""
    THING = "thing"
    """Something is wrong with a thing that the catalogue knows in a neighbourhood."""
    REQUEST = "request"
    """Something is wrong, and somebody is asked to act."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A message that reads like a report.

    Args:
        reason: Which rule found it.
        evidence: The words that the rule rests on, joined by a plus: "坏了+楼道".
    """

    reason: HintReason
    evidence: str


def reads_like_report(text: str, catalogue: Catalogue) -> Hint | None:
    """Say why *text* reads like a report, or None: it is short, quiet, a notice, or nothing is wrong in it.

    Text of more than 500 characters never does: of that length, people forward what others wrote. One of fewer than 5
    does only when it cries of a danger.
    """
    if len(text) > LONGEST:
        return None
    folded = plain(text).strip()
    if folded.startswith(_NOTICE) or "http" in folded:
        return None
    danger = catalogue.danger(folded)
    if danger is not None:
        return Hint(HintReason.DANGER, danger)
    if len(folded) < SHORTEST:
        return None
    troubles = [hit.word for hit in _TROUBLE.find(folded)]
    if not troubles or _QUIET.find(folded):
        return None
    return _explained(folded, troubles, catalogue)


def names_danger(text: str, catalogue: Catalogue) -> bool:
    """Whether *text* tells of a danger to somebody, in earnest."""
    return catalogue.danger(plain(text)) is not None


def small_talk(text: str, catalogue: Catalogue) -> bool:
    """Whether *text* is thanks, a greeting or "received": kind, and nothing that anybody must act on."""
    folded = plain(text).strip()
    if not 0 < len(folded) <= LONGEST_THANKS or not _QUIET.find(folded):
        return False
    return not _TROUBLE.find(folded) and catalogue.danger(folded) is None


def _explained(folded: str, troubles: list[str], catalogue: Catalogue) -> Hint | None:
    """Find what makes a trouble a report: a place, a thing of the neighbourhood, or a request."""
    trouble = troubles[0]
    for hit in _PLACE.find(folded):
        return Hint(HintReason.PLACE, f"{trouble}+{hit.word}")
    for word, matter in catalogue.found(folded):
        if matter.code.startswith(_NEIGHBOURHOOD) and not any(word in each for each in troubles):
            return Hint(HintReason.THING, f"{trouble}+{word}")
    for hit in _REQUEST.find(folded):
        if hit.word != trouble:
            return Hint(HintReason.REQUEST, f"{trouble}+{hit.word}")
    asks = sum(folded.count(sign) for sign in _WORDS["asking"])
    if asks > len(_POLITE.find(folded)):
        return Hint(HintReason.REQUEST, trouble)
    return None
