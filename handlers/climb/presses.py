"""上报, and the reason for it."""

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import EscalatePressed
from handlers._kit.context import GridContext
from handlers._kit.registry import on_prompt
from handlers._kit.said import Said
from routing import hierarchy
from routing.events import Escalated
from routing.model import WordsKind
from routing.ports import Prompt

ESCALATION = Answer(Escalated, WordsKind.REASON, hierarchy.escalate, "climb.escalated")


@on_card_press(EscalatePressed)
async def ask_reason(press: EscalatePressed, ctx: GridContext) -> None:
    """Ask what the level above is needed for."""
    await asking.words_for(ctx, press.case, "escalate", Escalated(at=ctx.now, by=ctx.presser))


@on_prompt("escalate")
async def escalate(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Send it up."""
    await ctx.work(asking.take, said, prompt, ESCALATION, ctx.now)
