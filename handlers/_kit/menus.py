"""Command menus per scope and language, and the collectors of all features."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

from broadcasts import commanding
from handlers._kit import words
from handlers._kit.context import answer
from handlers._kit.registry import discover, view
from handlers._kit.said import Here
from handlers._kit.views import Look, Outgoing
from routing.loading import OWN_MENU
from routing.ports import Lane, UnitOfWork

SCOPES: Final[dict[str, dict[str, Any]]] = {
    "private": {"type": "all_private_chats"},
    "residents": {"type": "all_group_chats"},
    "desk": {"type": "all_chat_administrators"},
}
ORDERING: Final = commanding.COMMANDING | commanding.APPROVING
"""Posts that give orders to others, or a second person's word for them."""


def menus() -> Iterator[tuple[dict[str, Any], str, list[tuple[str, str]]]]:
    """Scope, language code ("" for everybody else) and (command, description) pairs, for setMyCommands."""
    for menu, scope in SCOPES.items():
        for code, lang in (("", "zh"), ("zh", "zh"), ("en", "en")):
            yield scope, code, listed((menu,), lang)


def show_own(uow: UnitOfWork, here: Here) -> None:
    """Give the private chat of somebody on staff the commands of their posts, in the language that they chose.

    Telegram knows no staff, so nobody else is shown these; everybody's menu is set at the start. An import, by which
    posts begin and end, promises the same view.
    """
    if here.private and uow.people.posts_of(here.person):
        answer(uow, here, OWN_MENU, {}, Lane.NOTICE)


@view(OWN_MENU)
def own_menu(look: Look) -> Outgoing:
    """What this person can use; once their last post has ended, the menu that everybody has."""
    posts = {one.post for one in look.uow.people.posts_of(look.chat.person)} if look.chat.person is not None else set()
    scope = {"type": "chat", "chat_id": look.chat.telegram_id}
    if not posts:
        return Outgoing("deleteMyCommands", {"scope": scope})
    wanted = ("private", "staff", "office") if posts & ORDERING else ("private", "staff")
    commands = [{"command": name, "description": text} for name, text in listed(wanted, look.lang)]
    return Outgoing("setMyCommands", {"commands": commands, "scope": scope})


def listed(wanted: Collection[str], lang: str) -> list[tuple[str, str]]:
    """The commands of some menus together, each with its description, the usual ones first."""
    shown = {one.name for one in discover().commands.values() if not set(wanted).isdisjoint(one.menus)}
    return [(name, words.plain(f"menu.{name}", lang)) for name in sorted(shown, key=_rank)]


def collect(uow: UnitOfWork, now: datetime) -> int:
    """Let every feature finish what nobody will write about; returns how many things were finished."""
    return sum(call(uow, now) for call in discover().collectors)


_ORDER: Final = ("report", "mine", "todo", "desk", "case", "contacts", "broadcast", "register", "lang", "help")


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
