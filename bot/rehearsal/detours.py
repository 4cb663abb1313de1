"""What happens to a case on its way: up, back, across, called for, put off. Each tells whether the case moved on.

A step that the bot refuses, because the clock or somebody else was faster, ends the detour; the case goes straight on.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot.rehearsal.feed import Message, Stuck
from bot.rehearsal.hands import Hands
from bot.rehearsal.phrases import is_refusal
from bot.rehearsal.plan import Course
from bot.rehearsal.scene import data_of
from handlers._kit.case_presses import (
    AssistDonePressed,
    CheckInPressed,
    EscalatePressed,
    ExtendPressed,
    ExtensionGranted,
    ExtensionRefused,
    ResumePressed,
    ReturnAccepted,
    ReturnPressed,
    ReturnRefused,
    SuspendPressed,
    TransferPressed,
    WhistlePressed,
)
from handlers._kit.presses import decode, encode
from handlers.returns.asking_back import ReturnForPressed, ReturnToPressed
from handlers.returns.ruling import TakerPressed
from handlers.suspend.presses import SuspendForPressed
from handlers.transfer.presses import PassToPressed
from handlers.whistle.calling import CallPressed, TickPressed

WHY_UP: Final = "本级解决不了，请上一级协调"
WHY_BACK: Final = "不属于我们的职责范围"
WHY_NOT: Final = "经核实仍应由你单位办理"
WHY_MORE: Final = "配件还没有到，请求延期"
WHY_WAIT: Final = "要等施工季节"
WHERE: Final = "小区门口 23:59"

Detour = Callable[[Hands, Message], Awaitable[bool]]
"""Takes the case and the handler's card; returns whether another unit, or nobody, has the case now."""


async def escalate(hands: Hands, card: Message) -> bool:
    """One level up, with a reason."""
    hands.moved_at = time.monotonic()
    return not (await hands.say(card, EscalatePressed, text=WHY_UP)).refused


async def give_back(hands: Hands, card: Message) -> bool:
    """The unit returns it, and the level above rules."""
    scene, number = hands.scene, hands.number
    panel = await _panel(hands, card, ReturnPressed, hands.handler, ReturnForPressed)
    if panel is None:
        return False
    await scene.press(hands.handler, panel, data_of(panel, ReturnForPressed))
    choice = await _shown(hands, panel.chat, panel.id, ReturnToPressed)
    to = data_of(choice, ReturnToPressed)
    if (await scene.converse(hands.handler, number, choice, to, text=WHY_BACK)).refused:
        return False
    above = scene.leading(scene.above(hands.unit))
    judge, desk = scene.leader(above), scene.chat(above)
    hands.moved_at = time.monotonic()
    if not hands.plan.granted:
        ruling = await hands.card(desk, ReturnRefused, "a return to rule on")
        await scene.converse(judge, number, ruling, data_of(ruling, ReturnRefused), text=WHY_NOT)
        return True
    ruling = await hands.card(desk, ReturnAccepted, "a return to rule on")
    before = scene.feed.newest(desk)
    await scene.press(judge, ruling, data_of(ruling, ReturnAccepted))
    takers = await _shown(hands, desk, before + 1, TakerPressed)
    return not is_refusal(await scene.press(judge, takers, data_of(takers, TakerPressed)))


async def transfer(hands: Hands, card: Message) -> bool:
    """A leader passes it on to a unit of the same rank."""
    del card
    return await _choose(hands, TransferPressed, PassToPressed)


async def whistle(hands: Hands, card: Message) -> bool:
    """A leader calls departments; those who come report in, and all do their part."""
    del card
    scene, (leader, desk) = hands.scene, hands.leader
    panel = await _leaders_panel(hands, WhistlePressed, TickPressed)
    if panel is None:
        return False
    ticks = [tick for tick in map(decode, panel.data) if isinstance(tick, TickPressed)][: len(hands.plan.comes)]
    for tick in ticks:
        await scene.press(leader, panel, encode(tick))
    called = await _shown(hands, desk, panel.id, CallPressed)
    answer = await scene.converse(leader, hands.number, called, data_of(called, CallPressed), text=WHERE)
    if answer.refused:
        return False
    for tick, comes in zip(ticks, hands.plan.comes, strict=False):
        officer, office = scene.staff(tick.unit)[0], scene.chat(tick.unit)
        if comes:
            here = await hands.card(office, CheckInPressed, "a card to report in")
            await scene.press(officer, here, data_of(here, CheckInPressed))
        done = await hands.card(office, AssistDonePressed, "a part to do")
        await scene.press(officer, done, data_of(done, AssistDonePressed))
    return False


