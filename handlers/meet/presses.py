"""会商: write the minutes; each decision in them becomes a part."""

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import MeetPressed
from handlers._kit.context import GridContext
from handlers._kit.registry import on_prompt
from handlers._kit.said import Said
from routing import meetings
from routing.events import Conferred
from routing.model import WordsKind
from routing.ports import Prompt

MINUTES = Answer(Conferred, WordsKind.MINUTES, meetings.confer, "meet.done")


@on_card_press(MeetPressed)
async def ask_minutes(press: MeetPressed, ctx: GridContext) -> None:
    """Ask for the minutes."""
    await asking.words_for(ctx, press.case, "meet", Conferred(at=ctx.now, by=ctx.presser))


@on_prompt("meet")
async def confer(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Keep them, and give out what was decided."""
    await ctx.work(asking.take, said, prompt, MINUTES, ctx.now)
