"""What a residents' chat carries for whoever has no private chat, and what it must not show all the same."""

from dataclasses import replace
from datetime import timedelta

from handlers._kit.case_presses import DetailsPressed
from routing import casework
from routing.ports import UnitOfWork
from tests.handlers.cast import card_at, card_of, claimed, resolved, zh
from tests.town import GRID, Persona, Town


async def test_what_the_reporter_answers_in_private_is_not_read_out_to_the_neighbours(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是几楼？")
    await town.li.blocks()

    await town.wang.writes_privately("六楼，我父亲瘫痪在床，敲门轻一点")

    assert zh("tell.answered", number=1, answer="—") in town.said(town.group)
    assert "瘫痪" not in "".join(town.said(town.group))


async def test_what_superiors_write_to_a_worker_is_not_read_out_to_the_neighbours(town: Town) -> None:
    await claimed(town)
    await town.li.blocks()

    await town.sun.writes("/case 1")
    await town.sun.presses(card_at(town, town.street_desk), "督办")
    await town.sun.presses(town.last(town.street_desk), zh("supervision.notice"))
    await town.sun.writes_privately("居民已经投诉你三次了")

    assert any("督办" in text for text in town.said(town.group))
    assert "投诉你三次" not in "".join(town.said(town.group))


async def test_the_state_of_a_case_that_was_hushed_meanwhile_is_no_neighbours_business(town: Town) -> None:
    await claimed(town)
    card = card_at(town, town.group)
    await town.work(_hushed)

    await town.zhou.presses(card, DetailsPressed((await town.case()).id), forged=True)

    assert town.toast(town.zhou) == zh("refusal.no_such_case")


async def test_a_reporter_who_works_elsewhere_is_asked_under_a_masked_name(town: Town) -> None:
    zhao = Persona(town, town.zhao.person, town.group)
    await zhao.joins(town.group)
    card = await resolved(town, by=zhao)

    await zhao.presses(card, "不满意")

    assert town.last(town.group)["text"].startswith(f"{zhao.person.first_name[0]}** ")
    assert zhao.person.first_name not in "".join(town.said(town.group))


def _hushed(uow: UnitOfWork) -> None:
    case = uow.cases.by_number(1)
    uow.cases.save(replace(case, confidential=True))


async def test_a_hushed_report_to_workers_whom_nobody_can_write_to_reaches_the_desk_above(town: Town) -> None:
    for worker in (town.li, town.zhang):
        await worker.blocks()

    await town.wang.writes_privately("3号楼楼道灯坏了，我怕黑")
    await town.wang.presses(town.last(town.wang), zh("button.draft_hush"))
    await town.wang.presses(town.last(town.wang), "提交")

    card = card_at(town, town.community_desk)
    assert (await town.case()).unit == GRID
    assert "📤 派单" in town.buttons(card)
    assert town.said(town.group) == []


async def test_so_does_one_to_workers_of_whose_blocking_nobody_told(town: Town) -> None:
    for worker in (town.li, town.zhang):
        town.sandbox.fail_next("sendMessage", "403", contains=str(worker.id))

    await town.wang.writes_privately("3号楼楼道灯坏了，我怕黑")
    await town.wang.presses(town.last(town.wang), zh("button.draft_hush"))
    await town.wang.presses(town.last(town.wang), "提交")

    assert "📤 派单" in town.buttons(card_at(town, town.community_desk))
    assert town.said(town.group) == []


async def test_what_a_holder_cannot_be_told_of_a_hushed_case_is_told_to_a_colleague(town: Town) -> None:
    await town.wang.writes_privately("3号楼楼道灯坏了，我怕黑")
    await town.wang.presses(town.last(town.wang), zh("button.draft_hush"))
    await town.wang.presses(town.last(town.wang), "提交")
    await town.li.presses(card_of(town, town.li), "接单")
    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是几楼？")
    await town.li.blocks()

    await town.wang.writes_privately("六楼")

    assert zh("tell.answered", number=1, answer="六楼") in town.said(town.zhang)
    assert town.said(town.group) == []


async def test_what_was_said_of_a_case_before_it_was_hushed_disappears(town: Town) -> None:
    await claimed(town, by=town.zhou)
    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是谁家在吵？")
    assert any("是谁家在吵" in text for text in town.said(town.group))

    await town.work(_corrected_to_hushed)
    await town.quiet()

    assert town.said(town.group) == [zh("card.hidden", number=1, status=zh("status.claimed"))]


def _corrected_to_hushed(uow: UnitOfWork) -> None:
    case = uow.cases.by_number(1)
    hushed = next(one.code for one in uow.catalogue.matters.values() if one.hushed)
    assert case.holder is not None
    casework.correct(uow, case.id, case.holder, hushed, case.filed_at + timedelta(minutes=1))


async def test_nobody_is_asked_in_the_name_of_a_reporter_who_is_forgotten(town: Town) -> None:
    await claimed(town)
    await town.wang.writes_privately("/forget")
    await town.wang.presses(town.last(town.wang), zh("privacy.forget"))

    await town.li.presses(card_of(town, town.li), "提问")
    await town.li.writes_privately("是几楼？")
    assert town.last(town.li)["text"] == zh("refusal.reporter_unknown")
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已上门劝导")

    assert [text for text in town.said(town.group) if not text.startswith("#1 · ")] == []
