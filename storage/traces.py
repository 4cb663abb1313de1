"""What people leave beside cases: answers to broadcasts and roll-calls, pleas for help, and that they have it, too."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    UpdateBase,
    and_,
    cast,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)

from broadcasts.model import State
from broadcasts.plan_model import UNANSWERED
from routing.model import PersonId
from storage.part import Part, given, mine
from storage.tables import (
    broadcasts,
    cases,
    chats,
    doers,
    fixed,
    helps,
    marks,
    members,
    outbox,
    people,
    prompts,
    receipts,
    rollcalls,
    seats,
    shifts,
    strangers,
)

_PERSON: Final = cast(given("person"), BigInteger)
_AS_TEXT: Final = cast(_PERSON, Text)
_ALONE: Final[ColumnElement[str]] = literal_column("'person:'") + _AS_TEXT
"""How somebody is named who answers for no household."""
_ME_TOO: Final = marks.c.mark.like(literal_column("'metoo:%:'") + _AS_TEXT)
_EVERY_BROADCAST: Final = select(broadcasts.c.id).where(mine(broadcasts))
_REPORTED: Final = select(cases.c.id).where(mine(cases), cases.c.reporter == _PERSON)
_PLEADED: Final = or_(helps.c.asker == _ALONE, helps.c.case_id.in_(_REPORTED))

NAMING: Final[Mapping[str, ColumnElement[bool]]] = {
    "receipts": and_(mine(receipts), receipts.c.by == _PERSON),
    "strangers": and_(mine(strangers), strangers.c.broadcast.in_(_EVERY_BROADCAST), strangers.c.person == _PERSON),
    "helps": and_(mine(helps), helps.c.asker.not_like("erased:%"), _PLEADED),
    "seats": and_(mine(seats), seats.c.by == _PERSON),
    "marks": and_(mine(marks), _ME_TOO),
}
"""Rows that name somebody: no finding at a door, no press, no plea does, once they were erased."""
FORGET: Final[Mapping[str, UpdateBase]] = {
    "receipts": update(receipts).where(NAMING["receipts"]).values(by=null()),
    "strangers": delete(strangers).where(NAMING["strangers"]),
    "helps": update(helps)
    .where(NAMING["helps"])
    .values(asker=literal_column("'erased:'") + cast(helps.c.case_id, Text)),
    "seats": update(seats).where(NAMING["seats"]).values(by=null()),
    "marks": delete(marks).where(NAMING["marks"]),
}
"""What households answered, and the cases of need, stay without a name: the figures are made of them."""

_OVER: Final = select(broadcasts.c.id).where(
    mine(broadcasts),
    broadcasts.c.ended_at < given("before"),
    broadcasts.c.state.in_(fixed(State.SUPERSEDED, State.CANCELLED, State.EXPIRED)),
)
_PLACES: Final = (
    select(receipts.c.broadcast, receipts.c.place)
    .where(mine(receipts), receipts.c.broadcast.in_(_OVER))
    .distinct()
    .limit(given("places"))
)
EXPIRE: Final[Mapping[str, UpdateBase]] = {
    "receipts": delete(receipts).where(mine(receipts), tuple_(receipts.c.broadcast, receipts.c.place).in_(_PLACES)),
    "strangers": delete(strangers).where(mine(strangers), strangers.c.broadcast.in_(_OVER)),
    "helps": delete(helps).where(mine(helps), helps.c.broadcast.in_(_OVER)),
    "marks": delete(marks).where(mine(marks), marks.c.mark.like("metoo:%"), marks.c.at < given("before")),
}
"""Answers to what ended before then, of some places at a time; the figures stand with the chats that it went to."""

_THEIRS: Final = and_(mine(members), members.c.person == _PERSON)
_OF_HOME = (
    select(broadcasts.c.number, receipts.c.state, receipts.c.note, receipts.c.at)
    .select_from(members.join(broadcasts, broadcasts.c.city_id == members.c.city_id).join(
        receipts, and_(
            receipts.c.city_id == members.c.city_id,
            receipts.c.broadcast == broadcasts.c.id,
            receipts.c.asked == members.c.household,
        ),
    ))
    .where(_THEIRS, receipts.c.at >= members.c.at)
    .order_by(receipts.c.at)
)  # fmt: skip
"""Since they joined it: what was answered there before was others'."""
_OF_THEM = (
    select(broadcasts.c.number, receipts.c.state, receipts.c.note, receipts.c.at)
    .join(receipts, and_(receipts.c.city_id == broadcasts.c.city_id, receipts.c.broadcast == broadcasts.c.id))
    .where(mine(broadcasts), receipts.c.asked == _ALONE, receipts.c.at.is_not(None))
    .order_by(receipts.c.at)
)
_STRANGER = (
    select(broadcasts.c.number, strangers.c.at)
    .join(strangers, and_(strangers.c.city_id == broadcasts.c.city_id, strangers.c.broadcast == broadcasts.c.id))
    .where(mine(broadcasts), strangers.c.person == _PERSON)
    .order_by(strangers.c.at)
)
_PLEAS = (
    select(broadcasts.c.number, cases.c.number.label("case_number"), helps.c.at)
    .select_from(helps.join(
        broadcasts, and_(broadcasts.c.city_id == helps.c.city_id, broadcasts.c.id == helps.c.broadcast)
    ).join(cases, and_(cases.c.city_id == helps.c.city_id, cases.c.id == helps.c.case_id)))
    .where(mine(helps), _PLEADED)
    .order_by(helps.c.at)
)  # fmt: skip
_SEATS = (
    select(rollcalls.c.number, rollcalls.c.title, rollcalls.c.questions, seats.c.answers, seats.c.runner, seats.c.at)
    .select_from(members.join(
        seats, and_(seats.c.city_id == members.c.city_id, seats.c.household == members.c.household)
    ).join(rollcalls, and_(rollcalls.c.city_id == seats.c.city_id, rollcalls.c.id == seats.c.rollcall)))
    .where(_THEIRS, func.coalesce(seats.c.at, rollcalls.c.opened_at) >= members.c.at)
    .order_by(rollcalls.c.number)
)  # fmt: skip
_MARKED = select(marks.c.mark, marks.c.at).where(NAMING["marks"]).order_by(marks.c.at)
_NUMBER = select(cases.c.number).where(mine(cases), cases.c.id == given("case"))
_CHATS = (
    select(chats.c.id)
    .join(people, and_(people.c.city_id == chats.c.city_id, people.c.telegram_id == chats.c.telegram_id))
    .where(mine(chats), people.c.id == _PERSON)
)


