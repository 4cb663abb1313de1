"""Choices in a panel: a button for each, page by page, and down the tree of units."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from handlers._kit.views import Button
from routing.model import Unit, UnitCode
from routing.ports import UnitOfWork

PER_PAGE: Final = 12


def paged(buttons: Sequence[Button], page: int, turn: Callable[[int], object]) -> list[list[Button]]:
    """A page of *buttons*, one in a row, and the ways to the pages beside it; *turn* makes the payload of a page."""
    rows = [[button] for button in buttons[page * PER_PAGE : (page + 1) * PER_PAGE]]
    leaves = turns(turn, page, more=(page + 1) * PER_PAGE < len(buttons))
    return [*rows, leaves] if leaves else rows


def turns(turn: Callable[[int], object], page: int, *, more: bool) -> list[Button]:
    """The ways to the page before and, where there are *more*, to the next; *turn* makes the payload of a page."""
    before = [Button("list.before", turn(page - 1))] if page else []
    return [*before, Button("list.after", turn(page + 1))] if more else before


def units(found: Sequence[Unit], press: Callable[[UnitCode], object]) -> list[Button]:
    """A button with the name of each unit."""
    return [Button("list.name", press(unit.code), values={"name": unit.name}) for unit in found]


def tree(
    uow: UnitOfWork,
    node: UnitCode,
    page: int,
    send: Callable[[UnitCode], object],
    further: Callable[[UnitCode, int], object],
    *,
    beside: Sequence[Unit] = (),
    without: Collection[UnitCode] = (),
) -> list[list[Button]]:
    """A page of the units right below *node*: each is chosen by a tap, or leads further down; then its other pages.

    Args:
        uow: The transaction.
        node: The unit whose children are shown.
        page: Which page of them; 0 is the first.
        send: Makes the payload that chooses a unit.
        further: Makes the payload that shows a page of the units below another one.
        beside: More units that may be chosen.
        without: Those that may not.
    """
    below = uow.units.below(node)
    parents = {one.parent for one in below}
    found = {one.code: one for one in (*(one for one in below if one.parent == node), *beside)}
    shown = [one for one in found.values() if one.code not in without]
    rows = []
    for unit in shown[page * PER_PAGE : (page + 1) * PER_PAGE]:
        row = [Button("list.name", send(unit.code), values={"name": unit.name})]
        if unit.code in parents:
            row.append(Button("list.further", further(unit.code, 0)))
        rows.append(row)
    leaves = turns(lambda other: further(node, other), page, more=(page + 1) * PER_PAGE < len(shown))
    return [*rows, leaves] if leaves else rows
