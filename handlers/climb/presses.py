"""上报 and 越级上报, and the reason for it."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from handlers._kit import asking, choices, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import EscalatePressed, SkipPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from routing import hierarchy, refusals
from routing.events import Escalated
from routing.model import CaseId, PersonId, UnitCode, WordsKind
from routing.ports import Prompt, UnitOfWork

ESCALATION = Answer(Escalated, WordsKind.REASON, hierarchy.escalate, "climb.escalated")


@payload("skipto")
@dataclass(frozen=True, slots=True)
class SkipToPressed:
    """That unit gets it, past those between."""

    case: CaseId
    unit: UnitCode


@on_card_press(EscalatePressed)
async def ask_reason(press: EscalatePressed, ctx: GridContext) -> None:
    """Ask what the level above is needed for."""
    await asking.words_for(ctx, press.case, "escalate", _rehearsed(ctx.now, ctx.presser))


@on_prompt("escalate")
async def escalate(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Send it up."""
    await ctx.work(asking.take, said, prompt, ESCALATION, ctx.now)


@on_card_press(SkipPressed)
async def choose_level(press: SkipPressed, ctx: GridContext) -> None:
    """Show the units above the next level."""
    await ctx.work(_offer_levels, ctx.press, press.case, ctx.now)


@on_press(SkipToPressed)
async def ask_why_past(press: SkipToPressed, ctx: GridContext) -> None:
    """Ask why the level between is no help."""
    await ctx.work(_ask_why, ctx.press, press, ctx.now)


@on_prompt("skip")
async def skip(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Send it up past a level."""
    use_case = partial(hierarchy.escalate, skip_to=UnitCode(str(prompt.params["unit"])))
    await ctx.work(asking.take, said, prompt, Answer(Escalated, WordsKind.REASON, use_case, "climb.escalated"), ctx.now)


def _rehearsed(at: datetime, by: PersonId, skip_to: UnitCode | None = None) -> Escalated:
    """The escalation as it would be if the record that is still to come brought whatever the policy asks for."""
    return Escalated(at=at, by=by, skip_to=skip_to, photos=1)


def _offer_levels(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    above = hierarchy.higher(uow, uow.cases.get(case))
    if not above:
        raise refusals.NothingAbove
    hierarchy.check(uow, case, _rehearsed(at, pressed.person, above[0].code))
    panels.put_up(uow, pressed, "skip_to", case=case)


def _ask_why(uow: UnitOfWork, pressed: Pressed, press: SkipToPressed, at: datetime) -> None:
    case = hierarchy.check(uow, press.case, _rehearsed(at, pressed.person, press.unit))
    asking.ask(uow, pressed, case, "skip", at, unit=press.unit)
    panels.close(uow, pressed, "climb.chosen", number=case.number, unit=unit_name(uow, press.unit))


@view("skip_to")
def levels(look: Look) -> Outgoing:
    """The units above the next level."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    buttons = choices.units(hierarchy.higher(look.uow, case), lambda unit: SkipToPressed(case.id, unit))
    return look.message(
        look.t("climb.how_far", number=case.number), [*([one] for one in buttons), [panels.never_mind()]]
    )
