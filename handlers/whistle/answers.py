"""报到 and 协办完成: what a called unit answers."""

from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import AssistDonePressed, CheckInPressed
from handlers._kit.context import GridContext
from routing import whistle


@on_card_press(CheckInPressed)
async def check_in(press: CheckInPressed, ctx: GridContext) -> None:
    """The unit is there."""
    await ctx.work(whistle.check_in, press.case, ctx.presser, ctx.now)
    await ctx.toast("whistle.checked_in")


@on_card_press(AssistDonePressed)
async def finish(press: AssistDonePressed, ctx: GridContext) -> None:
    """The unit has done its part."""
    await ctx.work(whistle.finish, press.case, ctx.presser, ctx.now)
    await ctx.toast("whistle.finished")
