"""Answers to presses: volatile, at once, beside everything else. Telegram meters them nowhere."""

import asyncio
import logging

from bot.failures import classify
from bot.meters import Meters
from bot.telegram import ANSWERS_AT_ONCE, Line

log = logging.getLogger(__name__)

LIFE_S = 10.0  # afterwards the presser no longer looks, and Telegram no longer takes it


class Answers:
    """Gives the answers of one bot. A lost one costs nothing: pressing again brings it back."""

    def __init__(self, line: Line, meters: Meters) -> None:
        self._line, self._meters = line, meters
        self._turn = asyncio.Semaphore(ANSWERS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, query: str, text: str | None, alert: bool = False) -> None:
        """Answer the press with that callback query id; without a *text* the button just stops spinning."""
        task = asyncio.create_task(self._give(query, text, alert), name="answer")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, *, grace_s: float = 2.0) -> None:
        """Wait up to *grace_s* for the answers under way and let the others go."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=grace_s)
        for task in self._tasks:
            task.cancel()

    async def _give(self, query: str, text: str | None, alert: bool) -> None:
        try:
            async with asyncio.timeout(LIFE_S), self._turn:
                await self._line.call(
                    "answerCallbackQuery", {"callback_query_id": query, "text": text, "show_alert": alert or None}
                )
            self._meters.answers.labels("sent").inc()
        except TimeoutError:
            self._meters.answers.labels("expired").inc()
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for this answer any more
            failure = classify(error)
            self._meters.answers.labels(failure.kind).inc()
            log.info("press not answered", extra={"reason": failure.reason})
