"""Polls of bots."""

from typing import Any, Final

from bot.sandbox.ballots import new_poll
from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.methods.access import find_chat, find_message
from bot.sandbox.methods.sending import send
from bot.sandbox.posting import edit
from bot.sandbox.world import Json

QUESTION_LIMIT: Final = 300
OPTION_LIMIT: Final = 100
MAX_OPTIONS: Final = 12


@method("sendPoll")
def send_poll(call: Call) -> Json:
    """Ask a question; votes on it reach this bot only."""
    question = call.params.text("question").strip()
    if not question:
        raise bad_request("poll question must be non-empty")
    if len(question) > QUESTION_LIMIT:
        raise bad_request(f"poll question length must not exceed {QUESTION_LIMIT}")
    kind = call.params.text("type", "regular")
    if kind not in ("regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    poll = new_poll(question, _options(call.params.json("options", "poll options")))
    poll |= {"type": kind, "allows_multiple_answers": call.params.boolean("allows_multiple_answers")}
    if "is_anonymous" in call.params:
        poll["is_anonymous"] = call.params.boolean("is_anonymous")
    if kind == "quiz":
        poll |= {"allows_revoting": False, "correct_option_ids": _correct(call, len(poll["options"]))}
    return send(call, {"poll": poll}, right="can_send_polls")


@method("stopPoll")
def stop_poll(call: Call) -> Json:
    """Close a poll of the bot and return it as it ended."""
    chat = find_chat(call)
    message = find_message(call, chat, "stop poll in")
    poll: Json | None = message.content.get("poll")
    if poll is None or message.author != call.bot.id:
        raise bad_request("poll can't be stopped")
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    message.content = {"poll": poll | {"is_closed": True}}
    edit(call.exchange, chat, message)
    call.exchange.queue(call.bot).add("poll", message.content["poll"], f"poll:{poll['id']}")
    closed: Json = message.content["poll"]
    return closed


def _options(given: Any) -> list[str]:
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_OPTIONS:
        raise bad_request(f"poll must have at least 1 and at most {MAX_OPTIONS} options")
    texts = [str(option["text"] if isinstance(option, dict) else option).strip() for option in given]
    if any(not text for text in texts):
        raise bad_request("poll option text must be non-empty")
    if any(len(text) > OPTION_LIMIT for text in texts):
        raise bad_request(f"poll options length must not exceed {OPTION_LIMIT}")
    return texts


def _correct(call: Call, count: int) -> list[int]:
    given = call.params.json("correct_option_ids", "correct options")
    chosen = given if isinstance(given, list) else [call.params.integer("correct_option_id", -1)]
    if not chosen or any(not isinstance(number, int) or not 0 <= number < count for number in chosen):
        raise bad_request("invalid option identifier specified")
    return chosen
