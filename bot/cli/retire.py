"""Give up a bot that is gone for good: its chats are lost, so that others can take their places.

Take its token out of HUYING_BOT_TOKEN first, and stop or restart every program that had it. Units that it served count
as without a chat, so that codes can be issued for them; what waited for its chats is settled, and no broadcast waits
for them any more; the desks above hear of each group. What it had taken in and nobody has handled is set aside:
`huying inbox` shows it with --raw and deletes it with --drop. If its token comes back into the settings, the next start
tries all its chats again.
"""

import argparse
import sys
from datetime import datetime
from typing import Final

from bot.checks.finding import some
from bot.checks.town import town_time
from bot.cli._common import opened, settings
from bot.spool import Spool, spool_of
from routing.membership import retire
from storage.leases import Lease
from storage.stores import Stores

_WHY: Final = "its bot was given up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("bot", type=int, help="its number, which stands before the colon of its token")


async def main(args: argparse.Namespace) -> int:
    """Give it up; 1 when it still serves, or when nobody knows it."""
    chosen = settings(args)
    if args.bot in chosen.bot_ids:
        print(f"huying: HUYING_BOT_TOKEN has the token of bot {args.bot}; take it out first.", file=sys.stderr)
        return 1
    async with opened(chosen) as store:
        known = await store.read(_known)
        if args.bot not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            print(f"huying: No chat belongs to bot {args.bot}; known are {listed}.", file=sys.stderr)
            return 1
        now = await store.read(town_time, chosen.clock_speed)
        lease = store.tenure.lease if store.tenure is not None else None
        given_up = await store.work(_retire, args.bot, lease, now)
    if given_up is None:
        print(f"huying: A program still sends for bot {args.bot}; stop it first.", file=sys.stderr)
        return 1
    lost, aside = given_up
    aside += _clear(spool_of(chosen), args.bot)
    print(f"bot {args.bot} is given up; {lost} of its chats were not known to be lost before")
    if aside:
        says = some(aside, "update that nobody had handled was", "updates that nobody had handled were")
        print(f"{says} set aside: see `huying inbox`, --raw and --drop")
    return 0


def _known(stores: Stores) -> set[int]:
    """The bots that have, or had, a chat or an update."""
    return {chat.bot for chat in stores.chats.all()} | stores.inbox.bots()


def _retire(stores: Stores, bot: int, lease: Lease | None, now: datetime) -> tuple[int, int] | None:
    """How many chats were given up, and updates set aside; ``None`` while a program sends for it."""
    if lease is not None and not stores.leases.hold(lease, f"courier {bot}"):
        return None
    stores.sending.interrupted(bot, now)
    lost = retire(stores, bot, now)
    stores.sending.expire(now)
    return lost, stores.inbox.give_up(bot, _WHY, now)


def _clear(spool: Spool, bot: int) -> int:
    """Put aside what waits for it on the disk, too; returns how many updates that are."""
    left = [update_id for of, update_id, _ in spool.waiting() if of == bot]
    for update_id in left:
        spool.put_aside(bot, update_id, _WHY)
    return len(left)
