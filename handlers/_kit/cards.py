"""The card of a case as a message: presses on it, healing of copies, the way to it."""

from collections.abc import Awaitable, Callable
from functools import wraps
from html import escape
from typing import Final, TypeVar

from handlers._kit.case_presses import CardPress
from handlers._kit.context import GridContext, answer
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import telling
from routing.masking import mask_name
from routing.model import Case, CaseId, ChatId, PersonId, Status, Urgency
from routing.ports import Lane, Promise, UnitOfWork

P = TypeVar("P", bound=CardPress)
Listener = Callable[[P, GridContext], Awaitable[None]]
ANSWERED: Final = frozenset({Status.AWAITING_RATING, Status.ARCHIVED})
SHORT: Final = 120
"""How much of somebody's words a residents' chat shows, in characters."""


def first_call(look: Look, case: Case) -> Html | None:
    """Whom to call first, while an urgent case has not been solved: a case number saves nobody."""
    waits = case.open and case.status not in ANSWERED
    return look.t("kit.danger") if waits and case.urgency is Urgency.URGENT else None


def on_card_press(cls: type[P]) -> Callable[[Listener[P]], Listener[P]]:
    """Call the function when that button of a card is pressed; the message pressed is the card from then on."""

    def register(call: Listener[P]) -> Listener[P]:
        @wraps(call)
        async def healed(press: P, ctx: GridContext) -> None:
            pressed = ctx.pressed
            if pressed is not None and await ctx.read(is_copy, pressed):
                await ctx.services.store.work(heal, press.case, pressed)
            await call(press, ctx)

        on_press(cls)(healed)
        return healed

    return register


def is_copy(uow: UnitOfWork, pressed: Pressed) -> bool:
    """Whether the message pressed is a card that we did not record, as after a send whose outcome nobody could know.

    It must really have the button: with made-up data anybody could make any message of ours the card of any case.
    """
    unknown = pressed.message_id is not None and uow.outbox.carrier_of(pressed.chat, pressed.message_id) is None
    return unknown and pressed.genuine


def heal(uow: UnitOfWork, case: CaseId, pressed: Pressed) -> None:
    """Keep the copy that people press and take the other one away (R10). Doing it twice does nothing."""
    current = uow.cases.get(case)
    if pressed.message_id is None or not is_copy(uow, pressed):
        return
    carrier = telling.carrier_of(current)
    other = uow.outbox.adopt(carrier, pressed.chat, pressed.message_id)
    if other is not None:
        remove(uow, pressed.chat, other)
    key = f"{carrier}:healed:{pressed.chat}:{pressed.message_id}"
    uow.outbox.promise(
        Promise(key=key, chat=pressed.chat, view="card", params={"case": case}, lane=Lane.CARD, carrier=carrier)
    )


def remove(uow: UnitOfWork, chat: ChatId, message_id: int) -> None:
    """Promise that a message of ours disappears."""
    uow.outbox.promise(
        Promise(
            key=f"gone:{chat}:{message_id}", chat=chat, view="gone", params={"message": message_id}, lane=Lane.NOTICE
        )
    )


@view("gone")
def gone(look: Look) -> Outgoing:
    """A message of ours disappears."""
    return Outgoing("deleteMessage", {"message_id": look.params["message"]})


def bring(uow: UnitOfWork, here: Said | Pressed, case: CaseId) -> None:
    """Show the case in this chat: in a group by pointing at its card there, else by a copy further down.

    A press on the copy makes it the card (`heal`).
    """
    current = uow.cases.get(case)
    there = uow.outbox.carriers(telling.carrier_of(current)).get(here.chat)
    if here.private or there is None:
        answer(uow, here, "card", {"case": case})
        return
    uow.outbox.promise(
        Promise(
            key=f"bring:{case}:{here.chat}:{here.update}",
            chat=here.chat,
            view="card_here",
            params={"case": case},
            lane=Lane.ANSWER,
            reply_to=there,
        )
    )


def mention(uow: UnitOfWork, person: PersonId | None, name: str) -> Html:
    """*name* as a link that notifies them; only the name when nobody is behind the number any more."""
    known = uow.people.get(person) if person is not None else None
    shown = escape(name, quote=False)
    return Html(f'<a href="tg://user?id={known.telegram_id}">{shown}</a>') if known else Html(shown)


def masked_reporter(uow: UnitOfWork, case: Case) -> str:
    """The reporter as neighbours may know them: 王**."""
    known = uow.people.get(case.reporter) if case.reporter is not None else None
    return mask_name(known.name if known else "")
