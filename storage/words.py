"""Free texts and attachments, apart from everything else so that they can be erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, false, insert, select, true, update

from routing.model import CaseId, ChatId, Media, PersonId, Words, WordsId, WordsKind
from routing.ports import Ids
from storage.part import Part, columns, given, mine
from storage.tables import words

_COLUMNS = columns(words, "erased")
FIELDS: Final = tuple(column.name for column in _COLUMNS)
"""The columns of a `Words`, in its order."""
_THERE = words.c.erased == false()


def _select(*conditions: Any) -> Select[Any]:
    return select(*_COLUMNS).where(mine(words), _THERE, *conditions).order_by(words.c.id)


PUT: Final = insert(words)
_OF = _select(words.c.case_id == given("case"))
_OF_KIND = _select(words.c.case_id == given("case"), words.c.kind == given("kind"))
_BY = _select(words.c.author == given("author"))
_GET = _select(words.c.id == given("id"))
_AT = _select(words.c.chat == given("chat"), words.c.message_id == given("message_id"))
_REWRITE = update(words).where(mine(words), _THERE, words.c.id == given("id")).values(text=given("text"))
_ERASE = (
    update(words)
    .where(mine(words), _THERE, words.c.author == given("person"))
    .values(text="", media=(), author=None, erased=true())
)
_ERASE_IN = (
    update(words)
    .where(mine(words), _THERE, words.c.case_id.in_(given("cases", many=True)))
    .values(text="", media=(), author=None, erased=true())
)


class SqlWords(Part):
    """`routing.ports.WordsStore` over one transaction."""

    def __init__(self, connection: Any, city: str, ids: Ids) -> None:
        super().__init__(connection, city)
        self._ids = ids

    def put(
        self,
        case: CaseId,
        kind: WordsKind,
        author: PersonId | None,
        at: datetime,
        text: str,
        media: Sequence[Media] = (),
        chat: ChatId | None = None,
        message_id: int | None = None,
    ) -> WordsId:
        """Keep a text; returns its number."""
        number = WordsId(self._ids.new())
        self._put(
            PUT,
            {
                "id": number,
                "case_id": case,
                "kind": kind,
                "author": author,
                "at": at,
                "text": text,
                "media": tuple(media),
                "chat": chat,
                "message_id": message_id,
                "erased": False,
            },
        )
        return number

    def of(self, case: CaseId, kind: WordsKind | None = None) -> Sequence[Words]:
        """Texts of a case, oldest first; erased ones are not among them."""
        rows = self._all(_OF, case=case) if kind is None else self._all(_OF_KIND, case=case, kind=kind)
        return [Words(*row) for row in rows]

    def get(self, words: WordsId) -> Words | None:
        """One text; ``None`` when it was erased."""
        return _words(self._first(_GET, id=words))

    def at(self, chat: ChatId, message_id: int) -> Words | None:
        """The text that came as that message."""
        return _words(self._first(_AT, chat=chat, message_id=message_id))

    def rewrite(self, words: WordsId, text: str) -> None:
        """Its author edited the message; what was erased stays erased."""
        self._run(_REWRITE, id=words, text=text)

    def by(self, author: PersonId) -> Sequence[Words]:
        """Every text of theirs, oldest first; erased ones are not among them."""
        return [Words(*row) for row in self._all(_BY, author=author)]

    def erase_of(self, person: PersonId) -> int:
        """Blank every text of theirs and drop its media; returns how many.

        The row stays without its author, so that a reply to that message still finds its case.
        """
        return self._run(_ERASE, person=person).rowcount

    def erase_in(self, cases: Sequence[CaseId]) -> int:
        """Blank every text of these cases and drop its media, whoever wrote it; returns how many."""
        return self._run(_ERASE_IN, cases=list(cases)).rowcount


def _words(row: Any) -> Words | None:
    return Words(*row) if row else None
