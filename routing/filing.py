"""A report becomes a case: judged, placed, kept and dispatched in one transaction.

And what comes after it: more words, a neighbour's "me too", an edit of the message.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from routing import accusing, desk, emergency, lifecycle, receivers, refusals, rights, telling
from routing.buildings import building_in
from routing.catalogue import TIP_OFF, Verdict
from routing.effects import Json
from routing.events import Dispatched, Noted, NoteKind
from routing.model import (
    Case,
    CaseId,
    Channel,
    ChatId,
    Media,
    PersonId,
    Place,
    Status,
    UnitCode,
    UnitKind,
    Urgency,
    Words,
    WordsId,
    WordsKind,
)
from routing.ports import Draft, Lane, Promise, UnitOfWork

GRIDS: Final = frozenset({UnitKind.BASIC, UnitKind.SPECIAL})
EDITABLE: Final = frozenset({WordsKind.REPORT, WordsKind.MORE, WordsKind.ANSWER, WordsKind.NOTE})
"""What its author may still change by editing the message. A solution is not among them: it may have been reviewed."""
PART: Final = "part"
"""The step of the rows that remember which lines of a report came as which message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody reports.

    Args:
        person: The reporter: whoever asked for the help, not whoever pressed a button for them.
        grid: Where it happened.
        at: Now, by the town's clock.
        text: In their own words; may be empty when there are media.
        chat: Where it was said.
        message_id: The message that carries it; the same message reported twice is one case. ``None`` when it was no
            message that carried it, but a press.
        media: What they sent with it.
        place: As far as it is known beside the text.
        channel: By which road it came.
        kind: Overrules the catalogue's.
        beneficiary: The masked name of whoever wrote it, when a neighbour reports it for them.
        confidential: The reporter asks not to be shown.
        urgent: Whatever the words say.
    """

    person: PersonId
    grid: UnitCode
    at: datetime
    text: str
    chat: ChatId
    message_id: int | None
    media: tuple[Media, ...] = ()
    place: Place = field(default_factory=Place)
    channel: Channel = Channel.GROUP
    kind: str | None = None
    beneficiary: str | None = None
    confidential: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What somebody adds to a case that is already there."""

    person: PersonId
    at: datetime
    text: str
    chat: ChatId
    message_id: int
    media: tuple[Media, ...] = ()
    location: tuple[float, float] | None = None


def file_report(uow: UnitOfWork, report: Report) -> Case:
    """Take *report* in and dispatch it; the card that is promised with it answers the reporter.

    A message that was reported before gives the case that it became.

    Raises:
        EmptyReport: neither text nor media.
        TooManyReports: the reporter has filed as many within this hour as the policy allows.
    """
    known = uow.cases.by_message(report.chat, report.message_id) if report.message_id is not None else None
    if known is not None:
        return known
    if not report.text.strip() and not report.media:
        raise refusals.EmptyReport
    _hold_floods(uow, report.person, report.at)
    verdict = uow.catalogue.classify(report.text)
    case = _without_accused(uow, _new_case(uow, report, verdict), report.text)
    uow.words.put(
        case.id, WordsKind.REPORT, report.person, report.at, report.text, report.media, report.chat, report.message_id
    )
    return desk.file(uow, case, report.at, rule=verdict.rule)


def counter_of(person: PersonId) -> str:
    """What counts the reports of *person* within the hour."""
    return f"reports:{person}"


def _hold_floods(uow: UnitOfWork, person: PersonId, at: datetime) -> None:
    most = uow.policy.reports_per_hour
    if uow.notebook.count(counter_of(person), at.replace(minute=0, second=0, microsecond=0)) > most:
        raise refusals.TooManyReports(limit=most)


