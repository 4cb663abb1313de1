"""What is noted of the program's lives: which time the town had, and until when somebody did each part of the work."""

from datetime import datetime, timedelta
from typing import Any, Final

from bot import clock as clocks
from bot.clock import Clock
from bot.roles import Role, alive_setting
from routing.membership import reinstate
from storage.store import Store

PRESSES_LOST: Final = timedelta(seconds=150)  # Telegram drops presses that nobody took for so long
_ANEW: Final = "cards.anew"


async def resume_clock(store: Store, clock: Clock, *, takes_in: bool) -> timedelta:
    """Go on with the town's time; returns for how long nobody has taken updates in.

    When that was so long that presses were lost, it is noted together with the start that cards must be shown anew.
    """
    kept, heard = await store.read(clock_and_life, Role.INGRESS)
    clock.resume(kept)
    wall = clock.wall()
    away = wall - datetime.fromisoformat(heard) if heard else timedelta(0)
    await store.work(_note_start, clock.anchor, wall, takes_in, away > PRESSES_LOST)
    return away


def clock_and_life(stores: Any, role: Role) -> tuple[str | None, str | None]:
    """The town's clock as it was kept, and when somebody last played *role*."""
    return stores.notebook.setting(clocks.SETTING), stores.notebook.setting(alive_setting(role))


def owed_anew(stores: Any) -> str | None:
    """When a start noted that cards must be shown anew, which has not been done for all of them since."""
    noted: str | None = stores.notebook.setting(_ANEW)
    return noted


def shown_anew(stores: Any, noted: str) -> None:
    """It has been done, unless another program has noted it again meanwhile."""
    if stores.notebook.setting(_ANEW) == noted:
        stores.notebook.set_setting(_ANEW, None)


def bot_is_here(stores: Any, bot: int, wall: datetime) -> None:
    """It serves; if it had been given up, what its chats show is old."""
    if reinstate(stores, bot):
        stores.notebook.set_setting(_ANEW, wall.isoformat())


def _note_start(stores: Any, anchor: str | None, wall: datetime, takes_in: bool, presses_lost: bool) -> None:
    stores.notebook.set_setting(clocks.SETTING, anchor)
    if takes_in:
        stores.notebook.set_setting(alive_setting(Role.INGRESS), wall.isoformat())
    if takes_in and presses_lost:
        stores.notebook.set_setting(_ANEW, wall.isoformat())
