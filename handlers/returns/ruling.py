"""同意 and 驳回 of a return: who gets the case, or why the unit keeps it."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import asking, choices, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ReturnAccepted, ReturnRefused
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from routing import hierarchy
from routing.events import ReturnRuled
from routing.model import CaseId, PersonId, UnitCode, WordsKind
from routing.ports import Prompt, UnitOfWork

REFUSAL = Answer(ReturnRuled, WordsKind.REASON, hierarchy.refuse_return, "returns.refused")


@payload("takers")
@dataclass(frozen=True, slots=True)
class TakersTurned:
    """Another page of the units that may get it."""

    case: CaseId
    page: int


@payload("taker")
@dataclass(frozen=True, slots=True)
class TakerPressed:
    """That unit gets it."""

    case: CaseId
    unit: UnitCode


@on_card_press(ReturnAccepted)
async def choose_taker(press: ReturnAccepted, ctx: GridContext) -> None:
    """Ask who gets it: the unit proposed, this one, or another one below."""
    await ctx.work(_offer_takers, ctx.press, press.case, ctx.now)


@on_press(TakersTurned)
async def turn(press: TakersTurned, ctx: GridContext) -> None:
    """Show that page."""
    pressed = ctx.press
    params = {"by": pressed.person, "page": press.page}
    await ctx.work(panels.turn_page, pressed, press.case, ReturnRuled, "takers", **params)


@on_press(TakerPressed)
async def accept(press: TakerPressed, ctx: GridContext) -> None:
    """Accept the return and give the case to the unit chosen."""
    await ctx.work(_accept, ctx.press, press, ctx.now)


@on_card_press(ReturnRefused)
async def ask_why_not(press: ReturnRefused, ctx: GridContext) -> None:
    """Ask why the unit has to keep it."""
    await asking.words_for(ctx, press.case, "return_no", ReturnRuled(at=ctx.now, by=ctx.presser, approve=False))


@on_prompt("return_no")
async def refuse(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Refuse the return."""
    await ctx.work(asking.take, said, prompt, REFUSAL, ctx.now)


def _offer_takers(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    hierarchy.check(uow, case, ReturnRuled(at=at, by=pressed.person, approve=True))
    panels.put_up(uow, pressed, "takers", case=case, by=pressed.person, page=0)


def _accept(uow: UnitOfWork, pressed: Pressed, press: TakerPressed, at: datetime) -> None:
    moved = hierarchy.accept_return(uow, press.case, pressed.person, press.unit, at)
    panels.close(uow, pressed, "returns.given", number=moved.number, unit=unit_name(uow, moved.unit))


@view("takers")
def takers(look: Look) -> Outgoing:
    """The units that may get a returned case, the one proposed first."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    by, page = PersonId(int(str(look.params["by"]))), int(str(look.params["page"]))
    found = hierarchy.takers(look.uow, case, by)
    rows = choices.paged(
        choices.units(found, lambda unit: TakerPressed(case.id, unit)), page, lambda other: TakersTurned(case.id, other)
    )
    proposed = unit_name(look.uow, case.proposed) or look.t("card.nobody_proposed")
    text = look.t("returns.who_gets", number=case.number, proposed=proposed)
    return look.message(text, [*rows, [panels.never_mind()]])
