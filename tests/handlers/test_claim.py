"""Working on a case: claim, release, hand over, note, ask, correct."""

from dataclasses import replace

from handlers._kit.case_presses import ClaimPressed, NotePressed, ReleasePressed, ResolvePressed
from handlers.claim.classes import ClassPressed
from handlers.claim.presses import HandToPressed
from routing.events import Noted, NoteKind
from routing.model import PersonId, Post, Status, Words, WordsKind
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.handlers.cast import NOISE, card_of, claimed, filed, offers, zh
from tests.town import Town


async def test_the_first_press_claims_and_the_second_one_learns_who(town: Town) -> None:
    card = await filed(town)

    await town.li.presses(card, "接单")
    assert town.toast(town.li) == zh("claim.claimed")
    await town.zhang.presses(card, ClaimPressed((await town.case()).id), forged=True)

    assert town.toast(town.zhang) == zh("refusal.already_claimed", by=town.li.person.first_name)
    assert (await town.case()).status is Status.CLAIMED
    assert f"春风一网格的{town.li.person.first_name}接单" in town.last(town.wang)["text"]


async def test_a_neighbour_cannot_claim(town: Town) -> None:
    card = await filed(town)

    await town.zhou.presses(card, "接单")

    assert town.toast(town.zhou) == zh("refusal.not_yours")
    assert (await town.case()).status is Status.OFFERED


async def test_the_same_press_twice_changes_nothing(town: Town) -> None:
    card = await filed(town)
    press = ClaimPressed((await town.case()).id)
    await town.li.presses(card, press)
    before = (await town.case()).version

    await town.li.presses(card, press, forged=True)

    assert town.toast(town.li) == zh("refusal.already_done")
    assert (await town.case()).version == before


async def test_a_released_case_is_offered_again(town: Town) -> None:
    await claimed(town)

    await town.li.presses(card_of(town, town.li), "↩️ 放回待接")

    assert (await town.case()).status is Status.OFFERED
    assert any("放回待接，请接单" in text for text in town.said(town.zhang))
    await town.zhang.presses(card_of(town, town.zhang), "接单")
    assert (await town.case()).status is Status.CLAIMED


async def test_a_stranger_cannot_release(town: Town) -> None:
    card = await claimed(town)

    await town.zhou.presses(card, ReleasePressed((await town.case()).id), forged=True)

    assert town.toast(town.zhou) == zh("refusal.not_yours")


async def test_a_colleague_takes_over_and_the_reporter_learns_it(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "移交同事")
    chooser = town.last(town.li)
    assert town.zhang.person.first_name in town.buttons(chooser)

    await town.li.presses(chooser, town.zhang.person.first_name)

    case = await town.case()
    assert await town.read(_name, case.holder) == town.zhang.person.first_name
    assert town.now_of(town.li, chooser)["text"] == zh("claim.handed_to", number=1, who=town.zhang.person.first_name)
    assert town.buttons(town.now_of(town.li, chooser)) == []
    assert f"现由春风一网格的{town.zhang.person.first_name}办理，" in town.last(town.wang)["text"]


async def test_a_case_goes_to_no_outsider(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "移交同事")
    wang = await town.read(_person, town.wang.id)

    await town.li.presses(town.last(town.li), HandToPressed((await town.case()).id, wang), forged=True)

    assert town.toast(town.li) == zh("refusal.not_colleague")


async def test_a_helper_passes_on_what_only_others_resolve(town: Town) -> None:
    await town.work(_becomes_helper, town.zhang.id)
    await town.zhang.presses(await filed(town, NOISE), "接单")
    card = card_of(town, town.zhang)
    assert not await offers(town, town.zhang, card, "办结")
    assert await offers(town, town.zhang, card, "上报")
    await town.zhang.presses(card, ResolvePressed((await town.case()).id), forged=True)
    assert town.toast(town.zhang) == zh("refusal.not_yours")

    await town.zhang.presses(card_of(town, town.zhang), "移交同事")
    await town.zhang.presses(town.last(town.zhang), town.li.person.first_name)

    assert await town.read(_name, (await town.case()).holder) == town.li.person.first_name
    assert not await offers(town, town.zhang, card_of(town, town.zhang), "移交同事")
    assert await offers(town, town.li, card_of(town, town.li), "办结")


