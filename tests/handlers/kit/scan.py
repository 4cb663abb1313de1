"""Which sentences the code asks for: keys as literals, keys with a changing end, and what fills their placeholders."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handlers._kit import words

ROOT = Path(__file__).resolve().parents[3]
SAYING = frozenset({"t", "toast", "reply", "say", "plain", "work_and_say"})
"""Calls that turn a key, their first argument, and keywords into a sentence."""
NOT_ABOUT_WORDS = "routing/polic"
"""How these files begin, which name settings with dots, too."""


@dataclass(frozen=True)
class Use:
    """Where a key is asked for; *filled* are the placeholders' values where the call shows them all."""

    place: str
    key: str
    call: str | None = None
    filled: frozenset[str] | None = None


@cache
def texts() -> dict[str, str]:
    """Every file of the features and the rules below the root, by its name."""
    files = [path for top in ("handlers", "routing", "broadcasts") for path in sorted((ROOT / top).rglob("*.py"))]
    names = {path.relative_to(ROOT).as_posix(): path for path in files}
    return {name: path.read_text("utf-8") for name, path in names.items() if not name.startswith(NOT_ABOUT_WORDS)}


@cache
def tree_of(name: str) -> ast.Module:
    """One file as a tree."""
    return ast.parse(texts()[name])


@cache
def trees() -> dict[str, ast.Module]:
    """All of them as trees."""
    return {name: tree_of(name) for name in texts()}


@cache
def sections() -> frozenset[str]:
    """The first parts of all keys."""
    return frozenset(key.partition(".")[0] for key in words.sentences("zh"))


def looks_like_key(text: str) -> bool:
    """Whether a literal can only be a key: it begins with a section's name and a dot, and has no space."""
    section, dot, rest = text.partition(".")
    return bool(dot and rest) and section in sections() and rest.replace(".", "").replace("_", "").isalnum()


@cache
def literals() -> tuple[Use, ...]:
    """Every literal key."""
    return tuple(use for name, tree in trees().items() for use in _literals(name, tree))


def _literals(name: str, tree: ast.Module) -> Iterator[Use]:
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in inside
            and looks_like_key(node.value)
        ):
            yield Use(f"{name}:{node.lineno}", node.value)


@cache
def changing() -> tuple[Use, ...]:
    """The fixed beginning of every key that ends differently each time, such as ``status.``."""
    return tuple(use for name, tree in trees().items() for use in _changing(name, tree))


def _changing(name: str, tree: ast.Module) -> Iterator[Use]:
    for node in ast.walk(tree):
        first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            section, dot, _ = first.value.partition(".")
            if dot and section in sections() and " " not in first.value:
                yield Use(f"{name}:{first.lineno}", first.value)


@cache
def calls() -> tuple[Use, ...]:
    """Every call that says a literal key, or labels a button with one."""
    return tuple(use for name, tree in trees().items() for use in _calls(name, tree))


def _calls(name: str, tree: ast.Module) -> Iterator[Use]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAYING | {"Button"}:
            for key in _keys(node.args[0]):
                yield Use(f"{name}:{node.lineno}", key, called, _filled(node, called))


def _keys(argument: ast.expr) -> Iterator[str]:
    """The keys that an argument may stand for: a literal, or either side of a choice."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and looks_like_key(argument.value):
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _keys(argument.body)
        yield from _keys(argument.orelse)


def _filled(node: ast.Call, called: str) -> frozenset[str] | None:
    """Names of the values given; unknown when a mapping gives them, or a use-case's result."""
    if called == "work_and_say":
        return None
    if called == "Button":
        given = next((one.value for one in node.keywords if one.arg == "values"), None)
        if given is not None and not isinstance(given, ast.Dict):
            return None
        return (
            frozenset(str(key.value) for key in given.keys if isinstance(key, ast.Constant)) if given else frozenset()
        )
    if any(one.arg is None for one in node.keywords):
        return None
    return frozenset(str(one.arg) for one in node.keywords)


def other_questions() -> set[str]:
    """What a prompt asks instead of its purpose's own question: the literal ``sentence`` of a call."""
    return {
        str(one.value.value)
        for name, text in texts().items()
        if "sentence" in text  # read by every process that collects tests
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Call)
        for one in node.keywords
        if one.arg == "sentence" and isinstance(one.value, ast.Constant)
    }
