"""Choices in a panel: a button for each, page by page."""

from collections.abc import Callable, Sequence
from typing import Final

from handlers._kit.views import Button
from routing.model import Unit, UnitCode

PER_PAGE: Final = 12


def paged(buttons: Sequence[Button], page: int, turn: Callable[[int], object]) -> list[list[Button]]:
    """A page of *buttons*, one in a row, and the ways to the pages beside it; *turn* makes the payload of a page."""
    rows = [[button] for button in buttons[page * PER_PAGE : (page + 1) * PER_PAGE]]
    turns = [Button("list.before", turn(page - 1))] if page else []
    if (page + 1) * PER_PAGE < len(buttons):
        turns.append(Button("list.after", turn(page + 1)))
    return [*rows, turns] if turns else rows


def units(found: Sequence[Unit], press: Callable[[UnitCode], object]) -> list[Button]:
    """A button with the name of each unit."""
    return [Button("list.name", press(unit.code), values={"name": unit.name}) for unit in found]
