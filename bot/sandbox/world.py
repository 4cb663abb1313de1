"""Who and what exists: people, bots, chats, members, messages. Plain data with dictionary look-ups.

Nothing here speaks HTTP or tells anybody anything; `posting` and `membership` change the world and
spread the news.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.sandbox.errors import Refused
from bot.sandbox.files import FileStore

Json = dict[str, Any]

GROUP_ANONYMOUS_BOT: Final = 1087968824
CHANNEL_BOT: Final = 136817688
ADMIN_RIGHTS: Final = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_tags",
    "can_send_welcome_messages",
)
SEND_RIGHTS: Final = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_edit_tag",
    "can_react_to_messages",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
TAG_LIMIT: Final = 16
PRESENT: Final = frozenset({"creator", "administrator", "member", "restricted"})


@dataclass(slots=True)
class Person:
    """A human account."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    language_code: str | None = None
    deactivated: bool = False

    @property
    def is_bot(self) -> bool:
        """Whether a program sits behind the account."""
        return False

    @property
    def name(self) -> str:
        """First and last name as one string."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Bot(Person):
    """An account with a token; *privacy* is what BotFather's /setprivacy says now."""

    token: str = ""
    privacy: bool = True
    commands: dict[str, list[Json]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)

    @property
    def is_bot(self) -> bool:
        """Whether a program sits behind the account."""
        return True


@dataclass(frozen=True, slots=True)
class Member:
    """What an account is in a chat. Plain members share one object, so a million of them cost little.

    *rights* are an administrator's rights or a restricted member's permissions; *privacy* is the bot's
    privacy mode as it was when it joined, because a later /setprivacy reaches only groups joined anew.
    """

    status: str
    rights: frozenset[str] = frozenset()
    anonymous: bool = False
    title: str = ""
    tag: str = ""
    promoted_by: int | None = None
    until: int = 0
    privacy: bool = True
    is_member: bool = True

    @property
    def present(self) -> bool:
        """Whether the account is in the chat now."""
        return self.status in PRESENT and self.is_member

    @property
    def admin(self) -> bool:
        """Whether the account runs the chat or helps to run it."""
        return self.status in ("creator", "administrator")

    def can(self, right: str) -> bool:
        """Whether an administrator holds *right*; the creator holds every one."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)


MEMBER: Final = Member("member")
OPEN_MEMBER: Final = Member("member", privacy=False)
LEFT: Final = Member("left")
KICKED: Final = Member("kicked")
CREATOR: Final = Member("creator")
_EMOJI: Final = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001ffff]")


def is_tag(word: str) -> bool:
    """Whether *word* may stand beside a member's name: at most 16 characters, no emoji."""
    return len(word) <= TAG_LIMIT and not any(_EMOJI.match(character) for character in word)


def administrator(rights: frozenset[str], by: int | None = None) -> Member:
    """An administrator with *rights* and the one that every administrator has."""
    return Member("administrator", rights | {"can_manage_chat"}, promoted_by=by)


@dataclass(slots=True)
class Message:
    """One message. *content* is what it says in Bot API fields; *extra* is how it came to be."""

    id: int
    date: int
    author: int
    content: Json
    extra: Json = field(default_factory=dict)
    reply_to: int | None = None
    sender_chat: int | None = None
    markup: Json | None = None
    keyboard_bot: int | None = None
    edited_at: int | None = None
    service: bool = False
    pins: int | None = None
    reply_keyboard: Json | None = None
    votes: dict[int, list[int]] = field(default_factory=dict)
    reactions: dict[int, list[Json]] = field(default_factory=dict)


@dataclass(slots=True)
class Chat:
    """A chat. A private one belongs to a pair: its id is the person's, *bot* is the other side."""

    id: int
    kind: str
    title: str = ""
    username: str | None = None
    bot: int | None = None
    blocked: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    buried: dict[int, Message] = field(default_factory=dict)
    next_message: int = 1
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    last_bot: int | None = None
    description: str = ""
    permissions: frozenset[str] = frozenset(SEND_RIGHTS) - {"can_change_info", "can_pin_messages", "can_edit_tag"}
    by_request: bool = False
    requests: dict[int, int] = field(default_factory=dict)
    links: dict[str, Json] = field(default_factory=dict)
    forum: bool = False
    topics: dict[int, Json] = field(default_factory=dict)
    general: Json = field(default_factory=lambda: {"name": "General", "closed": False, "hidden": False})
    photo: list[Json] = field(default_factory=list)
    whispers: dict[int, Message] = field(default_factory=dict)
    next_whisper: int = 1

    @property
    def private(self) -> bool:
        """Whether this is the chat of one person with one bot."""
        return self.bot is not None

    def member(self, user: int) -> Member:
        """What *user* is here; whoever was never here has left."""
        return self.members.get(user, LEFT)

    def holds(self, user: int) -> bool:
        """Whether *user* can read this chat now."""
        return user in (self.id, self.bot) if self.private else self.member(user).present


