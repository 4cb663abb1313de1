"""What the reporter can do from the card: add something, or take it back."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import asking, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import MorePressed, WithdrawPressed
from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import RISKY, Button, Look, Outgoing
from routing import casework, desk
from routing.events import NoteKind, Withdrawn
from routing.model import CaseId, WordsKind
from routing.ports import Prompt, UnitOfWork

MORE = Answer(NoteKind.MORE, WordsKind.MORE, casework.hear, "case.added")


@payload("takeback")
@dataclass(frozen=True, slots=True)
class WithdrawConfirmed:
    """撤回: yes."""

    case: CaseId


@on_card_press(MorePressed)
async def ask_more(press: MorePressed, ctx: GridContext) -> None:
    """Ask what there is to add."""
    await asking.question(ctx, press.case, "more", NoteKind.MORE)


@on_prompt("more")
async def more(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Add it."""
    await ctx.work(asking.take, said, prompt, MORE, ctx.now)


@on_card_press(WithdrawPressed)
async def ask_withdraw(press: WithdrawPressed, ctx: GridContext) -> None:
    """Ask once more."""
    await ctx.work(_ask_withdraw, ctx.press, press.case)


@on_press(WithdrawConfirmed)
async def withdraw(press: WithdrawConfirmed, ctx: GridContext) -> None:
    """Take it back."""
    await ctx.work(_withdraw, ctx.press, press.case, ctx.now)


def _ask_withdraw(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), pressed.person, Withdrawn)
    panels.put_up(uow, pressed, "withdraw", case=case)


def _withdraw(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    moved = desk.move(uow, case, Withdrawn(at=at, by=pressed.person))
    panels.close(uow, pressed, "case.withdrawn", number=moved.number)


@view("withdraw")
def sure(look: Look) -> Outgoing:
    """Withdrawing asks for a second tap."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    yes = Button("case.withdraw", WithdrawConfirmed(case.id), RISKY)
    return look.message(look.t("case.withdraw_sure", number=case.number), [[yes, panels.keep()]])
