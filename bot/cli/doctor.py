"""Look for whatever keeps the bot from working, and say how to mend it: exit 1 when something fails.

It changes nothing in the database, works beside a running bot, and goes on without the network as far as it can.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from bot.checks import Finding, Level, api, town
from bot.checks.database import database
from bot.checks.finding import failure
from bot.checks.machine import machine
from bot.checks.telegram import chats, reached, token, webhook
from bot.cli._common import opened, settings
from bot.cli._findings import as_json, as_text
from bot.logs import Redactor
from bot.rules import rules
from bot.settings import Settings, SettingsError
from routing.checked import BadPolicy
from storage.errors import SchemaError, Unusable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--json", action="store_true", help="one JSON object, with every single item")


async def main(args: argparse.Namespace) -> int:
    """Look at everything, and print it."""
    try:
        chosen = settings(args)
    except SettingsError as error:
        findings, redact = [failure("settings", str(error), "Mend that setting and run this again.")], Redactor()
    else:
        env_file = args.env or Path(".env")
        findings, redact = [one async for one in examine(chosen, env_file, datetime.now(UTC))], Redactor(chosen.secrets)
    failed = any(one.level is Level.FAILURE for one in findings)
    print(redact(as_json(findings) if args.json else as_text(findings)))
    return 1 if failed else 0


async def examine(chosen: Settings, env_file: Path, now: datetime) -> AsyncIterator[Finding]:
    """Every finding, the machine's first.

    Args:
        chosen: The settings.
        env_file: Where they may stand.
        now: The machine's time.
    """
    for one in machine(chosen, env_file, now.astimezone(ZoneInfo(chosen.timezone)).date()):
        yield one
    for one in await asyncio.to_thread(lambda: list(database(chosen.database_url))):
        yield one
    known, trouble = await _town(chosen)
    for one in trouble if known is None else town.judge(known):
        yield one
    if known is not None and chosen.bot_token:
        yield town.unserved(known, chosen.bot_ids)
    async for one in _telegram(chosen, known, now):
        yield one


async def _town(chosen: Settings) -> tuple[town.Town | None, Sequence[Finding]]:
    """The town in the database; a policy or a calendar that can't be used is reported elsewhere and replaced here."""
    own = True
    try:
        rules(chosen)
    except (BadPolicy, OSError, UnicodeDecodeError):
        own, chosen = False, replace(chosen, policy="default", calendar=None)
    except SettingsError:
        chosen = replace(chosen, calendar=None)
    try:
        async with opened(chosen, read_only=True) as store:
            return replace(await store.read(town.gather, chosen.clock_speed), own_policy=own), ()
    except (SchemaError, Unusable, SettingsError) as error:
        return None, [failure("town", str(error), "Until then nobody can look at units, posts and chats.")]
    except SQLAlchemyError as error:
        says = f"The town could not be looked at ({type(error).__name__})."
        return None, [failure("town", says, "Mend the database first, as said above.")]


async def _telegram(chosen: Settings, known: town.Town | None, now: datetime) -> AsyncIterator[Finding]:
    """What Telegram says, or that it says nothing."""
    if not chosen.bot_token:
        yield failure("token", "HUYING_BOT_TOKEN is not set.", "Ask @BotFather for a token and put it into .env.")
    reach = await api.reach(chosen.api_url)
    for one in reached(reach):
        yield one
    if reach.error is not None:
        return
    seats: list[api.Seat] = []
    bound = known.bound if known else ()
    for secret, number in zip(chosen.bot_token, chosen.bot_ids, strict=True):
        async with api.line_to(secret, chosen.api_url) as line:
            bot = await api.ask(line, number)
            yield token(bot)
            for one in webhook(bot, chosen.webhook_url, now):
                yield one
            if bot.me is not None:
                seats += await api.seats(line, bot, [chat for chat in bound if chat.bot == number])
    if known and bound and seats:
        quiet = [unit.code for unit in known.units if not unit.quiet_offer]
        asked = sum(1 for chat in bound if chat.bot in chosen.bot_ids)
        for one in chats(seats, asked, lambda chat: town.title(known, chat), quiet):
            yield one
