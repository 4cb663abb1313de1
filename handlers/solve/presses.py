"""办结: ask for the result, keep it with its photos, and catch the later parts of an album."""

from datetime import datetime, timedelta
from typing import Final

from handlers._kit import asking
from handlers._kit.asking import ALBUM_STEP, Answer, album_key
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ResolvePressed
from handlers._kit.context import GridContext
from handlers._kit.registry import forgotten_after, on_message, on_prompt
from handlers._kit.said import Said
from routing import casework, telling
from routing.casework import Saying
from routing.events import Resolved
from routing.model import Case, CaseId, PersonId, WordsKind
from routing.ports import Draft, Prompt, UnitOfWork

ALBUM_LIFE: Final = timedelta(minutes=10)
FIRST: Final = 5
"""Before anything else takes a message: a part of an album belongs to what its first part answered."""

forgotten_after(ALBUM_STEP, ALBUM_LIFE)


@on_card_press(ResolvePressed)
async def ask_result(press: ResolvePressed, ctx: GridContext) -> None:
    """Ask what was done, unless parts or assists are still open; a photo may come with the answer."""
    await asking.words_for(ctx, press.case, "resolve", Resolved(at=ctx.now, by=ctx.presser, photos=1))


@on_prompt("resolve")
async def resolve(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Close the case with what was written; ask for a photo where the class wants one."""
    await ctx.work(conclude, said, prompt, ctx.now)


@on_message(FIRST)
async def later_part(said: Said, ctx: GridContext) -> bool:
    """Add a further part of an album to the words that its first part became."""
    draft = await ctx.read(_album, said)
    if draft is None:
        return False
    await ctx.work(add_part, said, draft, ctx.now)
    return True


def conclude(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    """Resolve with the words of this answer and of the one before it; without evidence ask for that."""
    before = str(prompt.params.get("text", ""))
    case = uow.cases.get(prompt.case)
    written = asking.saying(said)
    whole = Saying("\n".join(filter(None, (before, written.text))), written.media, written.chat, written.message_id)
    possible = casework.can(uow, case, said.person, Resolved)
    if possible and whole.text and casework.lacks_evidence(uow, case, whole):
        uow.notebook.answered(prompt.key)
        asking.ask(uow, said, case, "resolve", at, sentence="photo", text=whole.text)
        return

    def resolved(uow: UnitOfWork, case: CaseId, by: PersonId, _saying: Saying, at: datetime) -> Case:
        return casework.resolve(uow, case, by, whole, at)

    asking.take(uow, said, prompt, Answer(Resolved, WordsKind.SOLUTION, resolved, "solve.done"), at)


def _album(uow: UnitOfWork, said: Said) -> Draft | None:
    return uow.notebook.draft(album_key(said.chat, said.album)) if said.album is not None else None


def add_part(uow: UnitOfWork, said: Said, draft: Draft, at: datetime) -> None:
    """Keep the part as words of the same kind; only of whoever sent the first one."""
    if said.person == draft.person:
        case, kind = CaseId(int(str(draft.data["case"]))), WordsKind(str(draft.data["kind"]))
        casework.keep(uow, case, kind, said.person, asking.saying(said), at)
        telling.show(uow, uow.cases.get(case), at, mark=f":part:{said.message_id}")
