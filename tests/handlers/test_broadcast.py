"""The story of an alert: composed at the street's desk, approved, sent, confirmed, chased, told at the doors."""

import time
from datetime import timedelta

from bot.jobs import FIGURES_S
from broadcasts import ticking
from broadcasts.model import Door, State
from handlers._kit import words
from handlers._kit.broadcast_presses import NeedHelpPressed, ReceivedPressed
from handlers.broadcast.presses import Deed, DeedPressed
from routing.model import Channel, Status, Urgency
from storage.stores import Stores
from tests.handlers.broadcasting import drafted, figures, panel, sent, speaker, state
from tests.handlers.cast import zh
from tests.town import GRID, Message, Persona, Town


async def test_whoever_publishes_anothers_draft_is_not_the_second_person(town: Town) -> None:
    you = await drafted(town)
    await town.sun.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.sun.presses(panel(town, "🖊 第 1 号"), "✅ 同意")
    assert town.toast(town.sun) == zh("refusal.own_approval")
    assert (await state(town)).state is State.APPROVING

    await you.presses(panel(town, "🖊 第 1 号"), "✅ 同意")
    assert (await state(town)).state is State.APPROVING, "a broadcaster's word alone lets nothing out"


async def test_an_orange_alert_goes_from_the_desk_to_six_grids_once_a_second_person_agrees(town: Town) -> None:
    you = await drafted(town)
    draft = panel(town, "📝 第 1 号")
    assert "【暴雪橙色预警】" in draft["text"]
    assert "共 132 户，已登记 18 人" in draft["text"]
    assert "❗" not in draft["text"]
    await you.presses(draft, "📣 发布")
    assert (await state(town)).state is State.APPROVING
    await you.presses(panel(town, "🖊 第 1 号"), "✅ 同意")
    assert town.toast(you) == zh("refusal.own_approval")
    await town.sun.presses(panel(town, "🖊 第 1 号"), "✅ 同意")
    await town.tick()

    assert (await state(town)).state is State.CHASING
    for grid in town.sample.grids:
        message = panel(town, "🟠【暴雪橙色预警】", town.sample.chats[grid])
        assert "样例市气象台" in message["text"]
        assert town.buttons(message) == ["✅ 收到", "🆘 需要帮助"]
    now = await figures(town)
    assert (now.sent, now.target, now.missing) == (6, 132, 132)
    assert "已送达 6/6 个群" in panel(town, "📊 第 1 号")["text"]


async def test_households_confirm_once_and_the_figure_follows(town: Town) -> None:
    await sent(town)
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    await town.wang.presses(message, "✅ 收到")
    assert town.toast(town.wang) == zh("broadcast.thanks")
    await town.wang.presses(message, "✅ 收到")
    assert town.toast(town.wang) == zh("broadcast.thanks_again")
    await town.tick()

    now = await figures(town)
    assert (now.pressed, now.missing) == (1, 131)
    assert "已确认 1/24 户" in town.now_of(town.wang, message)["text"]
    assert "已确认 1/132 户（点按 1，上门 0）" in panel(town, "📊 第 1 号")["text"]


async def test_presses_are_answered_at_once_and_the_figure_is_not_edited_for_each_of_them(town: Town) -> None:
    await sent(town)
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    neighbours = [Persona(town, person, town.group) for person in town.sample.residents(GRID)]
    began, thanks = time.monotonic(), {words.plain("broadcast.thanks", lang) for lang in ("zh", "en")}
    for who in neighbours:
        await who.presses(message, "收到")
        assert town.toast(who) in thanks
    await town.work(ticking.refresh, town.now)
    await town.quiet()

    assert f"已确认 {len(neighbours)}/24 户" in town.now_of(town.wang, message)["text"]
    looks = 1 + int((time.monotonic() - began) / FIGURES_S) + 1  # ours, and those of the running clock
    assert len(_edits(town, message)) <= looks


def _edits(town: Town, message: Message) -> list[float]:
    return [
        call.time
        for call in town.sandbox.calls
        if call.method == "editMessageText"
        and str(call.params["chat_id"]) == str(message["chat"]["id"])
        and str(call.params["message_id"]) == str(message["message_id"])
    ]


async def test_who_has_no_registered_home_is_counted_apart_and_told_how_to_register(town: Town) -> None:
    await sent(town)
    await town.chen.joins(town.group)
    await town.chen.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")
    assert town.toast(town.chen) == zh("broadcast.unbound")
    await town.neighbour.joins(town.group)
    await town.neighbour.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")

    now = await figures(town)
    assert (now.pressed, now.unbound, now.missing) == (1, 1, 131)  # the neighbour's home is counted in its own grid


