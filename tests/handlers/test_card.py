"""The card from its three sides, the sentences about a case, and its story."""

import re
from pathlib import Path

import pytest

from handlers import render
from handlers._kit import words
from handlers._kit.cards import remove
from handlers._kit.case_presses import ClaimPressed, MediaPressed, ReleasePressed, UnfoldPressed
from routing.model import Case, ChatKind, Status
from routing.ports import Promise, UnitOfWork
from tests.handlers.cast import LAMP, NOISE, card_at, card_of, claimed, filed, resolved, zh
from tests.town import Message, Town

ROUTING = Path(__file__).resolve().parent.parent.parent / "routing"
SECRETS = ("13812345678", "王小满", "501", "370685199001011234")


def _told() -> set[str]:
    found = {key for file in ROUTING.rglob("*.py") for key in re.findall(r'"(tell\.[a-z_]+)"', file.read_text("utf-8"))}
    assert len(found) > 50
    return found


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_whatever_the_rules_tell_has_a_sentence(lang: str) -> None:
    assert _told() - words.sentences(lang).keys() == set()


async def test_every_sentence_can_be_said_in_private_at_a_desk_and_before_neighbours(town: Town) -> None:
    await filed(town)
    await filed(town, "5号楼门口垃圾没人收", by=town.zhou)

    for number in (1, 2):
        case = await town.case(number)
        for key in sorted(_told()):
            assert await town.read(_renders, case, key), key


def _renders(uow: UnitOfWork, case: Case, key: str) -> bool:
    chats = {chat.id if chat.kind is ChatKind.PRIVATE else chat.kind: chat for chat in uow.chats.all()}
    for chat in chats.values():
        for lang in ("zh", "en"):
            made = render(uow, "tell", {"case": case.id, "key": key, "reason": "outside_duty"}, chat, locale=lang)
            if made is not None and ("{" in str(made.params["text"]) or not str(made.params["text"]).strip()):
                return False
    return True


async def test_neighbours_read_a_masked_card_with_the_buttons_that_make_sense(town: Town) -> None:
    card = await filed(town, f"3号楼2单元501{LAMP}，我是王小满，电话13812345678，身份证370685199001011234")

    assert "#1 · 路灯异常 · 3号楼" in card["text"]
    assert "王**" in card["text"]
    assert [secret for secret in SECRETS if secret in card["text"]] == []
    assert town.buttons(card) == ["✋ 接单", "🙋 我也遇到", "📄 详情"]


async def test_the_reporter_reads_their_own_words_and_where_it_stands(town: Town) -> None:
    await filed(town, f"{LAMP}，电话13812345678")
    card = card_of(town, town.wang)

    assert "13812345678" in card["text"]
    assert "受理 · 流转 · 反馈评价 · 归档" in card["text"]
    assert bold(card)[-1] == "流转"
    assert town.buttons(card) == ["➕ 补充", "🗑 撤回", "📄 详情"]


def bold(message: Message) -> list[str]:
    """What stands in bold; entities count UTF-16 units."""
    units = message["text"].encode("utf-16-le")
    parts = [(one["offset"], one["offset"] + one["length"]) for one in message["entities"] if one["type"] == "bold"]
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in parts]


async def test_staff_read_everything_and_get_what_their_post_allows(town: Town) -> None:
    await filed(town, f"{LAMP}，电话13812345678")
    card = card_of(town, town.li)

    assert "13812345678" in card["text"]
    assert "王小满" in card["text"]
    assert town.buttons(card) == ["✋ 接单", "❓ 提问", "📝 备注", "🏷 改分类", "📄 详情"]
    await town.li.presses(card, "接单")
    held = town.buttons(card_of(town, town.li))
    assert held == ["✅ 办结", "⬆️ 上报", "❓ 提问", "📝 备注", "📇 联系方式", "📄 详情", "⋯ 更多"]
    assert "✅ 办结" not in town.buttons(card_of(town, town.zhang))


