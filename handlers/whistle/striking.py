"""取消协办: a unit that was called and does not come is struck off, with the reason, by a unit above its caller."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from handlers._kit import asking, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import StrikePressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from routing import casework, hierarchy, refusals
from routing import whistle as whistling
from routing.events import AssistStruck
from routing.model import CaseId, UnitCode, WordsKind
from routing.ports import Prompt, UnitOfWork


@payload("strikes")
@dataclass(frozen=True, slots=True)
class StrikeUnitPressed:
    """That unit is struck off; then: why."""

    case: CaseId
    unit: UnitCode


@on_card_press(StrikePressed)
async def choose(press: StrikePressed, ctx: GridContext) -> None:
    """Show the called units that the case waits for."""
    await ctx.work(_offer, ctx.press, press.case)


@on_press(StrikeUnitPressed)
async def ask_why(press: StrikeUnitPressed, ctx: GridContext) -> None:
    """Ask why nobody is to wait for it."""
    await ctx.work(_ask_why, ctx.press, press, ctx.now)


@on_prompt("strike")
async def strike(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Strike it off."""
    use_case = partial(whistling.strike, unit=UnitCode(str(prompt.params["unit"])))
    await ctx.work(
        asking.take, said, prompt, Answer(AssistStruck, WordsKind.REASON, use_case, "whistle.struck"), ctx.now
    )


def _offer(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    current = uow.cases.get(case)
    casework.check(uow, current, pressed.person, AssistStruck)
    if all(assist.over for assist in current.assists):
        raise refusals.NothingToStrike
    panels.put_up(uow, pressed, "strike", case=case)


def _ask_why(uow: UnitOfWork, pressed: Pressed, press: StrikeUnitPressed, at: datetime) -> None:
    case = hierarchy.check(uow, press.case, AssistStruck(at=at, by=pressed.person, assist=press.unit))
    asking.ask(uow, pressed, case, "strike", at, unit=press.unit)
    panels.close(uow, pressed, "whistle.strike_chosen", number=case.number, unit=unit_name(uow, press.unit))


@view("strike")
def panel(look: Look) -> Outgoing:
    """The called units that the case waits for, each with how far it has come."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    rows = [
        [
            Button(
                f"strike.{one.state.value}",
                StrikeUnitPressed(case.id, one.unit),
                values={"unit": unit_name(look.uow, one.unit)},
            )
        ]
        for one in case.assists
        if not one.over
    ]
    return look.message(look.t("whistle.strike_whom", number=case.number), [*rows, [panels.never_mind()]])
