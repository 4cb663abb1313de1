"""/start, with or without something behind it."""

import re
from datetime import datetime
from typing import Final

from handlers._kit import links, menus
from handlers._kit.case_presses import MinePressed, TodoPressed
from handlers._kit.context import GridContext, answer
from handlers._kit.doors import ContactsPressed, HelpPressed, go_private
from handlers._kit.links import ReportPressed
from handlers._kit.registry import on_command, registry, view
from handlers._kit.said import Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from routing import residents
from routing.ports import UnitOfWork

OPENED_BY_LINK: Final = frozenset({"report", "mine", "contacts", "help", "privacy", "register", "todo", "lang"})
"""Commands that a link may give instead of a secret; none of these words is one."""
OF_GROUPS: Final = ("b", "h")
"""What the payloads begin with that may come in a group: its binding, and a door code, which is told where to go."""
PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a link can hand over."""


@on_command("start")
async def start(said: Said, ctx: GridContext) -> None:
    """Open what the link stands for, else say hello; in a group only what is about the group, all else in private."""
    if not (said.private or said.args.startswith(OF_GROUPS)):
        await go_private(ctx, "start.group", said.args if PAYLOAD.fullmatch(said.args) else "help")
    elif said.args in OPENED_BY_LINK and said.args in registry.commands:
        await registry.commands[said.args].call(_bare(said), ctx)
    elif await links.dispatch(said.args, said, ctx):
        return
    elif said.private:
        await ctx.work(_welcome, said, ctx.now)
    else:
        await go_private(ctx, "start.group", "help")


def _bare(said: Said) -> Said:
    """The same message with nothing behind the command."""
    fields = {name: getattr(said, name) for name in Said.__dataclass_fields__}
    return Said(**{**fields, "args": ""})


def _welcome(uow: UnitOfWork, said: Said, at: datetime) -> None:
    """Say hello; the short privacy notice stands in it."""
    residents.inform(uow, said.person, at)
    answer(uow, said, "start", {})
    menus.show_own(uow, said)


@view("start")
def hello(look: Look) -> Outgoing:
    """Who speaks, what can be done, and the menu; staff see what they owe besides."""
    person = look.chat.person
    staff = person is not None and bool(look.uow.people.posts_of(person))
    rows = [
        [Button("door.report", ReportPressed(), style=MAIN), Button("door.mine", MinePressed(0))],
        [Button("door.contacts", ContactsPressed()), Button("door.help", HelpPressed())],
        [Button("door.todo", TodoPressed(0))] if staff else [],
    ]
    return look.message(look.t("start.staff" if staff else "start.hello"), rows)
