"""Is this update any of the bot's business? Judged in memory on the raw update; chatter is dropped, never stored."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from handlers._kit.services import BotIdentity

SERVICE: Final = (
    "new_chat_members",
    "left_chat_member",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "group_chat_created",
)
ALWAYS: Final = ("callback_query", "my_chat_member", "chat_join_request")
REMEMBERED: Final = 20_000
JOINED: Final = frozenset({"member", "restricted", "administrator", "creator"})


class Judge:
    """Decides for one bot.

    Args:
        identity: Which bot.
        reads_like_report: Whether a text in the chat with that Telegram id deserves the quiet offer; False where the
            offer is switched off.

    It remembers the newest messages and albums that it let through, so that their edits, their parts and what their
    authors add to them follow. After a restart, an edit or an addition must speak for itself.
    """

    def __init__(self, identity: BotIdentity, reads_like_report: Callable[[int, str], bool]) -> None:
        self._identity, self._reads_like_report = identity, reads_like_report
        self._mention = re.compile(rf"@{re.escape(identity.username)}(?!\w)", re.IGNORECASE | re.ASCII)
        self._ours: OrderedDict[tuple[int, int | str], None] = OrderedDict()

    def judge(self, updates: Sequence[Mapping[str, Any]]) -> list[bool]:
        """A verdict for each update of a batch; the parts of an album share the best of theirs."""
        first = [self.concerns_us(update) for update in updates]
        return [
            verdict or self._album_of_ours(update.get("message"))
            for verdict, update in zip(first, updates, strict=True)
        ]

    def concerns_us(self, update: Mapping[str, Any]) -> bool:
        """Whether somebody speaks to the bot, about the bot, or of something that a grid worker should hear."""
        if any(kind in update for kind in ALWAYS):
            return True
        if "chat_member" in update:
            return _came_or_went(update["chat_member"])
        message = update.get("message")
        edited = update.get("edited_message")
        if message is None and edited is None:
            return False
        return self._message(message) if message is not None else self._edit(edited or {})

    def _message(self, message: Mapping[str, Any]) -> bool:
        if message["chat"]["type"] == "private":
            return True
        if message["chat"]["type"] not in ("group", "supergroup"):
            return False
        verdict = any(field in message for field in SERVICE) or self._spoken_to(message) or self._album_of_ours(message)
        if verdict:
            self._remember(message)
        return verdict

    def _edit(self, message: Mapping[str, Any]) -> bool:
        if "text" not in message and "caption" not in message:
            return False  # a live location moves
        if message["chat"]["type"] == "private" or (message["chat"]["id"], message["message_id"]) in self._ours:
            return True
        return message["chat"]["type"] in ("group", "supergroup") and self._spoken_to(message)

    def _spoken_to(self, message: Mapping[str, Any]) -> bool:
        replied = _answered(message)
        if replied is not None and (self._is_mine(replied) or self._adds_to_own(message, replied)):
            return True
        text: str = message.get("text") or message.get("caption") or ""
        if not text:
            return False
        entities = message.get("entities") or message.get("caption_entities") or ()
        if any(entity["type"] == "bot_command" and entity["offset"] == 0 for entity in entities):
            _, at, whom = text.split(maxsplit=1)[0].partition("@")
            return not at or whom.lower() == self._identity.username.lower()
        return self._mention.search(text) is not None or self._reads_like_report(message["chat"]["id"], text)

    def _is_mine(self, message: Mapping[str, Any]) -> bool:
        return bool(message.get("from", {}).get("id") == self._identity.id)

    def _adds_to_own(self, message: Mapping[str, Any], replied: Mapping[str, Any]) -> bool:
        """Whether somebody answers a message of their own that we heard, or says where it was."""
        author = message.get("from", {}).get("id")
        if author is None or replied.get("from", {}).get("id") != author:
            return False
        return "location" in message or (message["chat"]["id"], replied["message_id"]) in self._ours

    def _album_of_ours(self, message: Mapping[str, Any] | None) -> bool:
        album = message.get("media_group_id") if message else None
        return message is not None and album is not None and (message["chat"]["id"], album) in self._ours

    def _remember(self, message: Mapping[str, Any]) -> None:
        chat = message["chat"]["id"]
        self._ours[(chat, message["message_id"])] = None
        if album := message.get("media_group_id"):
            self._ours[(chat, album)] = None
        while len(self._ours) > REMEMBERED:
            self._ours.popitem(last=False)


def _came_or_went(change: Mapping[str, Any]) -> bool:
    before, after = change["old_chat_member"]["status"] in JOINED, change["new_chat_member"]["status"] in JOINED
    return before != after


def _answered(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The message that it answers; in a topic the topic's first message is implied, which is no answer."""
    replied: Mapping[str, Any] | None = message.get("reply_to_message")
    return None if replied is None or "forum_topic_created" in replied else replied
