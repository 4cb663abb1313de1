"""What everybody's hands do with one case, whatever happens to it: find its card, press, answer, take it over."""

import time
from functools import partial

from bot.rehearsal.feed import About, Message, Stuck
from bot.rehearsal.plan import Plan
from bot.rehearsal.scene import GONE, Author, Outcome, Scene, data_of
from handlers._kit.case_presses import ClaimPressed, DetailsPressed, ResolvePressed, UnfoldPressed


class Hands:
    """One case in people's hands.

    Args:
        scene: The town.
        author: The reporter.
        plan: What will happen.
        number: Of the case.
        hidden: There may be no card to claim in the group, so that the worker claims on their own.
        hushed: Nothing more is said of it in the group.
    """

    def __init__(self, scene: Scene, author: Author, plan: Plan, number: int, *, hidden: bool, hushed: bool) -> None:
        self.scene, self.author, self.plan = scene, author, plan
        self.number, self.hidden, self.hushed = number, hidden, hushed
        self.grid = scene.town.grids[author.habits.grid]
        self.topic = About(number)
        self.unit = self.grid
        """Which unit has the case, as far as the cards have told."""
        self.handler = scene.staff(self.grid)[0]
        self.moved_at = 0.0
        """What was shown before that instant no longer counts when somebody looks for a card to claim."""

    @property
    def chats(self) -> tuple[int, ...]:
        """Where to look when it got stuck."""
        desks = tuple(filter(None, (self.scene.chat(self.grid), self.scene.chat(self.unit))))
        return (*desks, self.author.id, self.handler)

    @property
    def leader(self) -> tuple[int, int]:
        """Who may call others about the case, and the desk where they do."""
        unit = self.scene.leading(self.unit)
        return self.scene.leader(unit), self.scene.chat(unit)

    async def offered(self) -> Message:
        """The card that a unit has to claim now; notes which unit that is."""
        found = await self.scene.feed.wait(self.topic, self._to_claim, "a card to claim", *self.chats)
        card = self.scene.feed.freshest(self.topic, self._to_claim) or found
        self.unit = self.scene.unit_of(card.chat) or self.unit
        return card

    def _to_claim(self, one: Message) -> bool:
        """Whether somebody is asked there to claim; a superior's copy of the card does not count."""
        return one.seen_at >= self.moved_at and bool(data_of(one, ClaimPressed))

    def elsewhere(self, one: Message) -> bool:
        """Whether another unit is asked to claim it there: the clock has taken it up a level."""
        return one.chat < 0 and self._to_claim(one) and self.scene.unit_of(one.chat) not in (None, self.unit)

    async def card(self, chat: int, payload: type[object], what: str, since: float = 0.0) -> Message:
        """The card in that chat, as soon as it has a button for *payload*."""
        return await self.scene.feed.wait(
            self.topic,
            lambda one: one.chat == chat and one.seen_at >= since and bool(data_of(one, payload)),
            what,
            *self.chats,
            chat,
        )

    async def brought(self, person: int, desk: int, payload: type[object]) -> Message | None:
        """The case's card at a desk where somebody looks it up; ``None`` when it has no such button there."""
        found = self.scene.feed.find(self.topic, lambda one: one.chat == desk and offers(one, payload))
        if found is None:
            before = self.scene.feed.newest(desk)
            await self.scene.people.write(person, desk, f"/case@{self.scene.town.bot.username} {self.number}")
            shown = await self.scene.feed.wait(
                self.topic,
                lambda one: one.chat == desk and (one.id > before or offers(one, payload)),
                "the card that was looked up",
                desk,
            )
            found = self.scene.feed.find(self.topic, lambda one: one.chat == desk and offers(one, payload)) or shown
        return await self.unfolded(person, found, payload)

    async def opened(self, person: int, chat: int, payload: type[object], *otherwise: type[object]) -> Message | None:
        """The card in that chat, as soon as it has a button for *payload*, unfolded where that is a rare one.

        Returns:
            Without it only when it has one of those that stand there *otherwise*; ``None`` when neither is to be had,
            as when whoever has the case may only resolve it, or the clock has given it to another unit.
        """
        known = (*otherwise, ResolvePressed)

        def wanted(one: Message) -> bool:
            here = one.chat == chat and (offers(one, payload) or any(data_of(one, other) for other in known))
            return here or self.elsewhere(one)

        on = await self.scene.feed.wait(self.topic, wanted, "a button of the card", *self.chats, chat)
        if on.chat != chat:
            return None
        if not data_of(on, payload) and any(data_of(on, other) for other in otherwise):
            return on
        return await self.unfolded(person, on, payload)

    async def unfolded(self, person: int, card: Message, payload: type[object]) -> Message | None:
        """The same card with a button for *payload*; ``None`` when that is not among its rare ones either.

        Whatever else happens to the case folds the card again, so *person* may have to press more than once.
        """
        while not data_of(card, payload) and (unfold := data_of(card, UnfoldPressed)):
            before = card
            await self.scene.press(person, card, unfold)
            card = await self.scene.feed.wait(
                self.topic, partial(_later, before), "the other buttons of the card", *self.chats, card.chat
            )
        return card if data_of(card, payload) else None

    async def say(self, card: Message, payload: type[object], *, text: str, photo: bool = False) -> Outcome:
        """Press a button of the handler's own card or of the one in the group, and answer the question.

        It counts as refused when the clock has given the case back to everybody meanwhile.
        """
        chat = card.chat if data_of(card, payload) else self.handler
        on = await self.opened(self.handler, chat, payload, ClaimPressed)
        data = data_of(on, payload) if on is not None else ""
        if on is None or not data:
            return Outcome(GONE, time.monotonic())
        return await self.scene.converse(self.handler, self.number, on, data, text=text, photo=photo)

    async def late(self, patience_s: float) -> None:
        """Wait until the level above is shown that the time is up.

        Raises:
            Stuck: it was not.
        """
        desk = self.scene.chat(self.scene.above(self.unit))
        await self.scene.feed.wait(
            self.topic,
            lambda one: one.chat == desk and bool(data_of(one, DetailsPressed)),
            "the card of a late case above",
            *self.chats,
            patience_s=patience_s,
        )

    async def unanswered(self, patience_s: float) -> None:
        """Wait until the level above is told that nobody has answered.

        Raises:
            Stuck: it was not.
        """
        desk = self.scene.chat(self.scene.above(self.unit))
        await self.scene.feed.wait(
            self.topic, lambda one: one.chat == desk, "a word about silence above", *self.chats, patience_s=patience_s
        )

    def stuck(self, what: str) -> Stuck:
        """That it got stuck, and where."""
        return Stuck(what, self.chats)


def offers(card: Message, payload: type[object]) -> bool:
    """Whether the button for *payload* stands under the card, or may stand there once it is unfolded."""
    return bool(data_of(card, payload) or data_of(card, UnfoldPressed))


def _later(before: Message, one: Message) -> bool:
    """Whether it is that message after an edit."""
    return (one.chat, one.id) == (before.chat, before.id) and one.seen_at > before.seen_at
