"""The quiet offer: a message that reads like a report gets one line with two buttons, and its author decides."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from routing import filing, hints, refusals, telling
from routing.filing import Report
from routing.hints import Hint, HintReason
from routing.model import Case, ChatId, ChatKind, Media, PersonId, Post, Unit, UnitCode
from routing.parcels import pack, unpack
from routing.ports import Doubt, Draft, Lane, Promise, UnitOfWork

OFFER: Final = "offer"
DECLINED: Final = "declined"
LIFE: Final = timedelta(hours=24)
"""How long the buttons stay; also how long somebody who said no is left in peace."""
TIMELY: Final = timedelta(minutes=10)
"""An offer that could not be sent within this time is not sent at all: the talk has moved on."""
SWITCHING: Final = frozenset({Post.LEADER, Post.WORKER, Post.DISPATCHER, Post.ADMIN})


def key_of(chat: ChatId, message_id: int) -> str:
    """The name of an offer's row, and of the message that carries it."""
    return f"offer:{chat}:{message_id}"


def make(
    uow: UnitOfWork, chat: ChatId, message_id: int, person: PersonId, text: str, media: tuple[Media, ...], at: datetime
) -> Hint | None:
    """Offer to report a message, if it reads like a report and nothing speaks against it.

    Against it speak: no grid, offers switched off there, a "no" by the same person within a day, and as many offers in
    the chat within the hour as the policy allows. A danger is offered whatever the number, and to whoever said no.
    """
    grid = _grid(uow, chat)
    hint = hints.reads_like_report(text, uow.catalogue) if grid and grid.quiet_offer else None
    if hint is None or uow.cases.by_message(chat, message_id):
        return None
    danger = hint.reason is HintReason.DANGER
    if not danger and (uow.notebook.draft(_declined(person)) or not _within_rate(uow, chat, at)):
        return None
    key = key_of(chat, message_id)
    uow.notebook.keep_draft(
        Draft(key, person, chat, OFFER, at, {"text": text, "media": pack(media), "message": message_id})
    )
    uow.outbox.promise(
        Promise(
            key=key,
            chat=chat,
            view="offer",
            params={"message": message_id, "evidence": hint.evidence, "danger": danger},
            carrier=key,
            not_after=at + TIMELY,
            doubt=Doubt.DROP,
            reply_to=message_id,
        )
    )
    return hint


def _grid(uow: UnitOfWork, chat: ChatId) -> Unit | None:
    bound = uow.chats.get(chat)
    return uow.units.find(bound.unit) if bound.kind is ChatKind.RESIDENTS and bound.unit else None


def _within_rate(uow: UnitOfWork, chat: ChatId, at: datetime) -> bool:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return uow.policy.offers_per_hour > 0 and uow.notebook.count(f"offers:{chat}", hour) <= uow.policy.offers_per_hour


def _declined(person: PersonId) -> str:
    return f"declined:{person}"


def accept(uow: UnitOfWork, chat: ChatId, message_id: int, by: PersonId, at: datetime) -> Case:
    """File the message for its author; the offer's own message becomes the card.

    Raises:
        OfferOver: it was answered or has run out.
        NotYours: pressed by somebody who is neither the author nor staff of the grid.
    """
    offer, grid = _open(uow, chat, message_id, by)
    report = Report(
        person=offer.person,
        grid=grid,
        at=at,
        text=str(offer.data["text"]),
        media=unpack(offer.data["media"]),
        chat=chat,
        message_id=message_id,
    )
    case = filing.file_report(uow, report)
    close(uow, chat, message_id, case)
    return case


def decline(uow: UnitOfWork, chat: ChatId, message_id: int, by: PersonId, at: datetime) -> None:
    """Take the offer away. When its author says no, they are left in peace for a day.

    Raises:
        OfferOver: it was answered or has run out.
        NotYours: pressed by somebody who is neither the author nor staff of the grid.
    """
    offer, _ = _open(uow, chat, message_id, by)
    if offer.person == by:
        uow.notebook.keep_draft(Draft(_declined(by), by, chat, DECLINED, at, {}))
    close(uow, chat, message_id, None)


def _open(uow: UnitOfWork, chat: ChatId, message_id: int, by: PersonId) -> tuple[Draft, UnitCode]:
    offer = uow.notebook.draft(key_of(chat, message_id))
    if offer is None:
        raise refusals.OfferOver
    grid = filing.grid_of_chat(uow, chat)
    if by != offer.person and not filing.is_staff(uow, by, grid):
        raise refusals.NotYours
    return offer, grid


def close(uow: UnitOfWork, chat: ChatId, message_id: int, case: Case | None) -> None:
    """End an offer: its message becomes the card of *case* where that may show, else it disappears."""
    key = key_of(chat, message_id)
    if uow.notebook.draft(key) is None:
        return
    uow.notebook.drop_draft(key)
    ours = uow.outbox.carriers(key).get(chat)
    if ours is None:  # not sent yet: the view finds no row and says nothing
        return
    if case is not None and telling.residents_chat(uow, case) and not uow.outbox.carriers(telling.carrier_of(case)):
        uow.outbox.adopt(telling.carrier_of(case), chat, ours)
        return
    uow.outbox.promise(
        Promise(key=f"gone:{chat}:{ours}", chat=chat, view="gone", params={"message": ours}, lane=Lane.NOTICE)
    )


def amend(uow: UnitOfWork, chat: ChatId, message_id: int, text: str = "", media: tuple[Media, ...] = ()) -> bool:
    """Change what an open offer would file: another text, or pictures of the same album. False when there is none."""
    offer = uow.notebook.draft(key_of(chat, message_id))
    if offer is None:
        return False
    kept = unpack(offer.data["media"])
    fresh = tuple(one for one in media if one.unique_id not in {old.unique_id for old in kept})
    data = {**offer.data, "text": text or offer.data["text"], "media": pack((*kept, *fresh))}
    uow.notebook.keep_draft(replace(offer, data=data))
    return True


def switch(uow: UnitOfWork, chat: ChatId, by: PersonId, *, on: bool) -> Unit:
    """Let the bot offer in this chat's grid, or stop it.

    Raises:
        NoGridHere: the chat belongs to no grid.
        NotYours: *by* has no post that decides for the grid.
    """
    grid = filing.grid_of_chat(uow, chat)
    path = {unit.code for unit in uow.units.path(grid)}
    if not any(post.unit in path and post.post in SWITCHING for post in uow.people.posts_of(by)):
        raise refusals.NotYours
    unit = replace(uow.units.get(grid), quiet_offer=on)
    uow.units.put(unit)
    return unit


def collect(uow: UnitOfWork, now: datetime) -> int:
    """Take offers away that nobody answered for a day, and forget who said no a day ago."""
    over = uow.notebook.drafts_due(OFFER, now - LIFE, 50)
    for offer in over:
        close(uow, offer.chat, int(str(offer.data["message"])), None)
    forgiven = uow.notebook.drafts_due(DECLINED, now - LIFE, 50)
    for mark in forgiven:
        uow.notebook.drop_draft(mark.key)
    return len(over) + len(forgiven)
