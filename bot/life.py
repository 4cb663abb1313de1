"""What is noted of the program's lives: which time the town had, and until when somebody did each part of the work."""

from datetime import datetime, timedelta
from typing import Any

from bot import clock as clocks
from bot.clock import Clock
from bot.roles import Role, alive_setting
from storage.store import Store


async def resume_clock(store: Store, clock: Clock, *, takes_in: bool) -> timedelta:
    """Go on with the town's time; returns for how long nobody has taken updates in."""
    kept, heard = await store.read(clock_and_life, Role.INGRESS)
    clock.resume(kept)
    wall = clock.wall()
    await store.work(_note_start, clock.anchor, wall, takes_in)
    return wall - datetime.fromisoformat(heard) if heard else timedelta(0)


def clock_and_life(stores: Any, role: Role) -> tuple[str | None, str | None]:
    """The town's clock as it was kept, and when somebody last played *role*."""
    return stores.notebook.setting(clocks.SETTING), stores.notebook.setting(alive_setting(role))


def _note_start(stores: Any, anchor: str | None, wall: datetime, takes_in: bool) -> None:
    stores.notebook.set_setting(clocks.SETTING, anchor)
    if takes_in:
        stores.notebook.set_setting(alive_setting(Role.INGRESS), wall.isoformat())
