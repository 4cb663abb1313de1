"""Where a forwarded, copied or quoted message comes from."""

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call
from bot.sandbox.wire import chat_json, user_by_id
from bot.sandbox.world import Chat, Json, Message

_MEDIA = ("photo", "video", "voice", "document", "audio", "animation", "sticker", "location", "venue", "contact")


def origin_json(call: Call, chat: Chat, message: Message) -> Json:
    """The `MessageOrigin` of *message*; a forward keeps its first one."""
    first: Json | None = message.extra.get("forward_origin")
    if first is not None:
        return first
    if message.sender_chat is None:
        return {"type": "user", "date": message.date, "sender_user": user_by_id(call.world, message.author)}
    sender = chat_json(call.world, call.world.chats[message.sender_chat])
    if chat.kind == "channel":
        return {"type": "channel", "date": message.date, "chat": sender, "message_id": message.id}
    return {"type": "chat", "date": message.date, "sender_chat": sender}


def external_reply(call: Call, other: str, message_id: int, *, tolerant: bool) -> Json:
    """The `external_reply` to a message of another chat that the bot can read.

    Raises:
        ApiError: 400 for an unknown chat, or for an unknown message unless *tolerant*.
    """
    chat = call.world.chats.get(int(other)) if other.lstrip("-").isdigit() else None
    if chat is None or not chat.member(call.bot.id).present:
        raise bad_request("chat not found")
    message = chat.messages.get(message_id)
    if message is None:
        if tolerant:
            return {}
        raise bad_request("message to be replied not found")
    reply: Json = {"origin": origin_json(call, chat, message)}
    if chat.kind != "group":
        reply |= {"chat": chat_json(call.world, chat), "message_id": message.id}
    return {"external_reply": reply | {kind: message.content[kind] for kind in _MEDIA if kind in message.content}}
