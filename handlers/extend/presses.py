"""延期 with its reason, and the ruling: 同意 or 驳回."""

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ExtendPressed, ExtensionGranted, ExtensionRefused
from handlers._kit.context import GridContext
from handlers._kit.registry import on_prompt
from handlers._kit.said import Said
from routing import desk, hierarchy
from routing.events import ExtensionAsked, ExtensionRuled
from routing.model import WordsKind
from routing.ports import Prompt

REQUEST = Answer(ExtensionAsked, WordsKind.REASON, hierarchy.ask_extension, "extend.asked")
REFUSAL = Answer(ExtensionRuled, WordsKind.REASON, hierarchy.refuse_extension, "extend.refused")


@on_card_press(ExtendPressed)
async def ask_reason(press: ExtendPressed, ctx: GridContext) -> None:
    """Ask what the time is needed for."""
    await asking.words_for(ctx, press.case, "extend", ExtensionAsked(at=ctx.now, by=ctx.presser))


@on_prompt("extend")
async def request(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Ask the level above."""
    await ctx.work(asking.take, said, prompt, REQUEST, ctx.now)


@on_card_press(ExtensionGranted)
async def grant(press: ExtensionGranted, ctx: GridContext) -> None:
    """One more limit on top of the deadline; the resident is told."""
    await ctx.work(desk.move, press.case, ExtensionRuled(at=ctx.now, by=ctx.presser, approve=True))
    await ctx.toast("extend.granted")


@on_card_press(ExtensionRefused)
async def ask_why_not(press: ExtensionRefused, ctx: GridContext) -> None:
    """Ask why the deadline has to stand."""
    await asking.words_for(ctx, press.case, "extend_no", ExtensionRuled(at=ctx.now, by=ctx.presser, approve=False))


@on_prompt("extend_no")
async def refuse(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Let the deadline stand."""
    await ctx.work(asking.take, said, prompt, REFUSAL, ctx.now)
