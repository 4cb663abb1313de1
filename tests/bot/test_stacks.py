"""A program that stands still says where, even when its loop does not turn."""

import asyncio
import logging
import os
import signal
import subprocess
import sys

import pytest

from bot import stacks


async def _outer(gate: asyncio.Event) -> None:
    await _inner(gate)


async def _inner(gate: asyncio.Event) -> None:
    await gate.wait()


async def test_every_task_is_told_down_to_what_it_waits_for(caplog: pytest.LogCaptureFixture) -> None:
    gate = asyncio.Event()
    waiting = asyncio.create_task(_outer(gate), name="the one that waits")
    await asyncio.to_thread(int)

    with caplog.at_level(logging.WARNING):
        stacks.tell()

    told = {vars(one)["part"]: vars(one)["at"] for one in caplog.records if one.message == "task stands"}
    places = [place.partition(" ")[2] for place in told["the one that waits"].split(" > ")]
    assert places == ["_outer", "_inner", "wait"]
    threads = {vars(one)["part"]: vars(one)["at"] for one in caplog.records if one.message == "thread stands"}
    assert threads["MainThread"].endswith("tell")
    gate.set()
    await waiting


_STUCK = """
import asyncio, threading
from bot import stacks

def never_ends():
    print("begun", flush=True)
    threading.Event().wait()

async def main():
    stacks.heed()
    never_ends()

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGABRT])
def test_a_loop_that_does_not_turn_is_told_of_by_its_threads(number: signal.Signals) -> None:
    """SIGABRT is how systemd ends a process whose watchdog is not fed."""
    command = [sys.executable, "-c", _STUCK]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(number)
        said = b""
        while b"never_ends" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        if number is signal.SIGUSR1:
            assert process.poll() is None, "it may go on"
        process.kill()
