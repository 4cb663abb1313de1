"""`/report`, mentions of the bot, answers to a case, parts of albums, edits."""

from datetime import datetime
from typing import Final

from handlers._kit.context import GridContext, answer
from handlers._kit.plain import Heard
from handlers._kit.registry import on_command, on_commands, on_edit, on_message
from handlers._kit.said import Said
from handlers.report import taking
from handlers.report.reading import Material, material_of, speaks_to, without_address
from routing import drafting, filing, residents
from routing.albums import Intent
from routing.drafts import Piece
from routing.hints import LONGEST_THANKS, small_talk
from routing.model import Case
from routing.ports import UnitOfWork
from routing.ports.gathering import Gathering, LongWay

ANSWERS: Final = 10
MENTIONS: Final = 30
ALBUMS: Final = 40


@on_command("report", menus=("private", "residents"))
async def report(said: Said, ctx: GridContext) -> None:
    """/report: files what stands behind it or what it answers; alone, it opens the draft or says how to report."""
    if said.private:
        await _in_private(said, ctx)
    else:
        await _take(said, without_address(said.text, ctx.services.bot.username), ctx)


@on_commands("report")
def reports(uow: Gathering, heard: Heard, bot: str, at: datetime) -> None:
    """The same for a plain text in a group, many at once."""
    text = without_address(heard.text, bot)
    if not text:
        raise LongWay
    if uow.cases.by_message(heard.chat, heard.message_id) is not None:
        raise LongWay
    material = Material(heard.message_id, None, text)
    taking.file(uow, heard, material, filing.grid_of_chat(uow, heard.chat), bot, at)


async def _in_private(said: Said, ctx: GridContext) -> None:
    if said.args or said.media:
        await ctx.work(_at_once, said, ctx.now)
    else:
        await ctx.work(drafting.begin, said.chat, said.person, ctx.now)


def _at_once(uow: UnitOfWork, said: Said, at: datetime) -> None:
    """File it. A draft names the privacy notice to whoever has not been shown it; here a line of its own does."""
    piece = Piece(said.message_id, said.args, said.media)
    case = drafting.report_at_once(uow, said.chat, said.person, at, piece, alone=said.album is None)
    if case is not None and residents.inform(uow, said.person, at):
        answer(uow, said, "say", {"key": "kit.privacy"})


async def _take(said: Said, text: str, ctx: GridContext) -> None:
    bot = ctx.services.bot.username
    material = material_of(said, text)
    if said.album is not None:
        await ctx.work(taking.take_part, said, text, Intent.REPORT, None, bot, ctx.now)
    elif material is None:
        await ctx.work(taking.explain, said, bot)
    else:
        await ctx.work(taking.take, said, material, bot, ctx.now)


@on_message(ANSWERS)
async def answer_to_case(said: Said, ctx: GridContext) -> bool:
    """What the reporter or staff write in answer to a case, or to its report, belongs to it; others' talk does not.

    Whoever of the others cries of a danger there that is not known yet gets the offer, as they would anywhere else.
    """
    if said.reply_to is None or not (said.text or said.media or said.location):
        return False
    found = await ctx.read(taking.find, said)
    if found is None:
        return False
    case, may_add = found
    text = without_address(said.text, ctx.services.bot.username)
    if not may_add:
        heard = speaks_to(said, ctx.services.bot.username) or await ctx.read(taking.alarms, case, said.person, text)
        return not heard
    if not (text or said.media or said.location):
        return False
    if not case.waiting and await _only_kind(said, text, ctx):
        return True
    await _add(said, case, text, ctx)
    return True


async def _add(said: Said, case: Case, text: str, ctx: GridContext) -> None:
    if said.album is not None:
        await ctx.work(taking.take_part, said, text, Intent.MORE, case, ctx.services.bot.username, ctx.now)
    else:
        await ctx.work(taking.add, said, case, text, ctx.now)


async def _only_kind(said: Said, text: str, ctx: GridContext) -> bool:
    """Whether the message is thanks and nothing more."""
    if said.media or said.location or len(text) > LONGEST_THANKS:
        return False
    return await ctx.read(_small_talk, text)


def _small_talk(uow: UnitOfWork, text: str) -> bool:
    return small_talk(text, uow.catalogue)


@on_message(MENTIONS)
async def mention(said: Said, ctx: GridContext) -> bool:
    """A message that names the bot, or answers its line on how to report, is a report; thanks are not."""
    if said.private:
        return False
    if not speaks_to(said, ctx.services.bot.username) and not await _answers_explanation(said, ctx):
        return False
    text = without_address(said.text, ctx.services.bot.username)
    if await _only_kind(said, text, ctx):
        return True
    if not (said.text or said.media):
        return False
    await _take(said, text, ctx)
    return True


async def _answers_explanation(said: Said, ctx: GridContext) -> bool:
    return said.reply_to is not None and await ctx.read(taking.answers_explanation, said)


@on_message(ALBUMS)
async def album_part(said: Said, ctx: GridContext) -> bool:
    """A part of an album without words waits for the part that has them."""
    if said.private or said.album is None or not said.media:
        return False
    await ctx.work(taking.take_part, said, said.text, Intent.NOTHING, None, ctx.services.bot.username, ctx.now)
    return True


@on_edit(20)
async def edited(said: Said, ctx: GridContext) -> bool:
    """An edited message updates its report; one that begins to speak to the bot becomes one."""
    text = without_address(said.text, ctx.services.bot.username)
    if await ctx.read(taking.is_kept, said):
        await ctx.work(filing.edit_report, said.chat, said.message_id, said.person, text, ctx.now)
        return True
    if said.private or not text or said.album is not None or not speaks_to(said, ctx.services.bot.username):
        return False
    await _take(said, text, ctx)
    return True
