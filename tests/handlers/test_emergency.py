"""From calm to emergency and back, and plans: asked for by one, approved by another, all at once, never twice."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcasts import plans
from broadcasts.plan_files import BadPlan, read
from handlers.emergency.plans import PlanRuled
from handlers.emergency.switch import RulePressed, Verdict
from routing.emergency import is_on
from routing.events import Noted, NoteKind
from routing.model import Timer, TimerKind, UnitCode
from storage.audit import findings
from storage.stores import Stores
from tests.handlers.broadcasting import panel
from tests.handlers.cast import filed, zh
from tests.town import GRID, STREET, Message, Persona, Town

PLAN = """
code = "snow"
name = "暴雪应对"
emergency = true

[[broadcasts]]
class = "alert"
level = "orange"
text = "今夜到明晨有暴雪"
hazard = "暴雪"
issuer = "样例市气象台"
action = "请减少外出，关好门窗。"

[[broadcasts]]
class = "notice"
text = "各小区出入口设融雪剂领取点"

[[tasks]]
text = "清点铲雪工具"
minutes = 120

[[rollcalls]]
title = "独居老人摸排"
minutes = 60
questions = [{ text = "家里有独居老人吗", options = ["有", "没有"] }]
"""


async def _xu(town: Town) -> Persona:
    """The street's approver, who has opened the bot."""
    xu = Persona(town, town.sample.staff(STREET)[3], town.street_desk)
    await xu.starts()
    return xu


async def _emergency(town: Town) -> bool:
    return await town.read(lambda stores: is_on(stores.units, UnitCode(GRID)))


async def _asked(town: Town) -> tuple[Persona, Message]:
    """Sun asks for emergency mode in the street; the question to its approver."""
    xu = await _xu(town)
    await town.sun.writes("/emergency 暴雪橙色预警")
    await town.sun.presses(town.last(town.street_desk), zh("emergency.ask"))
    return xu, town.last(xu)


async def test_before_it_is_asked_for_the_reason_can_be_read(town: Town) -> None:
    await town.sun.writes("/emergency 暴雪<橙色>预警")
    assert "原因：暴雪<橙色>预警" in town.last(town.street_desk)["text"]
    await town.sun.writes("/emergency")
    assert "可以先写明原因" in town.last(town.street_desk)["text"]


async def test_a_second_person_switches_and_other_limits_hold_at_once(town: Town) -> None:
    xu, question = await _asked(town)
    assert "暴雪橙色预警" in question["text"]
    assert not await _emergency(town)
    await xu.presses(question, "同意")

    assert await _emergency(town)
    assert zh("emergency.state.on") in town.now_of(xu, question)["text"]
    panel = next(one for one in town.messages(town.street_desk) if "恢复平时" in str(town.buttons(one)))
    assert "起处于<b>应急</b>状态".replace("<b>", "").replace("</b>", "") in panel["text"]
    told = zh("emergency.begun", unit="示范街道", reason="暴雪橙色预警").replace("<b>", "").replace("</b>", "")
    assert told in town.said(town.street_desk)
    assert told in town.said(town.community_desk)
    assert told in town.said(town.li)
    assert any(zh("emergency.muster") in text for text in town.said(town.li))
    await filed(town)
    case = await town.case()
    assert case.policy.endswith("+emergency")
    assert case.due_at is not None
    assert case.due_at - case.filed_at == timedelta(hours=24)


async def test_running_deadlines_follow_the_mode_and_come_back_with_a_line_in_the_log(town: Town) -> None:
    await filed(town)
    calm = await town.case()
    xu, question = await _asked(town)
    await xu.presses(question, "同意")
    await town.tick()

    urgent = await town.case()
    assert urgent.due_at is not None
    assert urgent.respond_due_at is not None
    (switched,) = await town.read(_retimed)
    assert urgent.due_at - switched == timedelta(hours=24)
    assert urgent.respond_due_at - switched == timedelta(minutes=30)
    assert urgent.policy == f"{calm.policy}+emergency"
    assert [timer.due_at for timer in await _clocks(town)] == [urgent.due_at, urgent.respond_due_at]
    await town.sun.writes("/emergency")
    await town.sun.presses(town.last(town.street_desk), "恢复平时")
    await town.tick()

    again = await town.case()
    assert (again.due_at, again.respond_due_at, again.policy) == (calm.due_at, calm.respond_due_at, calm.policy)
    assert len(await town.read(_retimed)) == 2
    assert list(await town.read(_broken)) == []


async def _clocks(town: Town) -> list[Timer]:
    found = await town.read(lambda stores: stores.timers.of(stores.cases.by_number(1).id))
    return sorted((one for one in found if one.kind in (TimerKind.HANDLE, TimerKind.RESPOND)), key=lambda one: one.kind)


def _broken(stores: Stores) -> list[str]:
    return [str(one) for one in findings(stores)]


