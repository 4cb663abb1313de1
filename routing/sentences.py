"""Sentences that are said in another way than the others, by their keys."""

from typing import Final

SAID_BY_THE_CARD: Final = frozenset(
    {
        "tell.claimed", "tell.handed_over_reporter", "tell.transferred_reporter", "tell.extended_reporter",
        "tell.escalated_reporter", "tell.suspended", "tell.offered", "tell.released", "tell.withdrawn", "tell.more",
        "tell.resumed_reporter", "tell.offered_reporter", "tell.assigned_reporter", "tell.recounted_reporter",
    }
)  # fmt: skip
"""What the card says as well: not repeated in a residents' chat, nor where the card is still to come as the news."""
CALLS: Final = frozenset({"tell.whistled", "tell.called_off", "tell.assist_struck", "tell.absent"})
"""That a unit is to come to a place at a time, or no longer, or has not come: somebody is awake and waits for it."""
