"""A question to the reporter: the clocks that stand still until it is answered, and how they run on."""

from routing.effects import Disarm, Effect, Unpause
from routing.model import Case, TimerKind


def stop_waiting(case: Case) -> tuple[Effect, ...]:
    """Effects that end a pause for the reporter's answer."""
    return (Disarm((TimerKind.REPLY,)), Unpause((TimerKind.HANDLE, TimerKind.SILENCE))) if case.waiting else ()
