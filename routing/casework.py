"""What people write while a case is worked on: notes, questions, answers, results, reasons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routing import desk, emergency, lifecycle, refusals, rights, telling
from routing.events import CalledBack, Dispatched, Event, HandedOver, Noted, NoteKind, Rated, Resolved, SentBack
from routing.model import Case, CaseId, ChatId, Media, MediaKind, PersonId, Rating, Told, UnitCode, WordsId, WordsKind
from routing.ports import Prompt, UnitOfWork

ANSWER_LIFE: Final = timedelta(days=7)
"""How long a reply to a question still counts as its answer; the clock that waits for it is the policy's."""
EVIDENCE: Final = frozenset({MediaKind.PHOTO, MediaKind.VIDEO, MediaKind.DOCUMENT})
"""What counts as a photo; people send pictures as files, too."""
_KEPT_AS: Final = {
    NoteKind.NOTE: WordsKind.NOTE,
    NoteKind.QUESTION: WordsKind.QUESTION,
    NoteKind.ANSWER: WordsKind.ANSWER,
    NoteKind.MORE: WordsKind.MORE,
}
Deed = type[Event] | NoteKind
"""What a person may do to a case: cause an event, or add one kind of note."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody wrote or sent about a case, and as which message."""

    text: str
    media: tuple[Media, ...] = ()
    chat: ChatId | None = None
    message_id: int | None = None

    @property
    def photos(self) -> int:
        """How many attachments could be evidence."""
        return sum(one.kind in EVIDENCE for one in self.media)


def event_of(deed: Deed) -> type[Event]:
    """The event that a deed is."""
    return Noted if isinstance(deed, NoteKind) else deed


def grants_of(deed: Deed) -> frozenset[rights.Grant]:
    """Who may do it."""
    return desk.NOTE_GRANTS[deed] if isinstance(deed, NoteKind) else rights.GRANTS.get(deed, frozenset())


def check(uow: UnitOfWork, case: Case, person: PersonId, deed: Deed) -> None:
    """Refuse before anybody is asked for words that could not be used.

    Raises:
        NotYours: they have no right to it.
        NotHolder: only whoever holds the case may resolve it.
        NotNow: the status does not allow it.
        NotInUse: nobody does that in this town.
    """
    event = event_of(deed)
    if event in uow.policy.buttons.barred:
        raise refusals.NotInUse
    if event not in lifecycle.possible(case.status):
        raise refusals.NotNow(case.status, event.__name__)
    if event is Resolved and case.holder != person:
        raise refusals.NotHolder
    rights.capacity(uow, person, case, grants_of(deed))


def can(uow: UnitOfWork, case: Case, person: PersonId, deed: Deed) -> bool:
    """Whether `check` lets it pass."""
    try:
        check(uow, case, person, deed)
    except refusals.Refusal:
        return False
    return True


def keep(uow: UnitOfWork, case: CaseId, kind: WordsKind, by: PersonId, saying: Saying, at: datetime) -> WordsId:
    """Keep what was said.

    Raises:
        NothingSaid: neither text nor attachment.
    """
    if not saying.text.strip() and not saying.media:
        raise refusals.NothingSaid
    return uow.words.put(case, kind, by, at, saying.text, saying.media, saying.chat, saying.message_id)


def add(uow: UnitOfWork, case: CaseId, kind: NoteKind, by: PersonId, saying: Saying, at: datetime) -> Case:
    """A note, an answer or something more from the reporter. A danger named by the reporter makes the case urgent."""
    words = keep(uow, case, _KEPT_AS[kind], by, saying, at)
    urgent = kind in (NoteKind.MORE, NoteKind.ANSWER) and uow.catalogue.classify(saying.text).urgent
    return desk.move(uow, case, Noted(at=at, by=by, kind=kind, words=words, urgent=urgent))


