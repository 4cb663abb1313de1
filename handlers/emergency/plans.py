"""/plan: look at the plans, ask for one to be started, approve it, and end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from broadcasts import commanding, plans, refusals
from broadcasts.model import Class
from broadcasts.plan_files import Plan
from broadcasts.plan_model import Asked, RunId
from broadcasts.plan_ports import UnitOfWork
from handlers._kit import panels, words
from handlers._kit.context import GridContext
from handlers._kit.naming import public_name, unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import RISKY, Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.emergency.switch import Verdict
from routing.model import UnitCode
from routing.ports import Lane, Promise


@payload("plans")
@dataclass(frozen=True, slots=True)
class PlansPressed:
    """All plans, for that unit."""

    unit: UnitCode


@payload("plan")
@dataclass(frozen=True, slots=True)
class PlanPressed:
    """What stands in one."""

    plan: str
    unit: UnitCode


@payload("planask")
@dataclass(frozen=True, slots=True)
class StartPressed:
    """启动: ask for it to be started."""

    plan: str
    unit: UnitCode


@payload("planrule")
@dataclass(frozen=True, slots=True)
class PlanRuled:
    """同意 or 驳回."""

    run: RunId
    verdict: Verdict


@payload("planend")
@dataclass(frozen=True, slots=True)
class PlanEnded:
    """结束: it may be started again."""

    run: RunId


@on_command("plan", menus=("office", "desk"))
async def show(said: Said, ctx: GridContext) -> None:
    """List the plans."""
    await ctx.work(_show, said)


@on_press(PlansPressed)
async def back(press: PlansPressed, ctx: GridContext) -> None:
    """List them again."""
    await ctx.work(_turn, ctx.press, "plans", press.unit)


@on_press(PlanPressed)
async def look_at(press: PlanPressed, ctx: GridContext) -> None:
    """Show what it would start."""
    await ctx.work(_turn, ctx.press, "plan", press.unit, press.plan)


@on_press(StartPressed)
async def ask(press: StartPressed, ctx: GridContext) -> None:
    """Ask the second person."""
    await ctx.work(_ask, ctx.press, press, ctx.now)


@on_press(PlanRuled)
async def rule(press: PlanRuled, ctx: GridContext) -> None:
    """The second person's word."""
    await ctx.work(_rule, ctx.press, press, ctx.now)


@on_press(PlanEnded)
async def end(press: PlanEnded, ctx: GridContext) -> None:
    """It is over."""
    await ctx.work(_end, ctx.press, press, ctx.now)


def _show(uow: UnitOfWork, said: Said) -> None:
    unit = commanding.unit_here(uow, said.person, said.chat, commanding.SWITCHING)
    panels.put_up(uow, said, "plans", unit=unit.code)


def _turn(uow: UnitOfWork, here: Pressed, view_: str, unit: UnitCode, plan: str = "") -> None:
    commanding.check(uow, here.person, unit, commanding.SWITCHING)
    if plan and uow.plans.find(plan) is None:
        raise refusals.NoSuchPlan
    panels.redraw(uow, here, view_, unit=unit, plan=plan)


def _ask(uow: UnitOfWork, here: Pressed, press: StartPressed, at: datetime) -> None:
    plans.ask(uow, here.person, here.chat, press.unit, press.plan, at)
    panels.redraw(uow, here, "plan", unit=press.unit, plan=press.plan)


def _rule(uow: UnitOfWork, here: Pressed, press: PlanRuled, at: datetime) -> None:
    yes, muster = press.verdict is Verdict.YES, words.plain("emergency.muster", here.lang)
    started = plans.rule(uow, press.run, here.person, at, yes=yes, muster=muster)
    _renew_questions(uow, press.run, "ruled")
    told = {
        "key": ("plan.started_alerts" if started.alerts else "plan.started") if yes else "plan.refused",
        "plan": _name(uow, started.run.plan),
        "broadcasts": len(started.broadcasts),
        "alerts": len(started.alerts),
        "tasks": len(started.tasks),
        "rollcalls": len(started.rollcalls),
    }
    uow.outbox.promise(Promise(f"plan:{press.run}:told", started.run.chat, "say", told, lane=Lane.ANSWER))


def _end(uow: UnitOfWork, here: Pressed, press: PlanEnded, at: datetime) -> None:
    ended = plans.end(uow, press.run, here.person, at)
    panels.redraw(uow, here, "plan", unit=ended.unit, plan=ended.plan)
    if ended.begun_at is None:  # nobody need answer any more
        _renew_questions(uow, ended.id, "withdrawn")


