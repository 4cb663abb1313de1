"""A feature is found by itself; two that want the same thing are refused at the start."""

from copy import copy
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import handlers
from handlers import menus
from handlers._kit import links, registry
from handlers._kit.case_presses import ClaimPressed
from handlers._kit.registry import MENUS, Registry, Taken, discover

FEATURES = sorted(
    path.parent.name
    for path in Path(handlers.__file__).parent.glob("*/__init__.py")
    if not path.parent.name.startswith("_")
)


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry of its own for the test; the features' is back afterwards."""
    discover()
    mine = Registry()
    monkeypatch.setattr(registry, "registry", mine)
    return mine


async def listener(*_: Any) -> None:
    return None


def twin() -> Any:
    """Another function of the same name, as another feature may have it."""

    async def listener(*_: Any) -> None:
        return None

    listener.__qualname__ = "listener"
    return listener


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_found_with_every_module(feature: str) -> None:
    found = discover()
    listening = [*found.presses.values(), *found.prompts.values(), *found.views.values()]
    listening += [command.call for command in found.commands.values()]
    listening += [call for _, call in [*found.messages, *found.edits]]
    listening += [call for calls in found.updates.values() for call in calls]

    assert len(FEATURES) >= 18
    assert any(call.__module__.startswith(f"handlers.{feature}.") for call in listening)


def test_looking_again_finds_nothing_twice() -> None:
    before = {field.name: copy(getattr(discover(), field.name)) for field in fields(Registry)}

    assert {field.name: getattr(discover(), field.name) for field in fields(Registry)} == before


@pytest.mark.parametrize("second", [listener, twin()])
@pytest.mark.parametrize(
    "listen",
    [
        registry.on_command("report"),
        registry.on_press(ClaimPressed),
        registry.on_prompt("note"),
        registry.view("card"),
    ],
    ids=["command", "press", "prompt", "view"],
)
def test_what_one_feature_has_no_other_gets(empty: Registry, listen: Any, second: Any) -> None:
    listen(listener)

    with pytest.raises(Taken):
        listen(second)


def test_a_letter_of_links_belongs_to_one_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_STARTS", {})
    links.on_start("z")(listener)

    with pytest.raises(Taken):
        links.on_start("z")(twin())


@pytest.mark.parametrize("prefix", ["", "zz", "1", "-"])
def test_a_link_begins_with_one_letter(prefix: str) -> None:
    with pytest.raises(ValueError, match="one letter"):
        links.on_start(prefix)


def test_no_button_can_be_listened_to_that_cannot_be_made(empty: Registry) -> None:
    with pytest.raises(KeyError):
        registry.on_press(Registry)(listener)


def test_messages_are_offered_lowest_order_first(empty: Registry) -> None:
    for order in (30, 10, 20):
        registry.on_message(order)(listener)
        registry.on_edit(order)(listener)

    assert [order for order, _ in empty.messages] == [10, 20, 30]
    assert [order for order, _ in empty.edits] == [10, 20, 30]


def test_no_two_features_want_the_same_message_at_the_same_place() -> None:
    for orders in ([order for order, _ in discover().messages], [order for order, _ in discover().edits]):
        assert len(orders) == len(set(orders))


def test_a_menu_of_a_command_is_one_that_there_is() -> None:
    assert {menu for command in discover().commands.values() for menu in command.menus} <= set(MENUS)


def test_each_scope_shows_what_is_of_use_there() -> None:
    shown = {(scope["type"], code): [name for name, _ in commands] for scope, code, commands in menus()}

    assert {scope for scope, _ in shown} == {"all_private_chats", "all_group_chats", "all_chat_administrators"}
    assert {code for _, code in shown} == {"", "zh", "en"}
    assert shown["all_private_chats", "zh"][0] == "report"
    assert {"report", "mine", "case", "contacts", "help", "lang", "register", "privacy", "mydata", "forget"} <= set(
        shown["all_private_chats", ""]
    )
    assert not {"todo", "desk", "broadcast", "task", "emergency"} & set(shown["all_private_chats", ""])
    assert {"report", "contacts", "help"} <= set(shown["all_group_chats", ""])
    assert not {"forget", "mydata", "register"} & set(shown["all_group_chats", ""])
    assert {"bind", "desk"} <= set(shown["all_chat_administrators", ""])
    assert all(shown[scope, ""] == shown[scope, "zh"] == shown[scope, "en"] for scope, _ in shown)
