"""The board: the pinned message of a residents' chat, which says what the bot does and opens every door."""

from handlers._kit.doors import ContactsPressed, HelpPressed
from handlers._kit.links import private_link
from handlers._kit.registry import view
from handlers._kit.views import MAIN, Button, Look, Outgoing
from routing.model import Post, UnitCode

WORKERS_SHOWN = 3


@view("board")
def board(look: Look) -> Outgoing:
    """Who looks after this grid and what can be done here; after an unbinding, that it is over."""
    if look.chat.unit is None:
        return look.message(look.t("board.over"))
    bot, start = str(look.params["bot"]), str(look.params["start"])
    unit = look.uow.units.get(look.chat.unit)
    rows = [
        [Button("door.report", url=private_link(bot, start), style=MAIN)],
        [Button("door.mine", url=private_link(bot, "mine")), Button("door.contacts", ContactsPressed())],
        [Button("door.help", HelpPressed()), Button("door.privacy", url=private_link(bot, "privacy"))],
    ]
    return look.message(look.t("board.text", grid=unit.name, workers=_workers(look, unit.code)), rows)


def _workers(look: Look, unit: UnitCode) -> str:
    """The published names of whoever works in the grid."""
    staff = look.uow.people.staff_of(unit)
    names = list(dict.fromkeys(one.name for one in staff if one.post in (Post.WORKER, Post.LEADER)))
    return look.t("board.comma").join(names[:WORKERS_SHOWN]) or look.t("board.nobody")
