"""What people press, write and read: one folder per chat feature, discovered. `bot` needs only what stands here."""

from handlers._kit.context import GridContext
from handlers._kit.crowd import Crowd, Hasty, Spoken
from handlers._kit.dispatch import assemble
from handlers._kit.judge import Judge
from handlers._kit.menus import collect, menus
from handlers._kit.plain import Plain
from handlers._kit.registry import discover
from handlers._kit.services import Acquaintance, BotIdentity, Receipt, Services, current_update
from handlers._kit.views import Outgoing, render

__all__ = [
    "Acquaintance",
    "BotIdentity",
    "Crowd",
    "GridContext",
    "Hasty",
    "Judge",
    "Outgoing",
    "Plain",
    "Receipt",
    "Services",
    "Spoken",
    "assemble",
    "collect",
    "current_update",
    "discover",
    "menus",
    "render",
]
