"""Observers read a case for a reason: it is asked, written down, and then the case is shown, to them alone."""

from datetime import datetime

from handlers._kit import asking
from handlers._kit.context import GridContext, to
from handlers._kit.registry import on_prompt
from handlers._kit.said import Pressed, Said
from routing import readings, refusals, telling
from routing.model import Case, ChatKind
from routing.ports import Lane, Prompt, UnitOfWork


def wanted(uow: UnitOfWork, here: Said | Pressed, number: int) -> Case | None:
    """The case of that number, if whoever asks may read it as an observer and not otherwise.

    Raises:
        NoSuchCase: there is none.
    """
    case = uow.cases.by_number(number)
    return case if readings.observes(uow, here.person, case) else None


def begin(uow: UnitOfWork, here: Said | Pressed, case: Case, reason: str, at: datetime) -> None:
    """Show the case for *reason*; without one, ask for it. Always in private.

    Raises:
        NoSuchCase: neighbours read along.
        PrivateNeeded: they have no private chat with the bot.
    """
    if uow.chats.get(here.chat).kind is ChatKind.RESIDENTS:
        raise refusals.NoSuchCase
    if uow.chats.private(here.person) is None:
        raise refusals.PrivateNeeded
    if reason:
        _show(uow, here, case, reason, at)
    else:
        asking.ask(uow, here, case, "observe", at)


@on_prompt("observe")
async def observe(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Write the reason down and show the case."""
    await ctx.work(_observe, said, prompt, ctx.now)


def _observe(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    _show(uow, said, uow.cases.get(prompt.case), said.text, at)
    uow.notebook.answered(prompt.key)


def _show(uow: UnitOfWork, here: Said | Pressed, case: Case, reason: str, at: datetime) -> None:
    reading = readings.observe(uow, case.id, here.person, reason, at)
    chat = telling.private_or(uow, here.person, here.chat)
    to(uow, chat, f"reading:{reading.id}", "details", Lane.ANSWER, case=case.id, reading=reading.id)
    if any(one.media for one in uow.words.of(case.id)):
        to(uow, chat, f"reading:{reading.id}:media", "media", Lane.ANSWER, case=case.id, reading=reading.id)
