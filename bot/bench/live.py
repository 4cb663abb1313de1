"""Where the whole program is measured: a local Telegram that enforces its limits, and the bot as a process."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.app import open_store
from bot.clock import Clock
from bot.rehearsal.process import RunningBot, running_bot
from bot.sandbox import Bot, Chat, Sandbox
from bot.sandbox.world import ADMIN_RIGHTS, Json, administrator
from bot.settings import Secret, Settings
from routing.binding import BOARD
from routing.sheet import Sheet, SheetRow
from routing.town import load
from storage.store import Store

STREET: Final = "3701"
BROADCASTER: Final = 900
OWNER: Final = 901
_FIRST_RESIDENT: Final = 10_000
PATIENCE_S: Final = 60.0


@dataclass(slots=True)
class Live:
    """A street that is awake.

    Args:
        sandbox: Its Telegram.
        bots: Its bots; each has the groups of an equal part of the grids.
        grids: The group of each grid.
        desk: The street's.
        process: The program.
        settings: Of the program.
    """

    sandbox: Sandbox
    bots: Sequence[Bot]
    grids: Sequence[Chat]
    desk: Chat
    process: RunningBot
    settings: Settings

    def resident(self, grid: int) -> int:
        """Somebody of that grid who is in its group and has a home there."""
        return _FIRST_RESIDENT + grid

    def said(self, chat: Chat) -> list[Json]:
        """What bots have said in a group, oldest first."""
        return [one for one in self.sandbox.messages(chat.id) if one["from"]["is_bot"]]

    def refused(self) -> int:
        """How many calls there were too many, by Telegram's count."""
        return sum(count for name, count in self.sandbox.tally.items() if name.endswith(" 429"))


@asynccontextmanager
async def live(grids: int, *, homes: int = 1, bots: int = 1, speed: float = 1.0) -> AsyncIterator[Live]:
    """One street in one community with so many grids, each with its group, a resident in it and *homes* households.

    The town's clock is *speed* times as fast; where it is, Telegram's limits are off.

    Raises:
        BotFailed: the bot did not start.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huying-bench-")))
        sandbox = await stack.enter_async_context(Sandbox(strict=speed == 1.0))
        made = [sandbox.add_bot("Huying", f"huying_{n}_bot", f"{n}:SANDBOX", privacy=False) for n in range(1, bots + 1)]
        chats, desk = _furnish(sandbox, made, grids)
        settings = _settings(sandbox, made, folder)
        store = await open_store(settings, Clock(), migrate=True)
        try:
            await _settle(store, made, chats, desk, homes)
        finally:
            await store.close()
        environment = {
            "HUYING_BOT_TOKEN": ",".join(one.token for one in made),
            "HUYING_API_URL": settings.api_url,
            "HUYING_DATABASE_URL": settings.database_url,
            "HUYING_QUIET_HOURS": settings.quiet_hours,
            "HUYING_HTTP_PORT": "0",
            "HUYING_CLOCK_SPEED": f"{speed:g}",
        }
        process = await stack.enter_async_context(running_bot(folder, environment, ("-m", "bot", "run")))
        yield Live(sandbox, made, chats, desk, process, settings)


def _settings(sandbox: Sandbox, bots: Sequence[Bot], folder: Path) -> Settings:
    return Settings(
        bot_token=tuple(Secret(one.token) for one in bots),
        api_url=sandbox.url,
        database_url=f"sqlite+aiosqlite:///{folder / 'town.db'}",
        http_port=0,
        quiet_hours="off",  # whoever measures at night measures the same
    )


def _furnish(sandbox: Sandbox, bots: Sequence[Bot], grids: int) -> tuple[list[Chat], Chat]:
    """People, and groups in which the bots have been for long."""
    owner = sandbox.add_person("Owner", id=OWNER)
    desk = sandbox.add_group("Desk", owner, members=[sandbox.add_person("Broadcaster", None, "zh", id=BROADCASTER)])
    _seat(desk, bots[0])
    chats = []
    for number in range(grids):
        resident = sandbox.add_person(f"Resident {number}", None, "zh", id=_FIRST_RESIDENT + number)
        chats.append(sandbox.add_group(f"Grid {number}", owner, members=[resident]))
        _seat(chats[-1], bots[number * len(bots) // grids])
    return chats, desk


def _seat(chat: Chat, bot: Bot) -> None:
    chat.members[bot.id] = administrator(frozenset(ADMIN_RIGHTS))


async def _settle(store: Store, bots: Sequence[Bot], chats: Sequence[Chat], desk: Chat, homes: int) -> None:
    """Load the tables: the units first, then each bot's grids."""
    units = [
        _unit("37", "City", "city", ""),
        {**_unit(STREET, "Street", "street", "37"), "desk_chat": str(desk.id)},
        _unit(f"{STREET}01", "Community", "community", STREET),
    ]
    staff = [
        {
            "telegram_id": str(BROADCASTER), "name": "Broadcaster", "unit": STREET, "post": "broadcaster",
            "phone": "", "stationed_at": "",
        }
    ]  # fmt: skip
    await store.work(load, [_sheet("units", units), _sheet("staff", staff)], bot=bots[0].id)
    for bot in bots:
        its = [(number, chat) for number, chat in enumerate(chats) if bot.id in chat.members]
        grids = [
            {**_unit(_grid(number), f"Grid {number}", "grid", f"{STREET}01"), "residents_chat": str(chat.id)}
            for number, chat in its
        ]
        households = [_home(number, home) for number, _ in its for home in range(homes)]
        await store.work(load, [_sheet("units", grids), _sheet("households", households)], bot=bot.id)
    await store.work(_put_up_boards)


def _put_up_boards(stores: Any) -> None:
    """The pinned messages with the menu stand since long."""
    for chat in stores.chats.all():
        stores.targets.adopt(BOARD, chat.id, 1)


def _grid(number: int) -> str:
    return f"{STREET}01{number:05d}"


def _home(grid: int, number: int) -> dict[str, str]:
    lives_there = str(_FIRST_RESIDENT + grid) if number == 0 else ""
    return {
        "code": f"{_grid(grid)}-{number}", "grid": _grid(grid), "building": f"{number // 40 + 1}", "unit_no": "1",
        "room": str(number), "telegram_ids": lives_there,
    }  # fmt: skip


def _unit(code: str, name: str, level: str, parent: str) -> dict[str, str]:
    return {
        "code": code, "name": name, "level": level, "parent": parent, "kind": "", "residents_chat": "",
        "desk_chat": "", "households": "400", "buildings": "", "bounds": "", "phone": "",
    }  # fmt: skip


def _sheet(kind: str, rows: Sequence[dict[str, str]]) -> Sheet:
    return Sheet(f"{kind}.csv", tuple(rows[0]), tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 2)))
