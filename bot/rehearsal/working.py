"""From the offer to the end of a case: claim, perhaps ask and note, resolve, rate, judge, and again."""

import asyncio
import time
from typing import Final

from bot.rehearsal.feed import About, Message, Stuck
from bot.rehearsal.phrases import is_refusal
from bot.rehearsal.plan import Plan
from bot.rehearsal.scene import GONE, Author, Outcome, Scene, data_of
from handlers._kit.case_presses import (
    ApprovePressed,
    AskPressed,
    ClaimPressed,
    NotePressed,
    RatePressed,
    RateTold,
    RejectPressed,
    ResolvePressed,
)
from routing.model import Rating

RESULT: Final = "已到现场处理，附照片"
QUESTION: Final = "请问方便说一下具体位置吗"
ANSWER: Final = "就在大门进来右手边"
NOTE: Final = "已联系相关单位，明天到场"
COMPLAINT: Final = "问题还在，没有解决"
REASON: Final = "请再到现场核实一次"
TRIES: Final = 4
"""So often a step is begun anew when the clock has moved the case on meanwhile."""


class Work:
    """The life of one case after it was filed.

    Args:
        scene: The town.
        author: The reporter.
        plan: What will happen.
        number: Of the case.
        hidden: There may be no card in the group, so that the worker claims on their own.
    """

    def __init__(self, scene: Scene, author: Author, plan: Plan, number: int, *, hidden: bool) -> None:
        self._scene, self._author, self._plan = scene, author, plan
        self._number, self._hidden = number, hidden
        self._grid = scene.town.grids[author.habits.grid]
        self._topic = About(number)
        self._handler = scene.staff(self._grid)[0]
        self._resolved_at = 0.0

    @property
    def chats(self) -> tuple[int, ...]:
        """Where to look when it got stuck."""
        return (self._scene.chat(self._grid), self._author.id, self._handler)

    async def carry(self) -> Message | None:
        """Carry the case to its end; returns the handler's card when the reporter never rates.

        Raises:
            Stuck: something did not follow in time.
        """
        unit = self._grid
        for closing, rating in enumerate(self._plan.ratings):
            card = await self._worked(unit, first=closing == 0)
            if rating is None:
                return card
            if not await self._rated(rating):
                return card
            if rating is not Rating.NOT_SATISFIED:
                return None
            if closing and await self._judged(self._scene.above(unit), stands=self._plan.stands[closing]):
                return None
            unit = unit if closing else self._scene.above(unit)
        return None

    async def ended(self, card: Message, patience_s: float) -> None:
        """Wait until the clock has archived what nobody rated.

        Raises:
            Stuck: it did not.
        """
        await self._scene.feed.wait(
            self._topic,
            lambda one: (one.chat, one.id) == (card.chat, card.id) and not _is_open(one),
            "the end of an unrated case",
            card.chat,
            patience_s=patience_s,
        )

    async def _worked(self, unit: str, *, first: bool) -> Message:
        """Claim and resolve; begun anew when the clock took the case away meanwhile. Returns the handler's card."""
        for _ in range(TRIES):
            card = await self._claimed(unit, first=first)
            if first and self._plan.notes:
                await self._converse(card, NotePressed, text=NOTE)
            if first and self._plan.asks:
                await self._asked(card)
            result = await self._converse(card, ResolvePressed, text=RESULT, photo=True)
            if not result.refused:
                self._resolved_at = result.at
                await self._asked_to_rate()
                return card
        raise Stuck("a handler who may resolve it", self.chats)

    async def _claimed(self, unit: str, *, first: bool) -> Message:
        """Whoever presses first gets it; returns the card on which they did, as it shows them."""
        scene, staff = self._scene, self._scene.staff(unit)
        staff = staff[self._number % len(staff) :] + staff[: self._number % len(staff)]
        self._handler = staff[0]
        in_group = self._plan.in_group and not (self._hidden and unit == self._grid)
        where = scene.chat(unit) if in_group else staff[0]
        for _ in range(TRIES):
            card = await self._card(where, ClaimPressed, "a card to claim")
            begun = time.monotonic()
            if first and self._plan.rivals:
                won = await self._rivals(card, staff[:2])
            else:
                won = (await scene.press(staff[0], card, data_of(card, ClaimPressed))) == "claim.claimed"
            if won:
                mine = card.chat if card.chat < 0 else self._handler
                shown = await self._card(mine, ResolvePressed, "the claim on the card")
                scene.figures.timed("claim_to_shown", shown.seen_at - begun)
                return shown
        raise Stuck("somebody who could claim it", (*self.chats, where))

    async def _rivals(self, card: Message, two: list[int]) -> bool:
        """Two press Claim at once, each on the card before their eyes; the winner handles it."""
        other = card if card.chat < 0 else await self._card(two[1], ClaimPressed, "a second card to claim")
        self._scene.figures.rivals += 1
        cards = ((two[0], card), (two[1], other))
        answers = await asyncio.gather(
            *(self._scene.press(person, one, data_of(one, ClaimPressed)) for person, one in cards)
        )
        winners = [person for person, answer in zip(two, answers, strict=True) if answer == "claim.claimed"]
        if len(winners) > 1:
            raise Stuck("one winner: both were told that they have it", self.chats)
        self._handler = winners[0] if winners else two[0]
        return bool(winners)

    async def _asked(self, card: Message) -> None:
        """Ask the reporter something, and have it answered where they read it."""
        scene, author = self._scene, self._author
        if self._hidden and not author.talks:
            return
        async with scene.busy(author.id):
            places = {chat: scene.feed.newest(chat) for chat in (author.id, scene.chat(self._grid))}
            if (await self._converse(card, AskPressed, text=QUESTION)).refused:
                return
            question = await scene.feed.wait(
                self._topic,
                lambda one: QUESTION in one.text and one.chat in places and one.id > places[one.chat],
                "the question",
                *self.chats,
            )
            await scene.people.write(author.id, question.chat, ANSWER, reply_to=question.id)
            await scene.feed.wait(
                self._topic, lambda one: ANSWER in one.text and one.chat == self._handler, "the answer", *self.chats
            )

    async def _asked_to_rate(self) -> None:
        """Note how long it took until the reporter was asked; whom nobody can ask, nobody asks."""
        if self._author.talks or not self._hidden:
            asked = await self._to_rate()
            self._scene.figures.timed("resolve_to_asked", asked.seen_at - self._resolved_at)

    async def _to_rate(self) -> Message:
        """A message under which the reporter can rate this closing: what was there before it does not count."""
        places = (self._author.id, self._scene.chat(self._grid))
        return await self._scene.feed.wait(
            self._topic,
            lambda one: (
                one.chat in places
                and one.seen_at >= self._resolved_at
                and bool(data_of(one, RateTold) or data_of(one, RatePressed))
            ),
            "a request to rate",
            *self.chats,
        )

    async def _rated(self, rating: Rating) -> bool:
        """Rate, and say why not if one is like that; returns whether the bot took it."""
        scene, author = self._scene, self._author
        if self._hidden and not author.talks:
            return False
        async with scene.busy(author.id):
            asked = await self._to_rate()
            before = scene.feed.newest(author.id)
            data = data_of(asked, RateTold, rating) or data_of(asked, RatePressed, rating)
            key = await scene.press(author.id, asked, data)
            if is_refusal(key):
                return False
            if rating is Rating.NOT_SATISFIED and author.talks:
                await self._why(before)
        return True

    async def _why(self, before: int) -> None:
        """Answer the question why by replying to it, or leave it alone: nobody owes a reason."""
        if self._plan.complains:
            await self._scene.reply(self._author.id, self._number, before, text=COMPLAINT)

    async def _judged(self, unit: str, *, stands: bool) -> bool:
        """The level above judges whether the closing stands; returns that."""
        scene = self._scene
        judge = self._handler = scene.staff(unit)[0]
        scene.figures.judged += 1
        card = await self._card(scene.chat(unit), ApprovePressed, "a closing to judge")
        if stands:
            await scene.press(judge, card, data_of(card, ApprovePressed))
        else:
            await scene.converse(judge, self._number, card, data_of(card, RejectPressed), text=REASON)
        return stands

    async def _converse(self, card: Message, payload: type[object], *, text: str, photo: bool = False) -> Outcome:
        """Press a button of the handler's own card or of the one in the group, and answer the question.

        It counts as refused when the clock has given the case back to everybody meanwhile.
        """
        chat = card.chat if data_of(card, payload) else self._handler
        on = await self._scene.feed.wait(
            self._topic,
            lambda one: one.chat == chat and bool(data_of(one, payload) or data_of(one, ClaimPressed)),
            "a button of the card",
            *self.chats,
        )
        data = data_of(on, payload)
        if not data:
            return Outcome(GONE, time.monotonic())
        return await self._scene.converse(self._handler, self._number, on, data, text=text, photo=photo)

    async def _card(self, chat: int, payload: type[object], what: str) -> Message:
        return await self._scene.feed.wait(
            self._topic, lambda one: one.chat == chat and bool(data_of(one, payload)), what, *self.chats, chat
        )


def _is_open(card: Message) -> bool:
    return any(data_of(card, payload) for payload in (RatePressed, NotePressed, ResolvePressed))
