"""Two commands for a fresh machine: ``demo`` starts the sample town, ``test`` runs every gate.

    python3 -m bot.bootstrap demo [ARGS...]    install once, then ``huying demo ARGS...``
    python3 -m bot.bootstrap test [ARGS...]    install once, then ruff, mypy, lint-imports, pip-audit, pytest ARGS...

Only Python 3.11 or newer is needed. Everything goes into `.venv` beside `pyproject.toml`; delete that folder
to start over. A second run installs nothing unless a lock or `pyproject.toml` changed.

This file imports the standard library only. Its annotations are quoted, so that an older Python reads
far enough to be told what to install.
"""

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
RUN_LOCK, TEST_LOCK = "requirements.txt", "requirements-dev.txt"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNREACHABLE = (
    "The package index can't be reached. Check the network; behind a proxy set HTTPS_PROXY; for a mirror use "
    "`pip config set global.index-url ADDRESS`. Then run this again."
)

# What pip says, in lower case, and what the reader can do about it; the first one found wins.
REMEDIES = (
    (
        "do not match the hashes",
        "A downloaded package is not the one that was locked. If you use a package mirror it may be stale or "
        "altered: try another one.",
    ),
    (
        "certificate_verify_failed",
        "The package index's certificate is not trusted here. Behind an inspecting proxy, point PIP_CERT at "
        "its certificate file.",
    ),
    ("no space left on device", "The disk is full: free about 500 MB and run this again."),
    ("permission denied", "This folder can't be written: give yourself the checkout, or clone it elsewhere."),
    ("timed out", UNREACHABLE),
    ("connection", UNREACHABLE),
    (
        "no matching distribution found",
        "The index has no ready-made build for this machine. Python 3.11 to 3.14 on Linux (glibc 2.28 or "
        "newer), macOS or Windows, x86-64 or ARM64, is served; on another one, build it with a C compiler: "
        "`.venv/bin/pip install --require-hashes -r requirements.txt`, then run this again.",
    ),
)

FEWEST_TESTS_AT_ONCE = 4  # many a test waits for programs that it started, or for a browser
AUDIT_WAIT_S = 15  # for each answer of the advisory service
AUDIT_ENDS_S = 90  # for all of them
# What pip-audit says, in lower case, when the advisory service can't be asked.
UNASKED = ("requests.exceptions.", "could not connect", "connectionerror", "serviceerror", "not redirecting")


class Trouble(Exception):
    """Something the reader can mend; the message says how."""


