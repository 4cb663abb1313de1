"""What nearly every method asks first: which chat, may the bot, which message, is it too much."""

from bot.sandbox.errors import bad_request, forbidden, migrated
from bot.sandbox.exchange import Call
from bot.sandbox.world import Chat, Message


def find_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat that a parameter names, if the bot has ever been in touch with it.

    Raises:
        ApiError: 400 for no chat or an unknown one, 403 when the bot was put out.
    """
    wanted = call.params.text(name).strip()
    if not wanted:
        raise bad_request(f"{name} is empty")
    world = call.world
    number = world.named(wanted) if wanted.startswith("@") else call.params.integer(name)
    chat = world.privates.get((number or 0, call.bot.id)) or world.chats.get(number or 0)
    if chat is None:
        raise bad_request("chat not found")
    if not chat.private:
        _check_seat(call, chat)
    return chat


def find_writable(
    call: Call, name: str = "chat_id", *, right: str = "can_send_messages", count: int = 1, whispering: bool = False
) -> Chat:
    """The chat that the bot is about to write *count* messages to; they are counted by the limits.

    Without *whispering* a call for an ephemeral message is refused, so that none reaches the whole group.

    Raises:
        ApiError: as `find_chat`, 403 for a person who can't be written to, 400 for a missing right, 429.
    """
    if "ephemeral_message_parameters" in call.params and not whispering:
        raise bad_request("this kind of message can't be ephemeral")
    number = call.params.integer(name)
    if number in call.world.people and (number, call.bot.id) not in call.world.privates:
        raise forbidden("bot can't initiate conversation with a user")
    if number in call.world.bots:
        raise forbidden("bot can't send messages to bots")
    chat = find_chat(call, name)
    if chat.private:
        _check_person(call, chat)
    elif chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    else:
        _check_may_send(call, chat, right)
    call.exchange.limits.spend(call.bot.id, chat, count)
    return chat


def find_managed(call: Call, right: str, refusal: str) -> Chat:
    """The group in which the bot is about to use an administrator's *right*.

    Raises:
        ApiError: as `find_chat`, or 400 with *refusal* when the bot lacks the right.
    """
    chat = find_chat(call)
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    if not chat.private and not chat.member(call.bot.id).can(right):
        raise bad_request(refusal)
    return chat


def find_message(call: Call, chat: Chat, purpose: str, name: str = "message_id") -> Message:
    """The message of *chat* that a parameter names.

    Raises:
        ApiError: 400 `message to <purpose> not found`.
    """
    message = chat.messages.get(call.params.integer(name))
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message


def require_admin(call: Call, chat: Chat) -> None:
    """Insist that the bot administers *chat*.

    Raises:
        ApiError: 400 when it does not.
    """
    if not chat.private and not chat.member(call.bot.id).admin:
        raise bad_request("CHAT_ADMIN_REQUIRED")


def _check_seat(call: Call, chat: Chat) -> None:
    member = chat.members.get(call.bot.id)
    if member is None:
        raise bad_request("chat not found")
    if member.status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if not member.present:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")


def _check_person(call: Call, chat: Chat) -> None:
    if call.world.people[chat.id].deactivated:
        raise forbidden("user is deactivated")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")


def _check_may_send(call: Call, chat: Chat, right: str) -> None:
    member = chat.member(call.bot.id)
    if chat.kind == "channel" and not member.admin:
        raise bad_request("need administrator rights in the channel chat")
    allowed = member.rights if member.status == "restricted" else chat.permissions
    if not member.admin and right not in allowed:
        what = right.removeprefix("can_send_").replace("_", " ")
        raise bad_request(f"not enough rights to send {'text messages' if what == 'messages' else what} to the chat")
