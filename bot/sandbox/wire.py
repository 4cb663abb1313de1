"""The world in Bot API shapes: users, chats, members, messages as JSON objects."""

from bot.sandbox.files import for_bot, identifier
from bot.sandbox.world import (
    ADMIN_RIGHTS,
    CHANNEL_BOT,
    GROUP_ANONYMOUS_BOT,
    SEND_RIGHTS,
    Chat,
    Json,
    Member,
    Message,
    Person,
    World,
)

_MEDIA = ("photo", "voice", "video", "document", "audio", "animation", "sticker", "video_note", "new_chat_photo")
_STAND_INS = {
    GROUP_ANONYMOUS_BOT: ("Group", "GroupAnonymousBot"),
    CHANNEL_BOT: ("Channel", "Channel_Bot"),
}


def user_json(user: Person) -> Json:
    """A `User`."""
    about: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    if user.last_name:
        about["last_name"] = user.last_name
    if user.username:
        about["username"] = user.username
    if user.language_code:
        about["language_code"] = user.language_code
    return about


def user_by_id(world: World, user_id: int) -> Json:
    """A `User` by its id; the two stand-ins of Telegram and strangers have one too."""
    user = world.user(user_id)
    if user is not None:
        return user_json(user)
    first_name, username = _STAND_INS.get(user_id, ("", ""))
    about: Json = {"id": user_id, "is_bot": user_id in _STAND_INS, "first_name": first_name}
    if username:
        about["username"] = username
    return about


def chat_json(world: World, chat: Chat) -> Json:
    """A `Chat`."""
    if chat.private:
        person = world.people[chat.id]
        about: Json = {"id": chat.id, "type": "private", "first_name": person.first_name}
        if person.last_name:
            about["last_name"] = person.last_name
        if person.username:
            about["username"] = person.username
        return about
    about = {"id": chat.id, "type": chat.kind, "title": chat.title}
    if chat.username:
        about["username"] = chat.username
    if chat.forum:
        about["is_forum"] = True
    return about


def member_json(world: World, user_id: int, member: Member, viewer: int | None = None) -> Json:
    """A `ChatMember`; *viewer* is the bot that `can_be_edited` speaks of."""
    about: Json = {"status": member.status, "user": user_by_id(world, user_id)}
    if member.admin:
        about["is_anonymous"] = member.anonymous
        if member.title:
            about["custom_title"] = member.title
    elif member.tag:
        about["tag"] = member.tag
    if member.status == "administrator":
        about["can_be_edited"] = viewer is not None and member.promoted_by == viewer
        about.update({right: right in member.rights for right in ADMIN_RIGHTS})
    elif member.status == "restricted":
        about["is_member"] = member.is_member
        about.update({right: right in member.rights for right in SEND_RIGHTS})
        about["until_date"] = member.until
    elif member.status == "kicked":
        about["until_date"] = member.until
    return about


def message_json(world: World, chat: Chat, message: Message, bot: int | None = None) -> Json:
    """A `Message` as *bot* sees it (its file identifiers), or as no bot in particular."""
    about = _plain_message(world, chat, message)
    if message.reply_to is not None:
        answered = chat.messages.get(message.reply_to)
        if answered is not None:
            about["reply_to_message"] = _plain_message(world, chat, answered)
    if message.pins is not None:
        about["pinned_message"] = pinned_json(world, chat, message.pins)
    if bot is not None and (_has_media(about) or _has_media(about.get("reply_to_message", {}))):
        localised: Json = for_bot(about, bot)
        return localised
    return about


def pinned_json(world: World, chat: Chat, message_id: int) -> Json:
    """The pinned message, or an `InaccessibleMessage` once it is gone."""
    message = chat.messages.get(message_id)
    return inaccessible_json(world, chat, message_id) if message is None else _plain_message(world, chat, message)


def inaccessible_json(world: World, chat: Chat, message_id: int) -> Json:
    """An `InaccessibleMessage`: known by its id, with the date 0."""
    return {"chat": chat_json(world, chat), "message_id": message_id, "date": 0}


def chat_member_json(
    world: World, chat: Chat, user: int, old: Member, new: Member, by: int, date: int, viewer: int
) -> Json:
    """A `ChatMemberUpdated`."""
    return {
        "chat": chat_json(world, chat),
        "from": user_by_id(world, by),
        "date": date,
        "old_chat_member": member_json(world, user, old, viewer),
        "new_chat_member": member_json(world, user, new, viewer),
    }


def full_chat_json(world: World, chat: Chat, bot: int) -> Json:
    """A `ChatFullInfo` as *bot* sees it."""
    about = chat_json(world, chat) | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.photo:
        small, big = chat.photo[0]["file_unique_id"], chat.photo[-1]["file_unique_id"]
        about["photo"] = {
            "small_file_id": identifier(small, bot),
            "small_file_unique_id": small,
            "big_file_id": identifier(big, bot),
            "big_file_unique_id": big,
        }
    if chat.description:
        about["description"] = chat.description
    if chat.kind in ("group", "supergroup"):
        about["permissions"] = {right: right in chat.permissions for right in SEND_RIGHTS}
    if chat.by_request:
        about["join_by_request"] = True
    if chat.pinned:
        about["pinned_message"] = for_bot(_plain_message(world, chat, chat.messages[chat.pinned[-1]]), bot)
    return about


def _plain_message(world: World, chat: Chat, message: Message) -> Json:
    about: Json = {"message_id": message.id}
    if message.sender_chat is None:
        if chat.kind != "channel":
            about["from"] = user_by_id(world, message.author)
    else:
        sender = world.chats[message.sender_chat]
        if chat.kind != "channel":
            stand_in = GROUP_ANONYMOUS_BOT if sender is chat else CHANNEL_BOT
            about["from"] = user_by_id(world, stand_in)
        about["sender_chat"] = chat_json(world, sender)
    about["chat"] = chat_json(world, chat)
    about["date"] = message.date
    if message.edited_at is not None:
        about["edit_date"] = message.edited_at
    about.update(message.extra)
    about.update(message.content)
    if message.markup is not None:
        about["reply_markup"] = message.markup
    return about


def _has_media(about: Json) -> bool:
    return any(kind in about for kind in _MEDIA)
