"""How a chat and its members show: the photo of a chat, tags of members, titles of administrators."""

from dataclasses import replace
from typing import Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.media import UPLOAD_LIMIT_BYTES
from bot.sandbox.membership import change
from bot.sandbox.methods.access import find_managed
from bot.sandbox.posting import show_photo
from bot.sandbox.world import TAG_LIMIT, Chat, Member, Person, is_tag

_NO_INFO_RIGHT: Final = "not enough rights to change chat photo"
_NO_TITLE_RIGHT: Final = "not enough rights to change custom title of the user"


@method("setChatPhoto")
def set_chat_photo(call: Call) -> bool:
    """Give a group or channel a photo, which must come with the call; the chat says so."""
    upload = call.params.uploads.get("photo") or call.params.attached(call.params.text("photo"))
    if upload is None:
        given = call.params.text("photo")
        raise bad_request("photo must be uploaded as an InputFile" if given else "there is no photo in the request")
    chat = _pictured(call)
    if not upload.data or len(upload.data) > UPLOAD_LIMIT_BYTES:
        raise bad_request("file must be non-empty" if not upload.data else "file is too big")
    try:
        show_photo(call.exchange, chat, call.bot, upload.data)
    except ValueError as error:
        raise bad_request("PHOTO_INVALID_DIMENSIONS") from error
    return True


@method("deleteChatPhoto")
def delete_chat_photo(call: Call) -> bool:
    """Take the photo of a chat away."""
    chat = _pictured(call)
    if not chat.photo:
        raise bad_request("CHAT_NOT_MODIFIED")
    show_photo(call.exchange, chat, call.bot, None)
    return True


@method("setChatMemberTag")
def set_chat_member_tag(call: Call) -> bool:
    """Put a word beside the name of a plain member, or take it away."""
    user, tag = _user(call), call.params.text("tag").strip()
    chat = find_managed(call, "can_manage_tags", "CHAT_ADMIN_REQUIRED")
    _check_word(tag)
    member = _member(chat, user)
    if member.admin:
        raise bad_request("user is an administrator of the chat")
    change(call.exchange, chat, user, replace(member, tag=tag), call.bot)
    return True


@method("setChatAdministratorCustomTitle")
def set_chat_administrator_custom_title(call: Call) -> bool:
    """Put a word beside the name of an administrator whom the bot promoted."""
    user, title = _user(call), call.params.text("custom_title").strip()
    chat = find_managed(call, "can_promote_members", _NO_TITLE_RIGHT)
    if chat.kind != "supergroup":
        raise bad_request("method is available only in supergroups")
    _check_word(title)
    member = _member(chat, user)
    if not member.admin:
        raise bad_request("user is not an administrator")
    if member.promoted_by != call.bot.id:
        raise bad_request(_NO_TITLE_RIGHT)
    change(call.exchange, chat, user, replace(member, title=title), call.bot)
    return True


def _pictured(call: Call) -> Chat:
    chat = find_managed(call, "can_change_info", _NO_INFO_RIGHT)
    if chat.private:
        raise bad_request("can't change private chat photo")
    return chat


def _user(call: Call) -> Person:
    user = call.world.user(call.params.user_id())
    if user is None:
        raise bad_request("user not found")
    return user


def _member(chat: Chat, user: Person) -> Member:
    member = chat.member(user.id)
    if chat.private or not member.present:
        raise bad_request("USER_NOT_PARTICIPANT")
    return member


def _check_word(word: str) -> None:
    if len(word) > TAG_LIMIT:
        raise bad_request("ADMIN_RANK_INVALID")
    if not is_tag(word):
        raise bad_request("ADMIN_RANK_EMOJI_NOT_ALLOWED")
