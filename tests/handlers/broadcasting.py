"""Scenes that several stories of broadcasts begin with."""

from typing import Any

from broadcasts.model import Broadcast, Figures
from storage.stores import Stores
from tests.town import STREET, Message, Persona, Town

FORM = """灾害类别：暴雪
预警级别：橙色
发布单位：样例市气象台
发布时间：08:30
起始时间：12:00
影响范围：示范街道
警示事项：六小时内降雪十毫米以上
应对措施：减少外出，关好门窗
有效期至：11-24 09:30"""


def speaker(town: Town) -> Persona:
    """The broadcaster of the street, at its desk."""
    return Persona(town, town.sample.staff(STREET)[2], town.street_desk)


def panel(town: Town, begins: str, where: Any = None) -> Message:
    """The newest message of the bot that begins so."""
    where = where or town.street_desk
    messages = town.private(where) if isinstance(where, Persona) else town.messages(where)
    for message in reversed(messages):
        if str(message.get("text", "")).startswith(begins):
            return message
    raise AssertionError(f"nothing begins with {begins!r} among {town.said(where)}")


async def drafted(town: Town, form: str = FORM) -> Persona:
    """An alert with all its parts, ready to be published at the desk."""
    you = speaker(town)
    await you.writes("/broadcast")
    await you.presses(town.last(town.street_desk), "⚠️ 预警")
    await you.presses(town.last(town.street_desk), "暴雪")
    await you.presses(panel(town, "📝 第 1 号"), "📋 填写预警要素")
    await you.writes(form, reply_to=town.last(town.street_desk))
    return you


async def sent(town: Town) -> Persona:
    """The same, published, approved by Sun and sent."""
    you = await drafted(town)
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.sun.presses(panel(town, "🖊 第 1 号"), "✅ 同意")
    await town.tick()
    return you


async def state(town: Town, number: int = 1) -> Broadcast:
    """A broadcast as it stands now."""
    return await town.read(_by_number, number)


def _by_number(stores: Stores, number: int) -> Broadcast:
    return stores.broadcasts.by_number(number)


async def figures(town: Town, number: int = 1) -> Figures:
    """Its figures."""
    return await town.read(_figures, number)


def _figures(stores: Stores, number: int) -> Figures:
    return stores.targets.figures(stores.broadcasts.by_number(number).id)
