"""When the next message may leave, and whose turn it is: pure rules, with the time as an argument.

Times are seconds of any steady clock. A rate keeps every sliding window safe because rate x window + burst stays at or
under Telegram's limit: 29/s for a bot (30 in any second), 18/min and burst 2 for a group (20 in any minute), 1/s and
burst 3 for a private chat. Edits count as messages, an album as many as it has items; answers to presses do not pass
here. A bot may make up for turns
that a late timer or a slow disk has missed; that no second ever holds a 31st message, not even where the way to
Telegram takes now longer and now shorter, is seen to by counting the last second as Telegram may see it.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from routing.model import ChatId
from routing.ports import Lane

BOT_RATE_PER_S: Final = 29.0
BOT_BURST: Final = 4
BOT_LIMIT: Final = 30
SECOND: Final = 1.005  # clocks here and there don't tick alike
SLOWEST_RATE_PER_S: Final = 5.0
GROUP_RATE_PER_S: Final = 18 / 60
GROUP_BURST: Final = 2
GROUP_LIMIT: Final = 20
MINUTE: Final = 61.0
PRIVATE_RATE_PER_S: Final = 1.0
PRIVATE_BURST: Final = 3
NEAR_S: Final = 5.0  # two chats refused within this time mean that the bot is meant
LONG_S: Final = 5.0  # a private chat is never refused for longer on its own account
GROUP_LONG_S: Final = 60.0  # a group may be: its limit counts a minute
CLEAN_S: Final = 60.0  # after so long without a refusal the bot goes a little faster again
FASTER_PER_S: Final = 0.5
SHARES: Final[Mapping[Lane, int]] = {
    Lane.EMERGENCY: 30,
    Lane.ANSWER: 35,
    Lane.CARD: 20,
    Lane.NOTICE: 10,
    Lane.DIGEST: 5,
}


class Waiting(Protocol):
    """A message that stands first in its chat's queue."""

    @property
    def chat(self) -> ChatId:
        """Where it goes, by our own number."""
        ...

    @property
    def telegram_id(self) -> int:
        """Where it goes, by Telegram's number: a group's is negative."""
        ...


W = TypeVar("W", bound=Waiting)


@dataclass(slots=True)
class Gcra:
    """The generic cell rate algorithm: one number, the time at which the account would be empty again."""

    rate_per_s: float
    burst: float
    empty_at: float = float("-inf")

    @property
    def free_at(self) -> float:
        """When the next one may leave."""
        return self.empty_at - (self.burst - 1) / self.rate_per_s

    def spend(self, now: float, count: int = 1) -> None:
        """So many leave at *now*, be it more than there is room for: the next one waits for all of them."""
        self.empty_at = max(now, self.empty_at) + count / self.rate_per_s


class LastSecond:
    """What a bot has sent in the last second, as Telegram may count it: by arrivals, of which only bounds are known.

    A message that goes the quickest way there and back shows how long these take. Another one arrives no sooner than
    that way there allows, and no later than its answer less that way back. So it counts from its leaving on, and once
    its answer is here, from as late as it can have arrived.
    """

    def __init__(self) -> None:
        self._sent: list[tuple[float, float | None]] = []  # when each left, and when its answer was here
        self._quickest_s = float("inf")

    def free_at(self, count: int = 1) -> float:
        """When the last of so many would be the thirtieth in its second."""
        before = BOT_LIMIT + 1 - count
        if len(self._sent) < before:
            return float("-inf")
        latest = sorted(left if here is None else here - self._quickest_s for left, here in self._sent)
        return latest[-before] + SECOND

    def leave(self, now: float, count: int) -> None:
        """So many leave at *now*, in one call."""
        self._sent += [(now, None)] * count
        del self._sent[: -2 * BOT_LIMIT]

    def arrived(self, left_at: float, now: float, count: int) -> None:
        """The answer to the call that left then, with so many, is here."""
        self._quickest_s = min(self._quickest_s, now - left_at)
        for _ in range(count):
            if (left_at, None) in self._sent:
                self._sent[self._sent.index((left_at, None))] = (left_at, now)


@dataclass(frozen=True, slots=True)
class Halt:
    """What a refusal (429) stops: one chat, or with ``chat=None`` the whole bot, until the given time."""

    chat: ChatId | None
    until: float


