"""吹哨、报到、协办完成: several departments in one panel, each on its own clock, and nobody unseen."""

from datetime import timedelta

from handlers._kit.case_presses import AssistDonePressed, CheckInPressed, StrikePressed, WhistlePressed
from handlers.whistle.calling import TICKS, Tick, TickPressed
from handlers.whistle.striking import StrikeUnitPressed
from routing.events import Fault, Whistled
from routing.model import AssistState, ChatKind, ChatState, Status, UnitCode
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, zh
from tests.town import GRID, MONDAY, Message, Persona, Town

WARDENS, POWER = UnitCode("370001001901"), UnitCode("370001001902")


def _officer(town: Town, unit: UnitCode) -> Persona:
    return Persona(town, town.sample.staff(unit)[0], town.sample.chats[unit])


async def _panel(town: Town) -> Message:
    """Chen looks a case of the grid up and begins to whistle."""
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "吹哨")
    return town.last(town.community_desk)


async def _whistled(town: Town, where: str = "3号楼下 10:30") -> None:
    """Both departments are called; it is nine o'clock in the town."""
    panel = await _panel(town)
    await town.chen.presses(panel, "示范执法中队")
    await town.chen.presses(panel, "示范供电所")
    await town.chen.presses(panel, "写地点时间")
    await town.chen.writes_privately(where)


async def test_several_departments_are_called_in_one_panel(town: Town) -> None:
    panel = await _panel(town)
    assert town.buttons(panel)[:2] == ["▫️ 示范执法中队", "▫️ 示范供电所"]
    await town.chen.presses(panel, "示范执法中队")
    await town.chen.presses(panel, "示范供电所")
    assert town.buttons(town.now_of(town.chen, panel))[:2] == ["☑️ 示范执法中队", "☑️ 示范供电所"]
    await town.chen.presses(panel, "示范供电所")
    await town.chen.presses(panel, "写地点时间")
    assert "示范执法中队" in town.now_of(town.chen, panel)["text"]
    await town.chen.writes_privately("3号楼下 10:30")

    case = await town.case()
    assert [(one.unit, one.state) for one in case.assists] == [(WARDENS, AssistState.WHISTLED)]
    assert town.last(town.chen)["text"] == zh("whistle.called", number=1)
    desk = town.sample.chats[WARDENS]
    assert any("11月23日 10:30 到场：3号楼下" in text for text in town.said(desk))
    assert town.buttons(card_at(town, desk))[:2] == ["🙋 报到", "✅ 协办完成"]
    assert "示范执法中队：待报到" in card_of(town, town.li)["text"]
    assert "示范执法中队" not in card_at(town, town.group)["text"]
    assert not town.said(town.sample.chats[POWER])


async def test_a_department_checks_in_and_does_its_part(town: Town) -> None:
    await _whistled(town)
    officer = _officer(town, WARDENS)
    card = card_at(town, officer.home)
    await officer.presses(card, "报到")
    assert town.toast(officer) == zh("whistle.checked_in")
    assert "示范执法中队：已报到" in card_of(town, town.li)["text"]
    assert "示范执法中队：已报到" in card_of(town, town.wang)["text"]
    assert any("示范执法中队已报到" in text for text in town.said(town.li))
    assert "🙋 报到" not in town.buttons(town.now_of(officer, card))
    await officer.presses(card, "协办完成")

    assert [one.state for one in (await town.case()).assists] == [AssistState.DONE, AssistState.WHISTLED]
    assert "示范执法中队：协办完成" in town.now_of(officer, card)["text"]
    assert "✅ 协办完成" not in town.buttons(town.now_of(officer, card))


async def test_a_department_without_a_desk_checks_in_from_the_private_chat(town: Town) -> None:
    officer = _officer(town, WARDENS)
    await officer.starts()
    await town.work(_desk_lost, WARDENS)
    await _whistled(town)

    assert any("10:30 到场：3号楼下" in text for text in town.said(officer))
    card = card_of(town, officer)
    await officer.presses(card, "报到")
    assert town.toast(officer) == zh("whistle.checked_in")
    await officer.presses(card, "协办完成")
    assert (await town.case()).assists[0].state is AssistState.DONE


def _desk_lost(stores: Stores, unit: UnitCode) -> None:
    chat = stores.chats.of_unit(unit, ChatKind.DESK)
    assert chat is not None
    stores.chats.set_state(chat.id, ChatState.GONE)


async def test_who_does_not_come_is_absent_and_who_comes_then_is_late(town: Town) -> None:
    await _whistled(town)
    officer = _officer(town, POWER)
    await town.passes(minutes=100)
    assert [one.state for one in (await town.case()).assists] == [AssistState.ABSENT, AssistState.ABSENT]
    assert "示范供电所：超时未报到" in card_of(town, town.li)["text"]
    assert any("示范供电所超时未报到" in text for text in town.said(town.li))
    await officer.presses(card_at(town, officer.home), "报到")

    assert "示范供电所：迟到" in card_of(town, town.li)["text"]


