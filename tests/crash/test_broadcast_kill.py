"""Killed while a broadcast is being sent, the bot leaves no chat out, and doubles at most what was in flight."""

import random
import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot.cli._common import opened
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Chat, Sandbox
from bot.settings import Secret, Settings
from bot.telegram import IN_FLIGHT
from broadcasts.model import Figures
from routing.model import ChatKind, ChatState, Household, Unit, UnitCode, UnitKind
from routing.town import load
from storage.stores import Stores
from tests.crash.program import Program, witnessed
from tests.crash.warned import COMMUNITIES, PATIENCE_S, STREET, WARNING, red_alert

COMMUNITY = COMMUNITIES[0]
MORE = 90
"""Chats beside those of the sample, so that the sending takes a while."""
KILLS = 3
SEED = secrets.randbelow(1_000_000)
pytestmark = pytest.mark.crash


async def test_killed_while_sending_it_goes_on_where_it_was(tmp_path: Path) -> None:
    print(f"seed {SEED}")  # noqa: T201 - to repeat it
    rng = random.Random(SEED)
    async with Sandbox() as sandbox:
        town = furnish(sandbox)
        chats = [*(town.chats[code] for code in town.grids), *_more(sandbox, town)]
        url = f"sqlite+aiosqlite:///{tmp_path / 'town.db'}"
        settings = Settings(bot_token=(Secret(TOKEN),), api_url=sandbox.url, database_url=url)
        async with opened(settings, migrate=True) as store:
            await store.work(_settle, town, chats[-MORE:], settings.bot_ids[0])
        program = Program(tmp_path, sandbox.url, by_webhook=False)
        async with witnessed(lambda: [program]):
            await program.start()
            for kill in range(KILLS):
                wanted = len(chats) * (kill + 1) // (KILLS + 2) + rng.randrange(10)
                await sandbox.exchange.hub.until(partial(_enough, sandbox, chats, wanted), PATIENCE_S)
                await program.kill()
                await program.start()
            await sandbox.exchange.hub.until(lambda: _reached(sandbox, chats) == len(chats), PATIENCE_S)
            await sandbox.exchange.hub.until(lambda: _live(sandbox, town), PATIENCE_S)
            assert await program.stop() == 0
            assert await program.audit() == (0, "All laws hold.\n")
        async with opened(settings, read_only=True) as store:
            figures = await store.read(_figures)
        assert (figures.sent, figures.failed, figures.missing) == (len(chats), 0, 132 + MORE)
        doubles = sum(_copies(sandbox, chat) for chat in chats) - len(chats)
        assert doubles <= KILLS * IN_FLIGHT


def _more(sandbox: Sandbox, town: SampleTown) -> list[Chat]:
    owner, made = town.people[1001], []
    for number in range(MORE):
        chat = sandbox.add_group(f"more {number}", owner, id=-1_002_000_000_000 - number)
        sandbox.seat(chat, town.bot, admin=True)
        made.append(chat)
    return made


def _settle(uow: Stores, town: SampleTown, more: list[Chat], bot: int) -> None:
    load(uow, town.sheets, bot=bot)
    for number, chat in enumerate(more):
        grid = UnitCode(f"{COMMUNITY}{100 + number}")
        uow.units.put(Unit(grid, f"more {number}", "grid", COMMUNITY, UnitKind.BASIC, 1))
        uow.people.put_household(Household(f"{grid}-1", grid, "1", "1", "1", f"more{number}"))
        met = uow.chats.meet(bot, chat.id, ChatKind.RESIDENTS, chat.title, ChatState.OK)
        uow.chats.bind(met.id, ChatKind.RESIDENTS, grid)
    uow.broadcasts.add(red_alert(uow, datetime.now(UTC)))


def _copies(sandbox: Sandbox, chat: Chat) -> int:
    return sum(WARNING in str(message.get("text")) for message in sandbox.messages(chat.id))


def _enough(sandbox: Sandbox, chats: list[Chat], wanted: int) -> bool:
    return _reached(sandbox, chats) >= wanted


def _reached(sandbox: Sandbox, chats: list[Chat]) -> int:
    return sum(_copies(sandbox, chat) > 0 for chat in chats)


def _live(sandbox: Sandbox, town: SampleTown) -> bool:
    """Whether the desk says that everything has an outcome."""
    desk = sandbox.messages(town.chats[STREET].id)
    return any("催收中" in str(message.get("text")) for message in desk)


def _figures(uow: Stores) -> Figures:
    return uow.targets.figures(uow.broadcasts.by_number(1).id)
