"""Reactions: a bot sets one, from the list that Telegram offers."""

from typing import Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.methods.access import find_chat, find_message
from bot.sandbox.posting import react

# fmt: off
EMOJI: Final = frozenset(
    (
        "❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩",
        "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳", "❤\u200d🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆",
        "💔", "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨\u200d💻", "👀", "🎃", "🙈",
        "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄",
        "😘", "💊", "🙊", "😎", "👾", "🤷\u200d♂", "🤷", "🤷\u200d♀", "😡",
    )
)
# fmt: on


@method("setMessageReaction")
def set_message_reaction(call: Call) -> bool:
    """Set or take back the bot's reaction; no update tells of it, pages see it."""
    chosen = call.params.json("reaction", "reaction types") or []
    if not isinstance(chosen, list) or len(chosen) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for reaction in chosen:
        emoji = str(reaction.get("emoji", "")).replace("\ufe0f", "")
        if reaction.get("type") == "emoji" and emoji not in EMOJI:
            raise bad_request("REACTION_INVALID")
    chat = find_chat(call)
    message = find_message(call, chat, "react")
    react(call.exchange, chat, message, call.bot, chosen)
    return True