async def test_need_help_rings_the_worker_and_shows_nothing_to_the_neighbours(town: Town) -> None:
    await sent(town)
    before = len(town.said(town.group))
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "🆘 需要帮助")
    assert town.toast(town.wang) == zh("broadcast.help_comes", number=1)
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "🆘 需要帮助")
    assert town.toast(town.wang) == zh("broadcast.help_known", number=1)
    await town.tick()

    case = await town.case()
    assert (case.urgency, case.channel, case.status) == (Urgency.URGENT, Channel.PRIVATE, Status.OFFERED)
    assert any("🚨紧急 #1" in text for text in town.said(town.li))
    assert any("请立即联系。\n1号楼 1单元 101" in text for text in town.said(town.li))
    assert len(town.said(town.group)) == before
    assert (await figures(town)).helps == (await figures(town)).pressed == 1
    assert "🆘 求助 1 件：#1" in panel(town, "📊 第 1 号")["text"]


async def test_the_silent_are_chased_until_nobody_is_left_untold(town: Town) -> None:
    await sent(town)
    await town.zhou.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")
    await town.passes(minutes=73)
    assert any("还有 23 户没有确认" in text for text in town.said(town.group))
    assert not any("您家还没有确认" in text for text in town.said(town.wang))
    await town.passes(minutes=48)
    reminder = panel(town, "🔔 您家还没有确认", town.wang)
    await town.wang.presses(reminder, "✅ 收到")
    assert town.toast(town.wang) == zh("broadcast.thanks")
    await town.passes(minutes=72)

    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    assert "还有 22 户没有确认" in doors["text"]
    assert town.buttons(doors)[:3] == ["1号楼 · 6 户", "2号楼 · 8 户", "3号楼 · 8 户"]
    await town.li.presses(doors, "1号楼 · 6 户")
    await town.li.presses(doors, "1单元 301 已上门告知")
    assert town.toast(town.li) == zh("door_done.told")
    now = await figures(town)
    assert (now.pressed, now.told, now.missing) == (2, 1, 129)


async def test_every_door_told_makes_it_complete_and_the_summary_says_how_long_it_took(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=193)
    for worker, home in ((town.li, town.group), (town.zhao, town.second_group)):
        assert worker.home == home
    await town.work(_tell_all_but, GRID)
    await town.tick()
    assert "99%" in panel(town, "📊 第 1 号")["text"] or "81%" in panel(town, "📊 第 1 号")["text"]
    for building in ("1号楼", "2号楼", "3号楼"):
        doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
        if any(text.startswith(building) and "户" in text for text in town.buttons(doors)):
            await town.li.presses(doors, next(text for text in town.buttons(doors) if text.startswith(building)))
        while building in (shown := town.now_of(town.li, doors))["text"] and (
            told := [text for text in town.buttons(shown) if text.endswith("已上门告知")]
        ):
            await town.li.presses(doors, told[0])
    await town.tick()

    assert (await state(town)).state is State.DONE
    now = await figures(town)
    assert (now.told, now.missing, now.target) == (132, 0, 132)
    assert "没有未确认的住户了" in town.now_of(town.li, panel(town, "✅ 第 1 号", town.li))["text"]
    summary = panel(town, "📈 第 1 号总结")["text"]
    assert "100%" in summary
    assert "已确认 132/132 户（点按 0，上门 132）" in summary
    assert "100% 知晓用时 3:13:" in summary


def _tell_all_but(stores: Stores, grid: str) -> None:
    """Workers elsewhere have told everybody."""
    current = stores.broadcasts.by_number(1)
    for target in stores.targets.worst(current.id, 99):
        if target.grid != grid:
            for home, _ in stores.receipts.missing(current.id, target.place):
                stores.receipts.door(current.id, home.code, Door.TOLD, current.author, current.drafted_at)  # type: ignore[arg-type]  # it has one


async def test_a_cancelled_alert_chases_nobody_and_every_chat_hears_of_it(town: Town) -> None:
    you = await sent(town)
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    assert "📝 第 1 号 · 已发出" in panel(town, "📝 第 1 号")["text"]
    await you.presses(panel(town, "📊 第 1 号"), "⏹ 取消")
    sure = panel(town, "第 1 号已经发出")
    assert town.buttons(sure) == ["✅ 确定取消", "保持不变"], "of the two, one cancels, and it is plain which"
    await you.presses(sure, "✅ 确定取消")
    await town.tick()

    assert (await state(town)).state is State.CANCELLED
    shown = town.now_of(town.wang, message)
    assert shown["text"].startswith("✅ 本条已解除")
    assert town.buttons(shown) == []
    assert any("第 1 号已解除" in text for text in town.said(town.group))
    said = len(town.said(town.group))
    await town.passes(hours=3, minutes=30)
    assert len(town.said(town.group)) == said
    assert not any("敲门清单" in text for text in town.said(town.li))
    broadcast = await state(town)
    await town.wang.presses(message, ReceivedPressed(broadcast.id), forged=True)
    assert town.toast(town.wang) == zh("refusal.broadcast_over")


