"""接单, 放回待接, 移交同事: who has the case."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import panels
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ClaimPressed, HandOverPressed, ReleasePressed
from handlers._kit.context import GridContext
from handlers._kit.naming import public_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import Button, Look, Outgoing
from routing import casework, desk
from routing.events import Claimed, HandedOver, Released
from routing.model import CaseId, PersonId
from routing.ports import UnitOfWork


@payload("handto")
@dataclass(frozen=True, slots=True)
class HandToPressed:
    """A colleague's name: they take over."""

    case: CaseId
    to: PersonId


@on_card_press(ClaimPressed)
async def claim(press: ClaimPressed, ctx: GridContext) -> None:
    """Give the case to whoever pressed first."""
    await ctx.work(desk.move, press.case, Claimed(at=ctx.now, by=ctx.presser))
    await ctx.toast("claim.claimed")


@on_card_press(ReleasePressed)
async def release(press: ReleasePressed, ctx: GridContext) -> None:
    """Give it back to the roster."""
    await ctx.work(desk.move, press.case, Released(at=ctx.now, by=ctx.presser))
    await ctx.toast("claim.released")


@on_card_press(HandOverPressed)
async def choose_colleague(press: HandOverPressed, ctx: GridContext) -> None:
    """Ask to whom."""
    await ctx.work(_offer_colleagues, ctx.press, press.case)


@on_press(HandToPressed)
async def hand_over(press: HandToPressed, ctx: GridContext) -> None:
    """Hand the case to the colleague chosen."""
    await ctx.work(_hand_over, ctx.press, press, ctx.now)
    await ctx.toast("claim.handed")


def _offer_colleagues(uow: UnitOfWork, here: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), here.person, HandedOver)
    panels.put_up(uow, here, "colleagues", case=case)


def _hand_over(uow: UnitOfWork, pressed: Pressed, press: HandToPressed, at: datetime) -> None:
    moved = casework.hand_over(uow, press.case, pressed.person, press.to, at)
    panels.close(uow, pressed, "claim.handed_to", number=moved.number, who=public_name(uow, press.to, pressed.lang))


@view("colleagues")
def colleagues(look: Look) -> Outgoing:
    """Everybody of the holding unit who could take over, by the name on their badge."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    others = sorted(desk.colleagues(look.uow, case) - {case.holder})
    rows = [
        [Button("claim.name", HandToPressed(case.id, one), values={"name": public_name(look.uow, one, look.lang)})]
        for one in others
    ]
    key = "claim.to_whom" if rows else "claim.nobody_else"
    return look.message(look.t(key, number=case.number), [*rows, [panels.never_mind()]])
