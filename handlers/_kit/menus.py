"""Command menus per scope and language, and the collectors of all features."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from handlers._kit import words
from handlers._kit.registry import discover
from routing.ports import UnitOfWork

SCOPES: Final[dict[str, dict[str, Any]]] = {
    "private": {"type": "all_private_chats"},
    "residents": {"type": "all_group_chats"},
    "desk": {"type": "all_chat_administrators"},
}


def menus() -> Iterator[tuple[dict[str, Any], str, list[tuple[str, str]]]]:
    """Scope, language code ("" for everybody else) and (command, description) pairs, for setMyCommands."""
    commands = discover().commands.values()
    for menu, scope in SCOPES.items():
        shown = [command.name for command in commands if menu in command.menus]
        for code, lang in (("", "zh"), ("zh", "zh"), ("en", "en")):
            yield scope, code, [(name, words.plain(f"menu.{name}", lang)) for name in sorted(shown, key=_rank)]


def collect(uow: UnitOfWork, now: datetime) -> int:
    """Let every feature finish what nobody will write about; returns how many things were finished."""
    return sum(call(uow, now) for call in discover().collectors)


_ORDER: Final = ("report", "mine", "todo", "desk", "case", "contacts", "broadcast", "register", "lang", "help")


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