async def test_rare_buttons_unfold_on_the_card_itself_and_fold_again_with_a_press_or_the_next_edit(town: Town) -> None:
    await claimed(town)
    card = card_of(town, town.li)
    folded = town.buttons(card)

    await town.li.presses(card, "更多")
    unfolded = town.now_of(town.li, card)
    assert unfolded["message_id"] == card_of(town, town.li)["message_id"], "the same message, edited"
    assert {"✅ 办结", "👥 移交同事", "↩️ 放回待接", "⏳ 延期", "🔼 收起"} <= set(town.buttons(unfolded))
    await town.li.presses(card, "收起")
    assert town.buttons(town.now_of(town.li, card)) == folded

    await town.li.presses(card, "更多")
    await town.wang.presses(card_of(town, town.wang), "补充")
    await town.wang.writes_privately("今晚又开始了")
    assert town.buttons(town.now_of(town.li, card)) == folded, "the next edit folds them away"


async def test_what_is_folded_away_may_still_be_pressed_on_an_older_view(town: Town) -> None:
    await claimed(town)
    card = card_of(town, town.li)

    await town.li.presses(card, ReleasePressed((await town.case()).id), forged=True)

    assert (await town.case()).status is Status.OFFERED


async def test_before_neighbours_nothing_unfolds(town: Town) -> None:
    card = await claimed(town)
    before = town.now_of(town.zhou, card)

    await town.zhou.presses(card, UnfoldPressed((await town.case()).id), forged=True)

    assert town.now_of(town.zhou, card)["reply_markup"] == before["reply_markup"]


async def test_a_tip_off_never_shows_in_the_group(town: Town) -> None:
    await filed_quietly(town)

    assert [text for text in town.said(town.group) if "干部" in text or "收红包" in text or "王" in text] == []
    assert town.said(town.li)[1:] == [], "the grid where everybody knows everybody is not asked"
    assert "收红包" in card_at(town, town.street_desk)["text"]
    assert "王小满" not in card_at(town, town.street_desk)["text"]


async def filed_quietly(town: Town) -> None:
    await town.wang.writes("/report 举报村干部收红包，不作为")
    assert (await town.case(1)).confidential


async def test_a_card_is_one_message_edited_in_place(town: Town) -> None:
    await resolved(town)

    cards = [one for one in town.messages(town.group) if str(one.get("text", "")).startswith("#1 · ")]
    assert len(cards) == 1
    assert "⭐ 待评价" in cards[0]["text"]


async def test_a_press_on_a_copy_keeps_the_copy_and_takes_the_other_away(town: Town) -> None:
    card = await filed(town)
    await town.work(_copy)
    await town.quiet()
    copy = town.last(town.group)
    assert copy["message_id"] != card["message_id"]

    await town.li.presses(copy, "接单")

    left = [one["message_id"] for one in town.messages(town.group) if str(one.get("text", "")).startswith("#1 · ")]
    assert left == [copy["message_id"]]
    assert "🔵 办理中" in town.now_of(town.li, copy)["text"]


def _copy(uow: UnitOfWork) -> None:
    """What a repetition in doubt leaves behind: a second card that nobody recorded."""
    case = uow.cases.by_number(1)
    (chat,) = [chat for chat in uow.chats.all() if chat.unit == case.grid]
    uow.outbox.promise(Promise(key="copy", chat=chat.id, view="card", params={"case": case.id}))


async def test_a_press_on_the_card_itself_heals_nothing(town: Town) -> None:
    card = await filed(town)

    await town.li.presses(card, ClaimPressed((await town.case()).id))

    assert await town.read(_gone) == 0
    assert town.now_of(town.li, card)["message_id"] == card["message_id"]


