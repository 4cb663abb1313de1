"""How far an update or a promised message has come."""

from enum import StrEnum


class Delivery(StrEnum):
    """How far a promised message has come; all but the first two are final."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"  # Telegram said no to this message
    EXPIRED = "expired"  # nobody would want it any more
    BLOCKED = "blocked"  # the bot may not write to that chat
    IN_DOUBT = "in_doubt"  # nobody can know whether it arrived


class Handling(StrEnum):
    """How far an update has come."""

    PENDING = "pending"
    DONE = "done"
    POISON = "poison"  # failed every time; set aside until somebody has looked at it
