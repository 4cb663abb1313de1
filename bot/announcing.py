"""How a bot meets Telegram: who it is there, its menus, where its updates go, and its cards after a rest."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from telegram.error import InvalidToken, TelegramError

from bot import life
from bot.failures import Kind, classify
from bot.logs import describe
from bot.settings import Secret, SettingsError
from bot.telegram import ALLOWED_UPDATES, App, line_of
from broadcasts.desk import living, show_anew
from handlers import BotIdentity, menus
from handlers._kit.services import Store
from routing.desk import refresh
from routing.model import CaseId

log = logging.getLogger(__name__)

SLOWEST_RETRY_S: Final = 30.0
AT_ONCE_IN: Final = 100  # updates that Telegram may post at the same time; they share a transaction
AT_ONCE: Final = 200  # cases or broadcasts per transaction, so that the writer is never held for long


async def introduce(application: App, bot: int, api_url: str) -> BotIdentity:
    """Ask Telegram who the bot is, patiently while it can't be reached.

    Raises:
        SettingsError: it does not accept the token.
    """
    pause_s = 1.0
    while True:
        try:
            await application.initialize()
        except InvalidToken:
            raise SettingsError(
                f"{api_url} does not accept the token of bot {bot}. Copy it anew from @BotFather "
                "into HUYING_BOT_TOKEN; a token that was revoked stops working at once. If the bot is gone for good, "
                f"take its token out and run `huying retire {bot}`."
            ) from None
        except TelegramError as error:
            log.warning("telegram unreachable", extra={"error": describe(error), "pause_s": pause_s})
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, SLOWEST_RETRY_S)
        else:
            return BotIdentity(application.bot.id, application.bot.username)


async def set_webhooks(applications: Mapping[int, App], url: str, secret: Secret) -> None:
    """Let the updates of each bot be posted below *url*."""
    for bot, application in applications.items():
        params = {
            "url": f"{url}/telegram/{bot}",
            "secret_token": secret.reveal(),
            "allowed_updates": ALLOWED_UPDATES,
            "max_connections": AT_ONCE_IN,
            "drop_pending_updates": False,
        }
        await _insist(application, bot, "setWebhook", params)


async def set_menus(applications: Mapping[int, App]) -> None:
    """Show the commands in each bot's menus."""
    for bot, application in applications.items():
        for scope, language, commands in menus():
            listed = [{"command": name, "description": text} for name, text in commands]
            params = {"commands": listed, "scope": scope, "language_code": language or None}
            await _insist(application, bot, "setMyCommands", params)


async def promise_anew(store: Store, clock: Callable[[], datetime]) -> None:
    """Show cases and broadcasts afresh where a start, this one or an earlier one, has noted that it must be done.

    Presses of the time away may be lost. What fails is tried again, and is owed by the next start when this one ends
    before: a card that is promised twice is an edit too many, one that is not promised stays wrong.
    """
    pause_s = min(1.0, SLOWEST_RETRY_S)
    while (noted := await store.read(life.owed_anew)) is not None:
        cases, broadcasts = await store.read(_open_cases), await store.read(living)
        done = [await _refreshed(store, refresh, part, clock()) for part in _parts(cases)]
        done += [await _refreshed(store, show_anew, part, clock()) for part in _parts(broadcasts)]
        if all(done):
            await store.work(life.shown_anew, noted)
            extra = {"cases": len(cases), "broadcasts": len(broadcasts)}
            log.info("cards promised anew after a downtime", extra=extra)
        else:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, SLOWEST_RETRY_S)


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)]


async def _refreshed(store: Store, show: Callable[..., None], ids: Sequence[int], now: datetime) -> bool:
    """Whether the cards of these were promised; where one fails, the other parts do not wait for it."""
    try:
        await store.work(show, ids, now)
    except Exception:
        log.exception("cards not promised anew", extra={"count": len(ids)})
        return False
    return True


def _open_cases(stores: Any) -> Sequence[CaseId]:
    cases: Sequence[CaseId] = stores.cases.open_ids()
    return cases


async def _insist(application: App, bot: int, method: str, params: dict[str, Any]) -> None:
    """Make a call that the start does not wait for, again and again until it succeeds, or is not known there."""
    pause_s = 1.0
    while True:
        try:
            await line_of(application).call(method, params)
        except TelegramError as error:
            log.warning("call failed", extra={"bot": bot, "method": method, "error": describe(error)})
            if isinstance(error, InvalidToken) and classify(error).kind is Kind.REJECTED:
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, SLOWEST_RETRY_S)
        else:
            return
