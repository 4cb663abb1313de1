"""What desks do beside the story: unreachable chats, staff, schedules, exercises, rejections, lists, doors."""

from dataclasses import replace

from broadcasts.model import Door, State
from handlers._kit.broadcast_presses import DoorsPressed
from handlers._kit.presses import decode
from handlers.broadcast.presses import ChasePressed
from handlers.doorknock.presses import BuildingPressed, KnockPressed
from routing.model import ChatKind, UnitCode
from storage.stores import Stores
from tests.handlers.broadcasting import drafted, figures, panel, sent, speaker, state
from tests.handlers.cast import zh
from tests.town import GRID, STREET, Persona, Town


async def test_chats_that_cannot_be_reached_are_listed_and_told_to_the_desk_above(town: Town) -> None:
    await town.work(_unbind, town.market.id)
    await sent(town)
    assert "失败 1 个" in panel(town, "📊 第 1 号")["text"]
    assert "没有送达：\n· 秋实市场专属网格：没有绑定群" in panel(town, "📊 第 1 号")["text"]
    told = panel(town, "⚠️ 第 1 号有 1 个群没有送达", town.sample.chats[SECOND_COMMUNITY])
    assert "秋实市场专属网格：没有绑定群" in told["text"]
    assert (await figures(town)).missing == 132  # they are chased at the door all the same


SECOND_COMMUNITY = "370001001002"


def _unbind(stores: Stores, telegram_id: int) -> None:
    chat = next(chat for chat in stores.chats.all() if chat.telegram_id == telegram_id)
    stores.chats.bind(chat.id, ChatKind.UNBOUND, None)


