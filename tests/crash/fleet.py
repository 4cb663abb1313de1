"""The bot as several programs on one PostgreSQL database, each of which can be killed, paused and started again."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.cli._common import opened
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.settings import Secret, Settings
from routing.ports import UnitOfWork
from routing.town import load
from tests.crash.crowd import Crowd
from tests.crash.program import LOST_ITS_LEASE, Program, witnessed

SPLIT: Final[Mapping[str, Sequence[str]]] = {
    "ingress": ("ingress",),
    "worker": ("worker",),
    "other worker": ("worker", "ticker"),
    "courier": ("courier",),
}
"""Every role is a program of its own, but for the clock, which is beside a second worker."""
IN_THREE: Final[Mapping[str, Sequence[str]]] = {
    "ingress": ("ingress",),
    "worker": ("worker",),
    "sender": ("courier", "ticker"),
}
_SEAT: Final = re.compile(r'^(\S+) .*seat taken .*seat="?([a-z]+)', re.MULTILINE)
START_S: Final = 240.0
"""Only an upper bound, for a machine that has much else to do."""


class Fleet:
    """Programs by name.

    Args:
        folder: Each program has a folder in it.
        url: The sandbox.
        database: The URL of the database as the programs reach it.
        parts: The roles of each.
        by_webhook: Whether those that take updates in do it by webhook.
    """

    def __init__(
        self, folder: Path, url: str, database: str, parts: Mapping[str, Sequence[str]], *, by_webhook: bool
    ) -> None:
        self._folder, self._url, self._database, self._by_webhook = folder, url, database, by_webhook
        self.programs = {name: self._make(name, roles) for name, roles in parts.items()}
        self.given_up = 0
        """How often one was given up for dead though nobody killed it, as on a machine that has too much to do."""
        self._retired: set[Program] = set()
        self._watches: set[asyncio.Task[None]] = set()

    def _make(self, name: str, roles: Sequence[str]) -> Program:
        folder = self._folder / name.replace(" ", "-")
        folder.mkdir()
        hooked = self._by_webhook and (not roles or "ingress" in roles)
        return Program(folder, self._url, by_webhook=hooked, database=self._database, roles=roles)

    def __getitem__(self, name: str) -> Program:
        return self.programs[name]

    @property
    def lives(self) -> int:
        """How often one was started."""
        return sum(program.lives for program in self.programs.values())

    async def add(self, name: str, roles: Sequence[str] = ()) -> Program:
        """Start another one, by default with all roles."""
        program = self.programs[name] = self._make(name, roles)
        await self.begin(program)
        return program

    async def start(self) -> None:
        """Start all of them; returns before they are up."""
        await asyncio.gather(*(self.begin(program) for program in self.programs.values()))

    async def up(self, sandbox: Sandbox) -> None:
        """Return when every program has said that it works."""
        assert await sandbox.exchange.hub.until(
            lambda: all("is up" in self._log(one) for one in self.programs), START_S
        )

    def seats(self, name: str) -> dict[str, datetime]:
        """What only one program may do, and when that one said that it has begun to."""
        return {seat: datetime.fromisoformat(at) for at, seat in _SEAT.findall(self._log(name))}

    def _log(self, name: str) -> str:
        return (self[name].folder / "bot.log").read_text("utf-8")

    async def begin(self, program: Program) -> None:
        """Start one, and start it anew whenever it ends because it was given up for dead, as systemd does."""
        await program.start()
        watch = asyncio.create_task(self._watch(program))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    async def _watch(self, program: Program) -> None:
        if await program.ended() == LOST_ITS_LEASE and program not in self._retired:
            self.given_up += 1
            await self.begin(program)

    def retire(self, program: Program) -> None:
        """Never start it again by itself."""
        self._retired.add(program)

    def revive(self, program: Program) -> None:
        """It may be started again."""
        self._retired.discard(program)

    async def stop(self) -> list[int]:
        """Ask all of them to stop in good order; returns their exit codes."""
        self._retired |= set(self.programs.values())
        return list(await asyncio.gather(*(program.stop() for program in self.programs.values())))

    async def end(self) -> None:
        """Make sure that nothing is left running."""
        self._retired |= set(self.programs.values())
        for watch in list(self._watches):
            watch.cancel()
        await asyncio.gather(*(program.end() for program in self.programs.values()))


@asynccontextmanager
async def sailing(
    folder: Path,
    database: str,
    parts: Mapping[str, Sequence[str]],
    *,
    seed: int,
    by_webhook: bool = False,
    through: str = "",
) -> AsyncIterator[tuple[Crowd, Fleet, Settings]]:
    """The sample town with its people, and the programs, started.

    Args:
        folder: For the programs.
        database: The URL of an empty database of the newest schema.
        parts: The roles of each program.
        seed: Decides what people do.
        by_webhook: Whether updates come in by webhook.
        through: The URL by which the programs reach the database, if it is another one.
    """
    async with Sandbox() as sandbox:
        town = furnish(sandbox)
        settings = Settings(bot_token=(Secret(TOKEN),), api_url=sandbox.url, database_url=database, quiet_hours="off")
        async with opened(settings) as store:
            await store.work(_load, town, settings.bot_ids[0])
        fleet = Fleet(folder, sandbox.url, through or database, parts, by_webhook=by_webhook)
        crowd = Crowd(sandbox, town, fleet, random.Random(seed))
        try:
            async with witnessed(fleet.programs.values):
                await fleet.start()
                await crowd.greet()
                yield crowd, fleet, settings
        finally:
            crowd.cancel()
            await fleet.end()


def _load(uow: UnitOfWork, town: SampleTown, bot: int) -> None:
    load(uow, town.sheets, bot=bot)