class World:
    """Everything that exists."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}
        self.bots: dict[int, Bot] = {}
        self.tokens: dict[str, Bot] = {}
        self.chats: dict[int, Chat] = {}
        self.privates: dict[tuple[int, int], Chat] = {}
        self.usernames: dict[str, int] = {}
        self.files = FileStore()
        self.reads: dict[tuple[int, int], int] = {}
        self.next_ids = {"person": 700_000_001, "group": 4_000_000_001}

    def add_person(
        self,
        name: str,
        *,
        username: str | None = None,
        language_code: str | None = None,
        last_name: str = "",
        person_id: int | None = None,
    ) -> Person:
        """Create a person; without *person_id* the next free id is taken.

        Raises:
            Refused: the id or the user name is taken.
        """
        person = Person(person_id or self._next("person"), name, last_name, username, language_code)
        self._check_free(person.id, username)
        self.people[person.id] = person
        self.enter_name(username, person.id)
        return person

    def add_bot(self, name: str, username: str, token: str, *, privacy: bool = True) -> Bot:
        """Create a bot whose id is the number before the colon of its *token*.

        Raises:
            Refused: the token has no number before a colon, or the id or user name is taken.
        """
        number, _, secret = token.partition(":")
        if not number.isdigit() or not secret:
            raise Refused(f"a token looks like 42:SECRET, not like {token!r}")
        bot = Bot(int(number), name, username=username, token=token, privacy=privacy)
        self._check_free(bot.id, username)
        self.bots[bot.id] = self.tokens[token] = bot
        self.enter_name(username, bot.id)
        return bot

    def add_chat(
        self, title: str, kind: str, *, owner: int, username: str | None = None, chat_id: int | None = None
    ) -> Chat:
        """Create a group, supergroup or channel that belongs to *owner*.

        Raises:
            Refused: the kind is unknown, or the id or user name is taken.
        """
        if kind not in ("group", "supergroup", "channel"):
            raise Refused(f"there is no kind of chat called {kind!r}")
        if chat_id is None:
            number = self._next("group")
            chat_id = -number if kind == "group" else -1_000_000_000_000 - number
        self._check_free(chat_id, username)
        chat = Chat(chat_id, kind, title, username, members={owner: CREATOR})
        self.chats[chat_id] = chat
        self.enter_name(username, chat_id)
        return chat

    def user(self, user_id: int) -> Person | None:
        """The person or bot with this id."""
        return self.people.get(user_id) or self.bots.get(user_id)

    def named(self, username: str) -> int | None:
        """The id of the user or chat with this user name; the @ and the case don't matter."""
        return self.usernames.get(username.removeprefix("@").lower())

    def private(self, person: int, bot: int) -> Chat:
        """The private chat of a pair, created empty when it has none."""
        chat = self.privates.get((person, bot))
        if chat is None:
            chat = self.privates[person, bot] = Chat(person, "private", bot=bot)
        return chat

    def bots_in(self, chat: Chat) -> list[Bot]:
        """The bots that are in *chat* now."""
        if chat.bot is not None:
            return [self.bots[chat.bot]]
        return [bot for bot in self.bots.values() if chat.member(bot.id).present]

    def chats_of(self, person: int) -> list[Chat]:
        """Every chat that *person* can read, groups first."""
        groups = [chat for chat in self.chats.values() if chat.member(person).present and not chat.migrated_to]
        pairs = (self.privates.get((person, bot)) for bot in self.bots)
        return groups + [chat for chat in pairs if chat is not None]

    def migrate(self, chat: Chat) -> Chat:
        """Make the supergroup that *chat* becomes; members come along, messages stay behind."""
        new = self.add_chat(chat.title, "supergroup", owner=0)
        new.members = {user: replace(member) for user, member in chat.members.items() if member.present}
        new.permissions, new.description, new.photo = chat.permissions, chat.description, chat.photo
        chat.migrated_to = new.id
        return new

    def enter_name(self, username: str | None, owner: int) -> None:
        """Let a user name, if there is one, lead to its owner."""
        if username:
            self.usernames[username.lower()] = owner

    def _next(self, kind: str) -> int:
        self.next_ids[kind] += 1
        return self.next_ids[kind] - 1

    def _check_free(self, new_id: int, username: str | None) -> None:
        if new_id in self.people or new_id in self.bots or new_id in self.chats:
            raise Refused(f"the id {new_id} is taken")
        if username and username.lower() in self.usernames:
            raise Refused(f"the user name {username} is taken")
