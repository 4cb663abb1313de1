"""Who hears of a move, in which chat. Only promises are made here; the courier keeps them after the commit."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from routing.effects import Tell, Whom
from routing.model import (
    AssistState,
    Case,
    Channel,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    PersonId,
    Post,
    Status,
    TimerKind,
    UnitCode,
    Urgency,
    WordsKind,
)
from routing.ports import Doubt, Lane, Promise, UnitOfWork

CLAIMING: Final = frozenset({Post.WORKER, Post.LEADER, Post.DISPATCHER, Post.HELPER})
TELL_LIFE: Final = timedelta(days=3)
"""A sentence about a case that could not be said for three days is dropped, visibly; the card still tells."""
SAID_BY_THE_CARD: Final = frozenset(
    {
        "tell.claimed", "tell.handed_over_reporter", "tell.transferred_reporter", "tell.extended_reporter",
        "tell.escalated_reporter", "tell.suspended", "tell.offered", "tell.released", "tell.withdrawn", "tell.more",
        "tell.resumed_reporter",
    }
)  # fmt: skip
"""What the card says as well: not repeated in a residents' chat, nor where the card is still to come as the news."""


def carrier_of(case: Case) -> str:
    """The name of the case's card, one message in each chat."""
    return f"case:{case.id}"


def show(uow: UnitOfWork, case: Case, at: datetime, *, mark: str = "", only: ChatId | None = None) -> None:
    """Promise the case's card in every chat that has it or should have it; with *only*, in no other than that one."""
    carrier = carrier_of(case)
    first = {chat.id: chat for chat in _audience(uow, case)}
    chats = first.keys() | uow.outbox.carriers(carrier).keys()
    report = next(iter(uow.words.of(case.id, WordsKind.REPORT)), None)
    for chat in sorted(chats if only is None else chats & {only}):
        uow.outbox.promise(
            Promise(
                key=f"{carrier}:{case.version}:{chat}:card{mark}",
                chat=chat,
                view="card",
                params={"case": case.id},
                lane=_lane(case, Lane.CARD if case.version > FRESH else Lane.ANSWER),
                carrier=carrier,
                doubt=Doubt.REPEAT if case.urgency is Urgency.URGENT else Doubt.RESEND,
                reply_to=report.message_id if report and report.chat == chat else None,
            )
        )
    del at


FRESH: Final = 3
"""Versions below this are the filing itself: somebody waits for the number."""


def sentence(case: Case, key: str, at: datetime, unit: UnitCode | None = None) -> str:
    """The name of a sentence about the case as a carrier of its own, so that a reply to it finds the case."""
    return f"{carrier_of(case)}:{case.version}:{key}:{unit or ''}:{at.isoformat()}"


def tell(uow: UnitOfWork, case: Case, said: Tell, at: datetime) -> None:
    """Promise a sentence about the case to whoever is meant, in the best chat that can be written to."""
    seen = uow.outbox.carriers(carrier_of(case))
    for chat in _listeners(uow, case, said):
        if said.key in SAID_BY_THE_CARD and (chat.kind is ChatKind.RESIDENTS or chat.id not in seen):
            continue
        carrier = sentence(case, said.key, at, said.unit)
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
    """Where the reporter can be written to: in private, else in the residents' chat if the case is public there."""
    private = None if case.reporter is None else uow.chats.private(case.reporter)
    if private or case.reporter is None or case.channel is not Channel.GROUP:
        return private
    return residents_chat(uow, case)


def _audience(uow: UnitOfWork, case: Case) -> Iterator[Chat]:
    grid = residents_chat(uow, case)
    if grid:
        yield grid
    if case.reporter is not None:
        yield from _private(uow, [case.reporter])
    if not case.open:
        return
    if case.holder is not None:
        yield from _private(uow, [case.holder])
    elif case.status is Status.OFFERED:
        yield from _private(uow, roster(uow, case.unit))
    yield from _desks(uow, case)


def _desks(uow: UnitOfWork, case: Case) -> Iterator[Chat]:
    called = [assist.unit for assist in case.assists if assist.state is not AssistState.DONE]
    for unit in dict.fromkeys((case.unit, *called, *_superiors(uow, case))):
        yield from filter(None, [_writable(uow.chats.of_unit(unit, ChatKind.DESK))])


def _superiors(uow: UnitOfWork, case: Case) -> set[UnitCode]:
    """Whose desk above the holding unit the case concerns: who owes a review, else who is told of what is late."""
    if case.status is Status.IN_REVIEW:
        clocks = (timer.unit for timer in uow.timers.of(case.id) if timer.kind is TimerKind.REVIEW)
        return {unit for unit in clocks if unit is not None}
    above = uow.units.above(case.unit)
    return {above.code} if above and (case.overdue or case.ruling) else set()


def roster(uow: UnitOfWork, unit: UnitCode) -> list[PersonId]:
    """Who is asked to claim in *unit*: the posts that the policy asks first there, as far as somebody holds them.

    Helpers are asked only where there is nobody else.
    """
    claiming = [one for one in uow.people.staff_of(unit) if one.post in CLAIMING]
    for posts in uow.policy.asking(uow.units.get(unit)) if claiming else ():
        if asked := [one.person for one in claiming if one.post in posts]:
            return list(dict.fromkeys(asked))
    return []


def _listeners(uow: UnitOfWork, case: Case, said: Tell) -> list[Chat]:
    grid = residents_chat(uow, case)
    match said.whom:
        case Whom.REPORTER:
            chat = reporters_chat(uow, case)
            return [chat] if chat else []
        case Whom.HOLDER:
            holder = [] if case.holder is None else [case.holder]
            return list(_private(uow, holder)) or _workplace(uow, case.unit, grid)
        case Whom.ROSTER:
            unit = said.unit or case.unit
            return list(_private(uow, roster(uow, unit))) or _workplace(uow, unit, grid) or _nearest(uow, case, unit)
        case Whom.DESK:
            return desk_of(uow, said.unit or case.unit)


def tell_whole(uow: UnitOfWork, part: Case, key: str, at: datetime) -> None:
    """Promise a sentence about *part* to whoever has the case of which it is one."""
    if part.parent is None:
        return
    whole = uow.cases.get(part.parent)
    whom = Whom.HOLDER if whole.holder else Whom.ROSTER
    tell(uow, whole, Tell(whom, key, whole.unit, {"part": part.number, "assist": part.unit}), at)


def _nearest(uow: UnitOfWork, case: Case, unit: UnitCode) -> list[Chat]:
    """Of a part, which no residents' chat shows, somebody above must hear when nobody of the unit can be written to."""
    return [] if case.parent is None else desk_of(uow, unit)


def _workplace(uow: UnitOfWork, unit: UnitCode, grid: Chat | None) -> list[Chat]:
    desk = _writable(uow.chats.of_unit(unit, ChatKind.DESK))
    if desk:
        return [desk]
    return [grid] if grid and grid.unit == unit else []


def desk_of(uow: UnitOfWork, unit: UnitCode) -> list[Chat]:
    """The desk of *unit*, else its leaders in private, else the same one level up: nobody's silence ends a warning."""
    for step in uow.units.path(unit):
        desk = _writable(uow.chats.of_unit(step.code, ChatKind.DESK))
        if desk:
            return [desk]
        private = list(_private(uow, roster(uow, step.code)))
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