def main(arguments: "Sequence[str]") -> int:
    """Carry out the command named by *arguments* and return the exit code of the process."""
    commands = {"demo": start_demo, "test": run_gates}
    if not arguments or arguments[0] not in commands:
        say((__doc__ or "").strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        check_python(sys.version_info[:2])
        return commands[arguments[0]](arguments[1:], ROOT)
    except Trouble as trouble:
        say(f"\n{trouble}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Run the same command to go on.")
        return 130


def start_demo(arguments: "Sequence[str]", root: Path) -> int:
    """Install what running needs, then become ``huying demo``; its state folder is its own affair."""
    prepare(root, RUN_LOCK)
    return become([str(program(root, "huying")), "demo", *arguments])


def run_gates(arguments: "Sequence[str]", root: Path) -> int:
    """Install what testing needs, run every gate to its end and sum them up; 1 when any failed."""
    python = str(prepare(root, TEST_LOCK))
    find_browser()
    find_promtool(root)
    before = (
        ("ruff check", [python, "-m", "ruff", "check", "--quiet", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "--quiet", "."]),
        ("mypy", [python, "-m", "mypy", "--no-error-summary"]),
        ("lint-imports", [str(program(root, "lint-imports")), "--no-logo"]),
    )
    beside = max(FEWEST_TESTS_AT_ONCE, os.cpu_count() or 1)
    pytest = [python, "-m", "pytest", "-n", str(beside), "--dist", "worksteal", *arguments]
    outcomes = [_gate(name, command, root) for name, command in before]
    outcomes += [_audit(python, root), _gate("pytest", pytest, root)]
    failed = [name for name, verdict, _ in outcomes if verdict == "FAILED"]
    say("")
    for name, verdict, seconds in outcomes:
        say(f"  {name:<14}{verdict:<8}{seconds:7.1f} s")
    say(f"\n{', '.join(failed)} failed; the reasons are above." if failed else "\nEvery gate passed.")
    return 1 if failed else 0


def _gate(name: str, command: "Sequence[str]", root: Path) -> "tuple[str, str, float]":
    """Run one gate in the checkout; return its name, ``ok`` or ``FAILED``, and the seconds it took."""
    say(f"\n== {name}")
    begun = time.monotonic()
    code = show(command, root)
    return name, "FAILED" if code else "ok", time.monotonic() - begun


def _audit(python: str, root: Path) -> "tuple[str, str, float]":
    """Ask whether a weakness is known of what running needs; like `_gate`, or ``skipped``, which fails nothing.

    The lock says every version, so nothing is resolved or installed.
    """
    say("\n== pip-audit")
    begun = time.monotonic()
    asked = [python, "-m", "pip_audit", "--requirement", str(root / RUN_LOCK), "--disable-pip", "--require-hashes"]
    told = ["--format", "json", "--progress-spinner", "off", "--timeout", str(AUDIT_WAIT_S)]
    code, output = ask([*asked, *told], AUDIT_ENDS_S)
    verdict, sentence = judge(code, output)
    say(sentence)
    return "pip-audit", verdict, time.monotonic() - begun


def judge(code: "int | None", output: str) -> "tuple[str, str]":
    """Return ``ok``, ``FAILED`` or ``skipped``, and the sentence for it, by what pip-audit answered.

    Its code alone does not tell: it is 0, beside "no known vulnerabilities", when not one package was looked up.

    Args:
        code: Its exit code; ``None`` when it was ended because it took too long.
        output: All it said, with its report as one line of JSON.
    """
    if code is None:
        return "skipped", f"SKIPPED: the advisory service did not finish within {AUDIT_ENDS_S} s; nothing is known."
    report = _report(output)
    if report is None:
        if any(needle in output.lower() for needle in UNASKED):
            return "skipped", "SKIPPED: the advisory service can't be reached; known weaknesses were not looked for."
        return "FAILED", f"{_tail(output)}\npip-audit could not do its work, for the reason above."
    found = [
        f"  {one['name']} {one['version']}: {flaw['id']}, mend: {' '.join(flaw['fix_versions']) or 'none yet'}"
        for one in report
        for flaw in one.get("vulns", ())
    ]
    unknown = [one["name"] for one in report if "skip_reason" in one]
    if found:
        return "FAILED", "\n".join(["Known weaknesses:", *found])
    if len(unknown) == len(report):
        return "skipped", "SKIPPED: the advisory service knows none of the packages here; nothing was looked up."
    if code:
        return "FAILED", f"{_tail(output)}\npip-audit failed, for the reason above."
    if unknown:
        return "ok", f"No weakness is known. NOT LOOKED UP, as the service does not know them: {', '.join(unknown)}."
    return "ok", f"No weakness is known of {len(report)} packages."


def _report(output: str) -> "list[dict[str, Any]] | None":
    """Return what pip-audit reports of each package; ``None`` when *output* holds no report."""
    for line in output.splitlines():
        if line.startswith('{"dependencies"'):
            dependencies: list[dict[str, Any]] = json.loads(line)["dependencies"]
            return dependencies
    return None


def check_python(version: "tuple[int, ...]") -> None:
    """Refuse a Python older than `OLDEST`.

    Raises:
        Trouble: *version* (major, minor) is too old; says how to get a newer one beside it.
    """
    if version < OLDEST:
        raise Trouble(
            f"Huying needs Python 3.11 or newer, and this is {version[0]}.{version[1]} ({sys.executable}).\n"
            "Install a newer one (Debian 12, Ubuntu 24.04 and Homebrew have one) and use it by name:\n"
            "  python3.11 -m bot.bootstrap demo"
        )


def prepare(root: Path, lock: str) -> Path:
    """Make `.venv` under *root* hold what *lock* pins and the project itself; return its interpreter.

    Costs one short process when that is so already. The development lock contains the other one, so after
    ``test`` a ``demo`` installs nothing.

    Raises:
        Trouble: something is missing on this machine, with how to mend it.
    """
    stamp = root / ".venv" / "huying.json"
    home, installed = _read_stamp(stamp)
    python = program(root, "python")
    if home not in (None, str(root)) or not _works(python):  # moved, never made, or its Python is gone
        installed = []
        _make_venv(root)
    wanted = _fingerprint(root, lock)
    if wanted in installed and program(root, "huying").exists():
        return python
    stamp.unlink(missing_ok=True)
    _install(root, python, lock)
    held = [wanted, _fingerprint(root, RUN_LOCK)] if lock == TEST_LOCK else [wanted]
    stamp.write_text(json.dumps({"home": str(root), "installed": held}), encoding="utf-8")
    return python


def _read_stamp(stamp: Path) -> "tuple[str | None, list[str]]":
    """Return the checkout that `.venv` was made for and the fingerprints it satisfies."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
        return str(content["home"]), [str(each) for each in content["installed"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None, []


def _fingerprint(root: Path, lock: str) -> str:
    """Return a digest that changes when an installation from *lock* would come out differently."""
    digest = hashlib.sha256(lock.encode())
    for name in (lock, "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _works(python: Path) -> bool:
    """Say whether *python* starts and has pip; false after the system's Python was replaced."""
    return python.exists() and capture([str(python), "-I", "-c", "import pip"])[0] == 0


def _make_venv(root: Path) -> None:
    """Make an empty `.venv`, replacing a broken one.

    Raises:
        Trouble: Python's own venv or pip is packaged apart and not installed, or the folder can't be made.
    """
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info[1]}-venv"
        raise Trouble(
            "This Python comes without its venv module.\n"
            f"On Debian or Ubuntu: apt-get install {package}   (with sudo, unless you are root)"
        )
    say("Making .venv")
    code, output = capture([sys.executable, "-m", "venv", "--clear", str(root / ".venv")])
    if code:
        raise Trouble(f"{_tail(output)}\n{_remedy(output)}")


