"""Asking Telegram: whether it can be reached, who the bots are, what they are in their chats. Facts only."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
from telegram.error import TelegramError

from bot.failures import Failure, Kind, classify
from bot.settings import Secret, is_loopback
from bot.telegram import Line, build, line_of
from routing.model import Chat

REACH_S: Final = 10.0
NOT_A_MEMBER: Final = frozenset({"left", "kicked"})


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether the API answers.

    Args:
        url: Which one.
        error: The kind of error when it does not.
        skew: How far its clock is ahead of ours; ``None`` when it does not tell the time.
    """

    url: str
    error: str | None = None
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class BotFacts:
    """What Telegram says of a bot.

    Args:
        id: As in the token.
        failure: Why it said nothing.
        me: `getMe`.
        webhook: `getWebhookInfo`.
    """

    id: int
    failure: Failure | None = None
    me: Mapping[str, Any] | None = None
    webhook: Mapping[str, Any] | None = None

    @property
    def hears_all(self) -> bool:
        """Whether its privacy mode is off."""
        return bool(self.me and self.me.get("can_read_all_group_messages"))


@dataclass(frozen=True, slots=True)
class Seat:
    """What a bot is in one chat.

    Args:
        member: `getChatMember`, over the rights that the chat gives to everybody.
        hears_all: The bot's privacy mode is off.
    """

    chat: Chat
    failure: Failure | None = None
    member: Mapping[str, Any] | None = None
    hears_all: bool = False

    @property
    def admin(self) -> bool:
        """Whether it administers the chat."""
        return bool(self.member and self.member.get("status") in {"administrator", "creator"})

    @property
    def there(self) -> bool:
        """Whether it is in the chat at all."""
        return bool(
            self.member and self.member.get("status") not in NOT_A_MEMBER and self.member.get("is_member", True)
        )

    @property
    def muted(self) -> bool:
        """Whether it is there and may not write."""
        return (
            self.there and not self.admin and self.member is not None and not self.member.get("can_send_messages", True)
        )

    @property
    def pins(self) -> bool:
        """Whether it may pin."""
        return bool(self.member and self.member.get("can_pin_messages"))


async def reach(url: str) -> Reach:
    """Call the API without a token, and compare clocks (its own is told to the second)."""
    try:
        async with httpx.AsyncClient(timeout=REACH_S, trust_env=not is_loopback(url)) as client:
            begun = time.time()
            answer = await client.get(url)
            ours = datetime.fromtimestamp((begun + time.time()) / 2, UTC)
    except httpx.HTTPError as error:
        return Reach(url, error=type(error).__name__)
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return Reach(url)
    return Reach(url, skew=theirs - ours)


@asynccontextmanager
async def line_to(token: Secret, url: str) -> AsyncIterator[Line]:
    """A line that is hung up afterwards, whether or not anybody answered."""
    line = line_of(build(token, url))
    try:
        yield line
    finally:
        await line.request.shutdown()


async def ask(line: Line, bot: int) -> BotFacts:
    """Ask who the bot is and how its updates are delivered."""
    facts = BotFacts(bot)
    try:
        facts = replace(facts, me=await _told(line, "getMe", {}))
        return replace(facts, webhook=await _told(line, "getWebhookInfo", {}))
    except TelegramError as error:
        return replace(facts, failure=classify(error))


async def _told(line: Line, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What *method* answers.

    Raises:
        TelegramError: it failed, or its answer says nothing, as that of a local server which only pretends to know it.
    """
    answer = await line.call(method, params)
    if not isinstance(answer, Mapping):
        raise TelegramError(f"{method} was answered without an object")
    return answer


async def seats(line: Line, bot: BotFacts, chats: Sequence[Chat]) -> list[Seat]:
    """Ask chat by chat what the bot is there; it ends early when Telegram asks for a pause or falls silent."""
    found: list[Seat] = []
    for chat in chats:
        seat = await _seat(line, bot, chat)
        found.append(seat)
        if seat.failure is not None and seat.failure.kind in {Kind.FLOOD, Kind.OFFLINE, Kind.IN_DOUBT}:
            break
    return found


async def _seat(line: Line, bot: BotFacts, chat: Chat) -> Seat:
    try:
        where = {"chat_id": chat.telegram_id}
        member = await _told(line, "getChatMember", {**where, "user_id": bot.id})
        if member.get("status") == "member":
            member = {**(await _told(line, "getChat", where)).get("permissions", {}), **member}
    except TelegramError as error:
        return Seat(chat, classify(error))
    return Seat(chat, member=member, hears_all=bot.hears_all)
