"""What the buttons about a broadcast carry: made by one feature, heard by another."""

from dataclasses import dataclass

from broadcasts.model import BroadcastId
from handlers._kit.presses import payload


@payload("got")
@dataclass(frozen=True, slots=True)
class ReceivedPressed:
    """收到: our household knows."""

    broadcast: BroadcastId


@payload("sos")
@dataclass(frozen=True, slots=True)
class NeedHelpPressed:
    """需要帮助: somebody must come."""

    broadcast: BroadcastId


@payload("bcdoors")
@dataclass(frozen=True, slots=True)
class DoorsPressed:
    """敲门清单: the grids that the presser may knock at."""

    broadcast: BroadcastId


@payload("bclive")
@dataclass(frozen=True, slots=True)
class LivePressed:
    """How a broadcast stands."""

    broadcast: BroadcastId
