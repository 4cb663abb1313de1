"""Trouble to order: the next calls that match fail in a chosen way."""

from dataclasses import dataclass
from typing import Final

import orjson

from bot.sandbox.errors import Refused
from bot.sandbox.params import Params

WAYS: Final = frozenset({"429", "400", "403", "500", "502", "503", "504", "drop", "lost", "slow"})


@dataclass(slots=True)
class Fault:
    """One order.

    *how*: an HTTP status (not carried out), `drop` (the connection breaks before it is carried out), `lost`
    (carried out, then the connection breaks), `slow` (carried out, answered *seconds* later).
    """

    how: str
    method: str | None = None
    times: int = 1
    contains: str | None = None
    retry_after: int = 1
    seconds: float = 30.0
    bot: int | None = None

    def matches(self, bot: int, method: str, params: Params) -> bool:
        """Whether this call is one of those that fail."""
        if self.method is not None and self.method.lower() != method.lower():
            return False
        if self.bot is not None and self.bot != bot:
            return False
        if self.contains is None:
            return True
        return any(
            self.contains in (value if isinstance(value, str) else orjson.dumps(value).decode())
            for value in params.values.values()
        )


class Faults:
    """The orders that stand."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add *fault*.

        Raises:
            Refused: there is no such way to fail.
        """
        if fault.how not in WAYS:
            raise Refused(f"calls fail by {', '.join(sorted(WAYS))}, not by {fault.how!r}")
        self.orders.append(fault)

    def take(self, bot: int, method: str, params: Params) -> Fault | None:
        """The fault that befalls this call, if any; each order is used up *times* times."""
        for fault in self.orders:
            if fault.matches(bot, method, params):
                fault.times -= 1
                if fault.times <= 0:
                    self.orders.remove(fault)
                return fault
        return None
