"""收到 and 需要帮助. What comes of a press is told to the presser alone; the figure under the message follows."""

from datetime import datetime
from typing import Final

from broadcasts import answering
from broadcasts.answering import Heard, Plea
from broadcasts.model import BroadcastId
from handlers._kit import words
from handlers._kit.broadcast_presses import NeedHelpPressed, ReceivedPressed
from handlers._kit.broadcast_words import work_of
from handlers._kit.context import GridContext
from handlers._kit.registry import on_press
from handlers._kit.said import Pressed
from routing.ports import UnitOfWork

_SAYS: Final = {
    Heard.FIRST: "broadcast.thanks",
    Heard.AGAIN: "broadcast.thanks_again",
    Heard.UNBOUND: "broadcast.unbound",
    Heard.ELSEWHERE: "broadcast.elsewhere",
}


@on_press(ReceivedPressed)
async def received(press: ReceivedPressed, ctx: GridContext) -> None:
    """Our household knows."""
    heard = await ctx.work(answering.press, press.broadcast, ctx.presser, ctx.press.chat, ctx.now)
    await ctx.toast(_SAYS[heard], alert=heard is Heard.UNBOUND)


@on_press(NeedHelpPressed)
async def need_help(press: NeedHelpPressed, ctx: GridContext) -> None:
    """Somebody must come: the worker is rung, the neighbours see nothing."""
    plea = await ctx.work(_need_help, ctx.press, press.broadcast, ctx.services.locale, ctx.now)
    key = "broadcast.help_comes" if plea.fresh else "broadcast.help_known"
    await ctx.toast(key, alert=True, number=plea.case.number)


def _need_help(uow: UnitOfWork, pressed: Pressed, broadcast: BroadcastId, locale: str, at: datetime) -> Plea:
    current = work_of(uow).broadcasts.get(broadcast)
    report = words.plain("broadcast.help_report", words.language(locale), number=current.number)
    return answering.need_help(work_of(uow), broadcast, pressed.person, pressed.chat, report, at)