async def test_the_lead_waits_for_whom_it_called(town: Town) -> None:
    await _whistled(town)
    await town.li.presses(card_of(town, town.li), "办结")
    assert town.toast(town.li) == zh("refusal.parts_open", count=2)
    for unit in (WARDENS, POWER):
        officer = _officer(town, unit)
        await officer.presses(card_at(town, officer.home), "协办完成")
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已处理")

    assert (await town.case()).status is Status.AWAITING_RATING


async def test_who_stays_away_is_struck_off_from_above_and_nobody_waits_any_more(town: Town) -> None:
    await _whistled(town)
    await town.passes(minutes=100)
    case = (await town.case()).id
    assert "✂️ 取消协办" not in town.buttons(card_at(town, town.community_desk))
    await town.chen.presses(card_at(town, town.community_desk), StrikePressed(case), forged=True)
    await town.chen.presses(card_at(town, town.community_desk), StrikeUnitPressed(case, POWER), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_yours_to_strike")  # the community called: the street decides
    await town.sun.writes("/case 1")
    for unit, name in ((WARDENS, "示范执法中队"), (POWER, "示范供电所")):
        await town.sun.presses(card_at(town, town.street_desk), "取消协办")
        await town.sun.presses(town.last(town.street_desk), zh("strike.absent", unit=name))
        await town.sun.writes_privately("另行约谈，不影响居民")
        assert any(f"{name}已取消协办" in text for text in town.said(town.sample.chats[unit]))
        assert any(f"{name}已取消协办" in text for text in town.said(town.li))
        assert any(f"{name}已取消协办" in text for text in town.said(town.community_desk))

    assert "示范供电所：已取消协办" in card_of(town, town.li)["text"]
    assert await town.read(_bulletin) == {(Fault.ABSENT, WARDENS), (Fault.ABSENT, POWER)}
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已处理")
    assert (await town.case()).status is Status.AWAITING_RATING


async def test_place_and_time_are_asked_until_they_are_given(town: Town) -> None:
    await _whistled(town, "马上过来")
    assert town.last(town.chen)["text"] == zh("refusal.bad_meeting")
    assert not (await town.case()).assists
    await town.chen.writes_privately("3号楼1单元502门口 10:30")

    assert len((await town.case()).assists) == 2
    assert "502" not in await town.read(_place)
    assert "502" in card_at(town, town.sample.chats[POWER])["text"]  # staff read what was written; it can be erased


async def test_nobody_is_called_by_nobody(town: Town) -> None:
    panel = await _panel(town)
    await town.chen.presses(panel, "写地点时间")
    assert town.toast(town.chen) == zh("refusal.nobody_chosen")
    case = (await town.case()).id
    await town.chen.presses(panel, TickPressed(case, UnitCode(GRID), Tick.ON, 0), forged=True)
    await town.chen.presses(panel, "写地点时间")
    assert town.toast(town.chen) == zh("refusal.nobody_chosen")
    await town.li.presses(card_of(town, town.li), WhistlePressed(case), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")


async def test_one_department_does_not_answer_for_another(town: Town) -> None:
    panel = await _panel(town)
    await town.chen.presses(panel, "示范执法中队")
    await town.chen.presses(panel, "写地点时间")
    await town.chen.writes_privately("3号楼下 10:30")
    case, stranger = (await town.case()).id, _officer(town, POWER)
    card = card_at(town, town.sample.chats[WARDENS])
    await town.chen.presses(card_at(town, town.community_desk), CheckInPressed(case), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_yours")
    await stranger.joins(town.sample.chats[WARDENS])
    await stranger.presses(card, AssistDonePressed(case), forged=True)
    assert town.toast(stranger) == zh("refusal.not_yours")

    assert [one.state for one in (await town.case()).assists] == [AssistState.WHISTLED]


async def test_ticks_survive_a_restart_and_are_forgotten_after_a_day(town: Town) -> None:
    panel = await _panel(town)
    await town.chen.presses(panel, "示范执法中队")
    await town.restart()
    await town.chen.presses(panel, "示范供电所")
    assert town.buttons(town.now_of(town.chen, panel))[:2] == ["☑️ 示范执法中队", "☑️ 示范供电所"]
    await town.passes(days=1, seconds=1)

    assert await town.read(_ticks) == 0


def _ticks(stores: Stores) -> int:
    return len(stores.notebook.drafts_due(TICKS, MONDAY + timedelta(days=9), 9))


def _bulletin(stores: Stores) -> set[tuple[Fault, UnitCode]]:
    return {(one.fault, one.unit) for one in stores.bulletin.of([WARDENS, POWER], MONDAY, 9)}


def _place(stores: Stores) -> str:
    event = stores.log.of(stores.cases.by_number(1).id)[-1].event
    assert isinstance(event, Whistled)
    return event.place


async def test_who_was_called_reads_that_the_reporter_has_withdrawn(town: Town) -> None:
    await _whistled(town)
    power = _officer(town, POWER)
    await power.presses(card_at(town, town.sample.chats[POWER]), "协办完成")

    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), "撤回")

    assert (await town.case()).status is Status.WITHDRAWN
    assert sum("示范执法中队不用再到场或协办" in text for text in town.said(town.sample.chats[WARDENS])) == 1
    assert not any("不用再到场" in text for text in town.said(town.sample.chats[POWER]))