def _gone(uow: UnitOfWork) -> int:
    connection = uow.connection  # type: ignore[attr-defined]  # the store's own, to count rows
    return int(connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE view = 'gone'").scalar_one())


async def test_the_history_is_told_in_each_language_as_what_happened(town: Town) -> None:
    card = await filed(town, LAMP)
    await town.li.presses(card, "详情")
    assert "派单 · 系统" in town.last(town.li)["text"]
    await town.li.writes_privately("/lang")
    await town.li.presses(town.last(town.li), "English")

    await town.li.presses(card, "详情")
    assert "reported · the reporter" in town.last(town.li)["text"]
    assert "dispatched · system" in town.last(town.li)["text"]


async def test_details_go_to_those_who_may_read_them_and_the_rest_get_a_line(town: Town) -> None:
    card = await filed(town, f"{LAMP}，电话13812345678")

    await town.li.presses(card, "详情")
    assert town.toast(town.li) == zh("details.in_private")
    assert "13812345678" in town.last(town.li)["text"]
    assert zh("details.history").replace("<b>", "").replace("</b>", "") in town.last(town.li)["text"]

    await town.emma.presses(card, "详情")
    toast = str(town.toast(town.emma))
    assert toast.startswith("#1 ")
    assert len(toast) <= 200
    assert [secret for secret in SECRETS if secret in toast] == []


async def test_details_say_why_the_case_is_where_it_is(town: Town) -> None:
    card = await filed(town)
    await town.li.presses(card, "详情")
    assert "描述里有“楼道灯”" in town.last(town.li)["text"]
    assert "民生类诉求先由网格受理" in town.last(town.li)["text"]

    await town.li.presses(card, "接单")
    await town.li.presses(card_of(town, town.li), "上报")
    await town.li.writes_privately("要换线路，网格做不了")
    await town.chen.presses(card_at(town, town.community_desk), "详情")
    assert "经“上报”到春风社区" in town.last(town.community_desk)["text"]


async def test_the_line_of_a_policy_explains_itself_in_the_readers_language(town: Town) -> None:
    await filed_quietly(town)
    await town.sun.presses(card_at(town, town.street_desk), "详情")

    assert "举报由街道受理，不经网格" in town.last(town.street_desk)["text"]


async def test_the_reporter_reads_the_answer_only_after_closing_and_never_the_notes(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    await town.li.writes_privately("这家经常被投诉")
    await town.wang.presses(card_of(town, town.wang), "详情")
    assert "经常被投诉" not in " ".join(town.said(town.wang))

    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已劝导")
    assert "已劝导" in card_of(town, town.wang)["text"]


async def test_an_urgent_card_says_whom_to_call_first_until_it_is_solved(town: Town) -> None:
    first = re.sub("<[^>]+>", "", zh("kit.danger"))
    assert first not in (await filed(town, NOISE))["text"]
    await town.wang.writes("/report 3号楼着火了，快来人")
    assert first in card_at(town, town.group, 2)["text"]
    assert first in card_of(town, town.wang, 2)["text"]
    assert first not in card_of(town, town.li, 2)["text"]

    await town.li.presses(card_of(town, town.li, 2), "接单")
    await town.li.presses(card_of(town, town.li, 2), "办结")
    await town.li.sends_photo("火已扑灭", privately=True)
    assert (await town.case(2)).status is Status.AWAITING_RATING
    assert first not in card_at(town, town.group, 2)["text"]


async def test_attachments_are_shown_to_staff_and_refused_to_neighbours(town: Town) -> None:
    said = await town.wang.sends_photo(f"/report {LAMP}")
    await town.passes(seconds=5)
    card = town.answer_to(said)
    await town.li.presses(card_of(town, town.li), "📎 看附件（1）")
    assert "photo" in town.last(town.li)

    await town.zhou.presses(card, MediaPressed((await town.case()).id), forged=True)
    assert town.toast(town.zhou) == zh("refusal.not_yours")


async def test_several_pictures_are_shown_as_one_album(town: Town) -> None:
    await town.wang.sends_album(3, caption=f"/report {LAMP}")
    await town.passes(seconds=5)
    await town.li.presses(card_of(town, town.li), "📎 看附件（3）")
    shown = [message for message in town.private(town.li) if "photo" in message]

    assert len(shown) == 3
    assert len({message["media_group_id"] for message in shown}) == 1


async def test_a_long_report_is_cut_on_the_card_and_whole_in_the_details(town: Town) -> None:
    await filed(town, LAMP + "很黑" * 1900 + "完")

    assert len(card_of(town, town.li)["text"]) < 3000
    await town.li.presses(card_of(town, town.li), "详情")
    assert "完" in "".join(town.said(town.li)[-2:])


async def test_a_message_is_taken_away_once(town: Town) -> None:
    card = await filed(town, NOISE)
    await town.work(_remove, card["message_id"])
    await town.quiet()

    assert card["message_id"] not in [one["message_id"] for one in town.messages(town.group)]


def _remove(uow: UnitOfWork, message_id: int) -> None:
    (chat,) = [chat for chat in uow.chats.all() if chat.unit == uow.cases.by_number(1).grid]
    remove(uow, chat.id, message_id)
    remove(uow, chat.id, message_id)
