"""People at work: claim, note, ask, resolve, review, rate, judge; until the case has come to its end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Final

from bot.rehearsal.detours import DETOURS
from bot.rehearsal.feed import Message, Stuck
from bot.rehearsal.hands import Hands
from bot.rehearsal.phrases import is_archived, is_refusal
from bot.rehearsal.plan import Course, Plan
from bot.rehearsal.scene import Author, Scene, data_of
from bot.sample.town import GRID
from handlers._kit.case_presses import (
    ApprovePressed,
    AskPressed,
    CalledPressed,
    ClaimPressed,
    NotePressed,
    RatePressed,
    RateTold,
    RejectPressed,
    ResolvePressed,
)
from routing.model import Rating, Told

RESULT: Final = "已到现场处理，附照片"
QUESTION: Final = "请问方便说一下具体位置吗"
ANSWER: Final = "就在大门进来右手边"
NOTE: Final = "已联系相关单位，明天到场"
COMPLAINT: Final = "问题还在，没有解决"
REASON: Final = "请再到现场核实一次"
HEARD: Final = "已电话联系，如实记录"
SOON_S: Final = 20.0
"""So long somebody waits for the card in their own chat before they take another one."""
TRIES: Final = 6
"""So often a step is begun anew when the clock has moved the case on meanwhile."""
DAYS_LATE: Final = 10
"""After so many days of the town a case that nobody takes must be late, whatever its class."""
DAY_S: Final = 86_400
RESPONSE_PARTS: Final = 12
"""So much sooner the response clock has run out."""


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    """While somebody waits, nobody else needs their place."""
    yield


class Work(Hands):
    """The life of one case after it was filed.

    Args:
        scene: The town.
        author: The reporter.
        plan: What will happen.
        number: Of the case.
        hidden: There may be no card to claim in the group, so that the worker claims on their own.
        hushed: Nothing more is said of it in the group.
        aside: Lets others go on while somebody does nothing for days.
    """

    def __init__(
        self,
        scene: Scene,
        author: Author,
        plan: Plan,
        number: int,
        *,
        hidden: bool,
        hushed: bool,
        aside: Callable[[], AbstractAsyncContextManager[None]] = _nothing,
    ) -> None:
        super().__init__(scene, author, plan, number, hidden=hidden, hushed=hushed)
        self._aside = aside
        self._resolved_at = 0.0
        self._sent_back = False
        self._closings = 0
        self._climbs = plan.climbs
        self._course = plan.course

    async def carry(self) -> Message | None:
        """Carry the case to its end; returns the handler's card when the reporter never rates.

        Raises:
            Stuck: something did not follow in time.
        """
        await self._left_alone()
        return await self._until_rated()

    async def _until_rated(self) -> Message | None:
        while self._closings < len(self.plan.ratings):
            first, rating = self._closings == 0, self.plan.ratings[self._closings]
            self._closings += 1
            card = await self._worked(first=first)
            if rating is None:
                return card
            self.moved_at = time.monotonic()
            if not await self._rated(rating):
                return card
            if rating is not Rating.NOT_SATISFIED:
                return None
            if not first and await self._judged():
                return None
        return None

    async def ended(self, card: Message, patience_s: float) -> None:
        """Wait until the clock has archived what nobody rated, and call the reporter where the town wants that.

        Raises:
            Stuck: it did not.
        """
        silent: Message | None = card
        while silent is not None and await self._called(silent, patience_s):
            silent = await self._until_rated()

    async def _called(self, card: Message, patience_s: float) -> bool:
        """Call the reporter until somebody has heard them; returns whether the work starts again, or else has ended."""

        def over(one: Message) -> bool:
            return (one.chat, one.id) == (card.chat, card.id) and is_archived(one.text)

        scene = self.scene
        for told in self.plan.told[: scene.policy.call_tries]:
            shown = await scene.feed.wait(
                self.topic,
                lambda one: over(one) or bool(data_of(one, CalledPressed)),
                "the end of an unrated case, or a call",
                card.chat,
                patience_s=patience_s,
            )
            data, office = data_of(shown, CalledPressed, f":{told}"), scene.unit_of(shown.chat)
            if not data or office is None:
                return False
            self.moved_at = time.monotonic()
            if (await scene.converse(scene.reviewer(office), self.number, shown, data, text=HEARD)).refused:
                break
            scene.figures.told[told.value] += 1
            if told is Told.NOT_SATISFIED:
                return self._closings == 1 or not await self._judged()
            if told is not Told.NOT_REACHED:
                break
        await scene.feed.wait(self.topic, over, "the end of an unrated case", card.chat, patience_s=patience_s)
        return False

    async def _left_alone(self) -> None:
        """Nobody takes it, for hours or for days, and the level above hears of it. Not where that takes too long."""
        lapse_s, days = self.scene.lapse_s, DAYS_LATE
        if self._course not in (Course.UNANSWERED, Course.OVERDUE) or lapse_s is None:
            return
        card = await self.offered()
        by_law = any(body in card.text for body in self.scene.policy.legal.values())  # such a case has no due time
        if self.scene.above(self.unit) == self.unit or (by_law and self._course is Course.OVERDUE):
            return
        patience_s = days * DAY_S / self.scene.speed
        async with self._aside():
            if self._course is Course.OVERDUE:
                await self.late(patience_s)
            else:
                await self.unanswered(patience_s / RESPONSE_PARTS)
        self.scene.figures.courses[self._course.value] += 1

    async def _worked(self, *, first: bool) -> Message:
        """Claim and resolve; begun anew when the clock took the case away meanwhile. Returns the handler's card."""
        for _ in range(TRIES):
            card = await self._claimed(first=first)
            if first and await self._went_on(card):
                continue
            if first and self.plan.notes:
                await self.say(card, NotePressed, text=NOTE)
            if first and self.plan.asks:
                await self._asked(card)
            self.moved_at = time.monotonic()
            result = await self.say(card, ResolvePressed, text=RESULT, photo=True)
            if result.refused:
                continue
            self._resolved_at = result.at
            if await self._reviewed(first=first):
                await self._asked_to_rate()
                return card
        raise self.stuck("a handler who may resolve it")

    async def _went_on(self, card: Message) -> bool:
        """Whatever the plan has on the way; returns whether somebody has to claim it anew."""
        detour = DETOURS.get(self._course)
        if detour is None:
            return False
        course = self._course
        climbing = course is Course.ESCALATE and self._climbs > 1 and len(self.scene.path(self.unit)) > 1
        self._climbs -= 1
        if not climbing:
            self._course = Course.STRAIGHT
        moved = await detour(self, card)
        self.scene.figures.courses[course.value] += 1
        return moved

    async def _claimed(self, *, first: bool) -> Message:
        """Whoever presses first gets it; returns the card on which they did, as it shows them."""
        scene = self.scene
        for attempt in range(TRIES):
            card = await self.offered()
            staff = scene.staff(self.unit)
            turn = (self.number + attempt) % len(staff)
            staff = [*staff[turn:], *staff[:turn]]
            group = scene.chat(self.unit)
            in_group = self.plan.in_group and self._shown_to_all(group)
            if not attempt:
                card = await self._to_claim_in(group if in_group else staff[0], card)
            self.handler = card.chat if card.chat > 0 else staff[0]  # the rule may give it to whom nobody asked before
            begun = time.monotonic()
            if first and not attempt and self.plan.rivals and len(staff) > 1 and self.handler == staff[0]:
                won = await self._rivals(card, staff[:2])
            else:
                won = (await scene.press(self.handler, card, data_of(card, ClaimPressed))) == "claim.claimed"
            if won:
                self.moved_at = begun
                shown = await self._shown(card.chat if card.chat < 0 else self.handler, begun)
                if not data_of(shown, ResolvePressed):
                    continue
                scene.figures.timed("claim_to_shown", shown.seen_at - begun)
                return shown
            await self._seen_anew(begun)
        raise self.stuck("somebody who could claim it")

    async def _seen_anew(self, since: float) -> None:
        """Whoever is told no looks at the card again before they press once more: it may have shown what was."""
        wanted = partial(_seen_since, since)
        with contextlib.suppress(Stuck):
            await self.scene.feed.wait(self.topic, wanted, "the card as it is now", patience_s=SOON_S)

    async def _to_claim_in(self, chat: int, otherwise: Message) -> Message:
        """The card there, if it comes soon: what was given to somebody by rule they accept on their own."""
        try:
            return await self.scene.feed.wait(
                self.topic,
                lambda one: one.chat == chat and self._to_claim(one),
                "a card to claim",
                chat,
                patience_s=SOON_S,
            )
        except Stuck:
            return otherwise

    async def _shown(self, chat: int, claimed_at: float) -> Message:
        """The card there that shows the claim; or one to claim, there or elsewhere, when the clock was faster."""

        def wanted(one: Message) -> bool:
            anew = one.seen_at > claimed_at + SOON_S and bool(data_of(one, ClaimPressed))
            return (one.chat == chat and (anew or bool(data_of(one, ResolvePressed)))) or self.elsewhere(one)

        return await self.scene.feed.wait(self.topic, wanted, "the claim on the card", *self.chats)

    def _shown_to_all(self, group: int) -> bool:
        """Whether the unit's group has the card: each desk, but of residents' chats only the one where it happened."""
        if self.scene.town.levels[self.unit] == GRID:
            return self.unit == self.grid and not self.hidden
        return bool(group)

    async def _rivals(self, card: Message, two: list[int]) -> bool:
        """Two press Claim at once, each on the card before their eyes; the winner handles it."""
        other = card if card.chat < 0 else await self._to_claim_in(two[1], card)
        both = other.chat < 0 or other.chat == two[1]  # what is given by rule only one of them may accept
        self.scene.figures.rivals += both
        cards = ((two[0], card), (two[1], other))[: 1 + both]
        answers = await asyncio.gather(
            *(self.scene.press(person, one, data_of(one, ClaimPressed)) for person, one in cards)
        )
        winners = [person for (person, _), answer in zip(cards, answers, strict=True) if answer == "claim.claimed"]
        if len(winners) > 1:
            raise Stuck("one winner: both were told that they have it", self.chats)
        self.handler = winners[0] if winners else two[0]
        return bool(winners)

    async def _asked(self, card: Message) -> None:
        """Ask the reporter something, and have it answered where they read it."""
        scene, author = self.scene, self.author
        if self.hushed and not author.talks:
            return
        async with scene.busy(author.id):
            places = {chat: scene.feed.newest(chat) for chat in (author.id, scene.chat(self.grid))}
            if (await self.say(card, AskPressed, text=QUESTION)).refused:
                return
            question = await scene.feed.wait(
                self.topic,
                lambda one: QUESTION in one.text and one.chat in places and one.id > places[one.chat],
                "the question",
                *self.chats,
            )
            await scene.people.write(author.id, question.chat, ANSWER, reply_to=question.id)
            await scene.feed.wait(
                self.topic, lambda one: ANSWER in one.text and one.chat == self.handler, "the answer", *self.chats
            )

    async def _asked_to_rate(self) -> None:
        """Note how long it took until the reporter was asked; whom nobody can ask, nobody asks."""
        if self.author.talks or not self.hushed:
            asked = await self._to_rate()
            self.scene.figures.timed("resolve_to_asked", asked.seen_at - self._resolved_at)

    async def _to_rate(self) -> Message:
        """A message under which the reporter can rate this closing: what was there before it does not count."""
        places = (self.author.id, self.scene.chat(self.grid))
        return await self.scene.feed.wait(
            self.topic,
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
        scene, author = self.scene, self.author
        if self.hushed and not author.talks:
            return False
        async with scene.busy(author.id):
            asked = await self._to_rate()
            before = scene.feed.newest(author.id)
            data = data_of(asked, RateTold, rating) or data_of(asked, RatePressed, rating)
            key = await scene.press(author.id, asked, data)
            if is_refusal(key):
                return False
            if rating is Rating.NOT_SATISFIED and author.talks and self.plan.complains:
                await scene.reply(author.id, self.number, before, text=COMPLAINT)  # who likes, says why
        return True

    async def _reviewed(self, *, first: bool) -> bool:
        """Where the policy asks for it, somebody reads the reply before it leaves; returns whether it left."""
        policy = self.scene.policy
        if not policy.review_required:
            return True
        scene = self.scene
        named = (unit for unit in (self.unit, *scene.path(self.unit)) if scene.town.levels[unit] == policy.review_at)
        office = next(named, scene.above(self.unit))
        card = await self.card(scene.chat(office), ApprovePressed, "a reply to review", self._resolved_at)
        reviewer = scene.reviewer(office)
        if first and not self.plan.granted and not self._sent_back:
            self._sent_back = True
            self.moved_at = time.monotonic()
            await scene.converse(reviewer, self.number, card, data_of(card, RejectPressed), text=REASON)
            return False
        self._resolved_at = time.monotonic()
        await scene.press(reviewer, card, data_of(card, ApprovePressed))
        return True

    async def _judged(self) -> bool:
        """The level above judges whether the closing stands; returns that."""
        scene, stands = self.scene, self.plan.stands[self._closings - 1]
        unit = scene.above(self.unit)
        judge = self.handler = scene.reviewer(unit)
        scene.figures.judged += 1
        card = await self.card(scene.chat(unit), ApprovePressed, "a closing to judge", self.moved_at)
        if stands:
            await scene.press(judge, card, data_of(card, ApprovePressed))
        else:
            self.moved_at = time.monotonic()
            await scene.converse(judge, self.number, card, data_of(card, RejectPressed), text=REASON)
        return stands


def _seen_since(since: float, one: Message) -> bool:
    return one.seen_at > since and bool(data_of(one, ClaimPressed))
