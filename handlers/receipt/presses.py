"""收到 and 需要帮助. What comes of a press is told to the presser alone; the figure under the message follows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from broadcasts import answering
from broadcasts.answering import Heard, Plea, Press
from broadcasts.model import BroadcastId
from handlers._kit import words
from handlers._kit.broadcast_presses import NeedHelpPressed, ReceivedPressed
from handlers._kit.broadcast_words import work_of
from handlers._kit.context import GridContext
from handlers._kit.registry import Toast, Together, on_press, on_presses
from handlers._kit.said import Pressed
from routing.ports import UnitOfWork
from routing.refusals import Refusal

_TOASTS: Final = {
    Heard.FIRST: Toast("broadcast.thanks"),
    Heard.AGAIN: Toast("broadcast.thanks_again"),
    Heard.NOTED: Toast("broadcast.noted"),
    Heard.NOTED_AGAIN: Toast("broadcast.noted_again"),
    Heard.UNBOUND: Toast("broadcast.unbound", alert=True),
    Heard.ELSEWHERE: Toast("broadcast.elsewhere"),
}


@on_press(ReceivedPressed)
async def received(press: ReceivedPressed, ctx: GridContext) -> None:
    """Our household knows."""
    heard = await ctx.work(answering.press, press.broadcast, ctx.presser, ctx.press.chat, ctx.now)
    await ctx.toast(_TOASTS[heard].key, alert=_TOASTS[heard].alert)


@on_presses(ReceivedPressed)
def received_by_many(uow: UnitOfWork, presses: Sequence[Together], at: datetime) -> Sequence[Toast | None]:
    """Many households know; a press that counts no more is told so alone."""
    heard = answering.press_all(
        work_of(uow), [Press(one.payload.broadcast, one.person, one.chat) for one in presses], at
    )
    return [None if isinstance(one, Refusal) else _TOASTS[one] for one in heard]


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
