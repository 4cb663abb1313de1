"""备注, 提问 and their answers: words that keep a case moving."""

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import AskPressed, NotePressed
from handlers._kit.context import GridContext
from handlers._kit.links import ReportAnew
from handlers._kit.registry import on_prompt, view
from handlers._kit.said import Said
from handlers._kit.views import Button, Look, Outgoing
from routing import casework
from routing.events import NoteKind
from routing.model import ChatKind, WordsKind
from routing.ports import Prompt


@on_card_press(NotePressed)
async def ask_note(press: NotePressed, ctx: GridContext) -> None:
    """Ask what there is to note."""
    await asking.question(ctx, press.case, "note", NoteKind.NOTE)


@on_prompt("note")
async def note(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Keep the note: it counts as a sign of life."""
    await ctx.work(asking.take, said, prompt, NOTE, ctx.now)


@on_card_press(AskPressed)
async def ask_question(press: AskPressed, ctx: GridContext) -> None:
    """Ask what the reporter is to be asked."""
    await asking.question(ctx, press.case, "ask", NoteKind.QUESTION)


@on_prompt("ask")
async def question(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Put the question to the reporter; the clock waits where the policy says so."""
    await ctx.work(asking.take, said, prompt, QUESTION, ctx.now)


@on_prompt("answer")
async def answer(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Bring the reporter's answer to whoever handles the case."""
    await ctx.work(asking.take, said, prompt, ANSWER, ctx.now)


NOTE = Answer(NoteKind.NOTE, WordsKind.NOTE, casework.note, "claim.noted")
QUESTION = Answer(NoteKind.QUESTION, WordsKind.QUESTION, casework.ask, "claim.asked")
ANSWER = Answer(NoteKind.MORE, WordsKind.ANSWER, casework.hear, "claim.answered", view="answer_taken")


@view("answer_taken")
def answer_taken(look: Look) -> Outgoing:
    """Thanks for the answer; in private, with a way out for whoever meant to report something else."""
    text = look.t(str(look.params["key"]), number=look.params["number"])
    if look.chat.kind is not ChatKind.PRIVATE:
        return look.message(text)
    anew = ReportAnew(int(str(look.params["message"])))
    return look.message(text, [[Button("button.report_anew", anew)]])
