"""The ways that menus, boards and welcomes open: buttons that several features show, and the way into private."""

from dataclasses import dataclass

from handlers._kit.context import GridContext
from handlers._kit.links import private_link
from handlers._kit.presses import payload
from handlers._kit.registry import view
from handlers._kit.said import Said
from handlers._kit.views import Button, Look, Outgoing
from routing.model import ChatKind
from routing.ports import UnitOfWork


@payload("contacts")
@dataclass(frozen=True, slots=True)
class ContactsPressed:
    """找网格员: who is there, and how to reach them."""


@payload("help")
@dataclass(frozen=True, slots=True)
class HelpPressed:
    """帮助: what can be done here."""


def at_desk(uow: UnitOfWork, said: Said) -> bool:
    """Whether it was said at a desk, where staff read alone."""
    return uow.chats.get(said.chat).kind is ChatKind.DESK


async def go_private(ctx: GridContext, key: str, start: str) -> None:
    """Answer in a group that this is a private matter, with a button that opens the private chat there.

    Args:
        ctx: The command in hand.
        key: What to say.
        start: The command that the button gives in the private chat, without its slash.
    """
    await ctx.show("door", key=key, start=start, bot=ctx.services.bot.username)


@view("door")
def door(look: Look) -> Outgoing:
    """A sentence with a button into the private chat."""
    link = private_link(str(look.params["bot"]), str(look.params["start"]))
    return look.message(look.t(str(look.params["key"])), [[Button("door.private", url=link)]])
