"""Who hears of a move, in which chat. Only promises are made here; the courier keeps them after the commit."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from routing import conflicts, emergency, in_line, rights, staffing
from routing.effects import Json, Tell, Whom
from routing.model import (
    AssistState,
    Case,
    Channel,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    PersonId,
    Status,
    TimerKind,
    UnitCode,
    Urgency,
    WordsKind,
)
from routing.ports import Doubt, Lane, Promise, UnitOfWork
from routing.records import Line
from routing.sentences import CALLS, SAID_BY_THE_CARD

TELL_LIFE: Final = timedelta(days=3)
"""A sentence about a case that could not be said for three days is dropped, visibly; the card still tells."""
NIGHT: Final = "night"
AWAY: Final = "away"
"""What the name of a message that says several things begins with: why they are said together."""


def carrier_of(case: Case) -> str:
    """The name of the case's card, one message in each chat."""
    return f"case:{case.id}"


def show(
    uow: UnitOfWork,
    case: Case,
    at: datetime,
    *,
    mark: str = "",
    only: ChatId | None = None,
    by: PersonId | None = None,
    unfolded: bool | None = None,
) -> None:
    """Promise the case's card in every chat that has it, gets it or should have it; with *only*, in no other.

    A chat that gets it for the first time waits for the end of the quiet hours, unless it is that of *by*, who is
    awake, or of a unit that is called to come; an edit makes no noise and is never held. *unfolded* is said when
    somebody asked for the rare buttons, or to be rid of them, and waits for it; any later edit folds them away again.
    """
    carrier = carrier_of(case)
    first = {chat.id: chat for chat in _audience(uow, case, at)}
    seen = uow.outbox.reached(carrier)
    serving = case.status in (Status.RECEIVED, Status.OFFERED) and staffing.on_duty(uow, case.unit, at, case)
    whistled = (one.unit for one in case.assists if one.state is AssistState.WHISTLED)
    called = {chat.id for unit in whistled for chat in _called(uow, case, unit)}
    held = {
        chat: until
        for chat in first.keys() - seen - called
        if only is None and (until := _held_until(uow, case, first[chat], at, by))
    }
    chats = first.keys() | seen
    report = next(iter(uow.words.of(case.id, WordsKind.REPORT)), None)
    params: dict[str, Json] = {"case": case.id}
    params |= {"night": at.timestamp()} if serving else {}
    params |= {"unfolded": 1} if unfolded else {}
    lane = Lane.CARD if case.version > FRESH and unfolded is None else Lane.ANSWER
    for chat in sorted(chats if only is None else chats & {only}):
        uow.outbox.promise(
            Promise(
                key=f"{carrier}:{case.version}:{chat}:card{mark}",
                chat=chat,
                view="card",
                params=params,
                lane=_lane(case, lane),
                carrier=carrier,
                doubt=Doubt.REPEAT if case.urgency is Urgency.URGENT else Doubt.RESEND,
                reply_to=report.message_id if report and report.chat == chat else None,
                not_before=held.get(chat),
            )
        )


FRESH: Final = 3
"""Versions below this are the filing itself: somebody waits for the number."""


def sentence(case: Case, key: str, at: datetime, about: object = None) -> str:
    """The name of a sentence about the case as a carrier of its own, so that a reply to it finds the case."""
    return f"{carrier_of(case)}:{case.version}:{key}:{about or ''}:{at.isoformat()}"


def tell(
    uow: UnitOfWork, case: Case, said: Tell, at: datetime, *, by: PersonId | None = None, summary: str | None = None
) -> None:
    """Promise a sentence about the case to whoever is meant, in the best chat that can be written to.

    What somebody is told because of *by*'s deed reaches *by* and the reporter at once; in quiet hours the rest waits
    for the morning, but for `CALLS`, and is said in one message to each chat. With *summary*, all of it is, in the
    message of that name.
    """
    seen = uow.outbox.carriers(carrier_of(case))
    for chat in _listeners(uow, case, said, at):
        if said.key in SAID_BY_THE_CARD and (chat.kind is ChatKind.RESIDENTS or chat.id not in seen):
            continue
        awake = said.key in CALLS or (by is not None and said.whom is Whom.REPORTER)
        held = None if awake else _held_until(uow, case, chat, at, by)
        if summary is not None or held is not None:
            _summarise(uow, case, said, chat, at, summary or f"{NIGHT}:{held:%Y-%m-%d}", held)
            continue
        carrier = sentence(case, said.key, at, said.about or said.unit)
        uow.outbox.promise(
            Promise(
                key=f"{carrier}:{chat.id}",
                chat=chat.id,
                carrier=carrier,
                view="tell",
                params={"case": case.id, "key": said.key, **said.values},
                lane=_lane(case, Lane.ANSWER if said.whom is Whom.REPORTER else Lane.NOTICE),
                not_after=at + TELL_LIFE,
                doubt=Doubt.REPEAT if case.urgency is Urgency.URGENT else Doubt.RESEND,
                reply_to=_reply_to(uow, case, chat),
            )
        )


