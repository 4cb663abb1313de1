"""Invitation links and requests to join."""

import secrets
from typing import Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.membership import change, plain_member
from bot.sandbox.methods.access import find_managed
from bot.sandbox.posting import announce
from bot.sandbox.wire import user_json
from bot.sandbox.world import Chat, Json, Person

MAX_MEMBERS: Final = 99_999
_NO_RIGHT: Final = "not enough rights to manage chat invite link"


@method("createChatInviteLink")
def create_chat_invite_link(call: Call) -> Json:
    """A further link, with its own name and limits."""
    chat = find_managed(call, "can_invite_users", _NO_RIGHT)
    return _keep(chat, _limited(call, _new_link(call, primary=False)))


@method("editChatInviteLink")
def edit_chat_invite_link(call: Call) -> Json:
    """Set every limit of a link anew; what is left out goes."""
    chat, link = _own_link(call)
    if link["is_primary"]:
        raise bad_request("CHAT_INVITE_PERMANENT")
    fixed = {name: link[name] for name in ("invite_link", "creator", "is_primary", "is_revoked")}
    return _keep(chat, _limited(call, fixed))


@method("revokeChatInviteLink")
def revoke_chat_invite_link(call: Call) -> Json:
    """Make a link useless."""
    chat, link = _own_link(call)
    return _keep(chat, link | {"is_revoked": True})


@method("exportChatInviteLink")
def export_chat_invite_link(call: Call) -> str:
    """A new primary link of this bot; its old one is revoked."""
    chat = find_managed(call, "can_invite_users", _NO_RIGHT)
    for link in chat.links.values():
        if link["is_primary"] and link["creator"]["id"] == call.bot.id:
            link["is_revoked"] = True
    return str(_keep(chat, _new_link(call, primary=True) | {"creates_join_request": False})["invite_link"])


@method("approveChatJoinRequest")
def approve_chat_join_request(call: Call) -> bool:
    """Let in somebody who asked."""
    chat, person = _request(call)
    change(call.exchange, chat, person, plain_member(person), call.bot, {"via_join_request": True})
    announce(call.exchange, chat, person, {"new_chat_members": [user_json(person)]})
    return True


@method("declineChatJoinRequest")
def decline_chat_join_request(call: Call) -> bool:
    """Turn somebody away who asked."""
    _request(call)
    return True


def _request(call: Call) -> tuple[Chat, Person]:
    """The chat and the person whose request is dealt with now; it is pending no more."""
    chat = find_managed(call, "can_invite_users", "not enough rights")
    person = call.world.people.get(call.params.user_id())
    if person is None or chat.requests.pop(person.id, None) is None:
        raise bad_request("HIDE_REQUESTER_MISSING")
    return chat, person


def _own_link(call: Call) -> tuple[Chat, Json]:
    chat = find_managed(call, "can_invite_users", _NO_RIGHT)
    wanted = call.params.text("invite_link")
    if not wanted:
        raise bad_request("invite link must be non-empty")
    link = chat.links.get(wanted)
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    if link["creator"]["id"] != call.bot.id:
        raise bad_request("CHAT_ADMIN_REQUIRED")
    return chat, link


def _new_link(call: Call, *, primary: bool) -> Json:
    address = f"https://t.me/+{secrets.token_urlsafe(12)}"
    return {"invite_link": address, "creator": user_json(call.bot), "is_primary": primary, "is_revoked": False}


def _limited(call: Call, link: Json) -> Json:
    """*link* with the name, end, member limit and approval that the call asks for."""
    params = call.params
    by_request, members = params.boolean("creates_join_request"), params.integer("member_limit")
    if by_request and members:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    limited = link | {"creates_join_request": by_request}
    if params.text("name"):
        limited["name"] = params.text("name")[:32]
    if params.integer("expire_date"):
        limited["expire_date"] = params.integer("expire_date")
    if members > 0:
        limited["member_limit"] = min(members, MAX_MEMBERS)
    return limited


def _keep(chat: Chat, link: Json) -> Json:
    chat.links[link["invite_link"]] = link
    return link
