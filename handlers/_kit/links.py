"""Deep links: what stands behind ``/start`` goes, by its first letter, to the feature that issued it.

Taken letters: ``p`` a building's plaque, ``r`` a report to write, ``c`` a case to look at, ``h`` a household, ``b`` a
group to bind. What follows the letter is a random secret that is looked up by its digest, or an id whose rights are
checked when it is used.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import Taken
from handlers._kit.said import Said

OnStart = Callable[[str, Said, GridContext], Awaitable[None]]
F = TypeVar("F", bound=OnStart)
_STARTS: Final[dict[str, OnStart]] = {}


@payload("report")
@dataclass(frozen=True, slots=True)
class ReportPressed:
    """我要上报: opens the private draft. Only for buttons in private chats; a group shows a link instead."""


@payload("anew")
@dataclass(frozen=True, slots=True)
class ReportAnew:
    """另报一件事: what they wrote as an answer was a report of its own; *message* is its number in this chat."""

    message: int


def on_start(prefix: str) -> Callable[[F], F]:
    """Call the function with what follows *prefix* when somebody opens such a link.

    Raises:
        Taken: another feature has that letter.
        ValueError: *prefix* is not one letter.
    """
    if len(prefix) != 1 or not prefix.isalpha():
        raise ValueError(f"a link begins with one letter, not {prefix!r}")

    def register(call: F) -> F:
        if prefix in _STARTS:
            raise Taken(f"links with {prefix!r} are taken")
        _STARTS[prefix] = call
        return call

    return register


async def dispatch(start: str, said: Said, ctx: GridContext) -> bool:
    """Bring the payload of a ``/start`` to the feature that issued it; False when there is none."""
    call = _STARTS.get(start[:1])
    if call is None:
        return False
    await call(start[1:], said, ctx)
    return True


def private_link(username: str, start: str = "") -> str:
    """The address that opens the private chat with the bot and hands it *start*."""
    return f"https://t.me/{username}" + (f"?start={start}" if start else "")