def _retimed(stores: Stores) -> list[datetime]:
    log = [one.event for one in stores.log.of(stores.cases.by_number(1).id)]
    return [one.at for one in log if isinstance(one, Noted) and one.kind is NoteKind.LIMITS]


async def test_back_to_calm_the_usual_limits_hold_again(town: Town) -> None:
    xu, question = await _asked(town)
    await xu.presses(question, "同意")
    await town.sun.writes("/emergency")
    await town.sun.presses(town.last(town.street_desk), "恢复平时")

    assert not await _emergency(town)
    await filed(town)
    case = await town.case()
    assert not case.policy.endswith("+emergency")
    assert case.due_at is not None
    assert case.due_at - case.filed_at > timedelta(hours=24)
    assert any("恢复平时状态" in text for text in town.said(town.li))


async def test_nobody_approves_for_oneself_and_a_no_changes_nothing(town: Town) -> None:
    xu, question = await _asked(town)
    press = question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    number = int(press.split(":")[1], 36)
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, RulePressed(number, Verdict.YES), forged=True)  # type: ignore[arg-type]  # a number is one
    assert town.toast(town.sun) == zh("refusal.own_approval")
    await town.li.presses(town.last(town.li), RulePressed(number, Verdict.YES), forged=True)  # type: ignore[arg-type]
    assert town.toast(town.li) == zh("refusal.not_yours")
    await xu.presses(question, "驳回")

    assert not await _emergency(town)
    assert zh("emergency.refused", unit="示范街道") in town.said(town.street_desk)


async def test_what_was_asked_for_can_be_withdrawn_and_nobody_need_answer_any_more(town: Town) -> None:
    xu, question = await _asked(town)
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, zh("emergency.withdraw"))

    assert zh("emergency.ask") in town.buttons(town.now_of(town.sun, panel))
    assert town.now_of(xu, question)["text"].endswith(zh("emergency.state.withdrawn"))
    assert town.buttons(town.now_of(xu, question)) == []
    assert not any(zh("emergency.over", unit="示范街道") in text for text in town.said(town.street_desk))


async def test_asking_twice_is_refused_and_workers_do_not_ask(town: Town) -> None:
    await _asked(town)
    await town.sun.writes_privately("/emergency")
    assert "申请进入应急状态" in town.last(town.sun)["text"]
    await town.li.writes_privately("/emergency")
    assert town.last(town.li)["text"] == zh("refusal.not_yours")


def _load(stores: Stores, text: str) -> None:
    plans.keep(stores, "snow.toml", text, stores.clock())


async def _plan_asked(town: Town) -> tuple[Persona, Message, Message]:
    xu = await _xu(town)
    await town.work(_load, PLAN)
    await town.sun.writes("/plan")
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, "📘 暴雪应对")
    shown = town.now_of(town.sun, panel)
    assert "清点铲雪工具" in shown["text"]
    await town.sun.presses(shown, "启动")
    return xu, panel, town.last(xu)


async def test_a_plan_starts_all_of_it_with_one_yes_and_not_twice(town: Town) -> None:
    xu, _, question = await _plan_asked(town)
    assert "独居老人摸排" in question["text"]
    await xu.presses(question, "同意")
    await town.tick()

    assert await _emergency(town)
    started = zh("plan.started_alerts", plan="暴雪应对", broadcasts=1, alerts=1, tasks=1, rollcalls=1)
    assert started in town.said(town.street_desk)
    assert not any("今夜到明晨有暴雪" in text for text in town.said(town.group))
    assert any("融雪剂" in text for text in town.said(town.group))
    assert any("独居老人摸排" in text for text in town.said(town.group))
    assert any("清点铲雪工具" in text for text in town.said(town.li))
    await xu.presses(question, PlanRuled(_run_of(question), Verdict.YES), forged=True)  # type: ignore[arg-type]
    assert town.toast(xu) == zh("refusal.already_done")
    assert "不能重复启动" in (await _plan_panel(town))["text"]


async def test_an_alert_of_a_plan_leaves_when_its_issuer_has_issued_it(town: Town) -> None:
    xu, panel_, question = await _plan_asked(town)
    for shown in (panel_, question):
        assert zh("plan.alert", text="今夜到明晨有暴雪", issuer="样例市气象台") in str(town.now_of(xu, shown)["text"])
    await xu.presses(question, "同意")
    await town.tick()
    draft = panel(town, "📝 第 1 号")
    assert "发布时间" in draft["text"].split("还缺")[1]
    await town.sun.presses(draft, "📣 发布")
    assert town.toast(town.sun) == zh("refusal.parts_missing", count=3)

    await town.sun.presses(panel(town, "📝 第 1 号"), "📋 填写预警要素")
    times = "发布时间：08:30\n起始时间：12:00\n有效期至：11-24 09:30"
    await town.sun.writes(times, reply_to=town.last(town.street_desk))
    await town.sun.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await xu.presses(panel(town, "🖊 第 1 号", xu), "✅ 同意")
    await town.tick()
    assert "样例市气象台 11月23日 08:30 发布" in panel(town, "🟠【暴雪橙色预警】", town.group)["text"]


