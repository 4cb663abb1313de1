"""The habits of CONTRIBUTING.md that a machine can hold, each a sentence that names its offenders."""

import ast
import io
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ("bot", "handlers", "routing", "storage", "broadcasts")

VIRTUAL = "tests/simulation/"
"""Whose event loop keeps its own time: there a nap is a wait for the next event, and costs none of ours."""
LONGEST = 400
# A file that may be longer, up to its own ceiling, and why. An exception that is no longer needed fails too.
LONGER: dict[str, tuple[int, str]] = {}

CHINESE = re.compile(r"[\u3400-\u9fff]")
# A file of rules that must itself name Chinese characters, as a pattern does, and why.
READS_CHINESE: dict[str, str] = {
    "broadcasts/cap/colours.py": "warning centres spell the colours of their levels in Chinese",
}

INDEX_HOST = re.compile(r"pypi\.[a-z]|pythonhosted\.|registry\.npmjs|deb\.debian\.|mirrors?\.[\w.]+\.(?:com|cn)")
OWN_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users)/\w")
PIN = re.compile(r"^([a-z0-9-]+)==([\w.]+)(?: ; [^\n]+)? \\\n    --hash=sha256:[0-9a-f]{64}", re.MULTILINE)


def test_no_file_grows_past_four_hundred_lines() -> None:
    lengths = {name: text.count("\n") for name, text in sources(*PROGRAM, "tests")}
    ceilings = {name: LONGER.get(name, (LONGEST, ""))[0] for name in lengths}

    assert [f"{name}: {lines}" for name, lines in lengths.items() if lines > ceilings[name]] == []
    assert [name for name in LONGER if lengths.get(name, 0) <= LONGEST] == [], "needs no exception any more"


def test_pyproject_lists_every_package_and_no_other() -> None:
    on_disk = [file.parent.relative_to(ROOT) for top in PROGRAM for file in (ROOT / top).rglob("__init__.py")]

    assert sorted(packages()) == sorted(".".join(folder.parts) for folder in on_disk)


def test_every_file_beside_the_code_is_packaged_with_it() -> None:
    """What an editable installation forgives: a file that no package and no package-data names is not in a wheel."""
    code = {(ROOT / name.replace(".", "/")) for name in packages()}
    data = {
        file.relative_to(ROOT)
        for name in packages()
        for pattern in package_data(name)
        for file in (ROOT / name.replace(".", "/")).glob(pattern)
    }

    forgotten = [
        str(file)
        for file in tracked()
        if file.parts[0] in PROGRAM and file not in data and not (file.suffix == ".py" and (ROOT / file).parent in code)
    ]
    assert forgotten == []


def packages() -> list[str]:
    """Return the packages that pyproject.toml lists."""
    return list(pyproject()["tool"]["setuptools"]["packages"])


def package_data(name: str) -> list[str]:
    """Return the patterns for *name*; setuptools knows `*` for every package and no other wildcard."""
    table = pyproject()["tool"]["setuptools"]["package-data"]
    return [*table.get("*", []), *table.get(name, [])]


def test_no_file_names_a_package_index_or_a_private_path() -> None:
    texts = {str(file): (ROOT / file).read_text("utf-8", "ignore") for file in tracked()}
    rules = (INDEX_HOST, OWN_PATH)

    assert [f"{name}: {hit[0]}" for name, text in texts.items() for rule in rules for hit in rule.finditer(text)] == []


