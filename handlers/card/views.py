"""The card: one message per case and chat, edited in place, the same case seen from three sides."""

from handlers._kit.cards import first_call
from handlers._kit.naming import status_name
from handlers._kit.registry import view
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from handlers.card import buttons, phrases, story
from handlers.card.phrases import Side
from routing.model import Case, CaseId


@view("card")
def card(look: Look) -> Outgoing:
    """The case as this chat may see it, with what can be done about it here."""
    case = case_of(look)
    side = phrases.side_of(look, case)
    if side is Side.PUBLIC and case.confidential:
        return look.message(look.t("card.hidden", number=case.number, status=status_name(case, look.lang)))
    lines = {Side.PUBLIC: _public, Side.REPORTER: _reporter, Side.STAFF: _staff}[side](look, case)
    text = Html("\n".join(line for line in lines if line))
    media = len(story.media_of(look, case, side))
    return look.message(text, buttons.rows(look, case, staff=side is Side.STAFF, media=media))


@view("card_here")
def card_here(look: Look) -> Outgoing:
    """A line that answers the card, so that a tap leads up to it."""
    case = case_of(look)
    return look.message(look.t("card.here", number=case.number, status=status_name(case, look.lang)))


def case_of(look: Look) -> Case:
    """The case that the promise is about."""
    return look.uow.cases.get(CaseId(int(str(look.params["case"]))))


def _public(look: Look, case: Case) -> list[Html | None]:
    return [
        phrases.title(look, case),
        first_call(look, case),
        phrases.standing(look, case),
        phrases.whose(look, case),
        phrases.due(look, case),
        phrases.counts(look, case),
        phrases.parts(look, case, Side.PUBLIC),
        phrases.quoted(look, phrases.public_report(look, case), phrases.LONG),
        phrases.reporter_line(look, case, Side.PUBLIC),
    ]


def _reporter(look: Look, case: Case) -> list[Html | None]:
    return [
        phrases.title(look, case),
        first_call(look, case),
        phrases.stages(look, case),
        phrases.standing(look, case),
        phrases.whose(look, case),
        phrases.due(look, case),
        phrases.assists(look, case, Side.REPORTER),
        phrases.counts(look, case),
        phrases.parts(look, case, Side.REPORTER),
        phrases.quoted(look, phrases.report_text(look, case), phrases.LONG),
        phrases.answered(look, case),
        look.t("card.secret") if case.confidential else None,
    ]


def _staff(look: Look, case: Case) -> list[Html | None]:
    return [
        phrases.title(look, case),
        phrases.standing(look, case),
        phrases.whose(look, case),
        phrases.due(look, case),
        phrases.ruling(look, case),
        phrases.called(look, case),
        phrases.records(look, case),
        phrases.assists(look, case, Side.STAFF),
        phrases.parts(look, case, Side.STAFF),
        phrases.counts(look, case),
        story.place_line(look, case),
        phrases.quoted(look, phrases.report_text(look, case), phrases.LONG),
        phrases.reporter_line(look, case, Side.STAFF),
        look.t("card.secret") if case.confidential else None,
        *story.history(look, case, Side.STAFF, last=story.RECENT),
    ]