def _how_many(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).where(*conditions)


_KEPT_FOR_THEM: Final = {
    "messages_to_you": _how_many(mine(outbox), outbox.c.chat.in_(_CHATS)),
    "open_questions": _how_many(mine(prompts), prompts.c.person == _PERSON),
}
_IN_OFFICE: Final = {
    "findings_at_doors": _how_many(NAMING["receipts"]),
    "rollcall_answers_at_doors": _how_many(NAMING["seats"]),
    "duties": _how_many(mine(shifts), shifts.c.person == _PERSON),
    "tasks": _how_many(mine(doers), doers.c.person == _PERSON),
}


class Traces(Part):
    """Reads them for whom they are about."""

    def of(self, person: PersonId) -> Mapping[str, Any]:
        """All of it, ready for JSON: the answers of their home since they joined it, their own, and how many else."""
        answers = [*self._all(_OF_HOME, person=person), *self._all(_OF_THEM, person=person)]
        return {
            "broadcast_answers": [
                {"broadcast": row.number, "answer": row.state.value, "door": row.note and row.note.value, **_at(row)}
                for row in answers
            ],
            "presses_without_home": [
                {"broadcast": row.number, **_at(row)} for row in self._all(_STRANGER, person=person)
            ],
            "pleas_for_help": [
                {"broadcast": row.number, "case": row.case_number, **_at(row)}
                for row in self._all(_PLEAS, person=person)
            ],
            "rollcall_answers": [
                _seat(row) for row in self._all(_SEATS, person=person) if set(row.answers) != {UNANSWERED}
            ],
            "me_too": [
                {"case": self._scalar(_NUMBER, case=int(row.mark.split(":")[1])), **_at(row)}
                for row in self._all(_MARKED, person=person)
            ],
            **self._counts(_KEPT_FOR_THEM, person),
            "in_office": self._counts(_IN_OFFICE, person),
        }

    def _counts(self, questions: Mapping[str, Select[Any]], person: PersonId) -> dict[str, int]:
        return {name: int(self._scalar(question, person=person) or 0) for name, question in questions.items()}


def _at(row: Any) -> dict[str, str | None]:
    return {"at": row.at.isoformat() if row.at is not None else None}


def _seat(row: Any) -> dict[str, Any]:
    answered = [
        {"question": question.text, "answer": None if option == UNANSWERED else question.options[option]}
        for question, option in zip(row.questions, row.answers, strict=True)
    ]
    return {"rollcall": row.number, "title": row.title, "answers": answered, "at_the_door": row.runner, **_at(row)}
