"""A local Telegram: speaks the Bot API over HTTP and knows nothing of the rest of the project."""

from bot.sandbox.clock import Clock, ManualClock, RealClock
from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Record
from bot.sandbox.sandbox import CannotListen, Sandbox
from bot.sandbox.world import Bot, Chat, Person

__all__ = [
    "Bot",
    "CannotListen",
    "Chat",
    "Clock",
    "ManualClock",
    "Person",
    "RealClock",
    "Record",
    "Refused",
    "Sandbox",
]
