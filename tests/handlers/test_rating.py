"""Ratings: only the reporter's word, once per closing, and nothing waits for the reason."""

from routing.model import Rating, Status, Words, WordsKind
from routing.ports import UnitOfWork
from tests.handlers.cast import NOISE, card_of, resolved, zh
from tests.town import COMMUNITY, Town


def _said(uow: UnitOfWork, kind: WordsKind) -> list[Words]:
    return list(uow.words.of(uow.cases.by_number(1).id, kind))


async def test_satisfied_archives_and_a_comment_may_follow(town: Town) -> None:
    card = await resolved(town)
    await town.wang.presses(card, "满意")

    case = await town.case()
    assert (case.status, case.rating_final) == (Status.ARCHIVED, Rating.SATISFIED)
    thanks = town.last(town.wang)
    assert thanks["text"] == zh("rating.thanks", number=1)
    await town.wang.presses(thanks, "留言")
    await town.wang.writes_privately("师傅很耐心")
    assert [one.text for one in await town.read(_said, WordsKind.COMMENT)] == ["师傅很耐心"]
    assert town.buttons(town.now_of(town.wang, card)) == ["📄 详情"]


async def test_a_neighbour_cannot_rate(town: Town) -> None:
    card = await resolved(town)

    await town.zhou.presses(card, "满意")

    assert town.toast(town.zhou) == zh("refusal.not_reporter")
    assert (await town.case()).status is Status.AWAITING_RATING


async def test_not_satisfied_starts_again_above_without_waiting_for_the_reason(town: Town) -> None:
    await resolved(town)
    await town.wang.presses(town.last(town.wang), "不满意")

    case = await town.case()
    assert (case.status, case.reopened) == (Status.OFFERED, 1)
    assert case.unit == COMMUNITY
    assert any("重办" in text for text in town.said(town.community_desk))
    assert any("不满意" in text for text in town.said(town.street_desk))
    assert town.last(town.wang)["text"] == zh("ask.why", number=1, matter="施工扰民")

    await town.wang.writes_privately("昨晚还在吵", reply_to=town.last(town.wang))
    assert [one.text for one in await town.read(_said, WordsKind.REASON)] == ["昨晚还在吵"]
    assert (await town.case()).reopened == 1


async def test_a_report_written_after_a_bad_rating_is_no_reason_for_it(town: Town) -> None:
    await resolved(town)
    await town.wang.presses(town.last(town.wang), "不满意")

    await town.wang.writes_privately("5号楼电梯坏了")
    await town.wang.presses(town.last(town.wang), "提交")

    assert await town.read(_said, WordsKind.REASON) == []
    assert await town.cases() == 2


async def test_who_has_no_private_chat_rates_in_the_group_under_a_masked_name(town: Town) -> None:
    await resolved(town, NOISE, by=town.zhou)
    asked = town.last(town.group)
    assert asked["text"].startswith(f"{town.zhou.person.first_name[0]}** ")
    assert town.zhou.person.first_name not in asked["text"]

    await town.zhou.presses(asked, "基本满意")

    assert (await town.case()).rating_final is Rating.FAIR


async def test_a_closing_is_rated_once(town: Town) -> None:
    await resolved(town)
    asked = town.last(town.wang)
    await town.wang.presses(asked, "满意")
    await town.wang.presses(asked, "不满意")

    assert town.toast(town.wang) == zh("refusal.already_rated")
    assert (await town.case()).status is Status.ARCHIVED


async def test_thanks_in_the_chat_reopen_nothing(town: Town) -> None:
    card = await resolved(town)
    await town.wang.presses(card, "满意")
    await town.wang.writes("谢谢你们")
    await town.wang.writes("谢谢", reply_to=card)

    case = await town.case()
    assert (case.status, case.reopened) == (Status.ARCHIVED, 0)
    assert await town.cases() == 1


async def test_silence_is_not_satisfaction(town: Town) -> None:
    await resolved(town)
    await town.passes(days=1, hours=13)
    assert town.last(town.wang)["text"] == zh("tell.rate_reminder", number=1, matter="施工扰民")
    await town.passes(days=2)

    case = await town.case()
    assert (case.status, case.rating_final) == (Status.ARCHIVED, None)


async def test_a_second_not_satisfied_asks_for_a_judgement(town: Town) -> None:
    await resolved(town)
    await town.wang.presses(town.last(town.wang), "不满意")
    desk_card = next(one for one in town.messages(town.community_desk) if str(one.get("text", "")).startswith("#1 · "))
    await town.chen.presses(desk_card, "接单")
    await town.chen.presses(card_of(town, town.chen), "办结")
    await town.chen.writes_privately("已约谈")
    await town.wang.presses(card_of(town, town.wang), "不满意")

    case = await town.case()
    assert (case.status, case.judged) == (Status.IN_REVIEW, True)
    assert any(text.startswith("⚖️ #1") for text in town.said(town.street_desk))
    street = next(one for one in town.messages(town.street_desk) if str(one.get("text", "")).startswith("#1 · "))
    await town.sun.presses(street, "同意")
    assert (await town.case()).status is Status.ARCHIVED
