"""The emergency mode (平急转换): while a unit is in it, other limits hold for it and for everything below it.

Clocks that start follow the limits in force. Those of work that run already are counted anew when the mode begins and
when it ends, see `routing.moves.retiming`.
"""

from collections.abc import Sequence
from typing import Protocol

from routing.model import Unit, UnitCode
from routing.policy import Policy


class Tree(Protocol):
    """What must be known of the tree."""

    def path(self, code: UnitCode) -> Sequence[Unit]:
        """The unit itself, its parent, and so on to the top."""
        ...


def is_on(tree: Tree, unit: UnitCode) -> bool:
    """Whether *unit*, or one above it, is in emergency mode."""
    for one in tree.path(unit):  # noqa: SIM110 - each rule asks this, some of them several times
        if one.emergency:
            return True
    return False


def in_force(policy: Policy, tree: Tree, unit: UnitCode) -> Policy:
    """The policy that holds for *unit* now."""
    return policy.in_emergency() if is_on(tree, unit) else policy


def stamp(policy: Policy, tree: Tree, unit: UnitCode) -> str:
    """Name and version of the policy that holds for *unit* now; by it a case is found again when the mode changes."""
    return in_force(policy, tree, unit).stamp