def _install(root: Path, python: Path, lock: str) -> None:
    """Install what *lock* pins, each file checked against its hash, then the project as it stands here.

    Raises:
        Trouble: pip failed, with its last lines and what they mean.
    """
    say(f"Installing what {lock} names (once; a minute or two)")
    pip = [str(python), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
    locked = [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(root / lock)]
    itself = [*pip, "--no-deps", "--no-build-isolation", "--editable", str(root)]
    for command in (locked, itself):
        code, output = capture(command)
        if code:
            raise Trouble(f"{_tail(output)}\n{_remedy(output)}")


def _tail(output: str) -> str:
    """Return the last lines of *output*, enough to see what went wrong."""
    return "\n".join(f"  | {line[:200]}" for line in output.strip().splitlines()[-6:])


def _remedy(output: str) -> str:
    """Return what the reader can do about *output*, pip's words."""
    said = output.lower()
    for needle, advice in REMEDIES:
        if needle in said:
            return advice
    return "The installation failed for the reason above. Delete .venv and run this again after mending it."


def find_browser() -> None:
    """See to it that the browser tests find a Chromium, or say that they will be skipped."""
    if not any(shutil.which(name) for name in BROWSERS):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
        _fetched("Chromium", "the browser tests", install)


def find_promtool(root: Path) -> None:
    """See to it that Prometheus' own tool can test the alert rules; its package, installed, would start a server."""
    tool = program(root, "promtool")
    if shutil.which("promtool") or tool.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        there, download = Path(folder), ["apt-get", "download", "prometheus"]
        if _fetched("promtool", "the alert rules' own tests", download, folder=there):
            capture(["dpkg-deb", "--extract", str(next(there.glob("*.deb"))), folder])
            shutil.move(there / "usr/bin/promtool", tool)


def _fetched(what: str, lost: str, command: "Sequence[str]", *, folder: "Path | None" = None) -> bool:
    """Fetch *what* by *command* as root on Debian; elsewhere, or when it fails, say that *lost* will be skipped."""
    if not _is_debian() or os.geteuid() != 0:
        say(f"No {what} here: {lost} will be skipped. On Debian: {' '.join(command)}")
        return False
    say(f"No {what} here: fetching Debian's for {lost}")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    for one in (["apt-get", "update"], command):
        code, output = capture(one, folder)
        if code:
            say(f"{_tail(output)}\nThat did not work: {lost} will be skipped.")
            return False
    return True


def _is_debian() -> bool:
    """Say whether this is Debian, whose chromium is a plain package (Ubuntu's is a snap)."""
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def program(root: Path, name: str) -> Path:
    """Return the path of *name* inside `.venv`, whether it exists or not."""
    if os.name == "nt":
        return root / ".venv" / "Scripts" / f"{name}.exe"
    return root / ".venv" / "bin" / name


def capture(command: "Sequence[str]", folder: "Path | None" = None) -> "tuple[int, str]":
    """Return *command*'s exit code and output, run in *folder*; on a terminal its newest line is shown meanwhile."""
    live, lines = sys.stderr.isatty(), []
    with subprocess.Popen(  # noqa: S603 - the commands are this file's own
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if live:
                sys.stderr.write(f"\r\033[K  {line.strip()[:70]}")
                sys.stderr.flush()
    if live:
        sys.stderr.write("\r\033[K")
    return process.returncode, "".join(lines)


def ask(command: "Sequence[str]", limit_s: float) -> "tuple[int | None, str]":
    """Return *command*'s exit code and output; it is ended after *limit_s* seconds, and its code is ``None`` then."""
    try:
        done = subprocess.run(  # noqa: S603 - likewise
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout


def show(command: "Sequence[str]", folder: Path) -> int:
    """Run *command* in *folder* with its output shown as it comes; return its exit code."""
    return subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603 - likewise


def become(command: "Sequence[str]") -> int:
    """Replace this process by *command*; on Windows, which can't, wait for it and return its exit code."""
    if os.name != "nt":
        os.execv(command[0], list(command))  # noqa: S606 - likewise
    return subprocess.run(command, check=False).returncode  # noqa: S603 - likewise


def say(sentence: str) -> None:
    """Tell the reader *sentence* on standard error, so that a command's own output stays clean."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
