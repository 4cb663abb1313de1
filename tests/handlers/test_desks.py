"""The desk: its list, dispatching down, supervising, refusing."""

from datetime import timedelta

import pytest

from handlers._kit.case_presses import DispatchPressed
from handlers.desks import live
from handlers.desks.presses import SendToPressed
from routing.events import Event, Supervised, SupervisionKind
from routing.model import Status, UnitCode
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.handlers.cast import NOISE, card_at, card_of, claimed, filed, resolved, zh
from tests.town import CITY, COMMUNITY, GRID, SECOND_GRID, Message, Town


async def _at_community(town: Town) -> Message:
    """A case that came up to the community; its card at the desk there."""
    await resolved(town)
    await town.wang.presses(town.last(town.wang), "不满意")
    return next(one for one in town.messages(town.community_desk) if str(one.get("text", "")).startswith("#1 · "))


async def test_the_desk_lists_what_waits_and_what_is_late_below(town: Town) -> None:
    await _at_community(town)
    await claimed(town, "2号楼下半夜施工，噪声大")
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    assert [text.split()[1] for text in town.buttons(page) if "#" in text] == ["#1"]

    await town.passes(days=6)
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    assert {text.split()[1] for text in town.buttons(page) if "#" in text} == {"#1", "#2"}
    await town.chen.presses(page, town.buttons(page)[0])
    assert "#" in town.last(town.community_desk)["text"]


async def test_the_list_is_narrowed_to_one_part_and_back(town: Town) -> None:
    await _at_community(town)
    await claimed(town, "2号楼下半夜施工，噪声大")
    await town.passes(days=6)
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    assert "退回本级 1" in page["text"]

    await town.chen.presses(page, "退回本级 1")
    page = town.now_of(town.chen, page)
    assert [text.split()[1] for text in town.buttons(page) if "#" in text] == ["#1"]
    assert "超时 2" in town.buttons(page)
    await town.chen.presses(page, "全部")
    page = town.now_of(town.chen, page)
    assert {text.split()[1] for text in town.buttons(page) if "#" in text} == {"#1", "#2"}


async def test_of_the_list_everybody_sees_what_is_in_their_own_hands(town: Town) -> None:
    for text in ("2号楼下半夜施工，噪声大", NOISE):
        await resolved(town, text)
        await town.wang.presses(town.last(town.wang), "不满意")
    await town.chen.presses(card_at(town, town.community_desk), "接单")
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    assert "待接单 1，办理中 1" in page["text"]

    await town.chen.presses(page, "我手上的")
    page = town.now_of(town.chen, page)
    assert [text.split()[1] for text in town.buttons(page) if "#" in text] == ["#1"]
    assert f"办理人：{town.sample.staff(COMMUNITY)[0].name}" in page["text"]


async def test_what_the_reporter_says_is_not_done_is_a_part_of_the_list(town: Town) -> None:
    await _at_community(town)
    await claimed(town, "2号楼下半夜施工，噪声大")
    await town.li.presses(card_of(town, town.li, 2), "上报")
    await town.li.writes_privately("我们劝过，没有用")
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    await town.chen.presses(page, "说法不一 1")
    page = town.now_of(town.chen, page)
    assert [text.split()[1] for text in town.buttons(page) if "#" in text] == ["#1"]
    card = card_at(town, town.community_desk)["text"]
    assert "已上门劝导" in card, "what the unit said"
    assert zh("rating.not_satisfied") in card, "and what the resident says"


async def test_the_newest_list_of_a_desk_follows_what_happens_until_it_is_deleted_or_old(town: Town) -> None:
    await _at_community(town)
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    await _freshen(town)
    await town.chen.presses(card_at(town, town.community_desk), "接单")
    assert "待接单 1，办理中 0" in town.now_of(town.chen, page)["text"]
    await _freshen(town)
    assert "待接单 0，办理中 1" in town.now_of(town.chen, page)["text"]

    await town.chen.acts("delete", chat=town.community_desk.id, message=page["message_id"])
    await town.chen.presses(card_at(town, town.community_desk), "放回待接")
    await _freshen(town)
    assert "工作台" not in town.last(town.community_desk)["text"], "a list that was deleted does not come back"

    town.clock.advance(live.LIFE + timedelta(minutes=1))
    await _freshen(town)
    assert await town.read(lambda stores: stores.notebook.drafts_due(live.STEP, town.now, 9)) == []


async def _freshen(town: Town) -> None:
    """What the ticker does twice a minute."""
    lists = await town.read(live.turn, town.now)
    await town.work(live.freshen, await town.read(live.stale, lists, town.now), town.now)
    await town.quiet()


async def test_a_list_that_shows_what_is_so_is_left_alone(town: Town) -> None:
    await _at_community(town)
    await town.chen.writes("/desk")
    page, told = town.last(town.community_desk), town.sandbox.exchange.hub.changes
    lists = await town.read(live.turn, town.now)
    assert len(lists) == 1
    assert await town.read(live.stale, lists, town.now) == []
    await _freshen(town)

    assert town.now_of(town.chen, page) == page
    assert town.sandbox.exchange.hub.changes == told


