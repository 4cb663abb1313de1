"""What a silent reporter said when they were called, in the words of whoever called."""

from datetime import datetime
from functools import partial

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import CalledPressed
from handlers._kit.context import GridContext
from handlers._kit.registry import on_prompt
from handlers._kit.said import Pressed, Said
from routing import casework, hierarchy
from routing.events import CalledBack
from routing.model import Told, WordsKind
from routing.ports import Prompt, UnitOfWork


@on_card_press(CalledPressed)
async def ask_words(press: CalledPressed, ctx: GridContext) -> None:
    """Ask what was said, or when nobody answered."""
    await ctx.work(_ask, ctx.press, press, ctx.now)


@on_prompt("call_back")
async def note(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Keep it: the case ends, starts again, or waits for the next call."""
    await ctx.work(_note, said, prompt, ctx.now)


def _ask(uow: UnitOfWork, pressed: Pressed, press: CalledPressed, at: datetime) -> None:
    case = hierarchy.check(uow, press.case, CalledBack(at=at, by=pressed.person, told=press.told))
    if press.told is Told.NOT_REACHED:
        asking.ask(uow, pressed, case, "call_back", at, sentence="not_reached", told=press.told.value)
    else:
        asking.ask(uow, pressed, case, "call_back", at, told=press.told.value)


def _note(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    use_case = partial(casework.call_back, told=Told(str(prompt.params["told"])))
    asking.take(uow, said, prompt, Answer(CalledBack, WordsKind.NOTE, use_case, "callback.noted"), at)
