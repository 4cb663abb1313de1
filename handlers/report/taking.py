"""A report from a group: whose it is, whether it is known already, and what is answered besides the card."""

from datetime import datetime

from handlers._kit.context import answer
from handlers._kit.said import Said, There
from handlers.report.reading import Material
from routing import drafting, filing, offers
from routing.albums import Intent, Part, add_part
from routing.filing import Addition, Report
from routing.hints import names_danger
from routing.masking import mask_name
from routing.model import Case, PersonId, Place, UnitCode, Urgency
from routing.parcels import too_big
from routing.ports import Lane, Promise, UnitOfWork


def explain(uow: UnitOfWork, said: Said, bot: str) -> None:
    """Say how to report, with a link to the private draft; what answers that line is a report."""
    grid = filing.grid_of_chat(uow, said.chat)
    carrier = f"howto:{said.chat}:{said.message_id}"
    uow.outbox.promise(
        Promise(
            key=carrier,
            chat=said.chat,
            view="howto",
            params={"bot": bot, "start": drafting.invitation(uow, grid)},
            carrier=carrier,
            lane=Lane.ANSWER,
            reply_to=said.message_id,
        )
    )


def take(uow: UnitOfWork, said: Said, material: Material, bot: str, at: datetime) -> Case:
    """File what somebody reports in a group, or count them in when that message was reported before."""
    grid = filing.grid_of_chat(uow, said.chat)
    known = uow.cases.by_message(said.chat, material.message_id)
    if known is not None:
        own = Material(said.message_id, None, material.remark, said.media)
        if not alarms(uow, known, said.person, own.text):
            return _join(uow, said, known, material, at)
        material = own
    return file(uow, said, material, grid, bot, at)


def file(uow: UnitOfWork, said: There, material: Material, grid: UnitCode, bot: str, at: datetime) -> Case:
    """File what is in *material*, and answer what the card does not."""
    person, beneficiary = _whose(uow, said, material, grid)
    latitude, longitude = material.location or (None, None)
    report = Report(
        person=person,
        grid=grid,
        at=at,
        text="\n".join(filter(None, (material.text, material.remark))),
        media=material.media,
        place=Place(latitude=latitude, longitude=longitude),
        chat=said.chat,
        message_id=material.message_id,
        beneficiary=beneficiary,
    )
    case = filing.file_report(uow, report)
    offers.close(uow, said.chat, material.message_id, case)
    if material.text and material.remark:
        _follow_edits(uow, said, material, at)
    if case.confidential:
        filing.acknowledge_quietly(uow, case, said.chat, said.message_id, bot)
    if too_big(material.media):
        answer(uow, said, "say", {"key": "report.big_file"})
    return case


def _follow_edits(uow: UnitOfWork, said: There, material: Material, at: datetime) -> None:
    """A report of two messages must know which line came as which."""
    words = uow.words.at(said.chat, material.message_id)
    if words is not None:
        filing.keep_part(uow, words.id, said.chat, material.message_id, said.person, material.text, at)
        filing.keep_part(uow, words.id, said.chat, said.message_id, said.person, material.remark, at)


def _whose(uow: UnitOfWork, said: There, material: Material, grid: UnitCode) -> tuple[PersonId, str | None]:
    """The reporter, and the masked author when a neighbour reports for them.

    Staff who point at a resident's message report in the resident's name: nobody rates their own work.
    """
    author = material.author
    if author is None:
        return said.person, None
    writer = uow.people.meet(author.id, author.full_name, author.language_code)
    if writer.id == said.person:
        return said.person, None
    if filing.is_staff(uow, said.person, grid):
        return writer.id, None
    return said.person, mask_name(author.full_name)


def alarms(uow: UnitOfWork, case: Case, person: PersonId, text: str) -> bool:
    """Whether a neighbour tells of a danger that *case* does not know: then it is a report, not one voice more."""
    known = case.open and case.urgency is Urgency.URGENT
    return not known and filing.adds_as(uow, case, person) is None and names_danger(text, uow.catalogue)


def _join(uow: UnitOfWork, said: Said, case: Case, material: Material, at: datetime) -> Case:
    """The message is a case already: its reporter or staff add to it, a neighbour counts as "me too"."""
    if filing.adds_as(uow, case, said.person) is not None:
        if material.remark or said.media:
            return add(uow, said, case, material.remark, at)
        answer(uow, said, "say", {"key": "report.known", "number": case.number})
        return case
    joined = filing.me_too(uow, case.id, said.person, at)
    answer(uow, said, "say", {"key": "report.joined", "number": case.number, "count": joined.me_too})
    return joined


def take_part(
    uow: UnitOfWork, said: Said, text: str, intent: Intent, case: Case | None, bot: str, at: datetime
) -> None:
    """Keep one part of an album until the others are there."""
    part = Part(
        person=said.person,
        chat=said.chat,
        album=said.album or "",
        message_id=said.message_id,
        text=text,
        media=said.media,
        bot=bot,
        intent=intent,
        case=case.id if case else None,
    )
    add_part(uow, part, at)


def add(uow: UnitOfWork, said: Said, case: Case, text: str, at: datetime) -> Case:
    """Add a message to a case and let the writer see that it arrived: a sign in a group, a line in private."""
    addition = Addition(
        person=said.person,
        at=at,
        text=text,
        media=said.media,
        location=said.location,
        chat=said.chat,
        message_id=said.message_id,
    )
    added = filing.add_more(uow, case.id, addition)
    if said.private:
        answer(uow, said, "say", {"key": "report.added", "number": case.number})
    else:
        key = f"seen:{said.chat}:{said.message_id}"
        uow.outbox.promise(Promise(key=key, chat=said.chat, view="seen", params={"message": said.message_id}))
    return added


def find(uow: UnitOfWork, said: Said) -> tuple[Case, bool] | None:
    """The case of the message that *said* answers, and whether its writer may add to it."""
    if said.reply_to is None:
        return None
    case = uow.cases.by_message(said.chat, said.reply_to)
    return None if case is None else (case, filing.adds_as(uow, case, said.person) is not None)


def answers_explanation(uow: UnitOfWork, said: Said) -> bool:
    """Whether *said* answers the line that says how to report."""
    carrier = None if said.reply_to is None else uow.outbox.carrier_of(said.chat, said.reply_to)
    return carrier is not None and carrier.startswith("howto:")


def is_kept(uow: UnitOfWork, said: Said) -> bool:
    """Whether the message belongs to a case, as its report or as words added later."""
    part = uow.notebook.draft(f"part:{said.chat}:{said.message_id}")
    return part is not None or uow.words.at(said.chat, said.message_id) is not None
