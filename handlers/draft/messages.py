"""Opening a draft and filling it: links, the menu's button, and whatever is written or sent in private."""

from handlers._kit.context import GridContext
from handlers._kit.links import ReportAnew, ReportPressed, on_start
from handlers._kit.registry import collector, on_edit, on_message, on_press
from handlers._kit.said import Said
from routing import drafting, late_answers
from routing.drafts import Piece
from routing.hints import LONGEST_THANKS, small_talk
from routing.ports import UnitOfWork

collector(drafting.collect)


@on_start("p")
async def from_plaque(secret: str, said: Said, ctx: GridContext) -> None:
    """A building's plaque: grid and building are filled in."""
    await ctx.work(drafting.begin_by_link, "plaque", secret, said.chat, said.person, ctx.now)


@on_start("r")
async def from_group(secret: str, said: Said, ctx: GridContext) -> None:
    """The link in a residents' chat: the grid is filled in."""
    if secret:
        await ctx.work(drafting.begin_by_link, "report", secret, said.chat, said.person, ctx.now)
    else:
        await ctx.work(drafting.begin, said.chat, said.person, ctx.now)


@on_press(ReportPressed)
async def from_menu(_press: ReportPressed, ctx: GridContext) -> None:
    """我要上报 in the private menu."""
    await ctx.work(drafting.begin, ctx.here.chat, ctx.presser, ctx.now)


@on_press(ReportAnew)
async def from_answer(press: ReportAnew, ctx: GridContext) -> None:
    """What was taken for an answer goes into a draft of its own, once."""
    here = ctx.press
    button_at = here.message_id or press.message
    begun = await ctx.work(drafting.begin_with_words, here.chat, here.person, ctx.now, press.message, button_at)
    await ctx.toast("draft.toast_anew" if begun else "draft.toast_anew_again", alert=not begun)


@on_message(20)
async def say(said: Said, ctx: GridContext) -> bool:
    """Whatever is written or sent in private goes into the draft; the first of it opens one. Thanks do not.

    Where the bot still waits for an answer, the draft offers to take the words for it.
    """
    if not said.private or not (said.text or said.media or said.location):
        return False
    kind = not said.media and not said.location and len(said.text) <= LONGEST_THANKS
    if kind and await ctx.read(_mere_thanks, said):
        await ctx.reply("draft.welcome")
        return True
    piece = Piece(said.message_id, said.text, said.media)
    await ctx.work(late_answers.say, said.chat, said.person, ctx.now, piece, said.location)
    return True


def _mere_thanks(uow: UnitOfWork, said: Said) -> bool:
    if not small_talk(said.text, uow.catalogue) or late_answers.unsaid(uow, said.chat, said.person):
        return False
    return drafting.find(uow, said.chat, said.person) is None


@on_edit(10)
async def edited(said: Said, ctx: GridContext) -> bool:
    """An edited message changes its line of the open draft."""
    if not said.private or not await ctx.read(_is_piece, said):
        return False
    await ctx.work(drafting.amend, said.chat, said.person, ctx.now, said.message_id, said.text)
    return True


def _is_piece(uow: UnitOfWork, said: Said) -> bool:
    sheet = drafting.find(uow, said.chat, said.person)
    return sheet is not None and said.message_id in {piece.message_id for piece in sheet.pieces}