def _becomes_helper(stores: Stores, telegram_id: int) -> None:
    (post,) = stores.people.posts_of(stores.people.meet(telegram_id, "", None).id)
    stores.people.dismiss(post.person, post.unit)
    stores.people.appoint(replace(post, post=Post.HELPER))


def _name(uow: UnitOfWork, person: PersonId | None) -> str:
    assert person is not None
    return uow.people.posts_of(person)[0].name


def _person(uow: UnitOfWork, telegram_id: int) -> PersonId:
    return uow.people.meet(telegram_id, "王小满", "zh").id


async def test_a_note_is_kept_and_shown_to_staff(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")

    await town.li.writes_privately("已联系物业")

    assert town.last(town.li)["text"] == zh("claim.noted", number=1)
    assert "已联系物业" in card_of(town, town.zhang)["text"]
    assert [one.text for one in await town.read(_words, WordsKind.NOTE)] == ["已联系物业"]


async def test_a_question_can_be_cancelled(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    question = town.last(town.li)

    await town.li.presses(question, "取消")
    assert town.now_of(town.li, question)["text"] == zh("ask.cancelled")
    await town.li.writes_privately("你好")

    assert await town.read(_words, WordsKind.NOTE) == []


async def test_a_note_for_a_case_that_ended_meanwhile_is_told_off_once(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), "撤回")

    await town.li.writes_privately("晚了一步")

    assert town.last(town.li)["text"] == zh("ask.too_late", number=1, status=zh("status.withdrawn"))


async def test_a_question_reaches_the_reporter_and_the_answer_comes_back(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是几楼？")
    assert (await town.case()).waiting
    assert "是几楼？" in town.last(town.wang)["text"]

    await town.wang.writes_privately("六楼")

    assert not (await town.case()).waiting
    assert zh("tell.answered", number=1, answer="六楼") in town.said(town.li)


async def test_what_was_taken_for_an_answer_can_be_made_a_report_of_its_own(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是几楼？")
    await town.wang.writes_privately("3号楼下水道堵了")
    thanks = town.last(town.wang)
    assert thanks["text"] == zh("claim.answered", number=1)

    await town.wang.presses(thanks, zh("button.report_anew"))
    await town.wang.presses(thanks, zh("button.report_anew"))
    draft = town.last(town.wang)
    assert draft["text"].count("3号楼下水道堵了") == 1
    await town.wang.presses(draft, "提交")

    second = await town.case(2)
    assert (second.reporter, await town.cases()) == ((await town.case(1)).reporter, 2)


async def test_who_has_no_private_chat_is_asked_in_the_group_and_answers_by_replying(town: Town) -> None:
    await claimed(town, by=town.zhou)
    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是几楼？电话13812345678方便接吗")
    question = town.last(town.group)
    assert "是几楼？" in question["text"]
    assert "13812345678" not in question["text"]
    assert question["text"].startswith(f"{town.zhou.person.first_name[0]}** ")

    await town.zhou.writes("六楼", reply_to=question)

    assert not (await town.case()).waiting
    assert zh("tell.answered", number=1, answer="六楼") in town.said(town.li)


async def test_staff_correct_the_class_and_the_correction_is_kept(town: Town) -> None:
    await filed(town, NOISE)
    await town.li.presses(card_of(town, town.li), "改分类")
    panel = town.last(town.li)
    await town.li.presses(panel, "市容环境")
    await town.li.presses(panel, "下一页 ▶️")
    await town.li.presses(panel, "焚烧垃圾、树叶")

    assert (await town.case()).matter == "06020"
    assert town.now_of(town.li, panel)["text"] == zh("claim.corrected_to", number=1, matter="焚烧垃圾、树叶")
    kinds = [event.kind for event in await town.read(_events) if isinstance(event, Noted)]
    assert kinds == [NoteKind.CORRECTION]


async def test_a_neighbour_corrects_nothing(town: Town) -> None:
    card = await filed(town, NOISE)
    case = await town.case()

    await town.zhou.presses(card, ClassPressed(case.id, "06020"), forged=True)
    await town.zhou.presses(card, NotePressed(case.id), forged=True)

    assert town.toast(town.zhou) == zh("refusal.not_yours")
    assert (await town.case()).matter == case.matter


def _events(uow: UnitOfWork) -> list[object]:
    return [entry.event for entry in uow.log.of(uow.cases.by_number(1).id)]


def _words(uow: UnitOfWork, kind: WordsKind) -> list[Words]:
    return list(uow.words.of(uow.cases.by_number(1).id, kind))
