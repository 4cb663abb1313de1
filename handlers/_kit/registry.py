"""Where features say what they listen to. A feature is a folder, discovered, never listed; duplicates are refused."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from handlers._kit.presses import name_of
from routing.model import ChatId, PersonId
from routing.ports import Prompt, UnitOfWork

if TYPE_CHECKING:
    from telegram import Update

    from handlers._kit.context import GridContext
    from handlers._kit.plain import Heard
    from handlers._kit.said import Said
    from handlers._kit.views import Look, Outgoing

F = TypeVar("F", bound=Callable[..., Any])
OnCommand = Callable[["Said", "GridContext"], Awaitable[None]]
OnPress = Callable[[Any, "GridContext"], Awaitable[None]]
OnPrompt = Callable[["Said", Prompt, "GridContext"], Awaitable[None]]
OnMessage = Callable[["Said", "GridContext"], Awaitable[bool]]
OnMany = Callable[[Any, "Sequence[Together]", datetime], "Sequence[Toast | None]"]
OnChorus = Callable[[Any, "Heard", str, datetime], None]
OnUpdate = Callable[["Update", "GridContext"], Awaitable[None]]
Collector = Callable[[UnitOfWork, datetime], int]

MENUS: Final = ("private", "staff", "office", "residents", "desk")
"""The command menus: private chats, and besides in those of staff and of whoever gives orders; residents' groups; and
groups' administrators as far as Telegram can tell desks."""

AT_ONCE: Final = 100
"""Drafts that are let go of in one transaction."""

FACELESS: Final = "faceless"
"""The kind of update that is a message of nobody: of an anonymous administrator, or in the name of a channel."""


@dataclass(frozen=True, slots=True)
class Command:
    """A /command and the menus that show it. Menus are no permission: rights are checked when it is used."""

    name: str
    call: OnCommand
    menus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """One of many presses that are heard together: what the button carried, who pressed it, and in which chat."""

    payload: Any
    person: PersonId
    chat: ChatId


class Toast(NamedTuple):
    """A sentence without placeholders that only the presser sees; as an *alert* until they put it away."""

    key: str
    alert: bool = False


@dataclass(slots=True)
class Registry:
    """Everything that the features listen to."""

    commands: dict[str, Command] = field(default_factory=dict)
    presses: dict[type[Any], OnPress] = field(default_factory=dict)
    together: dict[type[Any], OnMany] = field(default_factory=dict)
    choruses: dict[str, OnChorus] = field(default_factory=dict)
    prompts: dict[str, OnPrompt] = field(default_factory=dict)
    messages: list[tuple[int, OnMessage]] = field(default_factory=list)
    edits: list[tuple[int, OnMessage]] = field(default_factory=list)
    updates: dict[str, list[OnUpdate]] = field(default_factory=dict)
    views: dict[str, "Callable[[Look], Outgoing | None]"] = field(default_factory=dict)
    collectors: list[Collector] = field(default_factory=list)


registry: Final = Registry()


class Taken(ValueError):
    """Two features listen to the same thing."""


def _take(table: dict[Any, Any], key: object, value: object) -> None:
    if key in table:
        raise Taken(f"{key!r} is taken")
    table[key] = value


def on_command(name: str, *, menus: Sequence[str] = ()) -> Callable[[F], F]:
    """Call the function for ``/name``; the description in each menu is the sentence ``menu.<name>``."""

    def register(call: F) -> F:
        if name in registry.commands:
            raise Taken(f"/{name} is taken")
        registry.commands[name] = Command(name, call, tuple(menus))
        return call

    return register


def on_commands(name: str) -> Callable[[F], F]:
    """Let the function hear ``/name`` in groups, many of them in the transaction that takes them in.

    It is asked besides the listener of `on_command`, where there is a plain text and nothing else, and follows the same
    rule. A refusal, or `LongWay`, leaves the command to that listener.
    """

    def register(call: F) -> F:
        _take(registry.choruses, name, call)
        return call

    return register


def on_press(cls: type[Any]) -> Callable[[F], F]:
    """Call the function when a button with that payload is pressed."""

    def register(call: F) -> F:
        name_of(cls)  # refuse a class that no button can carry
        _take(registry.presses, cls, call)
        return call

    return register


def on_presses(cls: type[Any]) -> Callable[[F], F]:
    """Let the function hear many presses of that payload at once, in the transaction that takes them in.

    It is asked besides the listener of `on_press`, for buttons that a whole town presses within minutes, and follows
    the same rule. It answers each press, or ``None`` for one that must be heard alone.
    """

    def register(call: F) -> F:
        _take(registry.together, cls, call)
        return call

    return register


def on_prompt(purpose: str) -> Callable[[F], F]:
    """Call the function when somebody answers a prompt of that purpose."""

    def register(call: F) -> F:
        _take(registry.prompts, purpose, call)
        return call

    return register


def on_message(order: int) -> Callable[[F], F]:
    """Offer every other message to the function, lowest *order* first, until one returns True."""

    def register(call: F) -> F:
        registry.messages.append((order, call))
        registry.messages.sort(key=lambda one: one[0])
        return call

    return register


def on_edit(order: int) -> Callable[[F], F]:
    """The same for edited messages."""

    def register(call: F) -> F:
        registry.edits.append((order, call))
        registry.edits.sort(key=lambda one: one[0])
        return call

    return register


def on_update(kind: str) -> Callable[[F], F]:
    """Call the function for updates of that kind.

    Args:
        kind: ``my_chat_member``, ``chat_member``, ``chat_join_request``, `FACELESS`, or the name of a service
            message's field such as ``new_chat_members`` or ``migrate_to_chat_id``.
    """

    def register(call: F) -> F:
        registry.updates.setdefault(kind, []).append(call)
        return call

    return register


def view(name: str) -> Callable[[F], F]:
    """Make messages of promises with that view."""

    def register(call: F) -> F:
        _take(registry.views, name, call)
        return call

    return register


def collector(call: Collector) -> Collector:
    """Call the function about twice a second: it finishes what nobody will write about, such as an album."""
    registry.collectors.append(call)
    return call


def forgotten_after(step: str, life: timedelta) -> None:
    """Let go of drafts in *step* that nobody has touched for *life*, as ticks on a panel that was left alone."""

    def forget(uow: UnitOfWork, now: datetime) -> int:
        old = uow.notebook.drafts_due(step, now - life, AT_ONCE)
        for draft in old:
            uow.notebook.drop_draft(draft.key)
        return len(old)

    collector(forget)


def discover() -> Registry:
    """Import every feature, and every module in it, once."""
    _import_features()
    return registry


@cache
def _import_features() -> None:
    import handlers

    for found in iter_modules(handlers.__path__):
        if found.ispkg and not found.name.startswith("_"):
            package = import_module(f"handlers.{found.name}")
            for module in iter_modules(package.__path__):
                import_module(f"handlers.{found.name}.{module.name}")
    import_module("handlers._kit.views")
