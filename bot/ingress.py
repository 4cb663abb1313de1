"""How updates come in: judged, stored, and only then confirmed to Telegram."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec, Protocol, TypeVar

import orjson
from telegram.error import Conflict, RetryAfter

from bot.failures import seconds
from bot.hearing import Kept, Quick, receive
from bot.logs import describe
from bot.meters import Meters
from bot.replay import Replay
from bot.spool import Spool
from bot.telegram import ALLOWED_UPDATES, Line
from bot.worker import Taken
from handlers import Crowd, Hasty, Plain, Spoken
from handlers._kit import services
from storage.errors import is_trouble

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

SHORTEST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
ROUND_S: Final = 5.0  # however long a pause is, it goes round so often
DATABASE_PAUSE_S: Final = 3.0  # the database is ours: nobody minds being asked again soon
DATABASE_S: Final = 10.0  # longer than this no webhook waits for the database
LOT: Final = 200  # updates that came by webhook at the same time and share a transaction
AT_ONCE: Final = 16  # so many reports of a lot are filed in that transaction; of more, all wait: some 10 ms
_HOLDERS: Final = ("message", "edited_message", "my_chat_member", "chat_member", "chat_join_request")


class Judge(Protocol):
    """Tells what concerns the bot from chatter."""

    def judge(self, updates: Sequence[Mapping[str, Any]]) -> list[bool]:
        """One verdict per update."""
        ...


class Store(services.Store, Protocol):
    """The store as it takes things in."""

    async def take_in(self, use_case: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `work`, ahead of the works that wait."""
        ...


class Ways(Protocol):
    """Where updates go: the `Worker`, or any of several."""

    @property
    def alone(self) -> bool:
        """Whether what waits is known there, and not only to the inbox."""
        ...

    def offer(self, row: Taken) -> None:
        """Take an update that has just been committed to the inbox."""
        ...

    def holds(self, queue: str) -> bool:
        """Whether updates of that chat are waiting there."""
        ...

    def make_room(self) -> None:
        """More came at once than can be handled at once."""
        ...