@pytest.mark.parametrize(("lock", "extras"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_the_locks_answer_pyproject_and_nothing_in_them_goes_without_a_hash(lock: str, extras: tuple[str, ...]) -> None:
    project = pyproject()["project"]
    asked = [*pyproject()["build-system"]["requires"], *project["dependencies"]]
    asked += [line for extra in extras for line in project["optional-dependencies"][extra]]
    pins = dict(PIN.findall((ROOT / lock).read_text("utf-8")))
    lines = (ROOT / lock).read_text("utf-8").splitlines()

    assert [line for line in asked if not answered(line, pins)] == [], "run `make lock`"
    assert len(pins) == len([line for line in lines if line and line[0] not in " #"])


def answered(line: str, pins: dict[str, str]) -> bool:
    """Say whether *pins* holds a version that the requirement *line* allows."""
    asked = Requirement(line)
    version = pins.get(canonicalize_name(asked.name))
    return version is not None and asked.specifier.contains(version)


def test_what_runs_is_what_was_tested() -> None:
    run, dev = (
        set(PIN.findall((ROOT / lock).read_text("utf-8"))) for lock in ("requirements.txt", "requirements-dev.txt")
    )

    assert run <= dev


def test_every_sentence_for_people_is_there_in_both_languages() -> None:
    folders = {file.parent for file in (ROOT / "handlers").glob("*/strings/*.toml")}

    assert [fault for folder in sorted(folders) for fault in faults_between_languages(folder)] == []


@pytest.mark.parametrize(
    ("zh", "en", "fault"),
    [
        ('hi = "{name}你好"', 'bye = "Bye"', "hi: not in en.toml"),
        ('hi = "{name}你好"', 'hi = "Hello"', "hi: placeholders differ"),
        ('[a]\nhi = "你好"', '[a]\nhi = "{name}"', "a.hi: placeholders differ"),
        ('hi = "你好"', 'hi = " "', "hi: empty in en.toml"),
        ('hi = "你好"', None, "no en.toml"),
    ],
)
def test_a_language_that_falls_behind_is_noticed(zh: str, en: str | None, fault: str, tmp_path: Path) -> None:
    (tmp_path / "zh.toml").write_text(zh, "utf-8")
    if en is not None:
        (tmp_path / "en.toml").write_text(en, "utf-8")

    assert fault in "\n".join(faults_between_languages(tmp_path))


def faults_between_languages(folder: Path) -> list[str]:
    """Return what differs between the languages of one strings *folder*, each fault with its place."""
    missing = [name for name in ("zh.toml", "en.toml") if not (folder / name).exists()]
    if missing:
        return [f"{folder}: no {name}" for name in missing]
    zh, en = (dict(flat(tomllib.loads((folder / name).read_text("utf-8")))) for name in ("zh.toml", "en.toml"))
    both = zh.keys() & en.keys()
    return [
        *[f"{folder}: {key}: not in en.toml" for key in zh.keys() - en.keys()],
        *[f"{folder}: {key}: not in zh.toml" for key in en.keys() - zh.keys()],
        *[f"{folder}: {key}: placeholders differ" for key in both if placeholders(zh[key]) != placeholders(en[key])],
        *[f"{folder}: {key}: empty in zh.toml" for key in both if not zh[key].strip()],
        *[f"{folder}: {key}: empty in en.toml" for key in both if not en[key].strip()],
    ]


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every leaf of a TOML *table* under its dotted key."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def placeholders(text: str) -> set[str]:
    """Return the names between braces in *text*."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_no_chinese_sentence_hides_in_the_code() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, text in sources("handlers", "routing", "broadcasts", "storage")
        if name not in READS_CHINESE
        for node in literals(parse(name, text))
        if CHINESE.search(str(node.value))
    ]

    assert found == []


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the string constants of *tree* that are no docstrings: those that stand alone as a statement."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def test_features_never_import_one_another() -> None:
    """What two features need stands in `handlers/_kit` or in `routing`."""
    found = [
        f"{name}: {module}"
        for name, text in sources("handlers")
        for module in imported(parse(name, text))
        if module.startswith("handlers.") and module.split(".")[1] not in ("_kit", Path(name).parts[1])
        if not name.startswith("handlers/__init__")
    ]

    assert found == []


def test_only_the_line_to_telegram_calls_the_bot_api() -> None:
    """Everything that is said is a promise; handlers only read through the bot, and the courier speaks for them."""
    speaking = re.compile(r"\.bot\.(send|edit|delete|pin|copy|forward)_\w+\(|\.(reply|edit)_(text|html|photo)\(")

    assert [
        name for name, text in sources("handlers", "routing", "broadcasts", "storage") if speaking.search(text)
    ] == []


def imported(tree: ast.Module) -> Iterator[str]:
    """Names of the modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_module_says_what_it_is_for() -> None:
    docs = {name: ast.get_docstring(parse(name, text)) or "" for name, text in sources(*PROGRAM)}

    assert [name for name, doc in docs.items() if len(doc.split()) < 3] == []


def test_nothing_is_left_for_later() -> None:
    unfinished = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    comments = [f"{place}: {said}" for place, said in remarks() if unfinished.search(said)]
    raised = [
        f"{name}:{node.lineno}"
        for name, text in sources(*PROGRAM, "tests")
        for node in ast.walk(parse(name, text))
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node)
    ]

    assert comments + raised == []


def test_whoever_silences_a_checker_says_which_rule_and_why() -> None:
    """A reason counts for the same rule further down in the same file."""
    silenced = re.compile(r"(noqa|type: ignore)(?:: |\[)?([\w, -]*?\w)?\]?(\s+[-#]\s+\S.*)?$")
    explained: set[tuple[str, str]] = set()
    unexplained = []
    for place, said in remarks():
        match = silenced.search(said)
        if not match:
            continue
        rule = (place.split(":")[0], match[2] or "")
        if match[3] and match[2]:
            explained.add(rule)
        elif rule not in explained:
            unexplained.append(f"{place}: {said}")

    assert unexplained == []


def remarks() -> Iterator[tuple[str, str]]:
    """Yield every comment of the code with its place."""
    for name, text in sources(*PROGRAM, "tests"):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield f"{name}:{token.start[0]}", token.string


def test_nobody_sleeps_where_an_event_could_be_awaited() -> None:
    """`time.sleep` blocks every chat at once; a test that sleeps is a test of the machine's speed."""
    found = [
        f"{name}:{node.lineno}"
        for name, text in sources(*PROGRAM, "tests")
        for node in ast.walk(parse(name, text))
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) == "time.sleep"
            or (naps(node) and name.startswith("tests/") and not name.startswith(VIRTUAL))
        )
    ]

    assert found == []


