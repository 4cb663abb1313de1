"""The General topic of a forum: its messages carry no topic number, and it has methods of its own."""

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.methods.removing import check_pin_right
from bot.sandbox.methods.topics import find_forum, read_name
from bot.sandbox.posting import announce, unpin
from bot.sandbox.world import Chat


@method("editGeneralForumTopic")
def edit_general_forum_topic(call: Call) -> bool:
    """Rename General."""
    name, chat = read_name(call), find_forum(call)
    if chat.general["name"] == name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.general["name"] = name
    announce(call.exchange, chat, call.bot, {"forum_topic_edited": {"name": name}})
    return True


@method("closeGeneralForumTopic")
def close_general_forum_topic(call: Call) -> bool:
    """Close General to those who can't manage topics."""
    return _set(call, closed=True)


@method("reopenGeneralForumTopic")
def reopen_general_forum_topic(call: Call) -> bool:
    """Open General again; a hidden one comes to light."""
    return _set(call, closed=False, hidden=False)


@method("hideGeneralForumTopic")
def hide_general_forum_topic(call: Call) -> bool:
    """Hide General, which closes it."""
    return _set(call, hidden=True, closed=True)


@method("unhideGeneralForumTopic")
def unhide_general_forum_topic(call: Call) -> bool:
    """Show General again; it stays closed."""
    return _set(call, hidden=False)


@method("unpinAllGeneralForumTopicMessages")
def unpin_all_general_forum_topic_messages(call: Call) -> bool:
    """Unpin everything in General."""
    return _unpin_in(call, find_forum(call), None)


@method("unpinAllForumTopicMessages")
def unpin_all_forum_topic_messages(call: Call) -> bool:
    """Unpin everything in one topic."""
    chat, thread = find_forum(call), call.params.integer("message_thread_id")
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    return _unpin_in(call, chat, thread)


def _set(call: Call, **wanted: bool) -> bool:
    """Bring General into the *wanted* state; the first of them that changes is what the chat is told."""
    chat = find_forum(call)
    changed = [(name, value) for name, value in wanted.items() if chat.general[name] != value]
    if not changed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.general.update(changed)
    name, value = changed[0]
    words = {"closed": ("forum_topic_reopened", "forum_topic_closed")}
    service = words.get(name, ("general_forum_topic_unhidden", "general_forum_topic_hidden"))[value]
    announce(call.exchange, chat, call.bot, {service: {}})
    return True


def _unpin_in(call: Call, chat: Chat, thread: int | None) -> bool:
    check_pin_right(call, chat)
    inside = [number for number in chat.pinned if chat.messages[number].extra.get("message_thread_id") == thread]
    unpin(call.exchange, chat, inside)
    return True
