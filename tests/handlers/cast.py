"""Scenes that several tests begin with."""

from typing import Any

from bot.sandbox import Chat
from handlers._kit import words
from tests.town import UNFOLD, Message, Persona, Town

LAMP = "3号楼楼道灯坏了"
NOISE = "楼下装修半夜施工，噪声太大"
"""A class of case that closes without a photo."""


async def filed(town: Town, text: str = LAMP, by: Persona | None = None) -> Message:
    """A resident reports in the group; the card in the group."""
    said = await (by or town.wang).writes(f"/report {text}")
    return town.answer_to(said)


async def claimed(town: Town, text: str = NOISE, by: Persona | None = None) -> Message:
    """The same, claimed by Li; the card in the group as it stands then."""
    card = await filed(town, text, by)
    await town.li.presses(card, "接单")
    return town.now_of(town.li, card)


async def resolved(town: Town, text: str = NOISE, by: Persona | None = None) -> Message:
    """The same, resolved by Li in private; the card in the group as it stands then."""
    card = await claimed(town, text, by)
    await town.li.presses(card, "办结")
    await town.li.writes_privately("已上门劝导，夜间不再施工")
    return town.now_of(town.li, card)


def card_of(town: Town, who: Persona, number: int = 1) -> Message:
    """The newest card of that case in somebody's private chat."""
    for message in reversed(town.private(who)):
        text = str(message.get("text", ""))
        if text.startswith((f"#{number} · ", f"🚨紧急 #{number} · ")):
            return message
    raise AssertionError(f"no card of #{number} among {town.said(who)}")


def card_at(town: Town, chat: Chat, number: int = 1) -> Message:
    """The newest card of that case in a group."""
    for message in reversed(town.messages(chat)):
        if str(message.get("text", "")).startswith((f"#{number} · ", f"🚨紧急 #{number} · ")):
            return message
    raise AssertionError(f"no card of #{number} among {town.said(chat)}")


async def offers(town: Town, who: Persona, card: Message, words: str) -> bool:
    """Whether the card has that button for *who*, be it behind 更多."""
    if any(UNFOLD in text for text in town.buttons(town.now_of(who, card))):
        await who.presses(card, UNFOLD)
    return any(text.split()[-1] == words for text in town.buttons(town.now_of(who, card)))


def zh(key: str, **values: Any) -> str:
    """The Chinese sentence of a key."""
    return words.plain(key, "zh", **values)
