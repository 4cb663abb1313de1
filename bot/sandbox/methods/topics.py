"""Topics of a forum. A new topic counts as a message; General, which has no number in a send, is in `general`."""

from typing import Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.methods.access import find_managed
from bot.sandbox.posting import delete, post
from bot.sandbox.world import Chat, Json

COLOURS: Final = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)
_NO_RIGHT: Final = "not enough rights to manage topics"


@method("createForumTopic")
def create_forum_topic(call: Call) -> Json:
    """Begin a topic; the message that says so gives it its number."""
    name = read_name(call)
    chat = find_forum(call)
    call.exchange.limits.spend(call.bot.id, chat)
    colour = call.params.integer("icon_color", COLOURS[0])
    about: Json = {"name": name, "icon_color": colour if colour in COLOURS else COLOURS[0]}
    thread = chat.next_message
    chat.topics[thread] = {**about, "closed": False}
    _say(call, chat, thread, {"forum_topic_created": about})
    return {"message_thread_id": thread, **about}


@method("editForumTopic")
def edit_forum_topic(call: Call) -> bool:
    """Rename a topic."""
    name, chat = read_name(call), find_forum(call)
    thread = _thread(call, chat)
    if chat.topics[thread]["name"] == name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.topics[thread]["name"] = name
    _say(call, chat, thread, {"forum_topic_edited": {"name": name}})
    return True


@method("closeForumTopic")
def close_forum_topic(call: Call) -> bool:
    """Close a topic to those who can't manage topics."""
    return _set_closed(call, closed=True)


@method("reopenForumTopic")
def reopen_forum_topic(call: Call) -> bool:
    """Open a closed topic again."""
    return _set_closed(call, closed=False)


@method("deleteForumTopic")
def delete_forum_topic(call: Call) -> bool:
    """Delete a topic with everything in it."""
    chat = find_forum(call)
    thread = _thread(call, chat)
    del chat.topics[thread]
    inside = [item.id for item in chat.messages.values() if item.extra.get("message_thread_id") == thread]
    for number in inside:
        delete(call.exchange, chat, number)
    return True


def _set_closed(call: Call, *, closed: bool) -> bool:
    chat = find_forum(call)
    thread = _thread(call, chat)
    if chat.topics[thread]["closed"] == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.topics[thread]["closed"] = closed
    _say(call, chat, thread, {f"forum_topic_{'closed' if closed else 'reopened'}": {}})
    return True


def find_forum(call: Call) -> Chat:
    """The forum in which the bot may manage topics.

    Raises:
        ApiError: the chat is none, or the bot lacks the right.
    """
    chat = find_managed(call, "can_manage_topics", _NO_RIGHT)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    return chat


def _thread(call: Call, chat: Chat) -> int:
    thread = call.params.integer("message_thread_id")
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    return thread


def read_name(call: Call) -> str:
    """The name that a topic shall have, cut at 128 characters.

    Raises:
        ApiError: it is empty.
    """
    name = call.params.text("name").strip()
    if not name:
        raise bad_request("topic name must be non-empty")
    return name[:128]


def _say(call: Call, chat: Chat, thread: int, content: Json) -> None:
    extra = {"message_thread_id": thread, "is_topic_message": True}
    post(call.exchange, chat, call.bot, content, service=True, extra=extra)
