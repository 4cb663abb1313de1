"""Banning, restricting and promoting members, within the bot's own rights."""

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.membership import change, plain_member
from bot.sandbox.methods.access import find_managed
from bot.sandbox.posting import announce
from bot.sandbox.wire import user_json
from bot.sandbox.world import ADMIN_RIGHTS, LEFT, SEND_RIGHTS, Chat, Member, Person, administrator

_NO_RIGHT = "not enough rights to restrict/unrestrict chat member"
_FOREVER_BELOW_S, _FOREVER_ABOVE_S = 30, 366 * 86_400


@method("banChatMember")
def ban_chat_member(call: Call) -> bool:
    """Put somebody out; they can't come back by themselves. A basic group keeps no list of the banned."""
    user = _target(call)
    chat = _managed(call, user)
    if chat.kind == "group" and chat.member(user.id).present:
        announce(call.exchange, chat, call.bot, {"left_chat_member": user_json(user)})
    gone = LEFT if chat.kind == "group" and not user.is_bot else Member("kicked", until=_until(call))
    change(call.exchange, chat, user, gone, call.bot)
    return True


@method("unbanChatMember")
def unban_chat_member(call: Call) -> bool:
    """Let somebody come back; a member is removed, unless only the banned are meant."""
    user = _target(call)
    chat = _managed(call, user, supergroup=True)
    if chat.member(user.id).status == "kicked" or not call.params.boolean("only_if_banned"):
        change(call.exchange, chat, user, LEFT, call.bot)
    return True


@method("restrictChatMember")
def restrict_chat_member(call: Call) -> bool:
    """Take permissions from a member, or give all of them back."""
    user = _target(call)
    permissions = call.params.json("permissions", "permissions")
    if not isinstance(permissions, dict):
        raise bad_request("can't parse permissions JSON object")
    chat = _managed(call, user, supergroup=True)
    granted = frozenset(right for right in SEND_RIGHTS if permissions.get(right))
    present = chat.member(user.id).present
    if granted >= chat.permissions:
        new = plain_member(user) if present else LEFT
    else:
        tag = chat.member(user.id).tag
        new = Member("restricted", granted, tag=tag, until=_until(call), is_member=present)
    change(call.exchange, chat, user, new, call.bot)
    return True


@method("promoteChatMember")
def promote_chat_member(call: Call) -> bool:
    """Give a member an administrator's rights, at most the bot's own; none at all make a plain member."""
    user = _target(call)
    chat = find_managed(call, "can_promote_members", "not enough rights")
    if chat.kind == "group":
        raise bad_request("method is available for supergroup and channel chats only")
    if chat.member(user.id).status == "creator":
        raise bad_request("can't remove chat owner")
    own = chat.member(call.bot.id)
    rights = frozenset(right for right in ADMIN_RIGHTS if call.params.boolean(right))
    if any(not own.can(right) for right in rights):
        raise bad_request("RIGHT_FORBIDDEN")
    if not chat.member(user.id).present:
        raise bad_request("USER_NOT_PARTICIPANT")
    change(call.exchange, chat, user, administrator(rights, call.bot.id) if rights else plain_member(user), call.bot)
    return True


def _target(call: Call) -> Person:
    user = call.world.user(call.params.user_id())
    if user is None:
        raise bad_request("user not found")
    return user


def _managed(call: Call, user: Person, *, supergroup: bool = False) -> Chat:
    """The chat in which the bot may put out *user*."""
    chat = find_managed(call, "can_restrict_members", _NO_RIGHT)
    if supergroup and chat.kind == "group":
        raise bad_request("method is available only in supergroups")
    if user is call.bot:
        raise bad_request("can't restrict self")
    member = chat.member(user.id)
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    if member.admin:
        raise bad_request("user is an administrator of the chat")
    return chat


def _until(call: Call) -> int:
    """The end of a ban or restriction; too near or too far means for ever (0)."""
    until = call.params.integer("until_date")
    left = until - call.exchange.today()
    return until if _FOREVER_BELOW_S <= left <= _FOREVER_ABOVE_S else 0