def ask(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """Put a question to the reporter, who answers by replying to it (in private by simply writing).

    Raises:
        ReporterUnknown: there is no chat in which they could be asked.
    """
    moved = add(uow, case, NoteKind.QUESTION, by, saying, at)
    chat = telling.reporters_chat(uow, moved)
    if chat is None or moved.reporter is None:
        raise refusals.ReporterUnknown
    key = telling.sentence(moved, "tell.question", at)
    uow.notebook.ask(Prompt(key, moved.reporter, chat.id, "answer", moved.id, at, at + ANSWER_LIFE))
    return moved


def resolve(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """It is done: the result in words, with photos where the class asks for evidence."""
    words = keep(uow, case, WordsKind.SOLUTION, by, saying, at)
    return desk.move(uow, case, Resolved(at=at, by=by, words=words, photos=saying.photos))


def lacks_evidence(uow: UnitOfWork, case: Case, saying: Saying) -> bool:
    """Whether this class of case asks for a photo that *saying* does not bring."""
    return desk.facts(uow, case).needs_evidence and uow.policy.evidence and saying.photos == 0


def solution(uow: UnitOfWork, case: Case) -> str:
    """What the handler wrote at the last closing, the captions of an album's later parts included."""
    first = uow.words.get(case.solution) if case.solution is not None else None
    if first is None:
        return ""
    said = [words.text for words in uow.words.of(case.id, WordsKind.SOLUTION) if words.id >= first.id and words.text]
    return "\n".join(said)


def call_back(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, told: Told) -> Case:
    """The silent reporter was called: what they said in a word, and in those of whoever called."""
    kind = WordsKind.REASON if told is Told.NOT_SATISFIED else WordsKind.NOTE
    words = keep(uow, case, kind, by, saying, at)
    return desk.move(uow, case, CalledBack(at=at, by=by, words=words, told=told))


def reject(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """The reviewer sends it back, with a reason."""
    words = keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, SentBack(at=at, by=by, words=words))


def comment(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """What the reporter adds to a rating. It moves nothing: the log holds moves, the words stand beside them.

    Raises:
        NotReporter: somebody else wrote it.
    """
    current = uow.cases.get(case)
    if not rights.may(uow, by, current, rights.GRANTS[Rated]):
        raise refusals.NotReporter
    kind = WordsKind.REASON if current.rating_final is Rating.NOT_SATISFIED else WordsKind.COMMENT
    keep(uow, case, kind, by, saying, at)
    telling.show(uow, current, at, mark=f":comment:{at.isoformat()}")
    return current


def hand_over(uow: UnitOfWork, case: CaseId, by: PersonId, to: PersonId, at: datetime) -> Case:
    """A colleague takes over."""
    return desk.move(uow, case, HandedOver(at=at, by=by, to=to))


def correct(uow: UnitOfWork, case: CaseId, by: PersonId, matter: str, at: datetime) -> Case:
    """Staff say what it is about; the log keeps the correction beside the machine's word."""
    return desk.move(uow, case, Noted(at=at, by=by, kind=NoteKind.CORRECTION, matter=matter))


def dispatch(uow: UnitOfWork, case: CaseId, by: PersonId, to: UnitCode, at: datetime) -> Case:
    """Give the case to a unit below the one in which *by* acts (law 3).

    Raises:
        NotYours: they may not dispatch it.
        NotBelow: the unit is not below theirs.
    """
    acting = acting_unit(uow, uow.cases.get(case), by, Dispatched)
    if to not in {unit.code for unit in uow.units.below(acting)}:
        raise refusals.NotBelow
    stamp = emergency.stamp(uow.policy, uow.units, to)
    given = Dispatched(at=at, by=by, unit=acting, to=to, rule="person:dispatch", policy=stamp)
    return desk.move(uow, case, given)


def acting_unit(uow: UnitOfWork, case: Case, person: PersonId, deed: Deed) -> UnitCode:
    """The unit whose post lets *person* do *deed*: of several the one that the chat implies, else the highest.

    Raises:
        NotYours: none does.
    """
    units = [unit for unit, _ in rights.capacities(uow, person, case, grants_of(deed)) if unit is not None]
    if not units:
        raise refusals.NotYours
    implied = rights.implied_unit(uow) if len(units) > 1 else None
    return implied if implied in units else min(units, key=lambda code: len(uow.units.path(code)))


def hear(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """Take what the reporter writes: the answer to an open question, else something more."""
    kind = NoteKind.ANSWER if uow.cases.get(case).waiting else NoteKind.MORE
    return add(uow, case, kind, by, saying, at)


def note(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """Keep what staff write for one another; of the holder it is a sign of life."""
    return add(uow, case, NoteKind.NOTE, by, saying, at)
