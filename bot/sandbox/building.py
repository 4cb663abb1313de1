"""Building a world: people, bots, groups; by name, for the HTTP controls and for `Sandbox`."""

from typing import Any

from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange
from bot.sandbox.membership import change, plain_member
from bot.sandbox.people.asking import bot_of, user_of
from bot.sandbox.posting import announce
from bot.sandbox.wire import chat_json, user_json
from bot.sandbox.world import ADMIN_RIGHTS, MEMBER, SEND_RIGHTS, Bot, Chat, Json, Person, administrator


def build(exchange: Exchange, name: str, fields: Json) -> Json:
    """Carry out one order: add_person, add_bot, add_group, add_members, add_topic, set_privacy, describe.

    Raises:
        Refused: there is no such order, or it can't be followed.
    """
    if name == "add_person":
        return user_json(add_person(exchange, **fields))
    if name == "add_bot":
        bot = exchange.world.add_bot(**fields)
        exchange.hub.changed()
        return user_json(bot)
    if name == "add_group":
        return chat_json(exchange.world, add_group(exchange, **fields))
    if name == "add_members":
        chat = exchange.world.chats[int(fields["chat"])]
        for wanted in fields["users"]:
            seat(exchange, chat, user_of(exchange, wanted), admin=bool(fields.get("admin")))
        return {}
    if name == "set_privacy":
        bot_of(exchange, fields["bot"]).privacy = bool(fields["on"])
        return {}
    if name == "configure":
        return _configure(exchange, fields)
    raise Refused(f"there is no order called {name}")


def add_person(
    exchange: Exchange,
    name: str,
    username: str | None = None,
    language_code: str | None = None,
    last_name: str = "",
    id: int | None = None,  # noqa: A002 - it is the field's name for callers
) -> Person:
    """Create a person."""
    person = exchange.world.add_person(
        name, username=username, language_code=language_code, last_name=last_name, person_id=id
    )
    exchange.hub.changed()
    return person


def add_group(
    exchange: Exchange,
    title: str,
    owner: Any,
    supergroup: bool = True,
    kind: str | None = None,
    username: str | None = None,
    members: Any = (),
    id: int | None = None,  # noqa: A002 - it is the field's name for callers
) -> Chat:
    """Create a group with *members* already in it, without a word about them."""
    kind = kind or ("supergroup" if supergroup else "group")
    founder = user_of(exchange, getattr(owner, "id", owner))
    chat = exchange.world.add_chat(title, kind, owner=founder.id, username=username, chat_id=id)
    for wanted in members:
        user = user_of(exchange, getattr(wanted, "id", wanted))
        if isinstance(user, Bot):
            seat(exchange, chat, user)
        else:
            chat.members[user.id] = MEMBER
    exchange.hub.tell(chat, "chat", lambda: {"title": title})
    return chat


def seat(exchange: Exchange, chat: Chat, user: Person, *, admin: bool = False) -> None:
    """Bring *user* into *chat* as its owner would, with everything that bots are told about it."""
    founder = next(number for number, member in chat.members.items() if member.status == "creator")
    owner = user_of(exchange, founder)
    joins = not chat.member(user.id).present
    rights = frozenset(ADMIN_RIGHTS) - {"can_promote_members"}
    change(exchange, chat, user, administrator(rights, owner.id) if admin else plain_member(user), owner)
    if joins:
        announce(exchange, chat, owner, {"new_chat_members": [user_json(user)]})


def _configure(exchange: Exchange, fields: Json) -> Json:
    """Change what a chat is like: `by_request`, `forum`, `username`, `permissions`."""
    chat = exchange.world.chats[int(fields["chat"])]
    for name in ("by_request", "forum"):
        if name in fields:
            setattr(chat, name, bool(fields[name]))
    if "permissions" in fields:
        chat.permissions = frozenset(fields["permissions"]) & frozenset(SEND_RIGHTS)
    return chat_json(exchange.world, chat)
