"""Deleting and pinning."""

from typing import Final

from bot.sandbox.errors import ApiError, bad_request, migrated
from bot.sandbox.exchange import Call, method
from bot.sandbox.methods.access import find_chat, find_message
from bot.sandbox.posting import delete, pin, unpin
from bot.sandbox.world import Chat, Message

DELETABLE_S: Final = 48 * 3600
_NO_PIN_RIGHT: Final = "not enough rights to manage pinned messages in the chat"


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    """Delete one message."""
    chat = _live_chat(call)
    message = find_message(call, chat, "delete")
    _check_deletable(call, chat, message)
    return delete(call.exchange, chat, message.id)


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    """Delete up to a hundred messages: all that exist, or none when one of them may not be."""
    wanted = call.params.json("message_ids", "message identifiers")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise bad_request("message identifiers must be an Array of 1-100 numbers")
    chat = _live_chat(call)
    found = [chat.messages[int(number)] for number in wanted if int(number) in chat.messages]
    for message in found:
        _check_deletable(call, chat, message)
    for message in found:
        delete(call.exchange, chat, message.id)
    return True


@method("pinChatMessage")
def pin_chat_message(call: Call) -> bool:
    """Pin a message; the chat says so, and the bot hears that too."""
    chat = _live_chat(call)
    message = find_message(call, chat, "pin")
    check_pin_right(call, chat)
    if message.service:
        raise bad_request("message can't be pinned")
    pin(call.exchange, chat, message, call.bot)
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: Call) -> bool:
    """Unpin one message, the newest when none is named."""
    chat = _live_chat(call)
    wanted = call.params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    check_pin_right(call, chat)
    unpin(call.exchange, chat, [wanted])
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(call: Call) -> bool:
    """Unpin everything."""
    chat = _live_chat(call)
    check_pin_right(call, chat)
    unpin(call.exchange, chat, list(chat.pinned))
    return True


def _live_chat(call: Call) -> Chat:
    chat = find_chat(call)
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    return chat


def _check_deletable(call: Call, chat: Chat, message: Message) -> None:
    own = message.author == call.bot.id
    if not own and not chat.private and not chat.member(call.bot.id).can("can_delete_messages"):
        raise ApiError(400, "Bad Request: message can't be deleted")
    if call.exchange.today() - message.date >= DELETABLE_S:
        raise bad_request("message can't be deleted for everyone")


def check_pin_right(call: Call, chat: Chat) -> None:
    """Insist that the bot may pin and unpin in *chat*.

    Raises:
        ApiError: 400 when it may not.
    """
    if chat.private:
        return
    member = chat.member(call.bot.id)
    if not member.can("can_pin_messages") and not (not member.admin and "can_pin_messages" in chat.permissions):
        raise bad_request(_NO_PIN_RIGHT)
