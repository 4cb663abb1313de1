"""Updates as Telegram sends them, made up in any number."""

from typing import Any, Final

import orjson

SUPERGROUP: Final = -1_000_000_000_000
AT: Final = 1_795_000_000  # seconds since 1970: what is measured does not depend on it


def report(number: int, chat: int, person: int, text: str) -> bytes:
    """Somebody sends ``/report`` in a group; *number* is the id of the update and of the message."""
    command = "/report"
    message = {
        "message_id": number,
        "from": _person(person),
        "chat": {"id": chat, "type": "supergroup", "title": "Group"},
        "date": AT,
        "text": f"{command} {text}",
        "entities": [{"type": "bot_command", "offset": 0, "length": len(command)}],
    }
    return orjson.dumps({"update_id": number, "message": message})


def chatter(number: int, chat: int, person: int, text: str) -> bytes:
    """Somebody says something that is none of the bot's business."""
    message = {
        "message_id": number,
        "from": _person(person),
        "chat": {"id": chat, "type": "supergroup", "title": "Group"},
        "date": AT,
        "text": text,
    }
    return orjson.dumps({"update_id": number, "message": message})


def mention(number: int, chat: int, person: int, bot: str, text: str) -> bytes:
    """Somebody says something to the *bot* in a group."""
    update = orjson.loads(chatter(number, chat, person, f"@{bot} {text}"))
    update["message"]["entities"] = [{"type": "mention", "offset": 0, "length": len(bot) + 1}]
    return orjson.dumps(update)


def private(number: int, person: int, text: str) -> bytes:
    """Somebody writes to the bot."""
    update = orjson.loads(chatter(number, person, person, text))
    update["message"]["chat"] = {"id": person, "type": "private", "first_name": f"Resident {person}"}
    return orjson.dumps(update)


def press(number: int, chat: int, person: int, message_id: int, data: str) -> bytes:
    """Somebody presses a button under the bot's message *message_id*."""
    message = {
        "message_id": message_id,
        "from": {"id": 1, "is_bot": True, "first_name": "Huying", "username": "huying_bench_bot"},
        "chat": {"id": chat, "type": "supergroup", "title": "Group"},
        "date": AT,
        "text": "Broadcast",
    }
    query = {
        "id": str(number),
        "from": _person(person),
        "chat_instance": str(chat),
        "message": message,
        "data": data,
    }
    return orjson.dumps({"update_id": number, "callback_query": query})


def _person(number: int) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": f"Resident {number}", "language_code": "zh"}
