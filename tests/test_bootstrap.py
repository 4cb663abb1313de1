"""The two commands for a fresh machine, with pip, apt and the gates replaced by a machine that writes down orders."""

import ast
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot import bootstrap

SOURCE = Path(bootstrap.__file__)


class Machine:
    """Carries out what the bootstrap orders: makes the files that the real command makes, keeps a list of the rest."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ordered: list[str] = []
        self.shown: list[str] = []
        self.became: list[str] = []
        self.fails: dict[str, tuple[int, str]] = {}
        for name in (bootstrap.RUN_LOCK, bootstrap.TEST_LOCK, "pyproject.toml"):
            (root / name).write_text(name)

    def capture(self, command: Sequence[str]) -> tuple[int, str]:
        words = " ".join(command)
        if "import pip" in words:
            return 0, ""
        self.ordered.append(words)
        for part, outcome in self.fails.items():
            if part in words:
                return outcome
        if "-m venv" in words:
            self.make("python")
        elif "--editable" in words:
            self.make("huying")
        return 0, ""

    def show(self, command: Sequence[str], folder: Path) -> int:
        assert folder == self.root
        words = " ".join(command)
        self.shown.append(words)
        return next((outcome[0] for part, outcome in self.fails.items() if part in words), 0)

    def become(self, command: Sequence[str]) -> int:
        self.became = list(command)
        return 0

    def make(self, name: str) -> None:
        bootstrap.program(self.root, name).parent.mkdir(parents=True, exist_ok=True)
        bootstrap.program(self.root, name).touch()

    def installs(self) -> list[str]:
        """Return the locks that were installed since the last look."""
        found = [words.rsplit("/", 1)[-1] for words in self.ordered if "--require-hashes" in words]
        self.ordered.clear()
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setattr(bootstrap, "capture", machine.capture)
    monkeypatch.setattr(bootstrap, "show", machine.show)
    monkeypatch.setattr(bootstrap, "become", machine.become)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return machine


def test_the_first_command_needs_nothing_but_python() -> None:
    """Without site-packages nothing of ours or of anybody else's can be imported beside the standard library."""
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-m", "bot.bootstrap", "--help"],
        cwd=SOURCE.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "bot.bootstrap demo" in done.stderr


def test_an_older_python_reads_far_enough_to_be_told_which_one_to_install() -> None:
    ast.parse(SOURCE.read_text("utf-8"), feature_version=(3, 7))

    with pytest.raises(bootstrap.Trouble, match=r"3\.11 or newer, and this is 3\.9"):
        bootstrap.check_python((3, 9))
    bootstrap.check_python((3, 11))


def test_no_command_or_an_unknown_one_shows_both_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main([]) == 2
    assert bootstrap.main(["dmeo"]) == 2

    assert capsys.readouterr().err.count("bot.bootstrap test") == 2


def test_the_demo_installs_once_and_then_just_starts(machine: Machine) -> None:
    assert bootstrap.start_demo(["--port", "8200"], machine.root) == 0
    assert machine.installs() == ["requirements.txt"]

    bootstrap.start_demo(["--port", "8200"], machine.root)

    assert machine.ordered == []
    assert machine.became == [str(bootstrap.program(machine.root, "huying")), "demo", "--port", "8200"]


def test_only_hashed_wheels_are_installed(machine: Machine) -> None:
    bootstrap.start_demo([], machine.root)

    locked, itself = [words for words in machine.ordered if " install " in words]
    assert "--require-hashes --only-binary :all:" in locked
    assert "--no-deps --no-build-isolation" in itself


def test_after_the_tests_the_demo_has_all_it_needs_but_not_the_other_way_round(machine: Machine) -> None:
    bootstrap.start_demo([], machine.root)
    machine.installs()

    bootstrap.run_gates([], machine.root)
    assert machine.installs() == ["requirements-dev.txt"]

    bootstrap.start_demo([], machine.root)
    assert machine.installs() == []


