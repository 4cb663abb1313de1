"""Polls as the Bot API shows them: new ones, and the count of votes."""

import secrets

from bot.sandbox.world import Json


def new_poll(question: str, options: list[str]) -> Json:
    """A `Poll` that nobody has voted in."""
    return {
        "id": str(secrets.randbits(60)),
        "question": question,
        "options": [
            {"persistent_id": str(number), "text": text, "voter_count": 0} for number, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }


def count(poll: Json, votes: dict[int, list[int]]) -> Json:
    """*poll* with the numbers that follow from who chose what."""
    options = [
        option | {"voter_count": sum(number in chosen for chosen in votes.values())}
        for number, option in enumerate(poll["options"])
    ]
    return poll | {"options": options, "total_voter_count": sum(bool(chosen) for chosen in votes.values())}