def _renew_questions(uow: UnitOfWork, run: RunId, mark: str) -> None:
    """Let what the second person was asked show what has become of it."""
    carrier = f"plan:{run}"
    for chat in sorted(uow.outbox.reached(carrier)):
        key = f"{carrier}:{mark}:{chat}"
        uow.outbox.promise(Promise(key, chat, "plan_ask", {"run": run}, lane=Lane.ANSWER, carrier=carrier))


@view("plans")
def listed(look: Look) -> Outgoing:
    """Every plan, each a button."""
    uow, unit = cast("UnitOfWork", look.uow), UnitCode(str(look.params["unit"]))
    stored = uow.plans.all()
    rows = [[Button("plan.name", PlanPressed(one.code, unit), values={"name": one.name})] for one in stored]
    text = look.t("plan.list" if rows else "plan.none", unit=unit_name(uow, unit), command="huying plan FILE.toml")
    return look.message(text, [*rows, [panels.shut()]])


@view("plan")
def one_plan(look: Look) -> Outgoing | None:
    """What a plan starts, and the button that asks for it, or ends it."""
    uow, unit = cast("UnitOfWork", look.uow), UnitCode(str(look.params["unit"]))
    code = str(look.params["plan"])
    if uow.plans.find(code) is None:
        return None
    run = plans.live(uow, code, unit)
    plan = _readable(uow, code)
    text = _described(look, code, plan, unit)
    back_ = [Button("plan.back", PlansPressed(unit))]
    if run is None:
        start = [Button("plan.start", StartPressed(code, unit), RISKY)] if plan is not None else []
        return look.message(text, [start, back_])
    key = "plan.waiting" if run.state is Asked.ASKED else "plan.running"
    state = look.t(key, unit=unit_name(uow, run.unit), at=look.when(run.begun_at or run.at))
    end_ = "plan.withdraw" if run.state is Asked.ASKED else "plan.end"
    return look.message(Html(f"{text}\n{state}"), [[Button(end_, PlanEnded(run.id))], back_])


def _name(uow: UnitOfWork, code: str) -> str:
    stored = uow.plans.find(code)
    return code if stored is None else stored.name


def _readable(uow: UnitOfWork, code: str) -> Plan | None:
    """The plan; none that an earlier program took and this one would not, and what was asked of it can be ended."""
    try:
        return plans.load(uow, code)
    except refusals.PlanUnreadable:
        return None


def _described(look: Look, code: str, plan: Plan | None, unit: UnitCode) -> Html:
    uow = cast("UnitOfWork", look.uow)
    lines = [look.t("plan.head", name=_name(uow, code), unit=unit_name(uow, unit))]
    if plan is None:
        return Html("\n".join([*lines, look.t(refusals.PlanUnreadable.key)]))
    lines += [look.t("plan.emergency")] if plan.emergency else []
    alerts = [one for one in plan.broadcasts if one.kind is Class.ALERT]
    lines += [look.t("plan.broadcast", text=one.text) for one in plan.broadcasts if one not in alerts]
    lines += [look.t("plan.task", text=one.text) for one in plan.tasks]
    lines += [look.t("plan.rollcall", text=one.title) for one in plan.rollcalls]
    lines += [look.t("plan.alert", text=one.text, issuer=one.issuer) for one in alerts]
    return Html("\n".join(lines))


@view("plan_ask")
def question(look: Look) -> Outgoing | None:
    """The question to the second person, with everything that a yes would start."""
    uow = cast("UnitOfWork", look.uow)
    run = uow.plans.run(RunId(int(str(look.params["run"]))))
    if run is None or uow.plans.find(run.plan) is None:
        return None
    text = Html(
        f"{look.t('plan.question', by=public_name(uow, run.by, look.lang))}\n"
        f"{_described(look, run.plan, _readable(uow, run.plan), run.unit)}"
    )
    if run.state is not Asked.ASKED:
        state = "withdrawn" if run.state is Asked.ENDED and run.begun_at is None else run.state.value
        return look.message(Html(f"{text}\n{look.t(f'emergency.state.{state}')}"))
    yes, no = PlanRuled(run.id, Verdict.YES), PlanRuled(run.id, Verdict.NO)
    return look.message(text, [[Button("emergency.yes", yes, RISKY), Button("emergency.no", no)]])