def _new_case(uow: UnitOfWork, report: Report, verdict: Verdict) -> Case:
    matter = verdict.matter
    building = building_in(report.text, uow.units.get(report.grid).buildings) or report.place.building
    kind = TIP_OFF if uow.catalogue.tips_off(report.text) else report.kind or matter.kind
    return Case(
        id=CaseId(uow.ids.new()),
        number=uow.cases.next_number(),
        status=Status.RECEIVED,
        grid=report.grid,
        unit=report.grid,
        matter=matter.code,
        top=matter.top,
        urgency=Urgency.URGENT if verdict.urgent or report.urgent else Urgency.ORDINARY,
        channel=report.channel,
        filed_at=report.at,
        kind=kind,
        confidential=report.confidential or matter.hushed or kind == TIP_OFF,
        reporter=report.person,
        beneficiary=report.beneficiary,
        place=replace(report.place, building=building),
    )


def _without_accused(uow: UnitOfWork, case: Case, text: str) -> Case:
    """A tip-off with whom it names marked, so that none of them gets it."""
    if case.kind != TIP_OFF:
        return case
    found = accusing.named(uow, text, case.grid)
    return replace(case, accused=found.units, accused_people=found.people)


def grid_of_chat(uow: UnitOfWork, chat: ChatId) -> UnitCode:
    """The grid that a group belongs to.

    Raises:
        AtADesk: it is that of another unit's staff.
        NoGridHere: it is bound to none.
    """
    code = uow.chats.get(chat).unit
    unit = uow.units.find(code) if code else None
    if unit is None:
        raise refusals.NoGridHere
    if unit.kind not in GRIDS:
        raise refusals.AtADesk
    return unit.code


def acknowledge_quietly(uow: UnitOfWork, case: Case, chat: ChatId, message_id: int, bot: str) -> None:
    """Answer a report whose card may not show in its group: the number and the way to it, nothing of the matter.

    *bot* is the bot's username, for the link to the private chat.
    """
    uow.outbox.promise(
        Promise(
            key=f"case:{case.id}:hushed:{chat}",
            chat=chat,
            view="hushed",
            params={"case": case.id, "bot": bot},
            lane=Lane.ANSWER,
            reply_to=message_id,
        )
    )


def is_staff(uow: UnitOfWork, person: PersonId, grid: UnitCode) -> bool:
    """Whether *person* holds a post in *grid* or anywhere above it."""
    path = {unit.code for unit in uow.units.path(grid)}
    return any(post.unit in path or post.stationed_at in path for post in uow.people.posts_of(person))


def me_too(uow: UnitOfWork, case: CaseId, person: PersonId, at: datetime) -> Case:
    """Count a neighbour who has the same problem, once.

    Raises:
        NoSuchCase: the case is not for neighbours' eyes.
        OwnReport: the reporter pressed it.
        AlreadyDone: they are counted.
    """
    current = uow.cases.get(case)
    if current.confidential:
        raise refusals.NoSuchCase
    if person == current.reporter:
        raise refusals.OwnReport
    if not first_time(uow, case, person, at):
        raise refusals.AlreadyDone
    return desk.move(uow, case, Noted(at=at, by=person, kind=NoteKind.ME_TOO))


def first_time(uow: UnitOfWork, case: CaseId, person: PersonId, at: datetime) -> bool:
    """Whether *person* is not yet counted among the neighbours who have it too; from now on they are."""
    return uow.notebook.once(f"metoo:{case}:{person}", at)


def adds_as(uow: UnitOfWork, case: Case, person: PersonId) -> NoteKind | None:
    """What a message of *person* is to *case*: the reporter's answer or addition, staff's note, or nothing."""
    if rights.may(uow, person, case, desk.NOTE_GRANTS[NoteKind.MORE]):
        return NoteKind.ANSWER if case.waiting else NoteKind.MORE
    return NoteKind.NOTE if rights.may(uow, person, case, desk.NOTE_GRANTS[NoteKind.NOTE]) else None


_KEPT_AS: Final = {
    NoteKind.ANSWER: WordsKind.ANSWER,
    NoteKind.MORE: WordsKind.MORE,
    NoteKind.NOTE: WordsKind.NOTE,
}