@pytest.mark.parametrize("changed", ["requirements.txt", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_anew(changed: str, machine: Machine) -> None:
    bootstrap.start_demo([], machine.root)
    machine.installs()

    (machine.root / changed).write_text("another")
    bootstrap.start_demo([], machine.root)

    assert machine.installs() == ["requirements.txt"]


def test_an_installation_that_broke_off_is_never_taken_for_done(machine: Machine) -> None:
    """Not even when the lock is changed back to what was installed in full before."""
    bootstrap.start_demo([], machine.root)
    before = (machine.root / "requirements.txt").read_text()

    (machine.root / "requirements.txt").write_text("newer")
    machine.fails["--editable"] = (1, "Killed")
    with pytest.raises(bootstrap.Trouble):
        bootstrap.start_demo([], machine.root)
    machine.installs()

    (machine.root / "requirements.txt").write_text(before)
    machine.fails.clear()
    bootstrap.start_demo([], machine.root)

    assert machine.installs() == ["requirements.txt"]


def test_a_checkout_that_was_moved_gets_a_new_venv(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> None:
    bootstrap.start_demo([], machine.root)
    machine.installs()

    machine.root = machine.root.rename(tmp_path_factory.mktemp("elsewhere") / "huying")
    bootstrap.start_demo([], machine.root)

    assert f"-m venv --clear {machine.root / '.venv'}" in machine.ordered[0]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Retrying after connection broken by 'NewConnectionError'\nNo matching distribution found", "HTTPS_PROXY"),
        ("Read timed out.", "HTTPS_PROXY"),
        ("connection broken by 'SSLError(CERTIFICATE_VERIFY_FAILED)'", "PIP_CERT"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "mirror"),
        ("ERROR: No matching distribution found for orjson==3.13.0", "C compiler"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something new", "Delete .venv"),
    ],
)
def test_a_failed_installation_says_how_to_mend_it(said: str, advice: str, machine: Machine) -> None:
    machine.fails["--require-hashes"] = (1, said)

    with pytest.raises(bootstrap.Trouble) as trouble:
        bootstrap.start_demo([], machine.root)

    assert advice in str(trouble.value)
    assert said.splitlines()[-1] in str(trouble.value), "pip's own words stand above the advice"


def test_a_python_without_venv_is_told_the_package_to_install(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)

    with pytest.raises(bootstrap.Trouble, match=rf"apt-get install python3\.{sys.version_info[1]}-venv"):
        bootstrap.start_demo([], machine.root)


def test_every_gate_runs_to_its_end_and_one_failure_fails_all(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.fails["-m mypy"] = (1, "")

    assert bootstrap.run_gates(["-k", "lamp"], machine.root) == 1

    gates = [
        "ruff check",
        "ruff format --check",
        "-m mypy",
        "lint-imports",
        "-m pytest -n auto --dist worksteal -k lamp",
    ]
    assert [gate for gate, words in zip(gates, machine.shown, strict=True) if gate not in words] == []
    assert "\nmypy failed" in capsys.readouterr().err


def test_when_every_gate_passes_so_does_the_command(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.run_gates([], machine.root) == 0
    assert "Every gate passed." in capsys.readouterr().err


@pytest.fixture
def no_browser(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Debian machine, used by root, on which no Chromium is installed."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian"})
    monkeypatch.setenv("DEBIAN_FRONTEND", "noninteractive")
    return machine


def test_root_on_debian_gets_a_browser_for_the_browser_tests(no_browser: Machine) -> None:
    bootstrap.find_browser()

    assert no_browser.ordered == [
        "apt-get update",
        "apt-get install -y --no-install-recommends chromium fonts-noto-cjk",
    ]


def test_others_are_told_what_to_install_and_go_on(
    no_browser: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    bootstrap.find_browser()

    assert no_browser.ordered == []
    assert "will be skipped" in capsys.readouterr().err


def test_without_the_network_the_tests_go_on_without_a_browser(
    no_browser: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    no_browser.fails["apt-get update"] = (100, "Temporary failure resolving")

    bootstrap.find_browser()

    assert no_browser.ordered == ["apt-get update"]
    assert "will be skipped" in capsys.readouterr().err
