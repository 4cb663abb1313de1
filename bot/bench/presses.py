"""B2: a storm of 收到 under a broadcast, from the bytes of each press to the commit and its answer."""

from datetime import timedelta
from typing import Any

from bot.bench import Row, Size, at_least
from bot.bench.stand import bare, now, resident, stand
from bot.bench.updates import press
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, State, TargetState
from handlers._kit.broadcast_presses import ReceivedPressed
from handlers._kit.presses import encode
from routing.model import ChatId, UnitCode

TARGET = 1.0
TOP = UnitCode("37")


async def measure(size: Size) -> list[Row]:
    """Every household presses once, against python-telegram-bot doing nothing with the same updates."""
    grids, homes = (20, 20) if size is Size.SHORT else (100, 100)
    async with stand(grids, households=homes) as place:
        broadcast = await place.store.work(ask_everybody)
        data = encode(ReceivedPressed(broadcast))
        raws = [
            press(number * grids + grid + 1, place.chats[grid], resident(grid + 1, number), 1_000 + grid, data)
            for number in range(homes)
            for grid in range(grids)
        ]
        ours = len(raws) / await place.feed(raws)
        pressed = await place.store.read(lambda stores: stores.targets.figures(broadcast).pressed)
    if pressed != len(raws):
        raise AssertionError(f"{len(raws)} presses made {pressed} receipts")
    theirs = len(raws) / await bare(raws)
    figures = {"presses_per_s": ours, "bare_updates_per_s": theirs, "households": float(len(raws))}
    return [
        at_least(
            "presses", "presses counted / updates parsed by bare python-telegram-bot", ours / theirs, TARGET, figures
        )
    ]


def ask_everybody(stores: Any) -> BroadcastId:
    """A notice that every household has been asked about."""
    made = Broadcast(
        id=BroadcastId(stores.ids.new()),
        number=stores.broadcasts.next_number(),
        state=State.CHASING,
        kind=Class.NOTICE,
        unit=TOP,
        author=None,
        chat=ChatId(1),
        drafted_at=now(),
        audience=Audience(TOP),
        next_at=now() + timedelta(days=1),
    )
    stores.broadcasts.add(made)
    stores.targets.aim(made)
    for target in stores.targets.at(made.id, TargetState.WAITING, 1_000_000):
        stores.receipts.ask(target)
    return made.id
