"""Habits of the code that close whole classes of attacks."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bot.meters import Meters

opcodes: Any = import_module("re._constants")
patterns: Any = import_module("re._parser")

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("bot", "handlers", "routing", "storage", "broadcasts")

CLIENTS = {"httpx", "requests", "urllib.request", "http.client", "socket", "urllib3", "smtplib", "ftplib"}
OPENERS = {"open_connection", "open_unix_connection", "create_connection", "create_datagram_endpoint", "sock_connect"}
"""How asyncio opens a line by itself. Of aiohttp everything but its server can."""
MAY_CALL_OUT = {
    "bot/bench/overload.py": "floods a program that it has started itself, on the loopback address",
    "bot/bench/soak.py": "plays a town before a program that it has started itself, on the loopback address",
    "bot/bootstrap.py": "installs the program; the bot does not import it",
    "bot/checks/api.py": "asks the Bot API whether it is there",
    "bot/failures.py": "names the errors of the library's client",
    "bot/jobs.py": "beats the operator's own heartbeat address",
    "bot/systemd.py": "tells the manager of this machine how it is, by a datagram",
    "bot/telegram.py": "the line to Telegram",
}
OF_THE_REHEARSAL = ("bot/sandbox/", "bot/rehearsal/", "bot/cli/demo.py")
"""The local Telegram and what plays people before it; it knows loopback addresses only."""

MAY_START_PROCESSES = {
    "bot/bootstrap.py",
    "bot/bench/life.py",
    "bot/bench/memory.py",
    "bot/bench/overload.py",
    "bot/bench/start.py",
    "bot/bench/workers.py",
    "bot/cli/bench.py",
    "bot/rehearsal/process.py",
}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "os.system", "os.popen"}

LABELS = {
    "kind",
    "fate",
    "event",
    "how",
    "status",
    "engine",
    "method",
    "outcome",
    "scope",
    "bot",
    "lane",
    "job",
    "version",
    "state",
    "part",
}
"""Each is one of a few: a kind of update, a method of the Bot API, a bot of this installation…"""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PROGRAM:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def calls(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def calls_out(tree: ast.Module) -> bool:
    names, called = imported(tree), calls(tree)
    of_aiohttp = {name for name in names if name.partition(".")[0] == "aiohttp"}
    serves_only = of_aiohttp == {"aiohttp", "aiohttp.web"} and not any(one.startswith("aiohttp.") for one in called)
    opened = {name.rpartition(".")[2] for name in names | called} & OPENERS
    return bool(names & CLIENTS or opened or (of_aiohttp and not serves_only))


def test_only_these_modules_can_call_out() -> None:
    found = {name for name, tree in modules() if not name.startswith(OF_THE_REHEARSAL) and calls_out(tree)}

    assert found <= set(MAY_CALL_OUT)


@pytest.mark.parametrize(
    ("source", "out"),
    [
        ("import aiohttp\nasync def f(): await aiohttp.request('GET', url)", True),
        ("from aiohttp import request", True),
        ("import asyncio\nasync def f(): await asyncio.open_connection(host, 80)", True),
        ("async def f(loop): await loop.create_connection(object, host)", True),
        ("import aiohttp\nsession = aiohttp.ClientSession()", True),
        ("from aiohttp import web\nasync def f(request: web.Request): return request.match_info", False),
    ],
)
def test_the_search_for_ways_out_finds_them(source: str, out: bool) -> None:
    assert calls_out(ast.parse(source)) is out


def test_nothing_is_unpickled_evaluated_or_handed_to_a_shell() -> None:
    for name, tree in modules():
        assert not imported(tree) & FORBIDDEN_MODULES, name
        assert not calls(tree) & FORBIDDEN_CALLS, name
        starts = {call for call in calls(tree) if "subprocess" in call and "PIPE" not in call}
        assert not starts or name in MAY_START_PROCESSES, name
        assert not any("shell=True" in ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)), name


def test_no_secret_is_compared_letter_by_letter() -> None:
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                assert ".reveal()" not in ast.unparse(node), f"{name}: {ast.unparse(node)}"


DELIMITED = {"bot/sandbox/text.py"}
"""Names of hosts: each inner repetition ends at a full stop, which it cannot hold, so it is read in one way only."""


def written_patterns() -> Iterator[tuple[str, str]]:
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield name, first.value


def nested(parsed: Any, *, inside: bool = False) -> bool:
    """Whether a repetition without end stands inside another one, so that a text can be read in too many ways."""
    for code, value in parsed:
        if code in (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT):
            _, most, body = value
            endless = most == opcodes.MAXREPEAT
            if (endless and inside) or nested(body, inside=inside or endless):
                return True
        elif code is opcodes.SUBPATTERN:
            if nested(value[-1], inside=inside):
                return True
        elif code is opcodes.BRANCH:
            if any(nested(branch, inside=inside) for branch in value[1]):
                return True
        elif code in (opcodes.ASSERT, opcodes.ASSERT_NOT) and nested(value[1], inside=inside):
            return True
    return False


@pytest.mark.parametrize(("bad", "endless"), [(r"(a+)+b", True), (r"(\w*\s*)*$", True), (r"(ab)+c*", False)])
def test_the_search_for_repeated_repetitions_finds_them(bad: str, endless: bool) -> None:
    assert nested(patterns.parse(bad)) is endless


def test_no_pattern_repeats_a_repetition_without_end() -> None:
    found = list(written_patterns())

    assert len(found) > 20
    assert {name for name, one in found if nested(patterns.parse(one))} == DELIMITED


def test_labels_of_metrics_come_from_closed_sets() -> None:
    names = set()
    for family in Meters().registry.collect():
        for sample in family.samples:
            names |= set(sample.labels)

    assert names - {"le"} <= LABELS
    assert re.fullmatch(r"((huying|process)_\w+\n?)+", "\n".join(family.name for family in Meters().registry.collect()))
