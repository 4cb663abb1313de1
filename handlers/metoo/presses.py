"""Count a neighbour who has the same trouble, once each."""

from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import MeTooPressed
from handlers._kit.context import GridContext
from routing import filing


@on_card_press(MeTooPressed)
async def me_too(press: MeTooPressed, ctx: GridContext) -> None:
    """Count whoever pressed, and tell them how many they are."""
    case = await ctx.work(filing.me_too, press.case, ctx.presser, ctx.now)
    await ctx.toast("me_too.counted", count=case.me_too)