async def test_what_is_for_the_staff_goes_to_them_in_private_and_each_answers_alone(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 今晚全员值班")
    await you.presses(panel(town, "📝 第 1 号"), "发给居民")
    assert "工作人员" in panel(town, "📝 第 1 号")["text"]
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()
    await town.li.presses(panel(town, "📢 通知", town.li), "✅ 收到")

    now = await figures(town)
    assert (now.sent, now.failed, now.pressed, now.missing) == (2, 12, 1, 13)
    assert not any("今晚全员值班" in text for text in town.said(town.group))


async def test_what_is_scheduled_leaves_at_its_time_and_repeats(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 请检查燃气")
    await you.presses(panel(town, "📝 第 1 号"), "🕗 定时")
    await you.writes("10:30", reply_to=town.last(town.street_desk))
    await you.presses(panel(town, "📝 第 1 号"), "🔁 不重复")
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()
    assert (await state(town)).state is State.SCHEDULED
    await town.passes(minutes=91)
    assert (await state(town)).state is State.CHASING
    assert (await state(town, 2)).state is State.SCHEDULED
    await town.passes(days=1)

    assert (await state(town, 2)).state is State.CHASING
    assert sum("请检查燃气" in text for text in town.said(town.group)) == 2


async def test_a_time_and_a_picture_can_be_taken_back(town: Town) -> None:
    you = speaker(town)
    await you.sends_photo("/broadcast 请检查燃气")
    await you.presses(panel(town, "📝 第 1 号"), "🕗 定时")
    await you.writes("10:30", reply_to=town.last(town.street_desk))
    assert zh("broadcast.media", count=1) in panel(town, "📝 第 1 号")["text"]
    await you.presses(panel(town, "📝 第 1 号"), zh("broadcast.no_media"))
    await you.presses(panel(town, "📝 第 1 号"), "🕗 定时")
    await you.writes(zh("form.at_once"), reply_to=town.last(town.street_desk))
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()

    assert (await state(town)).state is State.CHASING
    assert not any("photo" in one for one in town.messages(town.group))


async def test_an_exercise_says_so_first_and_a_picture_comes_with_it(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast")
    await you.presses(town.last(town.street_desk), "🎯 演练")
    await you.presses(town.last(town.street_desk), "点名演练")
    await you.presses(panel(town, "📝 第 1 号"), "✏️ 修改内容")
    await you.sends_photo("请看集合点", reply_to=town.last(town.street_desk))
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()

    message = panel(town, "【演练】", town.group)
    assert "请看集合点" in message["text"]
    assert any("photo" in one for one in town.messages(town.group))


async def test_a_rejected_alert_is_a_draft_again_and_can_be_thrown_away(town: Town) -> None:
    you = await drafted(town)
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.sun.presses(panel(town, "🖊 第 1 号"), "❌ 驳回")
    assert (await state(town)).state is State.DRAFT
    assert any("第 1 号被朱正驳回" in text for text in town.said(town.street_desk))
    await you.presses(panel(town, "📝 第 1 号"), "🗑 取消")
    await town.tick()

    assert (await state(town)).state is State.CANCELLED
    assert not any("暴雪" in text for text in town.said(town.group))


async def test_the_list_shows_what_was_said_and_leads_to_how_it_stands(town: Town) -> None:
    await sent(town)
    await town.sun.writes("/broadcasts")
    await town.sun.presses(panel(town, "通知列表"), "第 1 号 暴雪 · 催收中")
    assert "已送达 6/6 个群" in town.last(town.street_desk)["text"]
    await town.sun.presses(town.last(town.street_desk), "📋 未确认网格")
    assert "春风一网格 24/24" in panel(town, "第 1 号 未确认网格")["text"]
    assert town.buttons(panel(town, "第 1 号 未确认网格"))[-1] == "关闭"
    await town.wang.writes_privately("/broadcasts")
    assert town.last(town.wang)["text"] == zh("refusal.not_broadcaster")


async def test_a_workers_list_of_doors_is_never_shown_to_neighbours(town: Town) -> None:
    await sent(town)
    current = await state(town)
    said = len(town.messages(town.group))
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    await town.li.presses(message, DoorsPressed(current.id), forged=True)
    assert town.toast(town.li) == zh("ask.in_private")
    assert "春风一网格" in town.buttons(panel(town, "第 1 号：请选择", town.li))[0]
    await town.li.presses(message, BuildingPressed(current.id, UnitCode(GRID), 0), forged=True)
    await town.wang.presses(message, KnockPressed(current.id, UnitCode(GRID), 1, Door.TOLD), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_broadcaster")

    assert len(town.messages(town.group)) == said
    assert "1单元" not in str(town.messages(town.group))


async def test_what_a_worker_finds_at_the_door_is_kept(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=193)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await town.li.presses(doors, "2号楼 · 8 户")
    rows = town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"]
    for found, kept in (("无人在家", 8), ("已搬走", 7)):
        await town.li.presses(doors, decode(rows[0][1]["callback_data"]))
        await town.li.presses(doors, found)
        assert sum(text.endswith("已上门告知") for text in town.buttons(town.now_of(town.li, doors))) == kept

    now = await figures(town)
    assert (now.moved, now.target, now.missing) == (1, 131, 131)


async def test_who_steers_need_not_wait_for_the_chase(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 明早8:00停水")
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()
    await you.presses(panel(town, "📊 第 1 号"), "📢 现在就提醒各群")
    await town.tick()
    assert any("还有 24 户没有确认" in text for text in town.said(town.group))
    await you.presses(panel(town, "📊 第 1 号"), ChasePressed((await state(town)).id, 1), forged=True)
    assert town.toast(you) == zh("refusal.already_done")
    assert "已催收：各群" in panel(town, "📊 第 1 号")["text"]

    assert (await state(town)).step == 1


async def test_emergency_texts_come_first_and_only_in_an_emergency(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast")
    await you.presses(town.last(town.street_desk), "📢 通知")
    shelter = zh("broadcast.emergency_template", name="安置点开放")
    assert shelter not in town.buttons(town.last(town.street_desk))
    await town.work(_in_emergency)
    await you.writes("/broadcast")
    await you.presses(town.last(town.street_desk), "📢 通知")
    offered = town.last(town.street_desk)
    assert town.buttons(offered)[0] == shelter
    await you.presses(offered, shelter)

    assert "临时安置点已经开放" in panel(town, "📝 第 1 号")["text"]


def _in_emergency(stores: Stores) -> None:
    stores.units.put(replace(stores.units.get(UnitCode(STREET)), emergency=True))


async def test_an_approver_whose_request_was_on_its_way_meanwhile_sees_that_it_is_settled(town: Town) -> None:
    xu = Persona(town, town.sample.staff(STREET)[3], town.street_desk)
    await xu.starts()
    you = await drafted(town)
    town.sandbox.fail_next("sendMessage", "slow", contains=str(xu.id), seconds=1)
    draft = panel(town, "📝 第 1 号")
    publish = you._data(draft, "📣 发布")
    await you.acts("press", chat=town.street_desk.id, message=draft["message_id"], data=publish)
    asked = "🖊 第 1 号"
    await town.sandbox.wait_for(
        lambda _: all(any(text.startswith(asked) for text in town.said(where)) for where in (xu, town.street_desk))
    )

    request, theirs = panel(town, asked), panel(town, asked, xu)
    agree = town.sun._data(request, "✅ 同意")
    await town.sun.acts("press", chat=town.street_desk.id, message=request["message_id"], data=agree)
    await town.quiet()

    assert (await state(town)).approver is not None
    assert town.buttons(theirs) == ["✅ 同意", "❌ 驳回"]
    assert town.buttons(town.now_of(xu, theirs)) == []