def _summarise(
    uow: UnitOfWork, case: Case, said: Tell, chat: Chat, at: datetime, summary: str, held: datetime | None
) -> None:
    """Keep a sentence for the one message that says it with others."""
    key = said.key if said.about is None else f"{said.key}:{said.about}"
    uow.summaries.keep(Line(summary, chat.id, case.id, key, said.values, at))
    uow.outbox.promise(
        Promise(
            key=f"{summary}:{chat.id}",
            chat=chat.id,
            carrier=summary,
            view="summary",
            params={"summary": summary},
            lane=_lane(case, Lane.NOTICE),
            not_before=held,
            not_after=(held or at) + TELL_LIFE,
        )
    )


def night(uow: UnitOfWork, case: Case, unit: UnitCode, at: datetime) -> datetime | None:
    """The end of the quiet hours around *at*, where *unit* may sleep over *case*: not if safety is at stake."""
    quiet = emergency.in_force(uow.policy, uow.units, unit).quiet
    return quiet.until(uow.calendar, at) if quiet and case.urgency is not Urgency.URGENT else None


def _held_until(uow: UnitOfWork, case: Case, chat: Chat, at: datetime, by: PersonId | None) -> datetime | None:
    """The end of the quiet hours, where they hold for *chat*: not if safety is at stake, nor for whoever is awake.

    Awake is *by*, who acts, and who is on duty. A resident's own report is answered at any hour.
    """
    until = night(uow, case, case.unit, at)
    if until is None:
        return None
    answer = case.version <= FRESH and (chat.kind is ChatKind.RESIDENTS or chat.person == case.reporter)
    person = chat.person
    if answer or (person is not None and (person == by or uow.shifts.serving(person, at))):
        return None
    return until


def _lane(case: Case, otherwise: Lane) -> Lane:
    return Lane.EMERGENCY if case.urgency is Urgency.URGENT else otherwise


def _reply_to(uow: UnitOfWork, case: Case, chat: Chat) -> int | None:
    """In a residents' chat a sentence answers the resident's own message; elsewhere it answers the card."""
    if chat.kind is ChatKind.RESIDENTS:
        for words in uow.words.of(case.id, WordsKind.REPORT):
            if words.chat == chat.id and words.message_id is not None:
                return words.message_id
    return uow.outbox.carriers(carrier_of(case)).get(chat.id)


def residents_chat(uow: UnitOfWork, case: Case) -> Chat | None:
    """The grid's chat; ``None`` when it has none or the case must not show there: a tip-off, or a part of another."""
    if case.confidential or case.parent is not None:
        return None
    return _writable(uow.chats.of_unit(case.grid, ChatKind.RESIDENTS))


def reporters_chat(uow: UnitOfWork, case: Case) -> Chat | None:
    """Where the reporter can be written to: in private, else in the residents' chat if the case is public there.

    ``None`` when nobody can be: a part has no reporter, and one who is forgotten is nobody.
    """
    private = None if case.reporter is None else uow.chats.private(case.reporter)
    if private or case.reporter is None or case.channel is not Channel.GROUP:
        return private
    return residents_chat(uow, case) if uow.people.get(case.reporter) is not None else None


def _audience(uow: UnitOfWork, case: Case, at: datetime) -> Iterator[Chat]:
    grid = residents_chat(uow, case)
    if grid:
        yield grid
    if case.reporter is not None:
        yield from _private(uow, [case.reporter])
    if not case.open:
        return
    if case.holder is not None:
        yield from _private(uow, filter(None, [staffing.holder_of(uow, case)]))
    elif case.status is Status.OFFERED:
        people = list(_private(uow, staffing.asked(uow, case, case.unit, at)))
        yield from people or _workplace(uow, case.unit, grid) or _nearest(uow, case, case.unit)
    yield from _desks(uow, case)


def _desks(uow: UnitOfWork, case: Case) -> Iterator[Chat]:
    for assist in case.assists:
        yield from () if assist.over else _called(uow, case, assist.unit)
    for unit in dict.fromkeys((case.unit, *_superiors(uow, case))):
        desk = _writable(uow.chats.of_unit(unit, ChatKind.DESK))
        yield from [desk] if desk else _private(uow, _judges(uow, case, unit))


def _called(uow: UnitOfWork, case: Case, unit: UnitCode) -> list[Chat]:
    """Where *unit* reads that it is called, and checks in: at its desk, else in private."""
    desk = _writable(uow.chats.of_unit(unit, ChatKind.DESK))
    return [desk] if desk else list(_private(uow, staffing.roster(uow, unit, but=case.accused_people)))


def _superiors(uow: UnitOfWork, case: Case) -> set[UnitCode]:
    """Whose desk above the holding unit the case concerns: who owes a review, else who is told of what is late."""
    if case.status is Status.IN_REVIEW:
        clocks = (timer.unit for timer in uow.timers.of(case.id) if timer.kind is TimerKind.REVIEW)
        return {unit for unit in clocks if unit is not None}
    above = conflicts.clear(uow.units, case.accused).above(case.unit)
    owing = [case.calling] if case.calling is not None else []
    return {*case.rulers, *owing, *([above.code] if above and case.overdue else [])}