def naps(call: ast.Call) -> bool:
    """Say whether *call* is an `asyncio.sleep` of any length; zero only lets others run."""
    return ast.unparse(call.func) == "asyncio.sleep" and ast.unparse(call.args[0]) != "0"


def test_the_sample_of_settings_shows_every_name_with_its_default() -> None:
    sample = dict(
        re.findall(r"^(?:# )?(HUYING_[A-Z_]+)=(.*)$", (ROOT / ".env.sample").read_text("utf-8"), re.MULTILINE)
    )
    defaults = {f"HUYING_{field.name.upper()}": field.default for field in fields(Settings)}
    simple = {name: default for name, default in defaults.items() if isinstance(default, str | int | float)}

    assert sample.keys() == defaults.keys()
    assert {name: sample[name] for name in simple} == {
        name: str(value).removesuffix(".0") for name, value in simple.items()
    }


def test_strangers_contributors_and_ci_use_the_same_test_command() -> None:
    command = "python3 -m bot.bootstrap test"
    guides = [file for file in (".ci/run", "CONTRIBUTING.md", "README.md") if (ROOT / file).exists()]

    assert [file for file in guides if command not in (ROOT / file).read_text("utf-8")] == []


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    """Yield the name below the root and the text of every Python file in *folders*."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), file.read_text("utf-8")


@cache
def parse(name: str, text: str) -> ast.Module:
    """Return the syntax tree of *text*, the file *name*; read once for all rules."""
    return ast.parse(text, name)


@cache
def pyproject() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def tracked() -> list[Path]:
    """Return the files that git keeps or is about to, below the root; without git the rule can't be checked."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("this is no git checkout, so nobody knows which files belong to it")
    names = [Path(name) for name in listing.stdout.decode().split("\0") if name]
    return [name for name in names if (ROOT / name).is_file()]
