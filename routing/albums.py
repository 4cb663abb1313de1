"""An album is one report although Telegram brings it in parts: they wait in a row until no more come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from routing import filing, offers, telling
from routing.effects import Json
from routing.filing import Addition, Report
from routing.model import Case, CaseId, ChatId, Media, PersonId, WordsKind
from routing.parcels import pack, unpack
from routing.ports import Draft, Lane, Promise, UnitOfWork
from routing.refusals import Refusal

PAUSE: Final = timedelta(seconds=2)
"""An album is complete when no part came for so long."""
LATE: Final = timedelta(minutes=10)
"""How long parts that come after that still find their case."""
COMING: Final = "album"
UNASKED: Final = "album_unasked"
DONE: Final = "album_done"


class Intent(StrEnum):
    """What the part with the words asks for."""

    NOTHING = ""
    REPORT = "report"
    MORE = "more"  # belongs to a case
    OFFER = "offer"  # an offer was made under it


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message of an album.

    ``person`` is the reporter, ``message_id`` the part's own message, ``bot`` the bot's username for links; ``case``
    goes with `Intent.MORE`.
    """

    person: PersonId
    chat: ChatId
    album: str
    message_id: int
    text: str
    media: tuple[Media, ...]
    bot: str
    intent: Intent = Intent.NOTHING
    case: CaseId | None = None


def add_part(uow: UnitOfWork, part: Part, at: datetime) -> None:
    """Keep a part until the album is complete; a part that comes later joins the case that the album became.

    Raises:
        NoGridHere: a report in a chat without a grid.
    """
    if part.intent is Intent.REPORT:
        filing.grid_of_chat(uow, part.chat)
    key = f"album:{part.chat}:{part.album}"
    row = uow.notebook.draft(key)
    if row is not None and row.step == DONE:
        _straggle(uow, row, part, at)
        return
    known: Mapping[str, Json | list[Json]] = row.data if row else {}
    intent = part.intent or Intent(str(known.get("intent") or ""))
    asks = bool(part.intent) and (bool(part.text) or not known.get("intent"))
    speaks = asks or not known  # the part with the words gives the album its number
    data: dict[str, Json | list[Json]] = {
        "intent": intent.value,
        "text": "\n".join(filter(None, (str(known.get("text") or ""), part.text))),
        "captions": _captions(known, part),
        "message": part.message_id if speaks else known["message"],
        "case": part.case if part.case is not None else known.get("case"),
        "bot": part.bot,
        "media": pack((*unpack(known.get("media")), *part.media)),
    }
    uow.notebook.keep_draft(Draft(key, part.person, part.chat, COMING if intent else UNASKED, at, data))


def _captions(data: Mapping[str, Json | list[Json]], part: Part | None = None) -> list[Json]:
    """The number and the words of every part that has words, one after the other; *part* comes last."""
    kept = data.get("captions")
    last: list[Json] = [part.message_id, part.text] if part is not None and part.text else []
    return [*(kept if isinstance(kept, list) else []), *last]


def claim_parts(uow: UnitOfWork, chat: ChatId, album: str, person: PersonId) -> tuple[Media, ...]:
    """The parts of *person*'s album that came before the one that says what they are for; they wait no longer."""
    row = uow.notebook.draft(f"album:{chat}:{album}")
    if row is None or row.step != UNASKED or row.person != person:
        return ()
    uow.notebook.drop_draft(row.key)
    return unpack(row.data.get("media"))


def _straggle(uow: UnitOfWork, row: Draft, part: Part, at: datetime) -> None:
    number = row.data.get("case")
    if number is None:
        _join_offer(uow, row, part.media, at)
    else:
        _attach(
            uow, uow.cases.get(CaseId(int(str(number)))), replace(row, person=part.person), part.media, at, part.text
        )


def _join_offer(uow: UnitOfWork, row: Draft, media: tuple[Media, ...], at: datetime) -> Case | None:
    """Pictures under an offer belong to the offer, or to the case when it was taken meanwhile."""
    message_id = int(str(row.data["message"]))
    if offers.amend(uow, row.chat, message_id, media=media):
        return None
    case = uow.cases.by_message(row.chat, message_id)
    if case is not None:
        _attach(uow, case, row, media, at)
    return case