async def test_an_expired_alert_chases_nobody(town: Town) -> None:
    await sent(town)
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    await town.passes(days=1, minutes=31)

    assert (await state(town)).state is State.EXPIRED
    assert town.now_of(town.wang, message)["text"].startswith("⌛ 本条已过有效期")
    assert not any("还没有确认" in text for text in town.said(town.wang))


async def test_an_update_takes_the_place_of_the_first_and_keeps_what_was_confirmed(town: Town) -> None:
    you = await sent(town)
    first = panel(town, "🟠【暴雪橙色预警】", town.group)
    await town.wang.presses(first, "✅ 收到")
    await you.presses(panel(town, "📊 第 1 号"), "🔄 更新")
    await you.presses(panel(town, "📝 第 2 号"), "📋 填写预警要素")
    await you.writes("影响范围：示范街道及周边", reply_to=town.last(town.street_desk))
    await you.presses(panel(town, "📝 第 2 号"), "📣 发布")
    await town.sun.presses(panel(town, "🖊 第 2 号"), "✅ 同意")
    await town.tick()

    assert (await state(town)).state is State.SUPERSEDED
    assert town.now_of(town.wang, first)["text"].startswith("🔄 本条已有更新")
    second = panel(town, "🟠【暴雪橙色预警】", town.group)
    assert "（更新第 1 号）" in second["text"]
    assert second["reply_to_message"]["message_id"] == first["message_id"]
    now = await figures(town, 2)
    assert (now.pressed, now.missing) == (1, 131)


async def test_an_update_whose_level_rises_asks_everybody_again(town: Town) -> None:
    you = await sent(town)
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")
    await you.presses(panel(town, "📊 第 1 号"), "🔄 更新")
    await you.presses(panel(town, "📝 第 2 号"), "🔴 红")
    await you.presses(panel(town, "📝 第 2 号"), "📣 发布")
    await town.sun.presses(panel(town, "🖊 第 2 号"), "✅ 同意")
    await town.tick()

    assert "【暴雪红色预警】" in panel(town, "🔴", town.group)["text"]
    assert (await figures(town, 2)).missing == 132


async def test_what_is_paused_chases_nobody_and_goes_on_where_it_was(town: Town) -> None:
    you = await sent(town)
    await you.presses(panel(town, "📊 第 1 号"), "⏸ 暂停")
    await town.passes(minutes=90)
    assert not any("没有确认" in text for text in town.said(town.group))
    await you.presses(panel(town, "📊 第 1 号"), "▶️ 继续")
    await town.tick()

    assert (await state(town)).state is State.CHASING
    assert any("还有 24 户没有确认" in text for text in town.said(town.group))


async def test_a_notice_of_one_line_needs_nobodys_approval(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 明天上午停水，请提前储水。")
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()

    message = panel(town, "📢 通知", town.market)
    assert "明天上午停水" in message["text"]
    assert (await state(town)).state is State.CHASING


async def test_what_is_missing_or_out_of_order_is_refused_with_the_reason(town: Town) -> None:
    you = await drafted(town, "预警级别：紫色")
    assert "看不懂" in town.last(town.street_desk)["text"]
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    assert town.toast(you) == zh("refusal.parts_missing", count=6)
    assert "❗ 还缺" in panel(town, "📝 第 1 号")["text"]
    broadcast = await state(town)
    await town.wang.presses(town.last(town.group), DeedPressed(broadcast.id, Deed.PUBLISH), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_broadcaster")
    await town.wang.presses(town.last(town.group), NeedHelpPressed(broadcast.id), forged=True)
    assert town.toast(town.wang) == zh("refusal.broadcast_over")
    await town.wang.writes("/broadcast 大家好")
    assert "私聊" in town.last(town.group)["text"]
    await town.wang.writes_privately("/broadcast 大家好")
    assert town.last(town.wang)["text"] == zh("refusal.not_broadcaster")


async def test_what_runs_goes_on_after_a_restart(town: Town) -> None:
    await sent(town)
    await town.restart()
    await town.passes(minutes=timedelta(hours=4).total_seconds() / 60 * 0.3 + 1)

    assert any("还有 24 户没有确认" in text for text in town.said(town.group))
