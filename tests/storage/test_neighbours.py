"""Which programs of this machine have ended: known for sure, or not said."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from storage import neighbours
from storage.neighbours import has_ended, own_name

SAYS_ITS_NAME = "from storage.neighbours import own_name; print(own_name(), flush=True); input()"


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Another program, which lives until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", SAYS_ITS_NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def name_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_whoever_lives_has_not_ended_and_whoever_was_killed_has(other: "subprocess.Popen[str]") -> None:
    name = name_of(other)
    assert not has_ended(name)
    assert not has_ended(own_name())

    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert has_ended(name), "though nobody has asked yet how it ended"
    other.wait()
    assert has_ended(name)


def test_another_process_with_its_number_is_not_taken_for_it() -> None:
    machine, number, begun, world = own_name().rsplit(":", 3)
    assert has_ended(f"{machine}:{number}:{int(begun) - 1}:{world}")


def test_of_another_machine_or_container_nothing_is_said(other: "subprocess.Popen[str]") -> None:
    machine, number, begun, world = name_of(other).rsplit(":", 3)
    other.kill()
    other.wait()

    assert has_ended(f"{machine}:{number}:{begun}:{world}")
    assert not has_ended(f"{machine}:{number}:{begun}:{world}0")
    for name in ("", "program", f"{machine}:{number}", f"{machine}:x:{begun}:{world}", ":::"):
        assert not has_ended(name)


def test_where_the_system_does_not_tell_nobody_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    machine, number, begun, world = own_name().rsplit(":", 3)
    monkeypatch.setattr(neighbours, "_world", lambda: "")

    assert own_name() == f"{machine}:{number}"
    assert not has_ended(f"{machine}:{number}:{int(begun) - 1}:{world}")
