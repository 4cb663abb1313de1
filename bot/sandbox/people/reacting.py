"""People react to messages."""

from collections import Counter

from bot.sandbox.exchange import Exchange, action
from bot.sandbox.membership import admin_bots
from bot.sandbox.people.asking import chat_of, message_of
from bot.sandbox.posting import react as put_reaction
from bot.sandbox.wire import chat_json, user_json
from bot.sandbox.world import Chat, Json, Message, Person


@action("react")
def react(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Put an `emoji` on a `message`, or none; administrator bots hear of it if they asked to.

    In a channel nobody learns who it was: there bots get the new counts.
    """
    chat = chat_of(exchange, person, fields)
    message, emoji = message_of(chat, fields), fields.get("emoji")
    new: list[Json] = [{"type": "emoji", "emoji": emoji}] if emoji else []
    old = message.reactions.get(person.id, [])
    if old == new:
        return {}
    put_reaction(exchange, chat, message, person, new)
    if chat.kind == "channel":
        _tell(exchange, chat, "message_reaction_count", _about(exchange, chat, message) | {"reactions": count(message)})
    else:
        who = _actor(exchange, chat, person)
        changes = {"old_reaction": old, "new_reaction": new}
        _tell(exchange, chat, "message_reaction", _about(exchange, chat, message) | who | changes)
    return {}


def count(message: Message) -> list[Json]:
    """How often each reaction stands under *message*, the most frequent first."""
    totals = Counter(tuple(reaction.items()) for chosen in message.reactions.values() for reaction in chosen)
    return [{"type": dict(reaction), "total_count": total} for reaction, total in totals.most_common()]


def _about(exchange: Exchange, chat: Chat, message: Message) -> Json:
    return {"chat": chat_json(exchange.world, chat), "message_id": message.id, "date": exchange.today()}


def _actor(exchange: Exchange, chat: Chat, person: Person) -> Json:
    """Who reacted: an anonymous administrator does it as the group."""
    if chat.member(person.id).anonymous:
        return {"actor_chat": chat_json(exchange.world, chat)}
    return {"user": user_json(person)}


def _tell(exchange: Exchange, chat: Chat, kind: str, body: Json) -> None:
    for bot in admin_bots(exchange, chat):
        exchange.queue(bot).add(kind, body, f"{kind}:{chat.id}")
