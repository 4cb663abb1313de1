"""/mine, /case, the lines of lists, and links to a case."""

import re
from datetime import datetime
from typing import Final

from handlers._kit import cards, lists, panels
from handlers._kit.case_presses import CasePressed, MinePressed
from handlers._kit.context import GridContext
from handlers._kit.doors import go_private
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from handlers.cases import observing
from routing import boards, refusals
from routing.model import CaseId
from routing.ports import UnitOfWork

NUMBER: Final = re.compile(r"#?(\d{1,12})(?:\s+(\S.*))?", re.DOTALL)


@on_command("mine", menus=("private", "residents"))
async def mine(said: Said, ctx: GridContext) -> None:
    """List what the person reported; in a group lead into the private chat."""
    if said.private:
        await ctx.work(_show_mine, said, 0, ctx.now)
    else:
        await go_private(ctx, "mine.private", "mine")


@on_press(MinePressed)
async def turn(press: MinePressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_show_mine, ctx.press, press.page, ctx.now)


@on_command("case", menus=("private", "residents", "desk"))
async def case(said: Said, ctx: GridContext) -> None:
    """Show the case of that number; an observer says why behind it, or is asked."""
    found = NUMBER.fullmatch(said.args.strip())
    if found is None:
        await ctx.reply("case.how")
    else:
        await ctx.work(_show_number, said, int(found[1]), found[2] or "", ctx.now)


@on_press(CasePressed)
async def opened(press: CasePressed, ctx: GridContext) -> None:
    """Show the case of a list's line."""
    await ctx.work(_show_case, ctx.press, press.case, ctx.now)


def _show_mine(uow: UnitOfWork, here: Said | Pressed, page: int, at: datetime) -> None:
    panels.turn(uow, here, "mine", page=page, at=at.timestamp())


def _show_number(uow: UnitOfWork, said: Said, number: int, reason: str, at: datetime) -> None:
    observed = observing.wanted(uow, said, number)
    if observed is None:
        cards.bring(uow, said, boards.look_up(uow, number, said.person, said.chat))
    else:
        observing.begin(uow, said, observed, reason, at)


def _show_case(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    current = uow.cases.get(case)
    if observing.wanted(uow, pressed, current.number) is not None:
        observing.begin(uow, pressed, current, "", at)
        return
    if not boards.visible(uow, current, pressed.person, pressed.chat):
        raise refusals.NoSuchCase
    cards.bring(uow, pressed, case)


@view("mine")
def mine_list(look: Look) -> Outgoing | None:
    """What the owner of this private chat reported, newest first."""
    if look.chat.person is None:
        return None
    now = lists.moment(look)
    board = boards.mine(look.uow, look.chat.person, now, lists.page(look))
    return lists.show(look, board, look.t("mine.head" if board.cases else "mine.nothing"), MinePressed, now)