def _judges(uow: UnitOfWork, case: Case, unit: UnitCode) -> list[PersonId]:
    """Whose word *case* waits for in *unit*, while it is in review."""
    found = rights.judges(uow, case) if case.status is Status.IN_REVIEW else ()
    return list(dict.fromkeys(one.person for one in found if one.unit == unit))


def _listeners(uow: UnitOfWork, case: Case, said: Tell, at: datetime) -> list[Chat]:
    grid = residents_chat(uow, case)
    match said.whom:
        case Whom.REPORTER:
            chat = reporters_chat(uow, case)
            return [chat] if chat else []
        case Whom.HOLDER:
            holder = staffing.holder_of(uow, case)
            gone = holder is None and case.holder is not None
            instead = staffing.asked(uow, case, case.unit, at) if gone else ()
            people = list(_private(uow, filter(None, [holder, *instead])))
            return people or _workplace(uow, case.unit, grid) or _nearest(uow, case, case.unit)
        case Whom.ROSTER:
            unit = said.unit or case.unit
            people = _in_line(uow, case, unit, said, at) or list(_private(uow, staffing.asked(uow, case, unit, at)))
            return people or _workplace(uow, unit, grid) or _nearest(uow, case, unit)
        case Whom.DESK:
            return desk_of(uow, said.unit or case.unit, case)


def _in_line(uow: UnitOfWork, case: Case, unit: UnitCode, said: Tell, at: datetime) -> list[Chat]:
    """The contact whose turn it is, else the next one who can be reached; nobody where the duty roster decides."""
    contacts = uow.policy.contacts
    if said.place is None or uow.units.get(unit).level not in contacts.levels or staffing.on_duty(uow, unit, at, case):
        return []
    turns = in_line.from_place(contacts, uow.people.staff_of(unit), case, said.place)
    return next(filter(None, (list(_private(uow, people)) for people in turns)), [])


def tell_followers(uow: UnitOfWork, case: Case, said: Tell, at: datetime) -> None:
    """Promise a sentence to the reporters of everything that was merged into *case*, each under their own number."""
    for merged in uow.cases.merged(case.id):
        if merged.reporter != case.reporter:
            tell(uow, merged, said, at)
        tell_followers(uow, merged, said, at)


def tell_whole(
    uow: UnitOfWork, part: Case, key: str, at: datetime, *, by: PersonId | None = None, summary: str | None = None
) -> None:
    """Promise a sentence about *part* to whoever has the case of which it is one."""
    if part.parent is None:
        return
    whole = uow.cases.get(part.parent)
    whom = Whom.HOLDER if whole.holder else Whom.ROSTER
    said = Tell(whom, key, whole.unit, {"part": part.number, "assist": part.unit})
    tell(uow, whole, said, at, by=by, summary=summary)


def _nearest(uow: UnitOfWork, case: Case, unit: UnitCode) -> list[Chat]:
    """Of what no residents' chat shows to *unit*, somebody above must hear when nobody there can be written to."""
    shown = unit == case.grid and not case.confidential and case.parent is None
    return [] if shown else desk_of(uow, unit, case)


def _workplace(uow: UnitOfWork, unit: UnitCode, grid: Chat | None) -> list[Chat]:
    desk = _writable(uow.chats.of_unit(unit, ChatKind.DESK))
    if desk:
        return [desk]
    return [grid] if grid and rights.speaks_in(uow, unit, grid.unit) else []


def desk_of(uow: UnitOfWork, unit: UnitCode, case: Case | None = None) -> list[Chat]:
    """The desk of *unit*, else its leaders in private, else the same one level up: nobody's silence ends a warning.

    Of *case* in review those whose word it waits for are asked. What is said about it passes by whoever must stay out.
    """
    for step in conflicts.clear(uow.units, case.accused if case else ()).path(unit):
        desk = _writable(uow.chats.of_unit(step.code, ChatKind.DESK))
        if desk:
            return [desk]
        judges = list(_private(uow, _judges(uow, case, step.code))) if case else []
        private = judges or list(
            _private(uow, staffing.roster(uow, step.code, but=case.accused_people if case else ()))
        )
        if private:
            return private
    return []


def _private(uow: UnitOfWork, people: Iterable[PersonId]) -> Iterator[Chat]:
    for person in people:
        chat = uow.chats.private(person)
        if chat:
            yield chat


def _writable(chat: Chat | None) -> Chat | None:
    return chat if chat and chat.state is ChatState.OK else None


def private_or(uow: UnitOfWork, person: PersonId, otherwise: ChatId) -> ChatId:
    """Their private chat, or the one given."""
    chat = uow.chats.private(person)
    return chat.id if chat else otherwise
