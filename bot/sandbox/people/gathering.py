"""People join, leave, invite, put out, promote, pin and change the groups they are in."""

from dataclasses import replace
from typing import Any

from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange, action
from bot.sandbox.files import sample_photo
from bot.sandbox.membership import admin_bots, change, plain_member
from bot.sandbox.people.asking import any_chat, chat_of, message_of, right_of, text_of, upload_of, user_of
from bot.sandbox.posting import announce, pin, show_photo, unpin
from bot.sandbox.wire import chat_json, user_json
from bot.sandbox.world import (
    ADMIN_RIGHTS,
    KICKED,
    LEFT,
    SEND_RIGHTS,
    Bot,
    Chat,
    Json,
    Member,
    Person,
    administrator,
    is_tag,
)


@action("join")
def join(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Join `chat`, or ask to where joining must be approved; `link` tells by which invitation."""
    chat = any_chat(exchange, person, fields.get("chat"))
    if chat.private or chat.migrated_to is not None:
        raise Refused("this chat can't be joined")
    member = chat.member(person.id)
    if member.status == "kicked":
        raise Refused(f"{person.name} was put out of {chat.title}")
    if member.present:
        raise Refused(f"{person.name} is in {chat.title} already")
    link = chat.links.get(str(fields.get("link") or ""))
    if chat.by_request or (link and link.get("creates_join_request")):
        return _ask_to_join(exchange, chat, person, link)
    extra: Json = {"invite_link": link} if link else {}
    change(exchange, chat, person, _returning(member, person), person, extra)
    announce(exchange, chat, person, {"new_chat_members": [user_json(person)]})
    return {"joined": True}


@action("leave")
def leave(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Leave `chat`."""
    chat = chat_of(exchange, person, fields)
    announce(exchange, chat, person, {"left_chat_member": user_json(person)})
    old = chat.member(person.id)
    gone = replace(old, is_member=False) if old.status == "restricted" else LEFT
    change(exchange, chat, person, gone, person)
    return {}


@action("add_member")
def add_member(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Bring `user` (a person or a bot) into `chat`; a bot may be made administrator at once with `rights`."""
    user = user_of(exchange, fields.get("user"))
    if isinstance(user, Bot):
        bring_bot(exchange, person, user, fields)
        return {}
    _bring(exchange, person, user, fields)
    return {}


def bring_bot(exchange: Exchange, person: Person, bot: Bot, fields: Json) -> None:
    """Bring *bot* into the chat of *fields*, as an administrator where they name `rights` or `admin`."""
    rights = _wanted_rights(fields)
    chat = chat_of(exchange, person, fields)
    if rights:
        right_of(chat, person, "can_promote_members")
    if not chat.member(bot.id).present:
        new = administrator(rights, person.id) if rights else plain_member(bot)
        _bring(exchange, person, bot, fields, new)
    elif rights:
        rights |= chat.member(bot.id).rights
        change(exchange, chat, bot, administrator(rights, person.id), person)


@action("kick")
def kick(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Put `user` out of `chat`."""
    chat, user = chat_of(exchange, person, fields), user_of(exchange, fields.get("user"))
    right_of(chat, person, "can_restrict_members")
    if chat.member(user.id).status == "creator":
        raise Refused("the owner can't be put out")
    if chat.member(user.id).present:
        announce(exchange, chat, person, {"left_chat_member": user_json(user)})
    keeps_no_list = chat.kind == "group" and not user.is_bot
    change(exchange, chat, user, LEFT if keeps_no_list else KICKED, person)
    return {}


@action("promote")
def promote(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Make `user` an administrator of `chat` with `rights` (a list; without it: all but promoting)."""
    chat, user = chat_of(exchange, person, fields), user_of(exchange, fields.get("user"))
    own, member = right_of(chat, person, "can_promote_members"), chat.member(user.id)
    if not member.present:
        raise Refused(f"{user.name} is not in {chat.title}")
    if member.status == "creator":
        raise Refused("the owner needs no promotion")
    rights = _wanted_rights(fields | {"admin": True})
    if any(not own.can(right) for right in rights):
        raise Refused("nobody can give a right they don't have")
    title = str(fields.get("title") or "")
    change(exchange, chat, user, replace(administrator(rights, person.id), title=title), person)
    return {}


@action("demote")
def demote(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Make an administrator a plain member again."""
    chat, user = chat_of(exchange, person, fields), user_of(exchange, fields.get("user"))
    right_of(chat, person, "can_promote_members")
    if chat.member(user.id).status == "administrator":
        change(exchange, chat, user, plain_member(user), person)
    return {}


@action("restrict")
def restrict(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Leave `user` only the permissions in `rights` (a list, may be empty)."""
    chat, user = chat_of(exchange, person, fields), user_of(exchange, fields.get("user"))
    right_of(chat, person, "can_restrict_members")
    kept = frozenset(fields.get("rights") or ()) & frozenset(SEND_RIGHTS)
    change(exchange, chat, user, Member("restricted", kept, tag=chat.member(user.id).tag), person)
    return {}


@action("anonymous")
def anonymous(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Write as the group from now on (`on`), or as oneself again; administrators only."""
    chat = chat_of(exchange, person, fields)
    member = right_of(chat, person, "can_manage_chat")
    change(exchange, chat, person, replace(member, anonymous=bool(fields.get("on", True))), person)
    return {}


@action("migrate")
def migrate(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Turn the basic group `chat` into a supergroup with a new id; message ids begin anew."""
    chat = chat_of(exchange, person, fields)
    right_of(chat, person, "can_change_info")
    if chat.kind != "group":
        raise Refused("only a basic group becomes a supergroup")
    new = exchange.world.migrate(chat)
    announce(exchange, chat, person, {"migrate_to_chat_id": new.id})
    announce(exchange, new, person, {"migrate_from_chat_id": chat.id})
    exchange.hub.tell(new, "chat", lambda: {"migrated_from": chat.id})
    return {"chat": new.id}


@action("pin")
def pin_message(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Pin `message`."""
    chat = chat_of(exchange, person, fields)
    _check_may_pin(chat, person)
    pin(exchange, chat, message_of(chat, fields), person)
    return {}


@action("unpin")
def unpin_message(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Unpin `message`."""
    chat = chat_of(exchange, person, fields)
    _check_may_pin(chat, person)
    unpin(exchange, chat, [message_of(chat, fields).id])
    return {}


@action("photo")
def change_photo(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Give `chat` a `photo` (bytes or base64; without it a sample); `remove` takes it away."""
    chat = chat_of(exchange, person, fields)
    if chat.private:
        raise Refused("a private chat shows the person's own photo")
    right_of(chat, person, "can_change_info")
    upload = upload_of(fields.get("photo"), "photo.jpg", "image/jpeg")
    try:
        show_photo(exchange, chat, person, None if fields.get("remove") else upload.data if upload else sample_photo(4))
    except ValueError as error:
        raise Refused("this is no picture") from error
    return {}


@action("tag")
def change_tag(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Put `tag` (at most 16 characters, no emoji; empty for none) beside the name of `user`, or one's own name."""
    chat = chat_of(exchange, person, fields)
    user = user_of(exchange, fields.get("user") or person.id)
    member, tag = chat.member(user.id), str(fields.get("tag") or "").strip()
    allowed = member.rights if member.status == "restricted" else chat.permissions
    if user is not person or "can_edit_tag" not in allowed:
        right_of(chat, person, "can_manage_tags")
    if not member.present or member.admin:
        raise Refused(f"{user.name} is no plain member of {chat.title}")
    if not is_tag(tag):
        raise Refused(f"{tag!r} is longer than 16 characters or has an emoji")
    change(exchange, chat, user, replace(member, tag=tag), person)
    return {}


@action("rename")
def rename(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Give `chat` another `title`."""
    chat, title = chat_of(exchange, person, fields), text_of(fields, "title")
    right_of(chat, person, "can_change_info")
    chat.title = title
    exchange.hub.tell(chat, "chat", lambda: {"title": title})
    announce(exchange, chat, person, {"new_chat_title": title})
    return {}


def _bring(exchange: Exchange, person: Person, user: Person, fields: Json, new: Member | None = None) -> None:
    chat = chat_of(exchange, person, fields)
    member = chat.member(person.id)
    if not member.can("can_invite_users") and (member.admin or "can_invite_users" not in chat.permissions):
        raise Refused(f"{person.name} may not add anybody to {chat.title}")
    if chat.member(user.id).present:
        raise Refused(f"{user.name} is in {chat.title} already")
    change(exchange, chat, user, new or plain_member(user), person)
    announce(exchange, chat, person, {"new_chat_members": [user_json(user)]})


def _ask_to_join(exchange: Exchange, chat: Chat, person: Person, link: Json | None) -> Json:
    now = exchange.today()
    chat.requests[person.id] = now
    body: Json = {
        "chat": chat_json(exchange.world, chat),
        "from": user_json(person),
        "user_chat_id": person.id,
        "date": now,
    }
    if link:
        body["invite_link"] = link
    for bot in admin_bots(exchange, chat):
        if chat.member(bot.id).can("can_invite_users"):
            exchange.queue(bot).add("chat_join_request", body, f"chat_member:{person.id}")
    return {"asked": True}


def _returning(member: Member, person: Person) -> Member:
    """What somebody is who comes (back): restrictions stick."""
    return replace(member, is_member=True) if member.status == "restricted" else plain_member(person)


def _wanted_rights(fields: Json) -> frozenset[str]:
    wanted: Any = fields.get("rights")
    if wanted:
        return frozenset(wanted) & frozenset(ADMIN_RIGHTS)
    return frozenset(ADMIN_RIGHTS) - {"can_promote_members"} if fields.get("admin") else frozenset()


def _check_may_pin(chat: Chat, person: Person) -> None:
    member = chat.member(person.id)
    by_default = not member.admin and "can_pin_messages" in chat.permissions
    if not chat.private and not by_default and not member.can("can_pin_messages"):
        raise Refused(f"{person.name} may not pin in {chat.title}")