async def extend(hands: Hands, card: Message) -> bool:
    """More time is asked for, and the level above rules."""
    scene = hands.scene
    if (await hands.say(card, ExtendPressed, text=WHY_MORE)).refused:
        return False
    above = scene.leading(scene.above(hands.unit))
    judge, desk = scene.leader(above), scene.chat(above)
    wanted = ExtensionGranted if hands.plan.granted else ExtensionRefused
    ruling = await hands.card(desk, wanted, "an extension to rule on")
    if hands.plan.granted:
        await scene.press(judge, ruling, data_of(ruling, wanted))
    else:
        await scene.converse(judge, hands.number, ruling, data_of(ruling, wanted), text=WHY_NOT)
    return False


async def suspend(hands: Hands, card: Message) -> bool:
    """A leader puts it off to a date, and takes it up again before."""
    del card
    scene, (leader, desk) = hands.scene, hands.leader
    panel = await _leaders_panel(hands, SuspendPressed, SuspendForPressed)
    if panel is None:
        return False
    data = data_of(panel, SuspendForPressed)
    if (await scene.converse(leader, hands.number, panel, data, text=WHY_WAIT)).refused:
        return False
    resting = await hands.card(desk, ResumePressed, "a case to take up again")
    await scene.press(leader, resting, data_of(resting, ResumePressed))
    return False


DETOURS: Final[Mapping[Course, Detour]] = {
    Course.ESCALATE: escalate,
    Course.RETURN: give_back,
    Course.TRANSFER: transfer,
    Course.WHISTLE: whistle,
    Course.EXTEND: extend,
    Course.SUSPEND: suspend,
}
"""The detours that begin once somebody has claimed the case."""


async def _choose(hands: Hands, begin: type[object], choice: type[object]) -> bool:
    """A leader opens a panel and takes its first choice; returns whether the bot agreed."""
    leader, _ = hands.leader
    panel = await _leaders_panel(hands, begin, choice)
    if panel is None:
        return False
    hands.moved_at = time.monotonic()
    return not is_refusal(await hands.scene.press(leader, panel, data_of(panel, choice)))


async def _leaders_panel(hands: Hands, begin: type[object], choice: type[object]) -> Message | None:
    """The panel that a leader opens at the desk; ``None`` when they can't."""
    leader, desk = hands.leader
    card = await hands.brought(leader, desk, begin)
    return await _panel(hands, card, begin, leader, choice) if card is not None else None


async def _panel(hands: Hands, card: Message, begin: type[object], person: int, choice: type[object]) -> Message | None:
    """The panel that follows a press of *person* on a card; ``None`` when the bot said no."""
    on = card if data_of(card, begin) else await hands.opened(person, person, begin)
    if on is None:
        return None
    before = hands.scene.feed.newest(on.chat)
    if is_refusal(await hands.scene.press(person, on, data_of(on, begin))):
        return None
    return await _shown(hands, on.chat, before + 1, choice)


async def _shown(hands: Hands, chat: int, first: int, payload: type[object]) -> Message:
    """A message of that chat, not older than number *first*, with a button for *payload*.

    Raises:
        Stuck: there was none in time.
    """
    try:
        return await hands.scene.feed.wait(
            hands.topic,
            lambda one: one.chat == chat and one.id >= first and bool(data_of(one, payload)),
            "a panel",
            chat,
        )
    except Stuck as stuck:
        raise Stuck(f"{stuck.what} for {payload.__name__}", (*hands.chats, chat)) from None
