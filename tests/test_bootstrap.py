"""The two commands for a fresh machine, with pip, apt and the gates replaced by a machine that writes down orders."""

import ast
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot import bootstrap

SOURCE = Path(bootstrap.__file__)


SOUND = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
UNKNOWN = {"name": "orjson", "skip_reason": "Dependency not found on PyPI and could not be audited: orjson (3.13.0)"}
WEAK = {
    "name": "pillow",
    "version": "13.0.0",
    "vulns": [{"id": "PYSEC-2026-7", "fix_versions": ["13.0.1"], "aliases": ["CVE-2026-77"], "description": "bad"}],
}


def report(*packages: Mapping[str, object]) -> str:
    """What pip-audit 2.10 says of *packages*, its sentence and its JSON in one stream."""
    return f"No known vulnerabilities found\n{json.dumps({'dependencies': packages, 'fixes': []})}\n"


class Machine:
    """Carries out what the bootstrap orders: makes the files that the real command makes, keeps a list of the rest."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ordered: list[str] = []
        self.shown: list[str] = []
        self.became: list[str] = []
        self.fails: dict[str, tuple[int, str]] = {}
        self.audited: tuple[int | None, str] = (0, report(SOUND))
        for name in (bootstrap.RUN_LOCK, bootstrap.TEST_LOCK, "pyproject.toml"):
            (root / name).write_text(name)

    def capture(self, command: Sequence[str], folder: Path | None = None) -> tuple[int, str]:
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
        elif "apt-get download prometheus" in words and folder is not None:
            (folder / "prometheus_2.42.0_amd64.deb").touch()
        elif "dpkg-deb" in words:
            Path(command[-1], "usr/bin").mkdir(parents=True)
            Path(command[-1], "usr/bin/promtool").write_text("a tool")
        return 0, ""

    def show(self, command: Sequence[str], folder: Path) -> int:
        assert folder == self.root
        words = " ".join(command)
        self.shown.append(words)
        return next((outcome[0] for part, outcome in self.fails.items() if part in words), 0)

    def ask(self, command: Sequence[str], limit_s: float) -> tuple[int | None, str]:
        assert 15 <= limit_s <= 120
        self.shown.append(" ".join(command))
        return self.audited

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
    monkeypatch.setattr(bootstrap, "ask", machine.ask)
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
        "-m pip_audit",
        f"-m pytest -n {max(4, os.cpu_count() or 1)} --dist worksteal -k lamp",
    ]
    assert [gate for gate, words in zip(gates, machine.shown, strict=True) if gate not in words] == []
    assert "\nmypy failed" in capsys.readouterr().err


def test_when_every_gate_passes_so_does_the_command(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.run_gates([], machine.root) == 0
    assert "Every gate passed." in capsys.readouterr().err


def test_the_audit_asks_about_what_is_locked_and_resolves_nothing(machine: Machine) -> None:
    bootstrap.run_gates([], machine.root)

    asked = next(words for words in machine.shown if "pip_audit" in words)
    assert f"--requirement {machine.root / 'requirements.txt'} --disable-pip --require-hashes" in asked
    assert "--timeout 15" in asked


def test_a_known_weakness_fails_the_gate_with_its_name(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.audited = (1, report(SOUND, WEAK, UNKNOWN))

    assert bootstrap.run_gates([], machine.root) == 1

    said = capsys.readouterr().err
    assert "pillow 13.0.0: PYSEC-2026-7, mend: 13.0.1" in said
    assert "\npip-audit failed" in said


def test_an_advisory_service_out_of_reach_fails_nothing_and_is_said_aloud(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.audited = (1, "Traceback\nrequests.exceptions.ReadTimeout: host='advisories': Read timed out.")

    assert bootstrap.run_gates([], machine.root) == 0

    said = capsys.readouterr().err
    assert "SKIPPED: the advisory service can't be reached" in said
    assert "  pip-audit     skipped" in said


@pytest.mark.parametrize(
    ("code", "said", "verdict", "sentence"),
    [
        (0, report(SOUND), "ok", "No weakness is known of 1 packages"),
        (0, report(SOUND, UNKNOWN), "ok", "NOT LOOKED UP, as the service does not know them: orjson."),
        (0, report(UNKNOWN), "skipped", "nothing was looked up"),
        (1, report(UNKNOWN, WEAK), "FAILED", "PYSEC-2026-7"),
        (None, "", "skipped", "did not finish within"),
        (1, "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed", "skipped", "can't be reached"),
        (1, "requests.exceptions.ProxyError: HTTPSConnectionPool", "skipped", "can't be reached"),
        (1, "pip_audit._service.interface.ServiceError", "skipped", "can't be reached"),
        (1, "ERROR: requirement aiohttp does not contain a hash", "FAILED", "does not contain a hash"),
        (1, "No module named pip_audit", "FAILED", "No module named pip_audit"),
        (0, "", "FAILED", "could not do its work"),
    ],
)
def test_what_pip_audit_answers_is_taken_for_what_it_means(
    code: int | None, said: str, verdict: str, sentence: str
) -> None:
    judged, told = bootstrap.judge(code, said)

    assert judged == verdict
    assert sentence in told


def test_an_audit_that_hangs_is_ended() -> None:
    code, _ = bootstrap.ask([sys.executable, "-c", "import threading; threading.Event().wait()"], 0.5)

    assert code is None


def test_what_is_asked_answers_with_both_its_streams() -> None:
    both = "import sys; print('report'); print('reason', file=sys.stderr); sys.exit(3)"

    code, said = bootstrap.ask([sys.executable, "-c", both], 60)

    assert code == 3
    assert sorted(said.split()) == ["reason", "report"]


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


def test_root_on_debian_gets_the_tool_that_tests_the_alert_rules_and_no_server(no_browser: Machine) -> None:
    no_browser.make("python")
    bootstrap.find_promtool(no_browser.root)
    bootstrap.find_promtool(no_browser.root)

    assert bootstrap.program(no_browser.root, "promtool").read_text() == "a tool"
    assert no_browser.ordered[:2] == ["apt-get update", "apt-get download prometheus"]
    assert [words.split()[0] for words in no_browser.ordered] == ["apt-get", "apt-get", "dpkg-deb"], "once"


@pytest.mark.parametrize("trouble", ["apt-get update", "apt-get download", "not root"])
def test_without_that_tool_the_tests_go_on_and_it_is_said(
    no_browser: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    if trouble == "not root":
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    no_browser.fails[trouble] = (100, "Temporary failure resolving")

    bootstrap.find_promtool(no_browser.root)

    assert not bootstrap.program(no_browser.root, "promtool").exists()
    assert "will be skipped" in capsys.readouterr().err
