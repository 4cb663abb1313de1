"""The running process is killed with signal 9 in the middle of a burst, again and again, and started anew."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import Person, Sandbox
from bot.telegram import IN_FLIGHT
from tests.bot.conftest import TOKEN, open_store

PEOPLE, EACH, KILLS = 18, 3, 3


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


NO_SUCH_COMMAND = "没有这个命令"


def spoken(sandbox: Sandbox, person: Person) -> list[str]:
    """What the bot said to *person*, in order."""
    said = sandbox.private(person, "huying_sample_bot")
    return [message["text"] for message in said if message["from"]["is_bot"]]


def answers(sandbox: Sandbox, person: Person) -> int:
    return sum(text.startswith(NO_SUCH_COMMAND) for text in spoken(sandbox, person))


@asynccontextmanager
async def running(environ: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`huying run` as a process of its own, from when it says that it is up; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run", "--migrate"),
        cwd=folder,
        env={**os.environ, **environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert b"is up" in line
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.crash
@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_every_message_of_a_burst_is_answered_or_known_to_be_in_doubt_and_doubles_are_bounded(
    sandbox: Sandbox, tmp_path: Path, way: str
) -> None:
    people = [sandbox.add_person(f"Resident {number}") for number in range(PEOPLE)]
    environ = {
        "HUYING_BOT_TOKEN": TOKEN,
        "HUYING_API_URL": sandbox.url,
        "HUYING_QUIET_HOURS": "off",
        "HUYING_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'town.db'}",
        "HUYING_HTTP_PORT": "0",
    }
    if way == "webhook":
        port = free_port()
        environ |= {
            "HUYING_HTTP_PORT": str(port),
            "HUYING_WEBHOOK_URL": f"http://127.0.0.1:{port}",
            "HUYING_WEBHOOK_SECRET": "hush-hush-hush-hush-hush",
        }
    rng = random.Random(way)
    asked = PEOPLE * EACH

    def answered() -> int:
        return sum(answers(sandbox, person) for person in people)

    def at_least(count: int) -> Callable[[Sandbox], bool]:
        return lambda _: answered() >= count

    def everyone_helped(_: Sandbox) -> bool:
        """A chat's messages leave in order: when the last question is answered, all earlier ones are settled."""
        last = [spoken(sandbox, person)[-1:] for person in people]
        return all(said and not said[0].startswith(NO_SUCH_COMMAND) for said in last)

    for life in range(KILLS):
        async with running(environ, tmp_path):
            for person in people[life::KILLS]:
                for _ in range(EACH):
                    await sandbox.act(person, "send_text", chat="private:huying_sample_bot", text="/nonsense")
            await sandbox.wait_for(at_least(answered() + rng.randrange(1, 12)), timeout_s=30)
            # leaving the block kills it, wherever it is
    async with running(environ, tmp_path) as process:
        for person in people:
            await sandbox.act(person, "send_text", chat="private:huying_sample_bot", text="/help")
        await sandbox.wait_for(everyone_helped, timeout_s=60)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    store = await open_store(tmp_path)
    assert await store.read(lambda stores: stores.inbox.pending(10)) == []
    assert await store.read(lambda stores: stores.inbox.poisoned()) == []
    states = dict((await store.read(lambda stores: stores.sending.stats())).by_state)
    assert {state for state, count in states.items() if count} <= {"sent", "in_doubt"}
    in_doubt = states.get("in_doubt", 0)  # twice under way when it was killed: nobody knows, and once more is enough
    assert states["sent"] + in_doubt == asked + PEOPLE
    assert in_doubt <= (KILLS - 1) * IN_FLIGHT
    assert asked - in_doubt <= answered() <= asked + KILLS * IN_FLIGHT
    await store.close()
