"""A crash test that fails says why: a program that hangs is not waited for for ever, and tells where it stands."""

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from tests.crash.program import Program, witnessed

pytestmark = pytest.mark.crash
DEAF = """
import faulthandler, signal, sys, threading
def hangs():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    faulthandler.register(signal.SIGUSR1)
    print("deaf", file=sys.stderr, flush=True)
    threading.Event().wait()
hangs()
"""
LOADED_S = 60.0


async def test_one_that_does_not_stop_fails_its_test_and_tells_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program(tmp_path, "http://127.0.0.1:9", by_webhook=False, prelude=DEAF)
    with pytest.raises(AssertionError, match=r"asked to stop, .* still runs after 0\.1 s"):
        await _stop_the_deaf(program)

    told = capsys.readouterr().out
    assert f"{tmp_path / 'bot.log'}: life 1 runs; the last of" in told
    assert "in hangs" in told, "the stack"
    with pytest.raises(ProcessLookupError):
        os.kill(program.pid, 0)


async def _stop_the_deaf(program: Program) -> None:
    async with witnessed(lambda: [program]):
        await program.start()
        async with asyncio.timeout(LOADED_S):
            while "deaf" not in (program.folder / "bot.log").read_text("utf-8"):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await asyncio.Event().wait()
        await program.stop(within_s=0.1)