def add_more(uow: UnitOfWork, case: CaseId, addition: Addition) -> Case:
    """Add words, media or a place to a case. The same message is added once.

    Raises:
        NotYours: neither reporter nor staff.
        NotNow: the case is at an end.
    """
    current = uow.cases.get(case)
    if uow.words.at(addition.chat, addition.message_id) is not None:
        return current
    kind = adds_as(uow, current, addition.person)
    if kind is None:
        raise refusals.NotYours
    if Noted not in lifecycle.possible(current.status):  # before anything is kept: an album is told so later
        raise refusals.NotNow(current.status, Noted.__name__)
    words = uow.words.put(
        case, _KEPT_AS[kind], addition.person, addition.at, addition.text, addition.media, addition.chat,
        addition.message_id,
    )  # fmt: skip
    place = None
    if addition.location is not None:
        latitude, longitude = addition.location
        place = replace(current.place, latitude=latitude, longitude=longitude)
    urgent = kind is not NoteKind.NOTE and uow.catalogue.classify(addition.text).urgent
    return desk.move(
        uow, case, Noted(at=addition.at, by=addition.person, kind=kind, words=words, urgent=urgent, place=place)
    )


def keep_part(
    uow: UnitOfWork, words: WordsId, chat: ChatId, message_id: int, person: PersonId, text: str, at: datetime
) -> None:
    """Remember that the lines *text* of *words* came as that message, so that its edit finds them."""
    data: dict[str, Json | list[Json]] = {"words": words, "text": text}
    uow.notebook.keep_draft(Draft(f"part:{chat}:{message_id}", person, chat, PART, at, data))


def edit_report(
    uow: UnitOfWork, chat: ChatId, message_id: int, person: PersonId, text: str, at: datetime
) -> Case | None:
    """Follow the edit of a message: rewrite the words, hear a danger, and judge the class again while nobody has it.

    Returns:
        The case; ``None`` when the message is no part of an open case, is not theirs, or says the same as before.
    """
    words, text = _edited(uow, chat, message_id, person, text, at)
    if words is None or words.author != person or words.kind not in EDITABLE or words.text == text:
        return None
    case = uow.cases.get(words.case)
    if not case.open or not (text.strip() or words.media):
        return None
    uow.words.rewrite(words.id, text)
    if adds_as(uow, case, person) in (None, NoteKind.NOTE):
        telling.show(uow, case, at, mark=f":edited:{message_id}:{at.isoformat()}")
        return case
    verdict = uow.catalogue.classify(text)
    noted = Noted(at=at, by=person, kind=NoteKind.EDITED, words=words.id, urgent=verdict.urgent)
    moved = desk.move(uow, case.id, noted)
    return _judge_again(uow, moved, verdict, at) if words.kind is WordsKind.REPORT else moved


def _edited(
    uow: UnitOfWork, chat: ChatId, message_id: int, person: PersonId, text: str, at: datetime
) -> tuple[Words | None, str]:
    """The words to which an edited message belongs, and what they say now as a whole."""
    part = uow.notebook.draft(f"part:{chat}:{message_id}")
    if part is None:
        return uow.words.at(chat, message_id), text
    words = uow.words.get(WordsId(int(str(part.data["words"]))))
    if words is None or not text.strip():
        return None, text
    keep_part(uow, words.id, chat, message_id, person, text, at)
    return words, words.text.replace(str(part.data["text"]), text, 1)


def _judge_again(uow: UnitOfWork, case: Case, verdict: Verdict, at: datetime) -> Case:
    """Give an unclaimed case the class of its new text, and the receiver that goes with it, unless staff chose one."""
    first, _ = receivers.first_receiver(uow, case)
    if case.status is not Status.OFFERED or case.unit != first or case.reopened or verdict.matter.code == case.matter:
        return case
    log = (entry.event for entry in uow.log.of(case.id))
    if any(isinstance(event, Noted) and event.kind is NoteKind.CORRECTION and event.by is not None for event in log):
        return case
    judged = desk.move(uow, case.id, Noted(at=at, kind=NoteKind.CORRECTION, matter=verdict.matter.code))
    to, rule = receivers.first_receiver(uow, judged)
    if to == judged.unit:
        return judged
    stamp = emergency.stamp(uow.policy, uow.units, to)
    again = Dispatched(at=at, to=to, rule=f"{verdict.rule} > {rule}", policy=stamp)
    return desk.move(uow, case.id, again)
