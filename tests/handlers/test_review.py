"""同意 and 驳回, where the policy asks for review."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

import routing
from routing import desk, replies
from routing.events import Claimed, Dispatched, Resolved
from routing.model import Appointment, CaseId, Post, Status, UnitCode
from routing.ports import UnitOfWork
from tests.handlers.cast import card_at, card_of, claimed, resolved, zh
from tests.town import CITY, COMMUNITY, Persona, Town, town_in


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Town]:
    """A town where nothing leaves without review."""
    async with town_in(tmp_path, policy=_reviewing(tmp_path, "required = true")) as town:
        yield town


def _reviewing(folder: Path, how: str) -> str:
    default = (Path(routing.__file__).parent / "policies" / "default.toml").read_text("utf-8")
    policy = folder / "strict.toml"
    policy.write_text(default.replace("required = false", how), "utf-8")
    return str(policy)


async def test_the_answer_reaches_the_resident_only_after_approval(strict: Town) -> None:
    await resolved(strict)
    assert (await strict.case()).status is Status.IN_REVIEW
    assert "已上门劝导" not in " ".join(strict.said(strict.wang))
    assert "春风社区正在审核答复" in card_of(strict, strict.wang)["text"]
    assert "前审完" in card_of(strict, strict.wang)["text"]
    card = next(one for one in strict.messages(strict.community_desk) if str(one.get("text", "")).startswith("#1 · "))
    assert strict.buttons(card)[:2] == ["👍 同意", "👎 驳回"]

    await strict.chen.writes_privately("/todo")
    assert strict.last(strict.chen)["text"].endswith(zh("todo.judging", count=1))

    await strict.li.presses(card_of(strict, strict.li), "详情")
    await strict.chen.presses(card, "同意")

    assert (await strict.case()).status is Status.AWAITING_RATING
    assert "已上门劝导" in strict.last(strict.wang)["text"]


async def test_what_is_rejected_goes_back_with_the_reason(strict: Town) -> None:
    await resolved(strict)
    card = next(one for one in strict.messages(strict.community_desk) if str(one.get("text", "")).startswith("#1 · "))

    await strict.chen.presses(card, "驳回")
    await strict.chen.writes_privately("没有写谁去的")

    assert (await strict.case()).status is Status.OFFERED
    assert strict.last(strict.chen)["text"] == zh("review.rejected", number=1)
    assert any("没有写谁去的" in text for text in strict.said(strict.li))
    assert "没有写谁去的" not in " ".join(strict.said(strict.wang))


async def test_a_reply_that_was_rejected_is_never_read_by_the_resident(strict: Town) -> None:
    await claimed(strict)
    await strict.li.presses(card_of(strict, strict.li), "办结")
    await strict.li.sends_photo("302室赵家又投诉了", privately=True)
    await strict.chen.presses(card_at(strict, strict.community_desk), "驳回")
    await strict.chen.writes_privately("不要写别人家的事")
    await strict.li.presses(card_at(strict, strict.group), "接单")
    await strict.li.presses(card_of(strict, strict.li), "办结")
    await strict.li.sends_photo("已约定夜间停工", privately=True)
    await strict.chen.presses(card_at(strict, strict.community_desk), "同意")

    assert await _details(strict, strict.wang) == (False, True)
    assert "📎 看附件（1）" in strict.buttons(card_of(strict, strict.wang))
    assert await _details(strict, strict.li) == (True, True)

    await strict.wang.presses(card_of(strict, strict.wang), "不满意")
    assert (await strict.case()).reopened == 1
    assert await _details(strict, strict.wang) == (False, True), "what was let out once stays readable"
    assert await strict.read(replies.last_readable, await strict.case()) == "已约定夜间停工"


async def _details(town: Town, reader: Persona) -> tuple[bool, bool]:
    """Whether somebody reads the first reply in the details, and the second."""
    await reader.presses(card_of(town, reader), "详情")
    text = town.last(reader)["text"]
    return "赵家" in text, "夜间停工" in text


async def test_a_handler_cannot_approve_their_own_answer(strict: Town) -> None:
    from handlers._kit.case_presses import ApprovePressed

    card = await resolved(strict)
    await strict.li.presses(card, ApprovePressed((await strict.case()).id), forged=True)

    assert strict.toast(strict.li) == zh("refusal.not_yours")
    assert (await strict.case()).status is Status.IN_REVIEW


async def test_a_desk_shows_approve_only_where_somebody_of_its_unit_may(strict: Town) -> None:
    await claimed(strict)
    await strict.li.presses(card_of(strict, strict.li), "上报")
    await strict.li.writes_privately("要社区出面")
    await strict.chen.presses(card_at(strict, strict.community_desk), "接单")
    await strict.chen.presses(card_at(strict, strict.community_desk), "办结")
    await strict.chen.writes_privately("已同施工方约定时间")
    assert (await strict.case()).status is Status.IN_REVIEW

    own, above = card_at(strict, strict.community_desk), card_at(strict, strict.street_desk)
    assert {"👍 同意", "👎 驳回"} & set(strict.buttons(own)) == set(), "nobody there reviews what they wrote themselves"
    assert strict.buttons(above)[:2] == ["👍 同意", "👎 驳回"]

    await strict.work(_reviewer_at_the_community)
    await strict.chen.presses(own, "备注")
    await strict.chen.writes_privately("来了审核员")
    own = card_at(strict, strict.community_desk)
    assert {"👍 同意", "👎 驳回"} & set(strict.buttons(own)) == set(), "the street owes it, whoever reviews here"


async def test_who_stands_below_the_reviewing_level_is_shown_no_approve(tmp_path: Path) -> None:
    async with town_in(tmp_path, policy=_reviewing(tmp_path, 'required = true\nat = "city"')) as town:
        await resolved(town)
        await town.chen.writes("/case 1")
        below, owing = card_at(town, town.community_desk), card_at(town, town.city_desk)
        assert {"👍 同意", "👎 驳回"} & set(town.buttons(below)) == set(), "a press there would be refused"
        assert town.buttons(owing)[:2] == ["👍 同意", "👎 驳回"]


async def test_at_the_top_the_desk_shows_them_to_the_leader_where_there_is_no_reviewer(strict: Town) -> None:
    await claimed(strict)
    case = await strict.case()
    await strict.work(_the_city_has_resolved_it, case.id, strict.now)
    await strict.quiet()
    card = card_at(strict, strict.city_desk)
    assert strict.buttons(card)[:2] == ["👍 同意", "👎 驳回"]

    await strict.he.presses(card, "同意")

    assert (await strict.case()).status is Status.AWAITING_RATING


def _the_city_has_resolved_it(uow: UnitOfWork, case: CaseId, at: datetime) -> None:
    city = UnitCode(CITY)
    (leader, *_) = (one.person for one in uow.people.staff_of(city) if one.post is Post.LEADER)
    desk.move(uow, case, Dispatched(at=at, to=city, rule="test", policy=uow.policy.stamp))
    desk.move(uow, case, Claimed(at=at, by=leader))
    desk.move(uow, case, Resolved(at=at, by=leader, photos=1))


def _reviewer_at_the_community(uow: UnitOfWork) -> None:
    person = uow.people.meet(77, "审核员", None)
    uow.people.appoint(Appointment(person.id, UnitCode(COMMUNITY), Post.REVIEWER, person.name))
