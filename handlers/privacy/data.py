"""/mydata and /forget: a copy of everything, and the end of it."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

import orjson

from handlers._kit import panels
from handlers._kit.context import GridContext
from handlers._kit.doors import go_private
from handlers._kit.html import clean
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import RISKY, Button, Look, Outgoing
from handlers._kit.words import Html
from routing import residents
from routing.model import ChatKind
from routing.ports import UnitOfWork


@payload("forget")
@dataclass(frozen=True, slots=True)
class ForgetPressed:
    """删除: erase me; with *withdraw* 1, take my open cases back first."""

    withdraw: int


@payload("remain")
@dataclass(frozen=True, slots=True)
class RemainPressed:
    """不用: leave everything as it is."""


@on_command("mydata", menus=("private",))
async def mydata(said: Said, ctx: GridContext) -> None:
    """Send everything that is stored about whoever asks, to nobody but them."""
    if said.private:
        await ctx.show("mydata")
    else:
        await go_private(ctx, "privacy.in_private", "privacy")


@view("mydata")
def stored(look: Look) -> Outgoing | None:
    """One JSON document, as many messages as it takes."""
    if look.chat.kind is not ChatKind.PRIVATE or look.chat.person is None:
        return None
    document = orjson.dumps(residents.stored_about(look.uow, look.chat.person), option=orjson.OPT_INDENT_2).decode()
    return look.message(Html(f"{look.t('privacy.mydata')}\n<pre>{escape(clean(document), quote=False)}</pre>"))


@on_command("forget", menus=("private",))
async def forget(said: Said, ctx: GridContext) -> None:
    """Ask whether they are sure, and say what stays."""
    if said.private:
        await ctx.work(_ask, said)
    else:
        await go_private(ctx, "privacy.in_private", "privacy")


def _ask(uow: UnitOfWork, said: Said) -> None:
    panels.put_up(uow, said, "forget_ask", open=residents.may_be_forgotten(uow, said.person))


@view("forget_ask")
def forget_ask(look: Look) -> Outgoing:
    """What goes, what stays, and the choice about open cases."""
    count = int(str(look.params["open"]))
    rows = [[Button("privacy.forget", ForgetPressed(0), style=RISKY)]]
    rows += [[Button("privacy.withdraw_first", ForgetPressed(1), style=RISKY)]] if count else []
    text = look.t("privacy.forget_ask") + (look.t("privacy.forget_open", count=count) if count else "")
    return look.message(Html(text), [*rows, [Button("privacy.remain", RemainPressed())]])


@on_press(ForgetPressed)
async def forgotten(press: ForgetPressed, ctx: GridContext) -> None:
    """Erase them, here and in memory. Only a passing line can say so: there is nobody left to write to."""
    here = ctx.press
    if not here.private:
        return
    receipt = await ctx.work(_forget, here, bool(press.withdraw), ctx.now)
    ctx.services.people.pop(here.telegram_chat, None)
    ctx.services.chats.pop((here.bot, here.telegram_chat), None)
    await ctx.toast("privacy.forgotten", alert=True, receipt=receipt)


def _forget(uow: UnitOfWork, here: Pressed, withdraw: bool, at: datetime) -> str:
    """Returns the receipt's code."""
    return residents.forget(uow, here.person, at, withdraw=withdraw).code


@on_press(RemainPressed)
async def remain(_press: RemainPressed, ctx: GridContext) -> None:
    """Everything stays."""
    await ctx.work(_remained, ctx.press)


def _remained(uow: UnitOfWork, here: Pressed) -> None:
    panels.close(uow, here, "privacy.remained")
