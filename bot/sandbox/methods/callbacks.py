"""Answering a press."""

from typing import Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, keep, method

ANSWER_LIMIT_S: Final = 15
TEXT_LIMIT: Final = 200
_TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    """Stop the presser's spinner and perhaps show a line; once, and only while their client waits."""
    exchange, params = call.exchange, call.params
    query = exchange.queries.get(params.text("callback_query_id"))
    if query is None or query.answered or query.bot != call.bot.id:
        raise bad_request(_TOO_OLD)
    if exchange.clock.now() - query.asked_at > ANSWER_LIMIT_S:
        del exchange.queries[query.id]
        raise bad_request(_TOO_OLD)
    text = params.text("text")
    if len(text) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answered = True
    toast = {
        "type": "toast",
        "to": query.person,
        "text": text,
        "alert": params.boolean("show_alert"),
        "url": params.text("url"),
        "query": query.id,
    }
    keep(exchange.toasts, toast | {"chat": query.chat.id, "message": query.message})
    exchange.hub.tell_person(query.person, toast)
    return True
