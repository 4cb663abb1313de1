"""Starting a plan (预案): asked for by one, approved by another, and then everything in it in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from broadcasts import commanding, desk, emergencies, refusals, rollcalls, tasks
from broadcasts.model import Alert, Broadcast, Class, State
from broadcasts.plan_files import BadPlan, Plan, PlannedBroadcast, read
from broadcasts.plan_model import Asked, Run, RunId, StoredPlan
from broadcasts.plan_ports import UnitOfWork
from routing import refusals as general
from routing.model import ChatId, PersonId, UnitCode


@dataclass(frozen=True, slots=True)
class Started:
    """What a plan has started, and the alerts that it has laid ready as drafts."""

    run: Run
    broadcasts: tuple[int, ...]
    alerts: tuple[int, ...]
    tasks: tuple[int, ...]
    rollcalls: tuple[int, ...]


def keep(uow: UnitOfWork, source: str, text: str, at: datetime) -> Plan:
    """Load a plan file; one with the same code is replaced.

    Raises:
        BadPlan: the file is none.
    """
    plan = read(source, text)
    uow.plans.put(StoredPlan(code=plan.code, name=plan.name, text=text, at=at))
    return plan


def load(uow: UnitOfWork, code: str) -> Plan:
    """The plan of that code.

    Raises:
        NoSuchPlan: there is none.
        PlanUnreadable: an earlier program took what this one would not.
    """
    stored = uow.plans.find(code)
    if stored is None:
        raise refusals.NoSuchPlan
    try:
        return read(code, stored.text)
    except BadPlan as bad:
        raise refusals.PlanUnreadable from bad


def ask(uow: UnitOfWork, by: PersonId, chat: ChatId, unit: UnitCode, code: str, at: datetime) -> Run:
    """Ask for a plan to be started in *unit*; it starts when a second person says yes.

    Raises:
        NotYours: *by* may not.
        NoSuchPlan: there is no such plan.
        PlanRunning: it waits or goes on there, above it or below it.
        NobodyApproves: there is no second person.
    """
    commanding.check(uow, by, unit, commanding.SWITCHING)
    plan = load(uow, code)
    uow.plans.hold(plan.code)  # the unit above and the one below, at once, would each find nothing
    running = live(uow, plan.code, unit)
    if running is not None:
        raise refusals.PlanRunning(unit=running.unit)
    run = Run(id=RunId(uow.ids.new()), plan=plan.code, unit=unit, state=Asked.ASKED, by=by, at=at, chat=chat)
    uow.plans.put_run(run)
    emergencies.ask_approvers(uow, unit, by, f"plan:{run.id}", "plan_ask", {"run": run.id})
    return run


def live(uow: UnitOfWork, code: str, unit: UnitCode) -> Run | None:
    """The run of a plan that touches *unit*, if there is one."""
    around = {one.code for one in (*uow.units.path(unit), *uow.units.below(unit))}
    return uow.plans.live(code, around)


def rule(uow: UnitOfWork, run: RunId, by: PersonId, at: datetime, *, yes: bool, muster: str) -> Started:
    """The second person's word; with a yes everything in the plan starts now, or nothing of it.

    Raises:
        OwnApproval, NotYours, AlreadyDone: as for an emergency.
        PlanChanged: it was loaded anew since it was asked for.
        Refusal: a part of it cannot start, so none does.
    """
    current = uow.plans.run(run)
    if current is None:
        raise general.NotYours
    emergencies.check_second(uow, by, current.by, current.unit)
    if current.state is not Asked.ASKED:
        raise general.AlreadyDone
    if not yes:
        refused = replace(current, state=Asked.REFUSED, approver=by, ended_at=at)
        uow.plans.put_run(refused)
        return Started(refused, (), (), (), ())
    stored = uow.plans.find(current.plan)
    if stored is not None and stored.at > current.at:
        raise refusals.PlanChanged
    begun = replace(current, state=Asked.ON, approver=by, begun_at=at)
    uow.plans.put_run(begun)
    return _start(uow, begun, load(uow, begun.plan), by, at, muster)


def _start(uow: UnitOfWork, run: Run, plan: Plan, approver: PersonId, at: datetime, muster: str) -> Started:
    if plan.emergency and not uow.emergencies.live([one.code for one in uow.units.path(run.unit)]):
        asked = emergencies.ask(uow, run.by, run.chat, run.unit, plan.name, at)
        emergencies.rule(uow, asked.id, approver, at, yes=True, muster=muster)
    made = [_broadcast(uow, run, one, approver, at) for one in plan.broadcasts]
    given = [
        tasks.give_out(uow, run.by, run.chat, run.unit, one.text, at + one.life, at, run.id).number
        for one in plan.tasks
    ]
    called = [rollcalls.call(uow, run.by, run.chat, run.unit, one, at, run.id).number for one in plan.rollcalls]
    sent = [one.number for one in made if one.kind is not Class.ALERT]
    alerts = [one.number for one in made if one.kind is Class.ALERT]
    return Started(run, tuple(sent), tuple(alerts), tuple(given), tuple(called))


def _broadcast(uow: UnitOfWork, run: Run, planned: PlannedBroadcast, approver: PersonId, at: datetime) -> Broadcast:
    """Compose, submit and, where that is wanted, approve it by the one who approved the plan.

    An alert stays a draft: when it was issued, from when on and until when it holds only its issuer can say.
    """
    unit, relayed = uow.units.get(run.unit), planned.kind is Class.ALERT
    alert = Alert()
    if planned.kind in (Class.ALERT, Class.EXERCISE):
        alert = Alert(
            hazard=planned.hazard,
            issuer=planned.issuer or unit.name,
            issued_at=None if relayed else at,
            starts_at=None if relayed else at,
            area=planned.area or unit.name,
            matter=planned.matter or planned.text,
            action=planned.action,
        )
    draft = desk.compose(
        uow,
        run.by,
        run.chat,
        planned.kind,
        at,
        level=planned.level,
        text=planned.text,
        alert=alert,
        receipts=planned.receipts,
        window_s=int(planned.window.total_seconds()),
        expires_at=None if relayed else at + planned.holds,
    )
    if relayed:
        return draft
    submitted = desk.submit(uow, draft.id, run.by, at)
    return desk.approve(uow, draft.id, approver, at) if submitted.state is State.APPROVING else submitted


def end(uow: UnitOfWork, run: RunId, by: PersonId, at: datetime) -> Run:
    """The plan is over and may be started again; what it started goes its own way to its end.

    Raises:
        NotYours: *by* may not.
        AlreadyDone: it was over.
    """
    current = uow.plans.run(run)
    if current is None:
        raise general.NotYours
    commanding.check(uow, by, current.unit, commanding.SWITCHING)
    if current.state not in (Asked.ASKED, Asked.ON):
        raise general.AlreadyDone
    ended = replace(current, state=Asked.ENDED, ended_at=at)
    uow.plans.put_run(ended)
    return ended
