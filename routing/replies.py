"""What residents may read of the replies to a case (law 8): what a closing let out, never what was sent back."""

from collections.abc import Iterable, Sequence
from typing import Final

from routing.events import Resolved, SentBack
from routing.model import Case, Status, Words, WordsId, WordsKind
from routing.ports import UnitOfWork
from routing.records import Entry

_OUTSIDE: Final = frozenset({Status.AWAITING_RATING, Status.ARCHIVED})


def replies(log: Iterable[Entry]) -> dict[WordsId, bool]:
    """Every reply by its first words, oldest first, and whether it was let out.

    That is so from the moment it is approved, or given where nothing is reviewed, and for ever; a reply that was sent
    back before is never let out, whatever becomes of the next one.
    """
    found: dict[WordsId, bool] = {}
    now: WordsId | None = None
    for entry in log:
        if isinstance(entry.event, Resolved):
            now = entry.event.words
            found |= {now: False} if now is not None else {}
        if isinstance(entry.event, SentBack):
            now = None
        if now is not None and entry.change.get("status") in _OUTSIDE:
            found[now] = True
    return found


def readable(uow: UnitOfWork, case: Case, said: Sequence[Words]) -> list[Words]:
    """Those of *said* that are no reply, or one that was let out; an album's later parts go with the first."""
    if not any(one.kind is WordsKind.SOLUTION for one in said):
        return list(said)
    known = replies(uow.log.of(case.id))
    return [one for one in said if one.kind is not WordsKind.SOLUTION or known.get(_first(one, known), False)]


def last_readable(uow: UnitOfWork, case: Case) -> str:
    """The words of the last reply that was let out; none before that."""
    known = replies(uow.log.of(case.id))
    out = [first for first, is_out in known.items() if is_out]
    said = uow.words.of(case.id, WordsKind.SOLUTION) if out else ()
    return "\n".join(one.text for one in said if one.text and _first(one, known) == out[-1])


def _first(words: Words, known: Iterable[WordsId]) -> WordsId:
    """The first words of the reply to which *words* belong."""
    return max((first for first in known if first <= words.id), default=words.id)
