"""/todo and its pages."""

from datetime import datetime

from handlers._kit import lists, panels
from handlers._kit.case_presses import TodoPressed
from handlers._kit.context import GridContext
from handlers._kit.doors import go_private
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import boards
from routing.ports import UnitOfWork


@on_command("todo", menus=("staff", "desk"))
async def todo(said: Said, ctx: GridContext) -> None:
    """List what the worker owes; in a group lead into the private chat."""
    if said.private:
        await ctx.work(_show, said, 0, ctx.now)
    else:
        await go_private(ctx, "todo.private", "todo")


@on_press(TodoPressed)
async def turn(press: TodoPressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_show, ctx.press, press.page, ctx.now)


def _show(uow: UnitOfWork, here: Said | Pressed, page: int, at: datetime) -> None:
    boards.todo(uow, here.person, at, page)
    panels.turn(uow, here, "todo", page=page, at=at.timestamp())


@view("todo")
def todo_list(look: Look) -> Outgoing | None:
    """Late and urgent ones first, each a way to its card."""
    if look.chat.person is None:
        return None
    now = lists.moment(look)
    board = boards.todo(look.uow, look.chat.person, now, lists.page(look))
    figures = {"held": board.held, "offered": board.offered, "late": board.late}
    head = look.t("todo.head" if board.cases or board.full else "todo.nothing", **figures)
    if board.judging:
        head = Html(f"{head}\n{look.t('todo.judging', count=board.judging)}")
    return lists.show(look, board, head, TodoPressed, now)
