"""What is said about reporting besides the card."""

from datetime import datetime

from handlers._kit.cards import bring, first_call
from handlers._kit.context import GridContext
from handlers._kit.links import on_start, private_link
from handlers._kit.naming import readable_value, unit_name
from handlers._kit.registry import collector, view
from handlers._kit.said import Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from handlers._kit.words import Html
from routing import albums, refusals, rights, telling
from routing.model import CaseId
from routing.ports import UnitOfWork

collector(albums.collect)


@view("howto")
def howto(look: Look) -> Outgoing:
    """How to report in this group, with the way to the private draft."""
    link = private_link(str(look.params["bot"]), str(look.params["start"]))
    return look.message(look.t("report.howto"), [[Button("button.report_privately", url=link, style=MAIN)]])


@view("hushed")
def hushed(look: Look) -> Outgoing:
    """The number of a report whose card may not show here, and the way to it."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    said = look.t(
        "report.hushed",
        number=case.number,
        unit=unit_name(look.uow, case.unit),
        when=look.due(case.respond_due_at or case.filed_at),
    )
    text = Html("\n".join(filter(None, (first_call(look, case), said))))
    link = private_link(str(look.params["bot"]), f"c{case.number}")
    return look.message(text, [[Button("button.look_privately", url=link)]])


@view("refused")
def refused(look: Look) -> Outgoing:
    """Why something that nobody waits for, as the end of an album, could not be done."""
    values = {name: value for name, value in look.params.items() if name != "key"}
    said = {name: readable_value(look.uow, name, value, look.lang) for name, value in values.items()}
    return look.message(look.t(str(look.params["key"]), **said))


@view("seen")
def seen(look: Look) -> Outgoing:
    """A sign under a message that was added to its case: no line in the group."""
    reaction = [{"type": "emoji", "emoji": "👌"}]
    return Outgoing("setMessageReaction", {"message_id": look.params["message"], "reaction": reaction})


@on_start("c")
async def look_at_case(start: str, said: Said, ctx: GridContext) -> None:
    """The link under such a number opens the case in private, for whoever may see it."""
    await ctx.work(_look, said, start, ctx.now)


def _look(uow: UnitOfWork, said: Said, start: str, at: datetime) -> None:
    if not (start.isascii() and start.isdigit() and len(start) <= 12):
        raise refusals.LinkOver
    case = uow.cases.by_number(int(start))
    if not rights.sees(uow, said.person, case):
        raise refusals.NoSuchCase
    if said.chat in uow.outbox.carriers(telling.carrier_of(case)) or said.person != case.reporter:
        bring(uow, said, case.id)
    else:
        telling.show(uow, case, at, mark=f":link:{said.message_id}")
