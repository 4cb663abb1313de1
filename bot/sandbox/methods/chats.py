"""Asking about a chat and its members; leaving it; changing its title, description and defaults."""

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.membership import change
from bot.sandbox.methods.access import find_chat, find_managed
from bot.sandbox.posting import announce
from bot.sandbox.wire import full_chat_json, member_json, user_json
from bot.sandbox.world import LEFT, MEMBER, SEND_RIGHTS, Json

_NO_INFO_RIGHT = "not enough rights to change chat information"


@method("getChat")
def get_chat(call: Call) -> Json:
    """Everything about a chat."""
    return full_chat_json(call.world, find_chat(call), call.bot.id)


@method("getChatMember")
def get_chat_member(call: Call) -> Json:
    """What somebody is in a chat; whoever was never there has left."""
    chat, user_id = find_chat(call), call.params.user_id()
    if call.world.user(user_id) is None:
        raise bad_request("user not found")
    member = MEMBER if chat.private and chat.holds(user_id) else chat.member(user_id)
    return member_json(call.world, user_id, member, call.bot.id)


@method("getChatAdministrators")
def get_chat_administrators(call: Call) -> list[Json]:
    """The creator and the administrators, without other bots unless they are asked for."""
    chat = find_chat(call)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    bots = call.params.boolean("return_bots")
    return [
        member_json(call.world, user_id, member, call.bot.id)
        for user_id, member in chat.members.items()
        if member.admin and (bots or user_id == call.bot.id or user_id not in call.world.bots)
    ]


@method("getChatMemberCount")
def get_chat_member_count(call: Call) -> int:
    """How many are in a chat."""
    chat = find_chat(call)
    return 2 if chat.private else sum(member.present for member in chat.members.values())


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    """Leave a group; the bot hears of its own leaving."""
    chat = find_chat(call)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    if chat.migrated_to is not None:
        raise bad_request("chat is deactivated")
    announce(call.exchange, chat, call.bot, {"left_chat_member": user_json(call.bot)})
    change(call.exchange, chat, call.bot, LEFT, call.bot)
    return True


@method("setChatTitle")
def set_chat_title(call: Call) -> bool:
    """Rename a chat and say so in it."""
    title = " ".join(call.params.text("title").split())[:128]
    chat = find_managed(call, "can_change_info", _NO_INFO_RIGHT)
    if not title:
        raise bad_request("title must be non-empty")
    if title != chat.title:
        chat.title = title
        call.exchange.hub.tell(chat, "chat", lambda: {"title": title})
        announce(call.exchange, chat, call.bot, {"new_chat_title": title})
    return True


@method("setChatDescription")
def set_chat_description(call: Call) -> bool:
    """Change the description of a chat."""
    chat = find_managed(call, "can_change_info", _NO_INFO_RIGHT)
    description = call.params.text("description").strip()[:255]
    if description == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = description
    return True


@method("setChatPermissions")
def set_chat_permissions(call: Call) -> bool:
    """Set what members may do who have no rights of their own."""
    permissions = call.params.json("permissions", "permissions")
    if not isinstance(permissions, dict):
        raise bad_request("can't parse permissions JSON object")
    chat = find_managed(call, "can_restrict_members", "not enough rights to change chat permissions")
    chat.permissions = frozenset(right for right in SEND_RIGHTS if permissions.get(right))
    return True
