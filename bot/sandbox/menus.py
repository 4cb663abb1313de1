"""Which command menu a person sees in a chat: the narrowest scope that a bot has set, in their language."""

from collections.abc import Iterator

from bot.sandbox.world import Bot, Chat, Json, Person, World


def commands_for(world: World, chat: Chat, person: Person) -> list[Json]:
    """The commands offered to *person* in *chat*; in groups with several bots they carry the bot's name."""
    bots = world.bots_in(chat)
    offered = []
    for bot in bots:
        suffix = f"@{bot.username}" if len(bots) > 1 else ""
        offered += [item | {"command": item["command"] + suffix} for item in menu_of(bot, chat, person)]
    return offered


def menu_of(bot: Bot, chat: Chat, person: Person) -> list[Json]:
    """The commands that *bot* offers to *person* in *chat*."""
    language = (person.language_code or "")[:2]
    for scope in _scopes(chat, person):
        for code in (language, ""):
            menu = bot.commands.get(f"{scope}/{code}")
            if menu is not None:
                return menu
    return []


def _scopes(chat: Chat, person: Person) -> Iterator[str]:
    """The scopes that apply, narrowest first, in Telegram's order."""
    if chat.private:
        yield from (f"chat:{chat.id}", "all_private_chats")
    else:
        yield f"chat_member:{chat.id}:{person.id}"
        if chat.member(person.id).admin:
            yield f"chat_administrators:{chat.id}"
        yield f"chat:{chat.id}"
        if chat.member(person.id).admin:
            yield "all_chat_administrators"
        yield "all_group_chats"
    yield "default"
