"""B3: a broadcast to 3,000 groups under Telegram's limits, and how long residents who report meanwhile wait."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from bot.bench import Row, Size, at_least, at_most
from bot.bench.live import BROADCASTER, PATIENCE_S, Live, live
from bot.sandbox import Chat, Sandbox
from bot.sandbox.world import Json
from handlers._kit.presses import decode
from handlers.broadcast.presses import Deed, DeedPressed

BOUND_PER_S: Final = 30
"""Messages a second of one bot: more is refused."""
SHARE: Final = 0.95
MOST_S: Final = 1.0
REPORT_EVERY_S: Final = 10.0
"""What 3,000 grids of a city that files 41,000 cases a year and 534 grids report at fourteen times its usual pace."""
WORDS: Final = "明天上午停水"


@dataclass(slots=True)
class Storm:
    """What was seen while a broadcast was sent.

    Args:
        seconds: From the press on Publish to the last group.
        first_s: From that press to the first group.
        waits: How long each resident waited for the answer to a report, in seconds.
        refused: Calls that the limits refused.
        calls: Other metered calls meanwhile: cards, and the live message at the desk.
    """

    seconds: float
    first_s: float
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    calls: int = 0


async def measure(size: Size) -> list[Row]:
    """One bot and all groups; then three bots that share them."""
    groups, shared = (150, 90) if size is Size.SHORT else (3_000, 1_800)
    alone = await _sent(groups, 1)
    together = await _sent(shared, 3)
    bound, bound_of_three = groups / BOUND_PER_S, shared / BOUND_PER_S / 3
    figures = {
        "groups": float(groups),
        "seconds": alone.seconds,
        "bound_s": bound,
        "seconds_to_the_first": alone.first_s,
        "other_metered_calls": float(alone.calls),
    }
    worst = _percentile(alone.waits, 0.99)
    waits = {
        "reports": float(len(alone.waits)),
        "median_s": _percentile(alone.waits, 0.5),
        "p99_s": worst,
        "longest_s": max(alone.waits),
    }
    three = {"groups": float(shared), "seconds": together.seconds, "bound_s": bound_of_three}
    return [
        at_least("broadcast", "N/30 s / seconds from Publish to the last group", bound / alone.seconds, SHARE, figures),
        at_most("broadcast", "calls refused for their number (429)", alone.refused, 0, {"refused": alone.refused}),
        at_most("broadcast", f"p99 of a report's answer meanwhile / {MOST_S:g} s", worst / MOST_S, 1.0, waits),
        Row("broadcast", "the same bound with three bots", bound_of_three / together.seconds, figures=three),
    ]


async def _sent(groups: int, bots: int) -> Storm:
    async with live(groups, homes=4, bots=bots) as town:
        draft = await _draft(town)
        begun = time.time()
        await town.sandbox.act(BROADCASTER, "press", chat=town.desk.id, message=draft[0], data=draft[1])
        waits: list[float] = []
        reporting = asyncio.create_task(_report(town, waits))
        try:
            times = await _arrivals(town, begun)
        finally:
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)
        metered = [one for one in town.sandbox.calls if one.ok and one.time >= begun and _is_metered(one.method)]
        return Storm(max(times) - begun, min(times) - begun, waits, town.refused(), len(metered) - groups)


async def _draft(town: Live) -> tuple[int, str]:
    """Compose a notice at the desk; returns the message with the button that publishes it, and what that sends."""
    await town.sandbox.act(BROADCASTER, "send_text", chat=town.desk.id, text=f"/broadcast {WORDS}")
    found: tuple[int, str] = await town.sandbox.wait_for(lambda _: _publish(town.said(town.desk)), PATIENCE_S)
    return found


def _publish(messages: Sequence[Json]) -> tuple[int, str] | None:
    for message in messages:
        for row in message.get("reply_markup", {}).get("inline_keyboard", ()):
            for button in row:
                payload = decode(button["callback_data"]) if "callback_data" in button else None
                if isinstance(payload, DeedPressed) and payload.deed is Deed.PUBLISH:
                    return int(message["message_id"]), str(button["callback_data"])
    return None


async def _arrivals(town: Live, begun: float) -> Sequence[float]:
    """When it came to each group.

    Raises:
        AssertionError: it came to one of them twice, or not at all in three times the bound.
    """
    groups = {chat.id for chat in town.grids}
    limit_s = 3 * len(groups) / BOUND_PER_S + PATIENCE_S
    if not await town.sandbox.exchange.hub.until(lambda: _all_have_it(town, len(groups)), limit_s):
        raise AssertionError(f"not everywhere within {limit_s} s")
    sent = [
        (int(one.params["chat_id"]), one.time)
        for one in town.sandbox.calls
        if one.ok and one.time >= begun and one.method.lower() == "sendmessage" and WORDS in str(one.params.get("text"))
    ]
    sent = [(chat, at) for chat, at in sent if chat in groups]  # the desk may see the words, too
    times = dict(sent)
    if len(times) != len(groups) or len(sent) != len(groups):
        raise AssertionError(f"{len(sent)} messages came to {len(times)} of {len(groups)} groups")
    return list(times.values())


def _all_have_it(town: Live, groups: int) -> bool:
    return town.sandbox.tally["sendmessage"] >= groups and all(_has_it(chat) for chat in town.grids)


def _has_it(chat: Chat) -> bool:
    return any(WORDS in str(one.content.get("text", "")) for one in chat.messages.values())


async def _report(town: Live, waits: list[float]) -> None:
    """Somewhere somebody reports something, again and again, and waits for the answer."""
    number = 0
    while True:
        await asyncio.sleep(REPORT_EVERY_S if number else 1.0)
        number += 1
        grid = number * 7_919 % len(town.grids)
        chat, begun = town.grids[grid], time.perf_counter()
        sent = await town.sandbox.act(town.resident(grid), "send_text", chat=chat.id, text="/report 3号楼楼道灯坏了")
        await town.sandbox.wait_for(partial(_answered, town, chat, int(sent["message_id"])), PATIENCE_S)
        waits.append(time.perf_counter() - begun)


def _answered(town: Live, chat: Chat, report: int, _sandbox: Sandbox) -> bool:
    return any(one["message_id"] > report and "#" in str(one.get("text")) for one in town.said(chat))


def _is_metered(method: str) -> bool:
    return method.lower().startswith(("send", "edit"))


def _percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed."""
    ranked = sorted(values)
    return ranked[max(0, -(-int(len(ranked) * share * 100) // 100) - 1)]
