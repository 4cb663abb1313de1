"""The private draft through the whole town: open, say, send."""

import pytest

from handlers._kit.words import plain
from routing import drafting, residents
from routing.model import Channel, UnitCode
from routing.ports import UnitOfWork
from tests.handlers.test_report import LAMP, media, words
from tests.town import GRID, Message, Town


async def plaque(town: Town, building: str = "3号楼") -> str:
    """What the code on a building's plaque opens."""
    return "p" + await town.work(drafting.issue_plaque, UnitCode(GRID), building)


def draft(town: Town) -> Message:
    """The draft's one message in wang's chat."""
    return next(one for one in reversed(town.private(town.wang)) if "提交" in " ".join(town.buttons(one)))


async def test_three_actions_from_the_plaque_to_a_number_a_unit_and_a_time(town: Town) -> None:
    await town.wang.starts(await plaque(town))
    await town.wang.sends_photo(privately=True)
    await town.wang.presses(draft(town), "提交")

    case = await town.case()
    assert (case.grid, case.channel, case.place.building) == (GRID, Channel.PRIVATE, "3号楼")
    assert await media(town) == ["photo"]
    assert town.toast(town.wang) == plain("draft.toast_sent", "zh", number=1)
    [ended] = [text for text in town.said(town.wang) if "已提交" in text]
    assert "#1" in ended
    assert "春风一网格" in ended


async def test_the_first_draft_names_the_privacy_notice_and_so_does_the_first_after_it_changed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, secret = plain("kit.privacy", "zh"), await plaque(town)
    await town.zhou.starts(secret)
    await town.zhou.writes_privately(LAMP)
    [first] = town.said(town.zhou)  # nothing is said besides
    assert first.splitlines()[-1] == line
    await town.zhou.presses(town.last(town.zhou), "取消")

    await town.zhou.writes_privately(LAMP)
    assert line not in town.last(town.zhou)["text"]
    await town.zhou.presses(town.last(town.zhou), "取消")

    monkeypatch.setattr(residents, "NOTICE", "2027-01")
    await town.zhou.starts(secret)
    assert line in town.last(town.zhou)["text"]


async def test_everything_sent_is_in_the_one_message_and_in_the_report(town: Town) -> None:
    await town.wang.starts(await plaque(town))
    await town.wang.writes_privately("楼道灯坏了")
    await town.wang.sends_voice(privately=True)
    await town.wang.sends_video(privately=True)
    await town.wang.sends_location(privately=True)
    await town.wang.sends_album(3, caption="四楼现场", privately=True)

    drafts = [one for one in town.private(town.wang) if "提交" in " ".join(town.buttons(one))]
    assert len(drafts) == 1
    assert "楼道灯坏了\n四楼现场" in drafts[0]["text"]

    await town.wang.presses(drafts[0], "提交")
    assert await words(town) == ["楼道灯坏了\n四楼现场"]
    assert await media(town) == ["voice", "video", "photo", "photo", "photo"]
    assert (await town.case()).place.latitude == 37.36


async def test_a_place_alone_is_asked_what_is_wrong_there(town: Town) -> None:
    await town.wang.sends_location(privately=True)
    shown = town.private(town.wang)[-1]
    assert plain("draft.what_is_wrong", "zh") in shown["text"]
    assert "提交" not in " ".join(town.buttons(shown))
    await town.wang.writes_privately(LAMP)
    assert plain("draft.go_on", "zh") in draft(town)["text"]
    await town.wang.presses(draft(town), "提交")

    assert await words(town) == [LAMP]
    assert (await town.case()).place.latitude == 37.36


async def test_simply_writing_opens_a_draft_and_files_nothing_yet(town: Town) -> None:
    await town.wang.writes_privately(LAMP)

    assert LAMP in draft(town)["text"]
    assert await town.cases() == 0


async def test_five_messages_in_a_row_lose_none(town: Town) -> None:
    for number in range(5):
        await town.wang.acts("send_text", chat=town.bot_chat, text=f"第{number}件")
    await town.quiet()
    await town.wang.presses(draft(town), "提交")

    assert await words(town) == ["\n".join(f"第{number}件" for number in range(5))]


async def test_submitting_twice_files_once(town: Town) -> None:
    await town.wang.writes_privately(LAMP)
    shown = draft(town)
    data = shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await town.wang.presses(shown, "提交")
    await town.wang.acts("press", chat=town.bot_chat, message=shown["message_id"], data=data, forged=True)
    await town.quiet()

    assert await town.cases() == 1
    assert town.toast(town.wang) == plain("refusal.already_done", "zh")


async def test_a_cancelled_draft_files_nothing_and_has_no_buttons(town: Town) -> None:
    await town.wang.writes_privately(LAMP)
    shown = draft(town)
    await town.wang.presses(shown, "取消")

    assert await town.cases() == 0
    assert town.buttons(town.now_of(town.wang, shown)) == []