def _attach(uow: UnitOfWork, case: Case, row: Draft, media: tuple[Media, ...], at: datetime, text: str = "") -> None:
    """Add the pictures that the case does not have yet; the album is no second message, so nobody is told.

    Those of a note stay among colleagues as the note does.
    """
    there = {one.unique_id for words in uow.words.of(case.id) for one in words.media}
    fresh = [one for one in media if one.unique_id not in there]
    if fresh:
        first = uow.words.at(row.chat, int(str(row.data["message"])))
        kind = WordsKind.NOTE if first is not None and first.kind is WordsKind.NOTE else WordsKind.MORE
        uow.words.put(case.id, kind, row.person, at, text, fresh, row.chat)
        mark = ":".join(one.unique_id for one in fresh)
        telling.show(uow, case, at, mark=f":album:{mark}")


def collect(uow: UnitOfWork, now: datetime) -> int:
    """Finish albums whose parts stopped coming, and forget the old ones."""
    complete = uow.notebook.drafts_due(COMING, now - PAUSE, 50)
    for row in complete:
        case = _finish(uow, row, now)
        data: dict[str, Json | list[Json]] = {"case": case.id if case else None, "message": row.data["message"]}
        uow.notebook.keep_draft(replace(row, step=DONE, at=now, data=data))
    old = [row for step in (DONE, UNASKED) for row in uow.notebook.drafts_due(step, now - LATE, 50)]
    for row in old:
        uow.notebook.drop_draft(row.key)
    return len(complete) + len(old)


def _finish(uow: UnitOfWork, row: Draft, now: datetime) -> Case | None:
    """Do what the album asked for; a refusal is said in its chat, because nobody waits here to hear it."""
    message_id, media = int(str(row.data["message"])), unpack(row.data["media"])
    try:
        match Intent(str(row.data["intent"])):
            case Intent.REPORT:
                return _follow_edits(uow, row, _file(uow, row, message_id, media, now), now)
            case Intent.MORE:
                return _follow_edits(uow, row, _add(uow, row, message_id, media, now), now)
            case _:
                return _join_offer(uow, row, media, now)
    except Refusal as refusal:
        values = {name: value for name, value in refusal.values.items() if isinstance(value, str | int)}
        uow.outbox.promise(
            Promise(
                key=f"{row.key}:refused",
                chat=row.chat,
                view="refused",
                params={"key": refusal.key, **values},
                lane=Lane.ANSWER,
                reply_to=message_id,
            )
        )
        return None


def _follow_edits(uow: UnitOfWork, row: Draft, case: Case, at: datetime) -> Case:
    """An album with words under several pictures must know which line came under which."""
    said = _captions(row.data)
    words = uow.words.at(row.chat, int(str(row.data["message"]))) if len(said) > 2 else None
    if words is not None:
        for number, text in zip(said[::2], said[1::2], strict=True):
            filing.keep_part(uow, words.id, row.chat, int(str(number)), row.person, str(text), at)
    return case


def _file(uow: UnitOfWork, row: Draft, message_id: int, media: tuple[Media, ...], now: datetime) -> Case:
    report = Report(
        person=row.person,
        grid=filing.grid_of_chat(uow, row.chat),
        at=now,
        text=str(row.data["text"]),
        media=media,
        chat=row.chat,
        message_id=message_id,
    )
    case = filing.file_report(uow, report)
    offers.close(uow, row.chat, message_id, case)
    if case.confidential:
        filing.acknowledge_quietly(uow, case, row.chat, message_id, str(row.data["bot"]))
    return case


def _add(uow: UnitOfWork, row: Draft, message_id: int, media: tuple[Media, ...], now: datetime) -> Case:
    addition = Addition(
        person=row.person, at=now, text=str(row.data["text"]), media=media, chat=row.chat, message_id=message_id
    )
    return filing.add_more(uow, CaseId(int(str(row.data["case"]))), addition)
