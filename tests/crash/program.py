"""The bot as a process of its own, which can be killed and started again."""

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sample.town import TOKEN

HERE = Path(__file__).parents[2]
_HEALTH = re.compile(r"health at http://[^ ]+:([0-9]+)/readyz")
LOST_ITS_LEASE = 2
"""The exit code of a program that others have given up for dead."""
STOP_S, KILL_S, TELL_S = 60.0, 20.0, 3.0
"""So long a program may take to end when it is asked to, and when it is killed; and to say where it stands."""
LINES = 300
"""So many of its last lines are shown of a program whose test fails."""
_THEN_RUN = "import runpy; runpy.run_module('bot', run_name='__main__', alter_sys=True)"


class Program:
    """``python -m bot run`` on a database in *folder*, through the Telegram at *url*.

    Args:
        folder: Holds the database, and ``bot.log`` with everything the processes said.
        url: The sandbox.
        by_webhook: Take updates by webhook on a fixed free port; otherwise by polling.
        database: Its URL, if it is not a file in *folder*.
        roles: What it does of the whole; by default all.
        prelude: Python that its process runs first, for what no setting changes.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        by_webhook: bool,
        database: str = "",
        roles: Sequence[str] = (),
        prelude: str = "",
    ) -> None:
        self.folder, self.lives = folder, 0
        self._how = ("-c", f"{prelude}\n{_THEN_RUN}") if prelude else ("-m", "bot")
        self._roles = ("--roles", ",".join(roles)) if roles else ()
        self._settings = {
            "HUYING_BOT_TOKEN": TOKEN,
            "HUYING_API_URL": url,
            "HUYING_QUIET_HOURS": "off",
            "HUYING_DATABASE_URL": database or f"sqlite+aiosqlite:///{folder / 'town.db'}",
            "HUYING_HTTP_PORT": "0",
            "HUYING_CLOCK_SPEED": "10",  # the pace follows it, so that more is in flight when the program dies
        } | (_hook() if by_webhook else {})
        self._process: Process | None = None
        self._said_before = 0

    async def start(self) -> None:
        """Begin another life; returns before the bot is up."""
        log = self.folder / "bot.log"
        self._said_before = log.stat().st_size if log.exists() else 0
        self._process = await self._run("run", *self._roles)
        self.lives += 1

    async def kill(self) -> None:
        """End it with SIGKILL, whatever it is doing.

        Raises:
            AssertionError: it had ended by itself.
        """
        process = self._running()
        assert process.returncode in (None, LOST_ITS_LEASE), self._last_words()
        if process.returncode is None:
            process.kill()
        await self._gone("killed", KILL_S)

    async def ended(self) -> int:
        """The exit code of this life, when it is over."""
        return await self._running().wait()

    def pause(self) -> None:
        """Let it stand still in the middle of whatever it is doing."""
        self._running().send_signal(signal.SIGSTOP)

    async def wake(self) -> int:
        """Let it go on after it was given up for dead; returns the exit code with which it ends.

        Raises:
            AssertionError: it had not ended in time.
        """
        self._running().send_signal(signal.SIGCONT)
        return await self._gone("woken", STOP_S)

    async def stop(self, within_s: float = STOP_S) -> int:
        """Ask it to stop in good order; returns its exit code.

        One that was still being loaded, and so had said and begun nothing, is ended by the signal itself: as good as 0.

        Raises:
            AssertionError: it had not ended in time.
        """
        self._running().send_signal(signal.SIGTERM)
        code = await self._gone("asked to stop", within_s)
        nothing_said = (self.folder / "bot.log").stat().st_size == self._said_before
        return 0 if code == -signal.SIGTERM and nothing_said else code

    async def end(self) -> None:
        """Make sure that nothing is left running."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def testify(self) -> None:
        """Print where everything in it stands, if it still runs, and the last of what it said: its test fails."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGUSR1)
            await asyncio.wait([asyncio.create_task(self._process.wait())], timeout=TELL_S)
        log = self.folder / "bot.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        code = None if self._process is None else self._process.returncode
        state = "runs" if code is None else f"ended with {code}"
        print(f"== {log}: life {self.lives} {state}; the last of {len(lines)} lines")  # noqa: T201 - for whoever reads
        print("\n".join(lines[-LINES:]))  # noqa: T201 - why the test failed

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._running().pid

    @property
    def port(self) -> int:
        """Where it says how it is, in this life; it must be up."""
        return int(_HEALTH.findall((self.folder / "bot.log").read_text("utf-8"))[-1])

    async def audit(self) -> tuple[int, str]:
        """What ``huying audit`` answers and prints."""
        process = await self._run("audit", printed=True)
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    async def _gone(self, how: str, within_s: float) -> int:
        process = self._running()
        try:
            return await asyncio.wait_for(process.wait(), within_s)
        except TimeoutError:
            raise AssertionError(f"{how}, {self.folder.name} still runs after {within_s} s") from None

    def _running(self) -> Process:
        assert self._process is not None, "it was never started"
        return self._process

    def _last_words(self) -> str:
        return (self.folder / "bot.log").read_text("utf-8")[-4000:]

    async def _run(self, *words: str, printed: bool = False) -> Process:
        own = {name: value for name, value in os.environ.items() if not name.startswith("HUYING_")}
        with (self.folder / "bot.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *self._how,
                *words,
                cwd=self.folder,
                env={**own, **self._settings, "PYTHONPATH": str(HERE)},
                stdout=asyncio.subprocess.PIPE if printed else log,
                stderr=log,
            )


@asynccontextmanager
async def witnessed(programs: Callable[[], Iterable[Program]]) -> AsyncIterator[None]:
    """Let *programs* testify when what is done meanwhile fails; none runs afterwards, nor has told its token."""
    try:
        yield
        assert not [log for log in (program.folder / "bot.log" for program in programs()) if _tells(log)]
    except BaseException:
        await asyncio.gather(*(program.testify() for program in programs()))
        raise
    finally:
        await asyncio.gather(*(program.end() for program in programs()))


def _tells(log: Path) -> bool:
    return log.exists() and TOKEN.partition(":")[2] in log.read_text("utf-8", "replace")


def _hook() -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "HUYING_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "HUYING_WEBHOOK_SECRET": "hush-hush-hush-hush-hush",
        "HUYING_HTTP_PORT": str(port),
    }
