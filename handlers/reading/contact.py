"""联系方式: who reported a case and where they live, for whoever may know; each opening is written down."""

from datetime import datetime

from handlers._kit.cards import mention, on_card_press
from handlers._kit.case_presses import ContactPressed
from handlers._kit.context import GridContext, to
from handlers._kit.html import tame
from handlers._kit.registry import view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing import readings
from routing.catalogue import TIP_OFF
from routing.model import Case, CaseId, WordsKind
from routing.ports import Lane, UnitOfWork


@on_card_press(ContactPressed)
async def open_contact(press: ContactPressed, ctx: GridContext) -> None:
    """Send it where only the presser reads it."""
    await ctx.toast(await ctx.work(_open, ctx.here, press.case, ctx.now))


def _open(uow: UnitOfWork, here: Said | Pressed, case: CaseId, at: datetime) -> str:
    private = uow.chats.private(here.person)
    if private is None:
        return "contact.start_me"
    reading = readings.open_contact(uow, case, here.person, at)
    to(uow, private.id, f"contact:{reading.id}", "contact", Lane.ANSWER, case=case, reading=reading.id)
    return "contact.in_private"


@view("contact")
def contact(look: Look) -> Outgoing | None:
    """Name, home and a link to them; of a tip-off also what it says in full. Nothing for anybody but the reader."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    if readings.holds(look.uow, int(str(look.params["reading"])), look.chat.person, case) is None:
        return None
    known = look.uow.people.get(case.reporter) if case.reporter is not None else None
    if known is None:
        return None
    lines = [
        look.t("contact.head", number=case.number),
        look.t("contact.name", name=mention(look.uow, case.reporter, tame(known.name))),
        look.t("contact.home", home=_home(look, case)),
        look.t("contact.said", text=tame(_said(look, case))) if case.kind == TIP_OFF else None,
        look.t("contact.logged"),
    ]
    return look.message(Html("\n".join(line for line in lines if line)))


def _home(look: Look, case: Case) -> str:
    home = look.uow.people.household_of(case.reporter) if case.reporter is not None else None
    return " ".join((home.building, home.unit_no, home.room)) if home else look.t("contact.no_home")


def _said(look: Look, case: Case) -> str:
    return "\n".join(one.text for one in look.uow.words.of(case.id, WordsKind.REPORT) if one.text)
