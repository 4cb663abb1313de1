"""The buttons of a draft."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from handlers._kit import asking
from handlers._kit.context import GridContext
from handlers._kit.registry import on_press
from handlers._kit.said import Pressed
from handlers.draft.buttons import (
    AddMorePressed,
    AnswerPressed,
    BackPressed,
    CancelPressed,
    GridPressed,
    HushPressed,
    PagePressed,
    SubmitPressed,
)
from routing import drafting, late_answers, refusals
from routing.drafts import Piece, Sheet
from routing.model import Case
from routing.ports import Prompt, UnitOfWork


@on_press(SubmitPressed)
async def submit(press: SubmitPressed, ctx: GridContext) -> None:
    """File the draft, or ask for the grid that is still missing."""
    case = await ctx.work(drafting.submit, ctx.here.chat, ctx.presser, press.serial, ctx.now)
    await _sent(case, ctx, otherwise="draft.toast_grid")


@on_press(GridPressed)
async def choose(press: GridPressed, ctx: GridContext) -> None:
    """Take the grid; if that was all that was missing, the draft is filed."""
    case = await ctx.work(drafting.choose, ctx.here.chat, ctx.presser, press.serial, press.mark, ctx.now)
    await _sent(case, ctx, otherwise="draft.toast_chosen")


async def _sent(case: Case | None, ctx: GridContext, otherwise: str) -> None:
    if case is None:
        await ctx.toast(otherwise)
    else:
        await ctx.toast("draft.toast_sent", number=case.number)


@on_press(PagePressed)
async def turn(press: PagePressed, ctx: GridContext) -> None:
    """Show another page of the choice of grids."""
    await ctx.work(
        drafting.change,
        ctx.here.chat,
        ctx.presser,
        press.serial,
        ctx.now,
        lambda sheet: replace(sheet, page=press.page),
    )


@on_press(BackPressed)
async def back(press: BackPressed, ctx: GridContext) -> None:
    """Leave the choice of grids."""
    await ctx.work(
        drafting.change,
        ctx.here.chat,
        ctx.presser,
        press.serial,
        ctx.now,
        lambda sheet: replace(sheet, page=None, sending=False),
    )


@on_press(HushPressed)
async def hush(press: HushPressed, ctx: GridContext) -> None:
    """Keep the report out of the residents' chat, or let it show there masked."""
    sheet = await ctx.work(
        drafting.change,
        ctx.here.chat,
        ctx.presser,
        press.serial,
        ctx.now,
        lambda sheet: replace(sheet, confidential=not sheet.confidential),
    )
    await ctx.toast("draft.toast_hushed" if sheet.confidential else "draft.toast_open")


@on_press(AnswerPressed)
async def answer(press: AnswerPressed, ctx: GridContext) -> None:
    """Take what the draft holds for the answer to the question that was open; the draft is over then."""
    sheet, question = await ctx.read(_asked, ctx.press, press.serial)
    ctx.beside = partial(_taken, sheet=sheet, at=ctx.now)
    await asking.answered_by(ctx, question, Piece(sheet.pieces[0].message_id, sheet.text, sheet.media))


def _asked(uow: UnitOfWork, pressed: Pressed, serial: int) -> tuple[Sheet, Prompt]:
    sheet = drafting.current(uow, pressed.chat, pressed.person, serial)
    question = late_answers.question_of(uow, sheet)
    if question is None:
        raise refusals.AlreadyDone
    return sheet, question


def _taken(uow: UnitOfWork, sheet: Sheet, at: datetime) -> None:
    """A draft that was sent or changed by another press meanwhile undoes everything."""
    now_there = drafting.current(uow, sheet.chat, sheet.person, sheet.serial)
    if now_there.pieces != sheet.pieces:
        raise refusals.AlreadyDone
    late_answers.taken(uow, now_there, at)


@on_press(AddMorePressed)
async def add_more(press: AddMorePressed, ctx: GridContext) -> None:
    """Say how to add: simply go on writing."""
    await ctx.read(drafting.current, ctx.here.chat, ctx.presser, press.serial)
    await ctx.toast("draft.toast_more", alert=True)


@on_press(CancelPressed)
async def cancel(press: CancelPressed, ctx: GridContext) -> None:
    """Throw the draft away."""
    await ctx.work(drafting.cancel, ctx.here.chat, ctx.presser, press.serial)
    await ctx.toast("draft.toast_cancelled")
