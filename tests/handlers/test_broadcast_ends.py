"""What a broadcast leaves behind: reminders and lists that it has overtaken, the next one of a series, its list."""

import pytest

from broadcasts.model import Class, Door, Level, State
from handlers._kit.presses import decode
from handlers.broadcast.presses import FilesPressed
from handlers.receipt import messages
from routing.model import PersonId
from storage.stores import Stores
from tests.broadcasts.test_lifecycle import made
from tests.handlers.broadcasting import figures, panel, sent, speaker, state
from tests.handlers.cast import zh
from tests.handlers.kit.looking import look, texts_of
from tests.town import GRID, Persona, Town

OVER = "本条已解除"


async def _published(town: Town, text: str, *presses: str) -> Persona:
    you = speaker(town)
    await you.writes(f"/broadcast {text}")
    for words in presses:
        await you.presses(panel(town, "📝 第 1 号"), words)
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()
    return you


async def _cancelled(town: Town, you: Persona) -> None:
    await you.presses(panel(town, "📊 第 1 号"), "⏹ 取消")
    await you.presses(panel(town, "第 1 号已经发出"), "✅ 确定取消")
    await town.tick()


async def test_reminders_and_lists_of_doors_say_that_it_is_over(town: Town) -> None:
    you = await sent(town)
    await town.passes(minutes=73)
    nudge = panel(town, "🟠【暴雪橙色预警】\n还有 24 户", town.group)
    await town.passes(minutes=48)
    reminder = panel(town, "🔔 您家还没有确认", town.wang)
    await town.passes(minutes=72)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await _cancelled(town, you)

    for who, message in ((town.wang, nudge), (town.wang, reminder)):
        shown = town.now_of(who, message)
        assert OVER in shown["text"]
        assert town.buttons(shown) == []
    assert town.now_of(town.li, doors)["text"] == zh("doors.over", number=1, grid="春风一网格")
    assert not any("还没有确认" in text for text in town.said(town.wang))


@pytest.mark.parametrize("kind", Class)
def test_only_the_end_of_an_alert_speaks_of_a_danger(kind: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    level = Level.ORANGE if kind is Class.ALERT else None
    monkeypatch.setattr(messages, "broadcast_of", lambda _: made(kind=kind, level=level, text="words"))

    [said] = texts_of(messages.cleared(look()))

    assert ("险情" in said) is (kind is Class.ALERT)


async def test_where_nobody_is_missing_any_more_the_reminder_says_so(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=73)
    nudge = panel(town, "🟠【暴雪橙色预警】\n还有 24 户", town.group)
    await town.work(_tell_all, GRID)
    await town.tick()

    shown = town.now_of(town.wang, nudge)
    assert "各户都已确认" in shown["text"]
    assert town.buttons(shown) == []


def _tell_all(stores: Stores, grid: str) -> None:
    current = stores.broadcasts.by_number(1)
    for home, _ in stores.receipts.missing(current.id, grid):
        stores.receipts.door(current.id, home.code, Door.TOLD, PersonId(1), current.drafted_at)


async def test_a_cancelled_one_is_summed_up_with_its_list(town: Town) -> None:
    you = await sent(town)
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")
    await _cancelled(town, you)

    summary = panel(town, "📈 第 1 号总结")["text"]
    assert "已取消" in summary
    assert "已确认 1/132 户" in summary
    assert sum("document" in message for message in town.messages(town.street_desk)) == 1


async def test_the_list_can_be_had_before_the_end_by_who_steers(town: Town) -> None:
    you = await sent(town)
    await you.presses(panel(town, "📊 第 1 号"), zh("broadcast.files"))
    assert town.toast(you) == zh("broadcast_done.files")
    files = [message["document"] for message in town.messages(town.street_desk) if "document" in message]
    assert [one["file_name"] for one in files] == ["broadcast-1.xlsx"]
    broadcast = (await state(town)).id
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), FilesPressed(broadcast), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_broadcaster")


