"""What must be true after every history, however much went wrong in it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from bot.app import open_store
from bot.telegram import IN_FLIGHT
from handlers import render
from routing.model import Chat, ChatId, ChatState
from storage.audit import findings
from storage.stores import Stores

if TYPE_CHECKING:
    from tests.simulation.world import World

LATEST_S: Final = 5.0


async def broken(world: "World") -> list[str]:
    """Every law that the history broke, each as a sentence."""
    store = await open_store(world.settings, _Stopped(world), read_only=True)  # type: ignore[arg-type]  # tells the time
    try:
        found = [f"audit: {one.law}: {one.detail}" for one in await store.read(_findings)]
        found += await store.read(_unsettled, world)
        found += await store.read(_lost, world)
        found += await store.read(_unheard, world)
        found += await store.read(_twice)
        found += await store.read(_stale, world)
    finally:
        await store.close()
    return [*found, *_early(world), *_doubled(world), *_repeated(world), *_late(world)]


class _Stopped:
    """The clock at which the history ended."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._world.wall_s(), UTC)


def _findings(stores: Stores) -> list[Any]:
    return list(findings(stores))


def _unsettled(stores: Stores, world: "World") -> list[str]:
    """Rows whose outcome is still open although nothing stands in their way."""
    now = int(world.wall_s() * 1_000_000)
    rows = stores.connection.exec_driver_sql(
        "SELECT id, view, state FROM outbox WHERE state = 'sending' OR (state = 'ready' AND ready_at <= ?)", (now,)
    )
    open_ = [f"message {row.id} ({row.view}) is {row.state} for ever" for row in rows]
    if any(not _is_final(row.state) for row in stores.connection.exec_driver_sql("SELECT DISTINCT state FROM outbox")):
        open_.append("a message has an outcome that nobody knows")
    return open_


def _is_final(state: str) -> bool:
    return state in {"ready", "sent", "rejected", "expired", "blocked", "in_doubt"}


def _lost(stores: Stores, world: "World") -> list[str]:
    """Updates that Telegram was told were received, and that the inbox never saw."""
    run = stores.connection.exec_driver_sql
    kept = {row.update_id: row.state for row in run("SELECT update_id, state FROM inbox")}
    ours = [update for update in world.confirmed if _concerns_us(update)]
    lost = [update["update_id"] for update in ours if update["update_id"] not in world.kept | kept.keys()]
    undone = [number for number, state in kept.items() if state != "done"]
    return [f"update {number} was acknowledged and lost" for number in lost] + [
        f"update {number} is not done" for number in undone
    ]


def _concerns_us(update: Any) -> bool:
    if "callback_query" in update:
        return True
    message = update.get("message", {})
    return bool(message.get("text", "").startswith("/report") or message.get("chat", {}).get("type") == "private")


def _unheard(stores: Stores, world: "World") -> list[str]:
    """Reports in groups that Telegram was told were received, became no case, and of which nobody was told why."""
    run = stores.connection.exec_driver_sql
    rows = run("SELECT c.telegram_id, w.message_id FROM words w JOIN chats c ON c.id = w.chat")
    cases = {(chat, message) for chat, message in rows}
    answers = {key for (key,) in run("SELECT key FROM outbox WHERE key LIKE 'answer:%'")}
    told = {key.split(":")[2] for key in world.answered | answers}
    reports = [one for one in world.confirmed if one.get("message", {}).get("text", "").startswith("/report ")]
    return [
        f"report {one['update_id']} was acknowledged, is no case, and was not answered"
        for one in reports
        if (one["message"]["chat"]["id"], one["message"]["message_id"]) not in cases
        and one["message"]["chat"]["type"] != "private"  # where it may be the beginning of a draft
        and str(one["update_id"]) not in told
    ]


def _twice(stores: Stores) -> list[str]:
    """Reports that became more than one case."""
    rows = stores.connection.exec_driver_sql(
        "SELECT chat, message_id, count(DISTINCT case_id) AS count FROM words WHERE kind = 'report' "
        "AND message_id IS NOT NULL GROUP BY chat, message_id HAVING count(DISTINCT case_id) > 1"
    )
    return [f"message {row.message_id} of chat {row.chat} became {row.count} cases" for row in rows]


def _stale(stores: Stores, world: "World") -> list[str]:
    """Cards that do not say what their case is now."""
    rows = stores.connection.exec_driver_sql(
        "SELECT carrier, chat, message_id FROM carriers WHERE carrier LIKE 'case:%'"
    ).all()
    wrong = []
    for carrier, chat_id, number in rows:
        chat: Chat = stores.chats.get(ChatId(chat_id))
        shown = _shown(world, chat, number)
        if carrier.count(":") != 1 or shown is None or chat.state is not ChatState.OK:
            continue
        cards = {_told(_plain(text)) for text in _cards(stores, int(carrier[5:]), chat)}
        if cards and _told(shown) not in cards:
            wrong.append(f"{carrier} in chat {chat.telegram_id} shows what is no longer true")
    return wrong


def _cards(stores: Stores, case: int, chat: Chat) -> Iterator[str]:
    """What a card may say there: a change of the chat's language makes no card anew."""
    for lang in (chat.lang, "zh", "en"):
        made = render(stores, "card", {"case": case}, replace(chat, lang=lang), locale="zh", repeated=False)
        if made is not None:
            yield str(made.params["text"])


def _shown(world: "World", chat: Chat, number: int) -> str | None:
    """What a message says at Telegram; ``None`` when it is gone."""
    exchange = world.exchange
    place = exchange.world.chats.get(chat.telegram_id) or exchange.world.privates.get((chat.telegram_id, chat.bot))
    message = place.messages.get(number) if place is not None else None
    return str(message.content.get("text", "")) if message is not None else None


def _told(text: str) -> str:
    """What a card says of its case: asides, as that it was sent again or how to reach somebody, stand in brackets."""
    return re.sub(r"（[^）]*）|\([^)]*\)", "", text).strip()


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def _early(world: "World") -> list[str]:
    """Nothing leaves before the commit that says so."""
    return [f"message {number} left before the commit" for number in world.wire.early]


def doubles(world: "World") -> int:
    """How many messages too many arrived at Telegram."""
    return sum(count - 1 for (who, _), count in world.wire.sends.items() if who.startswith("send "))


def _doubled(world: "World") -> Iterator[str]:
    bound = world.figures.crashes * IN_FLIGHT + world.wire.doubts
    if doubles(world) > bound:
        yield f"{doubles(world)} doubles, of at most {bound}"


def _repeated(world: "World") -> Iterator[str]:
    """Each clock rings once for a moment, and each update has its effects once."""
    for fact, times in world.disk.happened.items():
        if times > 1:
            what, *which = fact
            yield f"{what} {' '.join(map(str, which))} had its effects {times} times"


def _late(world: "World") -> Iterator[str]:
    late_s = max(world.figures.lateness_s, default=0.0)
    if late_s > LATEST_S:
        yield f"a clock rang {late_s:.1f} s late while the program was up"