@dataclass(slots=True)
class _Turns:
    """Whose turn it is: each lane's next pass, and the one of the lane that was served last."""

    passes: dict[Lane, float]
    last: float

    def key(self, lane: Lane) -> tuple[float, Lane]:
        """What lanes are sorted by: the first one is next."""
        return max(self.passes[lane], self.last), lane

    def take(self, lane: Lane, count: int = 1) -> None:
        """It had its turn, or so many at once."""
        self.last = max(self.passes[lane], self.last)
        self.passes[lane] = self.last + count / SHARES[lane]


class Pacer:
    """The pace of one bot token.

    Args:
        rate_per_s: Messages per second that the bot may send.
        speed: Multiplies every rate: in a rehearsal, whose town lives faster, more is said in each real second, and
            the local Telegram does not mind. 1 everywhere else.
    """

    def __init__(self, *, rate_per_s: float = BOT_RATE_PER_S, speed: float = 1.0) -> None:
        self._speed, self._top_rate_per_s = speed, rate_per_s * speed
        self._bot = Gcra(self._top_rate_per_s, BOT_BURST)
        self._second = LastSecond() if speed == 1.0 else None
        self._chats: dict[ChatId, Gcra] = {}
        self._minute: deque[tuple[float, ChatId, int]] = deque()  # what groups were sent, for the sake of albums
        self._halted: dict[ChatId, float] = {}
        self._bot_halted_until = float("-inf")
        self._turns = _Turns(dict.fromkeys(Lane, 0.0), 0.0)
        self._refused: tuple[ChatId, float] | None = None
        self._slowed_at = 0.0

    def choose(self, now: float, heads: Mapping[Lane, Sequence[W]]) -> W | None:
        """The message that may leave now, from the lane whose turn it is; ``None`` when none may."""
        return next(iter(self.plan(now, heads, 1)), None) if now >= self.bot_free_at else None

    def plan(self, now: float, heads: Mapping[Lane, Sequence[W]], count: int, before: Sequence[Lane] = ()) -> list[W]:
        """The next messages in the order in which they are to leave, each as soon as it may.

        Each lane has its guaranteed share of the rate, however full the others are; what an idle lane leaves goes to
        the rest. Within a lane the first one counts whose chat is free.

        Args:
            now: When the first of them leaves, at the earliest.
            heads: The first messages of each chat, by lane.
            count: So many at most, to different chats.
            before: The lanes of messages that leave before these and are not spent yet.
        """
        turns = _Turns(dict(self._turns.passes), self._turns.last)
        for lane in before:
            turns.take(lane)
        chosen: dict[ChatId, W] = {}
        while len(chosen) < count:
            found = self._next(now, heads, turns, chosen)
            if found is None:
                break
            lane, head = found
            chosen[head.chat] = head
            turns.take(lane)
        return list(chosen.values())

    def first(self, lanes: Sequence[Lane]) -> int:
        """Of messages that are ready, in these lanes, which leaves first: one of the lane whose turn it is now."""
        return min(range(len(lanes)), key=lambda each: self._turns.key(lanes[each]))

    def _next(
        self, now: float, heads: Mapping[Lane, Sequence[W]], turns: "_Turns", but: Collection[ChatId]
    ) -> tuple[Lane, W] | None:
        for lane in sorted(heads, key=turns.key):
            for head in heads[lane]:
                if head.chat not in but and now >= self._chat_free_at(head.chat):
                    return lane, head
        return None

    def spend(self, now: float, head: Waiting, lane: Lane, count: int = 1) -> None:
        """A call of *head* leaves at *now*, and with it *count* messages."""
        self._recover(now)
        self._bot.spend(now, count)
        if self._second is not None:
            self._second.leave(now, count)
            if head.telegram_id < 0:
                self._minute.append((now, head.chat, count))
                while self._minute[0][0] <= now - MINUTE:
                    self._minute.popleft()
        self._chat(head).spend(now, count)
        self._turns.take(lane, count)

    def answered(self, left_at: float, now: float, count: int = 1) -> None:
        """What was spent at *left_at* has its answer."""
        if self._second is not None:
            self._second.arrived(left_at, now, count)

    def free_at(self, heads: Iterable[Waiting]) -> float:
        """When the first of *heads* may leave; infinity when there is none."""
        first = min((self._chat_free_at(head.chat) for head in heads), default=float("inf"))
        return max(first, self.bot_free_at)

    def resting(self, now: float) -> dict[ChatId, float]:
        """The chats that may not be written to at *now*, and when they may; forgets what has passed."""
        self._chats = {chat: pace for chat, pace in self._chats.items() if pace.empty_at > now}
        self._halted = {chat: until for chat, until in self._halted.items() if until > now}
        times = {chat: self._chat_free_at(chat) for chat in (*self._chats, *self._halted)}
        return {chat: at for chat, at in times.items() if at > now}

    def refused(self, now: float, head: Waiting, retry_after_s: float, jitter_s: float = 0.0) -> Halt:
        """Telegram answered 429 to *head*: stop that chat, or the whole bot when the refusal must mean the bot.

        It must when two chats are refused within `NEAR_S`, or when the pause is longer than a chat's own limit
        explains. A halt is never shortened; a halted bot also goes slower afterwards.
        """
        until = now + retry_after_s + jitter_s
        before, self._refused = self._refused, (head.chat, now)
        another = before is not None and before[0] != head.chat and now - before[1] <= NEAR_S
        if another or retry_after_s > (GROUP_LONG_S if head.telegram_id < 0 else LONG_S):
            self._recover(now)
            self._bot.rate_per_s = max(SLOWEST_RATE_PER_S, self._bot.rate_per_s * 0.8)
            self._slowed_at = now
            return self.halt(Halt(None, until))
        return self.halt(Halt(head.chat, until))

    def halt(self, halt: Halt) -> Halt:
        """Stop a chat or the bot; returns the halt that is in force now, which may be a longer one."""
        if halt.chat is None:
            self._bot_halted_until = max(self._bot_halted_until, halt.until)
            return Halt(None, self._bot_halted_until)
        self._halted[halt.chat] = max(self._halted.get(halt.chat, float("-inf")), halt.until)
        return Halt(halt.chat, self._halted[halt.chat])

    @property
    def rate_per_s(self) -> float:
        """Messages per second that the bot allows itself at present."""
        return self._bot.rate_per_s

    @property
    def halted_until(self) -> float:
        """The end of the bot's last halt; minus infinity when there was none."""
        return self._bot_halted_until

    @property
    def bot_free_at(self) -> float:
        """When the bot may send anything at all."""
        return self.bot_free_for(1)

    def bot_free_for(self, count: int) -> float:
        """When the bot may send so many messages at once."""
        in_second = self._second.free_at(count) if self._second else float("-inf")
        return max(self._bot.free_at, self._bot_halted_until, in_second)

    def chat_free_for(self, head: Waiting, count: int) -> float:
        """When that chat may be sent so many messages at once: an album needs room in its group's minute."""
        sent = [at for at, chat, items in self._minute if chat == head.chat for _ in range(items)] if count > 1 else []
        before = GROUP_LIMIT + 1 - count
        return max(self._chat_free_at(head.chat), sent[-before] + MINUTE if len(sent) >= before else float("-inf"))

    def _chat_free_at(self, chat: ChatId) -> float:
        pace = self._chats.get(chat)
        return max(pace.free_at if pace else float("-inf"), self._halted.get(chat, float("-inf")))

    def _chat(self, head: Waiting) -> Gcra:
        group = head.telegram_id < 0
        rate_per_s, burst = (GROUP_RATE_PER_S, GROUP_BURST) if group else (PRIVATE_RATE_PER_S, PRIVATE_BURST)
        return self._chats.setdefault(head.chat, Gcra(rate_per_s * self._speed, burst))

    def _recover(self, now: float) -> None:
        """Go half a message per second faster for each clean minute."""
        minutes = int((now - self._slowed_at) // CLEAN_S)
        if self._bot.rate_per_s < self._top_rate_per_s and minutes > 0:
            self._bot.rate_per_s = min(self._top_rate_per_s, self._bot.rate_per_s + minutes * FASTER_PER_S)
            self._slowed_at += minutes * CLEAN_S
