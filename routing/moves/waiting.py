"""A question to the reporter: the clocks that stand still until it is answered, and how they run on."""

from typing import Final

from routing.effects import Disarm, Effect, Pause, Unpause
from routing.model import Case, Status, TimerKind
from routing.moves.step import Facts

WORK: Final = (TimerKind.HANDLE, TimerKind.SILENCE)
"""Clocks that stand still meanwhile, where the policy says so."""


def hold(case: Case, facts: Facts) -> tuple[Effect, ...]:
    """Effects that let a handling clock that was set anew stand still as the one before did."""
    return (Pause((TimerKind.HANDLE,)),) if facts.held(case) else ()


def stop_waiting(case: Case) -> tuple[Effect, ...]:
    """Effects that end a pause for the reporter's answer. What is suspended stands still until it is resumed."""
    if not case.waiting:
        return ()
    run_on = () if case.status is Status.SUSPENDED else (Unpause(WORK),)
    return (Disarm((TimerKind.REPLY,)), *run_on)
