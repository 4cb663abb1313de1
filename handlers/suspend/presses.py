"""挂账: until when, and why; 恢复办理 before that."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from handlers._kit import asking, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ResumePressed, SuspendPressed
from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from routing import desk, hierarchy
from routing.events import Resumed, Suspended
from routing.model import Case, CaseId, PersonId, WordsKind
from routing.ports import Prompt, UnitOfWork

SPANS: Final = {"suspend.week": 7, "suspend.month": 30, "suspend.quarter": 90}
"""The dates that a tap chooses: how a button calls it, and how many days ahead it is."""


@payload("suspfor")
@dataclass(frozen=True, slots=True)
class SuspendForPressed:
    """For so many days; 0 means: until another date."""

    case: CaseId
    days: int


@on_card_press(SuspendPressed)
async def choose_date(press: SuspendPressed, ctx: GridContext) -> None:
    """Ask until when."""
    await ctx.work(_offer_dates, ctx.press, press.case, ctx.now)


@on_press(SuspendForPressed)
async def date_chosen(press: SuspendForPressed, ctx: GridContext) -> None:
    """Ask why, or first for the date."""
    await ctx.work(_ask_more, ctx.press, press, ctx.now)


@on_prompt("suspend_to")
async def date_written(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Take the date, and ask why."""
    await ctx.work(_take_date, said, prompt, ctx.now)


@on_prompt("suspend")
async def suspend(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Suspend it."""
    use_case = partial(hierarchy.suspend, until=date.fromisoformat(str(prompt.params["until"])))
    await ctx.work(asking.take, said, prompt, Answer(Suspended, WordsKind.REASON, use_case, "suspend.done"), ctx.now)


@on_card_press(ResumePressed)
async def resume(press: ResumePressed, ctx: GridContext) -> None:
    """Go on with it now."""
    await ctx.work(desk.move, press.case, Resumed(at=ctx.now, by=ctx.presser))
    await ctx.toast("suspend.resumed")


def _offer_dates(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    _check(uow, case, pressed.person, _in_days(uow, at, min(SPANS.values())), at)
    panels.put_up(uow, pressed, "suspend_until", case=case)


def _ask_more(uow: UnitOfWork, pressed: Pressed, press: SuspendForPressed, at: datetime) -> None:
    day = _in_days(uow, at, press.days or min(SPANS.values()))
    case = _check(uow, press.case, pressed.person, day, at)
    if press.days:
        asking.ask(uow, pressed, case, "suspend", at, until=day.isoformat())
        panels.close(uow, pressed, "suspend.chosen", number=case.number, day=day.isoformat())
    else:
        asking.ask(uow, pressed, case, "suspend_to", at)
        panels.close(uow, pressed, "suspend.other_chosen", number=case.number)


def _take_date(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    if asking.over(uow, said, prompt, Suspended):
        return
    day = hierarchy.day_of(said.text)
    case = _check(uow, prompt.case, said.person, day, at)
    uow.notebook.answered(prompt.key)
    asking.ask(uow, said, case, "suspend", at, until=day.isoformat())


def _check(uow: UnitOfWork, case: CaseId, by: PersonId, day: date, at: datetime) -> Case:
    return hierarchy.check(uow, case, Suspended(at=at, by=by, until=hierarchy.morning_of(uow, day)))


def _in_days(uow: UnitOfWork, at: datetime, days: int) -> date:
    """That day; days beyond all measure are only too far ahead."""
    return uow.calendar.local(at).date() + timedelta(days=min(days, 10_000))


@view("suspend_until")
def dates(look: Look) -> Outgoing:
    """A week, a month, three months, or another date."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    rows = [
        [Button(key, SuspendForPressed(case.id, days)) for key, days in SPANS.items()],
        [Button("suspend.other", SuspendForPressed(case.id, 0)), panels.never_mind()],
    ]
    return look.message(look.t("suspend.until_when", number=case.number), rows)