def _run_of(question: Message) -> int:
    return int(question["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1], 36)


async def _plan_panel(town: Town) -> Message:
    await town.sun.writes("/plan")
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, "📘 暴雪应对")
    return town.now_of(town.sun, panel)


async def test_a_plan_that_was_changed_since_it_was_asked_for_does_not_start(town: Town) -> None:
    xu, _, question = await _plan_asked(town)
    await town.passes(minutes=1)
    await town.work(_load, PLAN.replace("清点铲雪工具", "都回家去"))
    await xu.presses(question, "同意")
    assert town.toast(xu) == zh("refusal.plan_changed")
    assert not await _emergency(town)

    await xu.presses(question, "驳回")
    assert zh("plan.refused", plan="暴雪应对") in town.said(town.street_desk)


async def test_a_plan_that_an_earlier_program_took_is_refused(town: Town) -> None:
    xu, _, question = await _plan_asked(town)
    await town.work(_weather, PLAN.replace("[[tasks]]", "[[tasks]]\ncolour = 'red'"))

    await xu.presses(question, "同意")

    assert town.toast(xu) == zh("refusal.plan_unreadable")
    asked = await _plan_panel(town)
    assert zh("refusal.plan_unreadable") in asked["text"]
    assert zh("plan.withdraw") in town.buttons(asked)

    await xu.presses(question, "驳回")
    assert zh("plan.refused", plan="暴雪应对") in town.said(town.street_desk)
    assert zh("plan.start") not in town.buttons(await _plan_panel(town))
    assert not await _emergency(town)


def _weather(uow: Stores, text: str) -> None:
    """As a plan stands there that was loaded before more was asked of plans."""
    stored = next(iter(uow.plans.all()))
    uow.plans.put(replace(stored, text=text))


async def test_a_plan_that_was_ended_may_start_again(town: Town) -> None:
    xu, _, question = await _plan_asked(town)
    await xu.presses(question, "驳回")
    assert zh("plan.refused", plan="暴雪应对") in town.said(town.street_desk)
    shown = await _plan_panel(town)
    await town.sun.presses(shown, "启动")
    assert "等待另一位负责人同意" in town.now_of(town.sun, shown)["text"]
    again = town.last(xu)
    await town.sun.presses(shown, zh("plan.withdraw"))

    assert "🚀 启动" in town.buttons(town.now_of(town.sun, shown))
    assert town.now_of(xu, again)["text"].endswith(zh("emergency.state.withdrawn"))
    assert town.buttons(town.now_of(xu, again)) == []


async def test_a_part_that_cannot_start_keeps_all_others_back(town: Town) -> None:
    xu = await _xu(town)
    await town.work(_load, PLAN.replace('class = "notice"', 'class = "exercise"\nlevel = "orange"'))
    await town.sun.writes("/plan")
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, "📘 暴雪应对")
    await town.sun.presses(town.now_of(town.sun, panel), "启动")
    await xu.presses(town.last(xu), "同意")

    assert town.toast(xu) == zh("refusal.parts_missing", count=2)
    assert not await _emergency(town)
    assert not any("清点铲雪工具" in text for text in town.said(town.li))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('code = "snow"', 'code = "a:b"', "code: must be up to 24"),
        ('level = "orange"', 'level = "purple"', "broadcasts[1].level: must be one of blue"),
        ('level = "orange"\n', "", "broadcasts[1].level: is missing"),
        ('issuer = "样例市气象台"', "", "broadcasts[1].issuer: is missing"),
        ('hazard = "暴雪"', "holds_minutes = 720", "broadcasts[1].holds_minutes: is none of an alert's"),
        ("minutes = 120", "minutes = 0", "tasks[1].minutes: must be between 1"),
        ("minutes = 120", "hours = 2", "tasks[1].hours: unknown key"),
        ('options = ["有", "没有"]', 'options = ["有"]', "rollcalls[1].questions[1].options: must be 2 to 8"),
        ('text = "清点铲雪工具"', 'text = ""', "tasks[1].text: is empty"),
        ('code = "snow"', "code = ", "this is no TOML"),
    ],
)
def test_a_fault_in_a_plan_is_named_with_its_key(old: str, new: str, fault: str) -> None:
    assert old in PLAN
    with pytest.raises(BadPlan, match=r"snow\.toml") as caught:
        read("snow.toml", PLAN.replace(old, new, 1))
    assert fault in str(caught.value)


def test_a_plan_that_starts_nothing_is_none() -> None:
    with pytest.raises(BadPlan, match="would start nothing"):
        read("x.toml", 'code = "x"\nname = "x"\n')


def test_the_plan_that_the_manual_shows_can_be_loaded() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "broadcasts.md").read_text("utf-8")
    shown = manual.partition("```toml\n")[2].partition("```")[0]

    plan = read("manual", shown)
    assert (len(plan.broadcasts), len(plan.tasks), len(plan.rollcalls)) == (1, 1, 1)
