"""The whole story of a case: every word, every move, every attachment, as far as the reader may know it."""

from typing import Final

from handlers._kit import albums
from handlers._kit.html import tame
from handlers._kit.naming import public_name
from handlers._kit.registry import view
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from handlers.card import phrases, why
from handlers.card.phrases import Side
from routing import readings, replies
from routing.events import CalledBack, DeadlinePassed, Event, Noted, NoteKind, Rated
from routing.model import Case, CaseId, Media, PersonId, Words, WordsId, WordsKind

RECENT: Final = 4
SAID: Final = 60
"""How much of somebody's words a line of history shows, in characters."""
STAFF_ONLY: Final = frozenset({WordsKind.NOTE, WordsKind.REASON, WordsKind.MINUTES})


@view("details")
def details(look: Look) -> Outgoing | None:
    """Everything, in one message or several; nothing where neighbours read along."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    side = side_of(look, case)
    if side is Side.PUBLIC:
        return None
    lines = [
        Html(f"📄 {phrases.title(look, case)}"),
        phrases.standing(look, case),
        phrases.whose(look, case),
        phrases.due(look, case),
        phrases.ruling(look, case) if side is Side.STAFF else None,
        phrases.called(look, case) if side is Side.STAFF else None,
        phrases.assists(look, case, Side.STAFF) if side is Side.STAFF else None,
        phrases.parts(look, case, side),
        phrases.counts(look, case),
        place_line(look, case),
        phrases.reporter_line(look, case, side, masked="reading" in look.params) if side is Side.STAFF else None,
        look.t("details.words"),
        *(_said(look, case, words) for words in words_of(look, case, side)),
        look.t("details.history"),
        *history(look, case, side),
        look.t("why.head"),
        *why.lines(look, case),
        look.t("details.rule", rule=case.rule, policy=case.policy) if side is Side.STAFF else None,
    ]
    return look.message(Html("\n".join(line for line in lines if line)))


def side_of(look: Look, case: Case) -> Side:
    """On which side the reader stands; an observer on that of staff, for the reading that was written down."""
    reading = look.params.get("reading")
    if reading is None:
        return phrases.side_of(look, case)
    held = readings.holds(look.uow, int(str(reading)), look.chat.person, case)
    return Side.STAFF if held is not None else Side.PUBLIC


@view("media")
def media(look: Look) -> Outgoing | None:
    """Every attachment again: photos and videos as albums, the rest one by one."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    shown = media_of(look, case, side_of(look, case))
    caption = look.t("details.media", number=case.number)
    scenes = [one for one in shown if one.bot == look.chat.bot and one.kind in albums.SCENES]
    rest = [one for one in shown if one not in scenes]
    calls = [*albums.albums(scenes, caption), *albums.singles(look, rest, caption)]
    return Outgoing(calls[0].method, calls[0].params, tuple(calls[1:])) if calls else None


def media_of(look: Look, case: Case, side: Side) -> list[Media]:
    """Attachments that the reader may see and this bot can show."""
    return [one for words in words_of(look, case, side) for one in words.media if look.carries(one)]


def words_of(look: Look, case: Case, side: Side) -> list[Words]:
    """What was written about the case. A reporter reads no notes, and of the replies what was let out (law 8)."""
    if side is Side.PUBLIC:
        return []
    said = look.uow.words.of(case.id)
    if side is Side.STAFF:
        return list(said)
    mine = [one for one in said if one.kind not in STAFF_ONLY or one.author == case.reporter]
    return replies.readable(look.uow, case, mine)


def history(look: Look, case: Case, side: Side, last: int | None = None) -> list[Html]:
    """What happened, oldest first: when, what, by whom, and for staff the beginning of what was written.

    With *last* only that many lines, and none about clocks that rang: the card says by itself what is late.
    """
    events = [entry.event for entry in look.uow.log.of(case.id) if side is Side.STAFF or not _internal(entry.event)]
    if last is not None:
        events = [event for event in events if not isinstance(event, DeadlinePassed)][-last:]
    return [_line(look, case, event, side) for event in events]


def place_line(look: Look, case: Case) -> Html | None:
    """Where it is, in full."""
    place = case.place.building
    if case.place.latitude is not None and case.place.longitude is not None:
        link = f"https://www.openstreetmap.org/?mlat={case.place.latitude}&mlon={case.place.longitude}"
        shown = look.t("card.text", text=tame(place) or f"{case.place.latitude:.5f}, {case.place.longitude:.5f}")
        return look.t("card.place", place=Html(f'<a href="{link.replace("&", "&amp;")}">{shown}</a>'))
    return look.t("card.place", place=tame(place)) if place else None


def _internal(event: Event) -> bool:
    return isinstance(event, Noted) and event.kind in (NoteKind.NOTE, NoteKind.CORRECTION, NoteKind.CONFLICT)


def _line(look: Look, case: Case, event: Event, side: Side) -> Html:
    name = f"noted.{event.kind.value}" if isinstance(event, Noted) else f"happened.{type(event).__name__}"
    who = look.t("details.clock") if event.by is None else look.t("card.text", text=_name(look, case, event.by))
    line = look.t("details.line", when=look.when(event.at), what=look.t(name), who=who)
    if isinstance(event, Rated):
        return Html(f"{line}{look.t('details.quoted', text=look.t(f'rating.{event.rating.value}'))}")
    if isinstance(event, CalledBack):
        line = Html(f"{line}{look.t('details.quoted', text=look.t(f'told.{event.told.value}'))}")
    text = _text(look, case, event.words) if side is Side.STAFF else ""
    return Html(f"{line}{look.t('details.quoted', text=phrases.shortened(text, SAID))}") if text else line


def _text(look: Look, case: Case, words: WordsId | None) -> str:
    found = look.uow.words.get(words) if words is not None else None
    return " ".join(tame(phrases.guarded(look, case, found.text)).split()) if found else ""


def _name(look: Look, case: Case, person: PersonId) -> str:
    if person == case.reporter:
        return look.t("details.reporter")
    return public_name(look.uow, person, look.lang)


def _said(look: Look, case: Case, words: Words) -> Html:
    who = _name(look, case, words.author) if words.author is not None else ""
    line = look.t("details.said", when=look.when(words.at), kind=look.t(f"words.{words.kind.value}"), who=who)
    attached = look.t("details.attached", count=len(words.media)) if words.media else ""
    return Html(f"{line}{attached}\n{look.t('card.text', text=tame(phrases.guarded(look, case, words.text)))}".rstrip())
