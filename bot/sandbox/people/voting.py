"""People vote in polls."""

from bot.sandbox.ballots import count
from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange, action
from bot.sandbox.people.asking import chat_of, message_of
from bot.sandbox.posting import view
from bot.sandbox.wire import user_json
from bot.sandbox.world import Json, Person


@action("vote")
def vote(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Choose `options` (numbers from 0; none takes the vote back) in the poll of `message`."""
    chat = chat_of(exchange, person, fields)
    message = message_of(chat, fields)
    poll: Json | None = message.content.get("poll")
    chosen = sorted({int(number) for number in fields.get("options") or ()})
    if poll is None or poll["is_closed"]:
        raise Refused("there is no open poll in this message")
    if any(not 0 <= number < len(poll["options"]) for number in chosen):
        raise Refused("the poll has no such option")
    if len(chosen) > 1 and not poll["allows_multiple_answers"]:
        raise Refused("this poll takes one answer")
    before = message.votes.get(person.id, [])
    if before and not poll["allows_revoting"]:
        raise Refused("a vote in this poll is final")
    message.votes[person.id] = chosen
    message.content = {"poll": count(poll, message.votes)}
    exchange.hub.tell(chat, "edit", lambda: {"message": view(exchange, chat, message)})
    bot = exchange.world.bots.get(message.author)
    if bot is not None:
        counted = message.content["poll"]
        if not poll["is_anonymous"]:
            answer = {
                "poll_id": poll["id"],
                "user": user_json(person),
                "option_ids": chosen,
                "option_persistent_ids": [str(number) for number in chosen],
            }
            exchange.queue(bot).add("poll_answer", answer, f"poll:{poll['id']}")
        exchange.queue(bot).add("poll", counted, f"poll:{poll['id']}")
    return {}