class Intake:
    """What happens to the updates of one bot before Telegram is told that they were received.

    Chatter is dropped in memory. The rest is committed to the inbox, then offered to the worker. Presses and commands
    that the *crowd* recognises have their effects in that same transaction, unless updates of their chat are waiting.

    By webhook they come as fast as Telegram brings them, and each request waits. So when many reports come at once they
    are only stored, and filed by the worker's `Lots`. When it is asked for updates, Telegram keeps what we don't fetch.
    """

    def __init__(
        self,
        bot: int,
        judge: Judge,
        store: Store,
        worker: Ways,
        clock: Callable[[], datetime],
        meters: Meters,
        spool: Spool,
        crowd: Crowd | None = None,
    ) -> None:
        self.bot = bot
        self._judge, self._store, self._worker, self._clock, self._meters = judge, store, worker, clock, meters
        self._crowd = crowd
        self._disk = Replay(bot, spool, self.keep, meters)
        self._gathered: list[tuple[Mapping[str, Any], asyncio.Future[Answer | None]]] = []
        self._keeping: asyncio.Task[None] | None = None

    async def keep(self, updates: Sequence[Mapping[str, Any]], offset: int | None = None) -> None:
        """Commit what concerns us; with *offset*, the place to poll from is committed beside it.

        Raises:
            Exception: the database could not commit; nothing of the batch counts as received.
        """
        for answer in (await self._keep(updates, offset)).values():
            answer.give()

    async def keep_apart(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Commit what can be committed of a batch in which something cannot; that is set aside on the disk.

        Raises:
            Exception: the database could not commit, or the disk took nothing; nothing counts as received.
        """
        for update, concerns_us in zip(updates, self._verdicts(updates), strict=True):
            if concerns_us:
                await self._disk.put(update)
        await self.replay()

    async def keep_or_spool(self, update: Mapping[str, Any]) -> "Answer | None":
        """Commit one update, or while the database is away, write it to disk; either way it is safe afterwards.

        Chatter goes to neither.

        Updates that come while others are being committed share the next transaction. What was spooled comes first:
        Telegram believes that it is handled, so the chat's next update may overtake it here only.

        Returns:
            What the presser is to be told in the response; ``None`` when there is nothing, or it is told otherwise.

        Raises:
            OSError: neither worked; Telegram must keep it.
        """
        try:
            async with asyncio.timeout(DATABASE_S):
                if self._disk.behind:
                    await self.replay()
                return await self._keep_among_others(update)
        except Exception as error:
            if not self._verdicts([update])[0]:
                return None
            await self._disk.put(update)
            log.exception("update spooled to disk", extra={"bot": self.bot, "error": describe(error)})
            return None

    async def replay(self) -> int:
        """Commit this bot's spooled updates and drop their files; returns how many there were."""
        return await self._disk.run()

    async def let_go(self, before: datetime) -> int:
        """Delete what was put aside on the disk before that instant; returns how many updates that were."""
        return await self._disk.let_go(before)

    async def _keep(
        self, updates: Sequence[Mapping[str, Any]], offset: int | None = None, *, most: int | None = None
    ) -> "dict[int, Answer]":
        """Commit them and offer the worker what it must handle; returns the answers to presses by update.

        Reports are filed at once if there are no more than *most*.
        """
        ours = self._ours(updates)
        if not ours:
            return {}
        taken = self._divided(ours, most)
        try:
            kept = await self._commit(taken, offset)
        except Exception as error:
            if not any(isinstance(one, Quick) for one in taken):
                raise
            log.warning("updates go the long way", extra={"bot": self.bot, "error": describe(error)})
            taken = [self._row(update) for update in ours]
            kept = await self._commit(taken, offset)
        answers = {}
        if most is not None and sum(isinstance(outcome, Taken) for outcome in kept) > most:
            self._worker.make_room()
        for one, outcome in zip(taken, kept, strict=True):
            if outcome is None:
                self._meters.duplicates.inc()
            elif isinstance(outcome, Taken):
                self._worker.offer(outcome)
            elif (
                isinstance(one, Quick) and isinstance(one.heard, Hasty) and isinstance(outcome, Spoken) and self._crowd
            ):
                self._crowd.committed(one.heard, outcome)
                answers[one.update["update_id"]] = Answer(self._crowd, one.heard, outcome)
        return answers

    async def _commit(self, updates: "Sequence[Taken | Quick]", offset: int | None) -> "list[Kept | None]":
        setting = offset_setting(self.bot)
        alone, now = self._worker.alone, self._clock()
        return await self._store.take_in(receive, updates, self.bot, now, self._crowd, setting, offset, alone=alone)

    async def _keep_among_others(self, update: Mapping[str, Any]) -> "Answer | None":
        future: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._gathered.append((update, future))
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_gathered(), name="keep")
        return await future

    async def _keep_gathered(self) -> None:
        while self._gathered:
            lot, self._gathered = self._gathered[:LOT], self._gathered[LOT:]
            try:
                answers = await self._keep([update for update, _ in lot], most=AT_ONCE)
            except Exception as error:  # noqa: BLE001 - it belongs to everybody who waits
                for _, future in lot:
                    if not future.done():
                        future.set_exception(error)
            else:
                for update, future in lot:
                    if not future.done():
                        future.set_result(answers.get(update["update_id"]))

    def _ours(self, updates: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The updates that concern us; all are counted."""
        verdicts = self._verdicts(updates)
        ours = [update for update, concerns_us in zip(updates, verdicts, strict=True) if concerns_us]
        for update, concerns_us in zip(updates, verdicts, strict=True):
            self._meters.received.labels(kind_of(update), "kept" if concerns_us else "chatter").inc()
        return ours

    def _verdicts(self, updates: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Of each update whether it concerns us."""
        try:
            return self._judge.judge(updates)
        except Exception:  # noqa: BLE001 - one of a shape that nobody foresaw; the others are still judged
            return [self._judged_alone(update) for update in updates]

    def _judged_alone(self, update: Mapping[str, Any]) -> bool:
        try:
            return self._judge.judge([update])[0]
        except Exception:
            log.exception("update not judged; the worker will fail on it", extra={"bot": self.bot})
            return True

    def _divided(self, updates: Sequence[Mapping[str, Any]], most: int | None) -> list[Taken | Quick]:
        """Each update as a row for the worker, or to be heard at once where nothing of its chat waits."""
        held: dict[str, bool] = {}
        divided: list[Taken | Quick] = []
        recognised = [self._recognised(update) for update in updates]
        too_many = most is not None and sum(isinstance(heard, Plain) for heard in recognised) > most
        for update, heard in zip(updates, recognised, strict=True):
            queue = f"{self.bot}:{heard.telegram_chat}" if heard else queue_of(self.bot, update)
            if queue not in held:
                held[queue] = self._worker.holds(queue)
            if heard is None or held[queue] or (too_many and isinstance(heard, Plain)):
                held[queue] = True
                divided.append(self._row(update))
            else:
                divided.append(Quick(heard, queue, update))
        return divided

    def _recognised(self, update: Mapping[str, Any]) -> Hasty | Plain | None:
        """What can be heard together with others."""
        return (self._crowd.recognise(update) or self._crowd.chorus.recognise(update)) if self._crowd else None

    def _row(self, update: Mapping[str, Any]) -> Taken:
        return Taken(self.bot, update["update_id"], queue_of(self.bot, update), orjson.dumps(update))


class Answer(NamedTuple):
    """What somebody is told who pressed."""

    crowd: Crowd
    press: Hasty
    spoken: Spoken

    def give(self) -> None:
        """By a call of its own."""
        self.crowd.answer(self.press, self.spoken)

    def as_call(self) -> dict[str, Any]:
        """As a call to the Bot API, for the response to a webhook."""
        return {
            "method": "answerCallbackQuery",
            "callback_query_id": self.press.callback_id,
            "text": self.spoken.text,
            "show_alert": self.spoken.alert,
        }


def kind_of(update: Mapping[str, Any]) -> str:
    """What sort of update it is, by its field; ``other`` for what was never asked for."""
    return next((kind for kind in ALLOWED_UPDATES if kind in update), "other")


def queue_of(bot: int, update: Mapping[str, Any]) -> str:
    """The chat in whose order the update must be handled."""
    pressed = _part(update.get("callback_query"), "message")
    chat = _part(_part(next((update[kind] for kind in _HOLDERS if kind in update), pressed), "chat"), "id")
    return f"{bot}:{chat if isinstance(chat, int) else 'none'}"


def _part(whole: Any, name: str) -> Any:
    return whole.get(name) if isinstance(whole, dict) else None  # of a shape that nobody foresaw


def offset_setting(bot: int) -> str:
    """Where the place to poll from is kept."""
    return f"poll.offset:{bot}"


def _setting(stores: Any, key: str) -> str | None:
    value: str | None = stores.notebook.setting(key)
    return value


class Poller:
    """Asks Telegram for one bot's updates, again and again.

    Asking from an offset confirms everything before it, so the offset moves only when the batch is committed.
    """

    def __init__(self, line: Line, intake: Intake, store: Store, meters: Meters) -> None:
        self._line, self._intake, self._store, self._meters = line, intake, store, meters
        self._stopping = asyncio.Event()
        self._pause_s = 0.0
        self.polled_at = self._beaten_at = time.monotonic()

    @property
    def beat_age_s(self) -> float:
        """Seconds since it last went round, or last looked whether it has rested enough."""
        return time.monotonic() - self._beaten_at

    @property
    def age_s(self) -> float:
        """Seconds since Telegram last answered a poll."""
        return time.monotonic() - self.polled_at

    async def run(self) -> None:
        """Poll until `stop`; troubles are waited out."""
        kept = await self._store.read(_setting, offset_setting(self._intake.bot))
        offset = int(kept) if kept else None
        webhook_gone = False
        while not self._stopping.is_set():
            self._beaten_at = time.monotonic()
            try:
                if not webhook_gone:
                    await self._line.call("deleteWebhook", {"drop_pending_updates": False})
                    webhook_gone = True
                offset = await self._poll_once(offset)
                self._pause_s = 0.0
            except Exception as error:  # noqa: BLE001 - polling must outlive every trouble
                webhook_gone = webhook_gone and not isinstance(error, Conflict)
                await self._rest(error)

    def stop(self) -> None:
        """End `run` at its next turn; a poll that is waiting may be cancelled, nothing is confirmed by it."""
        self._stopping.set()

    async def _poll_once(self, offset: int | None) -> int | None:
        """One poll and its commit; returns the next offset."""
        updates = await self._line.poll(offset)
        self.polled_at = time.monotonic()
        self._meters.poll_age.labels(self._intake.bot).set(0)
        if not updates:
            return offset
        after = int(updates[-1]["update_id"]) + 1
        try:
            await self._intake.keep(updates, after)
        except Exception as error:
            if is_trouble(error):
                raise
            log.warning("updates go by the disk", extra={"bot": self._intake.bot, "error": describe(error)})
            await self._intake.keep_apart(updates)
        return after

    async def _rest(self, error: Exception) -> None:
        """Wait longer after each trouble in a row, or as long as Telegram asks."""
        longest_s = DATABASE_PAUSE_S if is_trouble(error) else LONGEST_PAUSE_S
        self._pause_s = min(max(self._pause_s * 2, SHORTEST_PAUSE_S), longest_s)
        pause_s = seconds(error) if isinstance(error, RetryAfter) else self._pause_s
        log.warning(
            "polling interrupted", extra={"bot": self._intake.bot, "error": describe(error), "pause_s": pause_s}
        )
        end = time.monotonic() + pause_s
        while not self._stopping.is_set() and (left := end - time.monotonic()) > 0:
            self._beaten_at = time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, ROUND_S)):
                    await self._stopping.wait()