async def test_of_more_lists_than_can_be_looked_at_in_one_go_each_has_its_turn(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AT_ONCE", 2)
    for officer, where in ((town.chen, town.community_desk), (town.sun, town.street_desk), (town.he, town.city_desk)):
        await officer.writes("/desk", chat=where)
    seen, last = [], ""
    for _ in range(3):
        lists = await town.read(live.turn, town.now, last)
        last = lists[-1].key
        seen.append({one.key for one in lists})

    assert [len(one) for one in seen] == [2, 2, 2]
    assert len(seen[0] | seen[1]) == 3
    assert seen[0] | seen[1] == seen[1] | seen[2]


async def test_what_stands_in_the_lists_place_is_not_overwritten(town: Town) -> None:
    for text in ("2号楼下半夜施工，噪声大", NOISE):
        await resolved(town, text)
        await town.wang.presses(town.last(town.wang), "不满意")
    await town.chen.writes("/desk")
    page = town.last(town.community_desk)
    await town.chen.presses(page, "批量上报")
    ticking = town.last(town.community_desk)
    await town.chen.presses(card_at(town, town.community_desk), "接单")
    await _freshen(town)

    assert town.now_of(town.chen, ticking)["text"] == ticking["text"]


async def test_who_is_no_longer_of_the_desk_reads_the_list_no_more(town: Town) -> None:
    await _at_community(town)
    await town.chen.writes_privately("/desk")
    page = town.last(town.chen)
    await town.work(_dismiss, town.chen.id)
    await town.li.presses(await claimed(town), "办结")
    await _freshen(town)

    assert town.now_of(town.chen, page) == page


async def test_a_desk_shows_its_list_to_its_staff_only(town: Town) -> None:
    await town.wang.writes("/desk")
    assert town.last(town.group)["text"] == zh("refusal.not_yours")
    await town.chen.writes_privately("/desk")
    assert "工作台" in town.last(town.chen)["text"]


async def test_a_case_is_dispatched_down_by_two_taps(town: Town) -> None:
    card = await _at_community(town)
    assert "📤 派单" in town.buttons(card)
    await town.chen.presses(card, "派单")
    chooser = town.last(town.community_desk)
    grid = next(text for text in town.buttons(chooser) if "二网格" in text)
    await town.chen.presses(chooser, grid)

    case = await town.case()
    assert (case.status, case.unit) == (Status.OFFERED, SECOND_GRID)
    assert town.now_of(town.chen, chooser)["text"] == zh("desk.dispatched", number=1, unit=grid)


async def test_nobody_dispatches_upwards_or_without_the_right(town: Town) -> None:
    card = await _at_community(town)
    case = (await town.case()).id
    await town.chen.presses(card, SendToPressed(case, UnitCode(CITY)), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_below")
    group_card = next(one for one in town.messages(town.group) if str(one.get("text", "")).startswith("#1 · "))
    await town.li.presses(group_card, DispatchPressed(case), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")
    await town.li.presses(group_card, SendToPressed(case, UnitCode(GRID)), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")


async def test_a_superior_supervises_in_a_way_and_with_a_sentence(town: Town) -> None:
    await claimed(town)
    await town.sun.writes("/case 1")
    await town.sun.presses(card_at(town, town.street_desk), "督办")
    panel = town.last(town.street_desk)
    assert town.buttons(panel)[:3] == [zh(f"supervision.{kind}") for kind in ("notice", "on_site", "council")]
    await town.sun.presses(panel, zh("supervision.on_site"))
    await town.sun.writes_privately("今晚到现场看一次")

    event = await town.read(_last_event)
    assert isinstance(event, Supervised)
    assert event.kind is SupervisionKind.ON_SITE
    for heard in (town.said(town.li), town.said(town.community_desk)):
        assert any("现场督办" in text and "今晚到现场看一次" in text for text in heard)
    assert "今晚到现场看一次" not in " ".join((*town.said(town.wang), *town.said(town.group)))


async def test_a_refused_case_tells_the_reporter_why(town: Town) -> None:
    card = await _at_community(town)
    await town.chen.presses(card, "不予受理")
    await town.chen.presses(town.last(town.community_desk), zh("refuse_reason.outside_duty"))

    assert (await town.case()).status is Status.REFUSED
    reason, route = zh("refuse_reason.outside_duty"), zh("refuse_route.outside_duty")
    assert town.last(town.wang)["text"] == zh("tell.refused", number=1, reason=reason, route=route)


async def test_whoever_works_on_what_is_refused_hears_that_it_is_over(town: Town) -> None:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "不予受理")
    await town.chen.presses(town.last(town.community_desk), zh("refuse_reason.nothing_new"))

    assert any("不用再办" in text for text in town.said(town.li))


async def test_the_grid_reads_the_card_but_cannot_claim_what_is_above(town: Town) -> None:
    await _at_community(town)
    card = next(one for one in town.messages(town.group) if str(one.get("text", "")).startswith("#1 · "))

    assert "✋ 接单" not in town.buttons(card)
    assert NOISE in card["text"]
    await filed(town)


async def test_whoever_owns_the_matter_is_offered_first(town: Town) -> None:
    await filed(town, "我家停电了")
    await town.sun.writes("/case 1")
    await town.sun.presses(card_at(town, town.street_desk), "派单")
    chooser = town.last(town.street_desk)
    assert town.buttons(chooser)[0] == zh("desk.owner", unit="示范供电所")
    await town.sun.presses(chooser, zh("desk.owner", unit="示范供电所"))

    assert (await town.case()).unit == UnitCode("370001001902")


async def test_the_desk_shows_what_came_onto_the_bulletin(town: Town) -> None:
    await filed(town)
    await town.passes(hours=8)
    await town.chen.writes("/desk")

    shown = town.last(town.community_desk)["text"]
    assert "📢 近 30 天通报 1 条" in shown
    assert "#1 春风一网格：未接单" in shown
    assert any("已列入通报" in text for text in town.said(town.li))


def _last_event(stores: Stores) -> Event:
    return stores.log.of(stores.cases.by_number(1).id)[-1].event


def _dismiss(uow: UnitOfWork, telegram_id: int) -> None:
    person = uow.people.meet(telegram_id, "", None).id
    for post in uow.people.posts_of(person):
        uow.people.dismiss(person, post.unit)
