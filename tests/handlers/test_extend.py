"""延期: asked before the deadline, ruled by the level above, told to the resident, at most twice."""

from handlers._kit.case_presses import ExtendPressed, ExtensionGranted
from routing.model import RulingKind, TimerKind
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, offers, zh
from tests.town import Message, Town

REASON = "配件下周才到"


async def _asked(town: Town) -> Message:
    """Li asks for more time; the card at the community's desk."""
    await town.li.presses(card_of(town, town.li), "延期")
    await town.li.writes_privately(REASON)
    return card_at(town, town.community_desk)


async def test_more_time_is_granted_above_and_told_to_the_resident(town: Town) -> None:
    await claimed(town)
    before = await town.case()
    card = await _asked(town)
    asked = await town.case()
    assert (asked.ruling, asked.due_at) == (RulingKind.EXTENSION, before.due_at)
    assert any(REASON in text for text in town.said(town.community_desk))
    assert "申请延期" in card["text"]
    assert REASON not in " ".join([*town.said(town.group), *town.said(town.wang)])
    await town.chen.presses(card, "同意")

    case = await town.case()
    assert town.toast(town.chen) == zh("extend.granted")
    assert (case.ruling, case.extensions) == (None, 1)
    assert case.due_at is not None
    assert before.due_at is not None
    assert case.due_at > before.due_at
    assert await town.read(_handling, case.number) == case.due_at
    assert any("延期到" in text for text in town.said(town.wang))
    assert any("同意延期" in text for text in town.said(town.li))


async def test_a_refused_extension_leaves_the_deadline_and_says_why(town: Town) -> None:
    await claimed(town)
    before = await town.case()
    card = await _asked(town)
    await town.chen.presses(card, "驳回")
    await town.chen.writes_privately("先用临时灯")

    case = await town.case()
    assert (case.ruling, case.extensions, case.due_at) == (None, 0, before.due_at)
    assert town.last(town.chen)["text"] == zh("extend.refused", number=1)
    assert "先用临时灯" in card_of(town, town.li)["text"]
    assert any("延期未获同意" in text for text in town.said(town.li))


async def test_nobody_grants_their_own_extension(town: Town) -> None:
    await claimed(town)
    await _asked(town)
    case = (await town.case()).id
    await town.li.presses(card_of(town, town.li), ExtensionGranted(case), forged=True)

    assert town.toast(town.li) == zh("refusal.not_yours")
    assert (await town.case()).ruling is RulingKind.EXTENSION


async def test_more_time_is_given_twice_and_no_third_time(town: Town) -> None:
    await claimed(town)
    for _ in range(2):
        await town.chen.presses(await _asked(town), "同意")
    assert not await offers(town, town.li, card_of(town, town.li), "延期")
    await town.li.presses(card_of(town, town.li), ExtendPressed((await town.case()).id), forged=True)

    assert town.toast(town.li) == zh("refusal.too_many_extensions")
    assert (await town.case()).extensions == 2


async def test_more_time_is_asked_before_the_deadline_or_not_at_all(town: Town) -> None:
    await claimed(town)
    for _ in range(3):
        await town.passes(hours=17)
        await town.li.presses(card_of(town, town.li), "备注")
        await town.li.writes_privately("还在等配件")
    assert not await offers(town, town.li, card_of(town, town.li), "延期")
    await town.li.presses(card_of(town, town.li), ExtendPressed((await town.case()).id), forged=True)

    assert (await town.case()).overdue
    assert town.toast(town.li) == zh("refusal.too_late")


def _handling(stores: Stores, number: int) -> object:
    timers = stores.timers.of(stores.cases.by_number(number).id)
    return next(timer.due_at for timer in timers if timer.kind is TimerKind.HANDLE)
