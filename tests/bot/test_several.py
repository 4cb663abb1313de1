"""Several programs on one PostgreSQL database: they share the work, and when one goes nobody notices who it was."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.sandbox import Person, Sandbox
from tests import databases
from tests.bot.conftest import TOKEN
from tests.bot.test_crash import NO_SUCH_COMMAND, spoken
from tests.databases import POSTGRESQL, fresh_database

pytestmark = pytest.mark.crash
HERE = Path(__file__).parents[2]
PATIENCE_S = 120.0
"""Only an upper bound, for a machine that has much else to do."""
DEAF = """
import runpy
from storage.tenure import Tenure
Tenure.ring = lambda *_: None
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""
"""A program whose hints to the others are all lost."""
LONGEST_LOOK_S = 10.0
"""Workers look twice a second and couriers once without any hint; the rest is for a busy machine."""


class Programs:
    """``huying run``, as often as is wanted, on one database."""

    def __init__(self, folder: Path, sandbox: Sandbox, url: str) -> None:
        self._folder, self._sandbox, self._url = folder, sandbox, url
        self._running: list[Process] = []

    async def start(self, *roles: str, deaf: bool = False) -> Process:
        """Start another one, by default with all roles; returns when it says that it is up. Nobody hears a deaf one."""
        environ = {
            "HUYING_BOT_TOKEN": TOKEN,
            "HUYING_API_URL": self._sandbox.url,
            "HUYING_QUIET_HOURS": "off",
            "HUYING_DATABASE_URL": self._url,
            "HUYING_HTTP_PORT": "0",
            "PYTHONPATH": str(HERE),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *(("-c", DEAF) if deaf else ("-m", "bot"))),
            *("run", *(["--roles", ",".join(roles)] if roles else [])),
            cwd=self._folder,
            env={**os.environ, **environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._running.append(process)
        await up(process)
        return process

    async def end(self) -> None:
        """Leave nothing behind."""
        for process in self._running:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def up(process: Process) -> None:
    """Return when the program says that it works."""
    assert process.stdout is not None
    assert b"is up" in await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with databases.on(POSTGRESQL):
        yield fresh_database(tmp_path)


@pytest.fixture
async def programs(tmp_path: Path, sandbox: Sandbox, url: str) -> AsyncIterator[Programs]:
    made = Programs(tmp_path, sandbox, url)
    yield made
    await made.end()


@pytest.fixture
def wang(sandbox: Sandbox) -> Person:
    return sandbox.add_person("Wang")


async def ask(sandbox: Sandbox, person: Person, times: int = 1) -> None:
    for _ in range(times):
        await sandbox.act(person, "send_text", chat="private:huying_sample_bot", text="/nonsense")


async def answered(sandbox: Sandbox, person: Person, times: int) -> None:
    def enough(_: Sandbox) -> bool:
        return sum(text.startswith(NO_SUCH_COMMAND) for text in spoken(sandbox, person)) >= times

    await sandbox.wait_for(enough, timeout_s=PATIENCE_S)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_when_one_ends_the_other_goes_on_with_what_it_did(
    programs: Programs, sandbox: Sandbox, wang: Person, number: signal.Signals
) -> None:
    first = await programs.start()
    await programs.start()
    await ask(sandbox, wang, 3)
    await answered(sandbox, wang, 1)

    first.send_signal(number)
    begun = time.monotonic()
    await ask(sandbox, wang, 2)

    await answered(sandbox, wang, 5)
    print(f"the other one answered {time.monotonic() - begun:.2f} s later")  # noqa: T201 - a figure
    assert len(spoken(sandbox, wang)) <= 6, "at most what was being sent is said twice"


async def test_one_that_was_paused_finds_that_others_have_taken_over_and_ends(
    programs: Programs, sandbox: Sandbox, wang: Person
) -> None:
    first = await programs.start()
    await programs.start()

    first.send_signal(signal.SIGSTOP)
    await ask(sandbox, wang)
    await answered(sandbox, wang, 1)
    first.send_signal(signal.SIGCONT)
    _, said = await asyncio.wait_for(first.communicate(), PATIENCE_S)

    assert first.returncode == 2
    assert "taken over" in said.decode()
    await ask(sandbox, wang)
    await answered(sandbox, wang, 2)
    assert len(spoken(sandbox, wang)) == 2


@pytest.mark.parametrize("deaf", [False, True], ids=["hinted", "deaf"])
async def test_every_role_can_be_a_program_of_its_own_and_nothing_depends_on_hints(
    programs: Programs, sandbox: Sandbox, wang: Person, deaf: bool
) -> None:
    await asyncio.gather(*(programs.start(role, deaf=deaf) for role in ("ticker", "courier", "worker", "ingress")))

    begun = time.monotonic()
    await ask(sandbox, wang, 2)
    await answered(sandbox, wang, 2)
    waited_s = time.monotonic() - begun
    print(f"answered after {waited_s:.2f} s")  # noqa: T201 - a figure
    assert len(spoken(sandbox, wang)) == 2
    assert waited_s <= LONGEST_LOOK_S
