"""A review, or the judgement after a second "not satisfied": approve, or send it back with a reason."""

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ApprovePressed, RejectPressed
from handlers._kit.context import GridContext
from handlers._kit.registry import on_prompt
from handlers._kit.said import Said
from routing import casework, desk
from routing.events import Approved, SentBack
from routing.model import WordsKind
from routing.ports import Prompt

REJECTION = Answer(SentBack, WordsKind.REASON, casework.reject, "review.rejected")


@on_card_press(ApprovePressed)
async def approve(press: ApprovePressed, ctx: GridContext) -> None:
    """Let the reply go out, or the closing stand."""
    await ctx.work(desk.move, press.case, Approved(at=ctx.now, by=ctx.presser))
    await ctx.toast("review.approved")


@on_card_press(RejectPressed)
async def ask_reason(press: RejectPressed, ctx: GridContext) -> None:
    """Ask what is not good enough."""
    await asking.question(ctx, press.case, "reject", SentBack)


@on_prompt("reject")
async def reject(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Send it back with the reason."""
    await ctx.work(asking.take, said, prompt, REJECTION, ctx.now)
