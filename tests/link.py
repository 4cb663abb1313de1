"""The link to PostgreSQL or to Telegram in the hands of a test: cut, slow, dead without a word, or full of garbage."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 16


class Way(Enum):
    """What becomes of what is sent."""

    OPEN = auto()
    SILENT = auto()  # it is taken, and arrives nowhere
    REFUSED = auto()  # whoever comes is sent away


class Link:
    """A door on a free TCP port, and a server behind it.

    Args:
        behind: The path of the server's socket, or its port on this machine.
        seed: Decides what garbage looks like.
    """

    def __init__(self, behind: Path | int, seed: int = 0) -> None:
        self.behind, self._rng = behind, random.Random(seed)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._garbled, self._closed = 0, asyncio.Event()
        self.garbled = 0
        """How many pieces were garbage."""
        self.way, self.delay_s, self.port = Way.OPEN, 0.0, 0

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut what is there."""
        self._closed.set()
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, name: str) -> str:
        """The URL of a database behind the link."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def cut(self) -> int:
        """Break every connection at once, in the middle of whatever it does; returns how many ends there were."""
        writers = list(self._writers)
        for writer in writers:
            writer.transport.abort()
        return len(writers)

    def garble(self, times: int = 1) -> None:
        """Let the next *times* pieces that come, in whichever direction, be garbage of the same length."""
        self._garbled += times

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._writers) // 2

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.way is Way.REFUSED:
            writer.transport.abort()
            return
        try:
            there, back = await self._reach()
        except OSError:
            writer.transport.abort()
            return
        ways = [self._carry(reader, back), self._carry(there, writer)]
        tasks = [asyncio.create_task(way) for way in ways]
        self._writers |= {writer, back}
        self._tasks |= set(tasks)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (writer, back):
                end.transport.abort()
            self._writers -= {writer, back}
            self._tasks -= set(tasks)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.behind, int):
            return await asyncio.open_connection("127.0.0.1", self.behind)
        return await asyncio.open_unix_connection(self.behind)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(_CHUNK):
                if self.delay_s:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._closed.wait(), self.delay_s)
                if self.way is Way.SILENT:
                    continue
                if self._garbled:
                    self._garbled -= 1
                    self.garbled += 1
                    piece = self._rng.randbytes(len(piece))
                target.write(piece)
                await target.drain()


@asynccontextmanager
async def link_to(there: Path | int, seed: int = 0) -> AsyncIterator[Link]:
    """A link to the PostgreSQL server whose socket is in that folder, or to whatever listens on that port."""
    made = Link(there if isinstance(there, int) else there / ".s.PGSQL.5432", seed)
    await made.open()
    try:
        yield made
    finally:
        await made.close()
