"""/help and the button 帮助."""

from handlers._kit import menus
from handlers._kit.context import GridContext, answer
from handlers._kit.doors import HelpPressed
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Said
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import binding
from routing.model import ChatKind
from routing.ports import UnitOfWork


@on_command("help", menus=("private", "residents", "desk"))
async def helped(said: Said, ctx: GridContext) -> None:
    """Say what can be done in this chat."""
    await ctx.work(_help, said)


def _help(uow: UnitOfWork, said: Said) -> None:
    answer(uow, said, "help", {})
    menus.show_own(uow, said)


@on_press(HelpPressed)
async def pressed(_press: HelpPressed, ctx: GridContext) -> None:
    """In private the whole, in a group a line that only the presser sees."""
    if ctx.press.private:
        await ctx.show("help")
    else:
        await ctx.toast("help.short", alert=True)


@view("help")
def help_view(look: Look) -> Outgoing:
    """The parts that concern this chat and its reader."""
    return look.message(Html("\n\n".join(look.t(key) for key in _parts(look))))


def _parts(look: Look) -> list[str]:
    if look.chat.kind is ChatKind.DESK:
        return ["help.desk", "help.orders", "help.above"]
    if look.chat.kind is ChatKind.RESIDENTS:
        return ["help.group"]
    if look.chat.kind is ChatKind.UNBOUND:
        return ["bind.how"]
    posts = {one.post for one in look.uow.people.posts_of(look.chat.person)} if look.chat.person is not None else set()
    staff = ["help.staff"] if posts else []
    orders = ["help.orders"] if posts & menus.ORDERING else []
    above = ["help.above"] if posts & binding.ISSUING else []
    return ["help.private", *staff, *orders, *above, "help.yours"]