async def test_a_draft_survives_a_restart(town: Town) -> None:
    await town.wang.writes_privately(LAMP)
    await town.restart()
    await town.wang.writes_privately("在四楼")
    await town.wang.presses(draft(town), "提交")

    assert await words(town) == [f"{LAMP}\n在四楼"]


async def test_an_edited_line_changes_the_draft_and_later_the_report(town: Town) -> None:
    first = await town.wang.writes_privately("楼道灯坏了")
    await town.wang.writes_privately("在四楼")
    await town.wang.edits(first, "楼道灯全坏了", privately=True)
    assert "楼道灯全坏了" in draft(town)["text"]

    await town.wang.presses(draft(town), "提交")
    await town.wang.edits(first, "楼道灯都不亮", privately=True)
    assert await words(town) == ["楼道灯都不亮\n在四楼"]


async def test_whoever_has_no_home_here_chooses_the_grid_once(town: Town) -> None:
    await town.neighbour.starts()
    await town.work(forget_home, town.neighbour.id)
    await town.neighbour.writes_privately(LAMP)
    await town.neighbour.presses(town.last(town.neighbour), "提交")
    assert town.toast(town.neighbour) == plain("draft.toast_grid", "zh")

    await town.neighbour.presses(town.last(town.neighbour), "春风一网格")
    assert (await town.case()).grid == GRID

    await town.neighbour.writes_privately("路灯坏了")
    assert "春风一网格" in town.last(town.neighbour)["text"]


async def test_a_confidential_report_is_no_news_in_the_group(town: Town) -> None:
    await town.wang.writes_privately(LAMP)
    await town.wang.presses(draft(town), "🔒 不在群里显示")
    await town.wang.presses(draft(town), "提交")

    assert (await town.case()).confidential
    assert town.said(town.group) == []


async def test_a_private_report_shows_in_the_group_without_its_words(town: Town) -> None:
    await town.wang.writes_privately(LAMP)
    await town.wang.presses(draft(town), "提交")

    [card] = town.said(town.group)
    assert "#1" in card
    assert "好几天" not in card
    assert town.wang.person.first_name not in card


async def test_a_command_with_words_files_at_once_where_the_home_is_known(town: Town) -> None:
    await town.wang.writes_privately(f"/report {LAMP}")

    case = await town.case()
    assert (case.grid, case.channel) == (GRID, Channel.PRIVATE)
    assert await words(town) == [LAMP]


async def test_a_report_of_one_line_names_a_new_privacy_notice_as_well_and_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residents, "NOTICE", "2027-01")
    for _ in range(2):
        await town.wang.writes_privately(f"/report {LAMP}")

    assert (await town.case(2)).channel is Channel.PRIVATE
    assert town.said(town.wang).count(plain("kit.privacy", "zh")) == 1


async def test_the_menus_button_opens_a_draft(town: Town) -> None:
    await town.wang.presses(town.last(town.wang), "我要上报")

    assert plain("draft.what_to_send", "zh") in town.last(town.wang)["text"]


async def test_thanks_in_private_open_no_draft(town: Town) -> None:
    await town.wang.writes_privately("谢谢")

    assert town.said(town.wang)[-1] == plain("draft.welcome", "zh")


async def test_opening_again_brings_the_draft_to_the_end_of_the_chat(town: Town) -> None:
    await town.wang.writes_privately(LAMP)
    first = draft(town)
    await town.wang.writes_privately("/report")

    assert town.buttons(town.now_of(town.wang, first)) == []
    assert LAMP in draft(town)["text"]


async def test_a_dead_link_says_so(town: Town) -> None:
    await town.wang.starts("pAAAAAAAAAAAAAAAAAAAAAA")

    assert town.said(town.wang)[-1] == plain("refusal.link_over", "zh")


def forget_home(uow: UnitOfWork, telegram_id: int) -> None:
    """Cut somebody from their household."""
    person = uow.people.meet(telegram_id, "x", "zh")
    uow.people.leave_household(person.id)


async def test_a_draft_begun_after_a_question_takes_what_is_written_next(town: Town) -> None:
    await town.wang.writes("/report 3号楼楼道灯坏了")
    await town.li.presses(town.last(town.group), "接单")
    await town.li.presses(town.last(town.group), "详情")
    await town.li.presses(next(one for one in town.private(town.li) if "❓ 提问" in town.buttons(one)), "提问")
    await town.li.writes_privately("是哪个单元？")

    await town.wang.writes_privately("/report")
    await town.wang.writes_privately("5号楼电梯坏了")
    await town.wang.presses(next(one for one in town.private(town.wang) if "✅ 提交" in town.buttons(one)), "提交")

    assert await town.cases() == 2
    assert (await town.case(1)).waiting