async def test_a_door_that_was_confirmed_meanwhile_is_not_noted_as_told(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=193)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await town.li.presses(doors, "1号楼 · 8 户")
    rows = town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"]
    knock = next(decode(row[0]["callback_data"]) for row in rows if "101" in row[0]["text"])
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")
    await town.li.presses(doors, knock)

    assert town.toast(town.li) == zh("doors.confirmed")
    now = await figures(town)
    assert (now.pressed, now.told) == (1, 0)


async def test_doors_where_nobody_was_home_come_after_those_where_nobody_was_yet(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=193)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await town.li.presses(doors, "2号楼 · 8 户")
    rows = town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"]
    await town.li.presses(doors, decode(rows[0][1]["callback_data"]))
    await town.li.presses(doors, "无人在家")

    shown = town.buttons(town.now_of(town.li, doors))
    last = [text for text in shown if text.endswith("已上门告知")][-1]
    assert last == f"（没人）{rows[0][0]['text']}"
    await town.li.presses(doors, zh("doors.again"))
    assert town.buttons(town.now_of(town.li, doors)) == shown


async def test_staff_who_do_not_answer_are_reminded_and_then_named_at_the_desk(town: Town) -> None:
    you = await _published(town, "今晚全员值班", "发给居民")
    message = panel(town, "📢 通知", town.li)
    assert town.buttons(message) == ["✅ 收到"]
    await town.passes(minutes=73)
    reminder = panel(town, zh("broadcast.private_staff"), town.li)
    assert "户" not in reminder["text"]
    await town.li.presses(reminder, "✅ 收到")
    assert town.toast(town.li) == zh("broadcast.noted")
    await town.li.presses(message, "✅ 收到")
    assert town.toast(town.li) == zh("broadcast.noted_again")
    await town.passes(minutes=120)

    named = panel(town, "📵 第 1 号")["text"]
    assert "李安" not in named
    assert "张平" in named
    assert "没有打开过机器人" in named
    assert not any("敲门清单" in text for text in town.said(town.li))
    live = panel(town, "📊 第 1 号")
    assert "已确认 1/14 人，未确认 13 人" in live["text"]
    assert zh("broadcast.doors") not in town.buttons(live)
    assert "已催收：私聊、点名" in live["text"]
    await you.presses(live, zh("broadcast.absent"))
    assert "未确认人员" in town.last(town.street_desk)["text"]


async def test_a_series_says_when_the_next_one_leaves_and_can_be_ended(town: Town) -> None:
    you = await _published(town, "请检查燃气", "🔁 不重复")
    coming = panel(town, "🔁 第 1 号的下一次是第 2 号")
    await you.presses(coming, zh("broadcast.show_live"))
    shown = town.last(town.street_desk)["text"]
    assert "待发送" in shown
    assert zh("broadcast.repeats", hours="24") in shown
    await you.presses(coming, zh("broadcast.stop_series"))
    sure = panel(town, "第 2 号还没有发出")
    await you.presses(sure, "✅ 确定取消")
    await town.passes(days=1, hours=1)

    assert (await state(town, 2)).state is State.CANCELLED
    assert sum("请检查燃气" in text for text in town.said(town.group)) == 1


async def test_a_chat_that_telegram_refuses_is_listed_with_the_reason(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 请检查燃气")
    await you.presses(panel(town, "📝 第 1 号"), "☑️ 需要确认")
    town.sandbox.fail_next("sendMessage", "403", contains="示范街道 · 第 1 号")
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()

    assert (await figures(town)).failed == 1
    live = panel(town, "📊 第 1 号")["text"]
    assert zh("broadcast.failed") in live
    assert zh("broadcast_reason.kicked") in live


async def test_where_nobody_knows_whether_it_arrived_the_desk_reads_so_and_the_end_is_said(town: Town) -> None:
    town.sandbox.fail_next("sendMessage", "lost", contains=str(town.group.id), times=2)
    you = await _published(town, "请检查燃气")
    live = panel(town, "📊 第 1 号")["text"]
    assert (await figures(town)).failed == 1
    assert zh("broadcast_reason.in_doubt") in live
    assert zh("broadcast_reason.other") not in live
    assert sum("请检查燃气" in text for text in town.said(town.group)) == 2  # both arrived, as may be

    await _cancelled(town, you)
    assert town.said(town.group)[-1].startswith("第 1 号已取消")
