"""Which buttons a card has: one table, filtered by the lifecycle, by rights and by the chat."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from handlers._kit import case_presses as presses
from handlers._kit.case_presses import RatePressed
from handlers._kit.views import MAIN, RISKY, Button, Look
from routing import conflicts, hierarchy, lifecycle, readings, rights, whistle
from routing.casework import Deed, event_of, grants_of
from routing.catalogue import TIP_OFF
from routing.events import (
    Approved,
    AssistDone,
    AssistStruck,
    CalledBack,
    CheckedIn,
    Claimed,
    Conferred,
    Dispatched,
    Escalated,
    ExtensionAsked,
    ExtensionRuled,
    HandedOver,
    Merged,
    NoteKind,
    Rated,
    Refused,
    Released,
    Resolved,
    Resumed,
    ReturnAsked,
    ReturnRuled,
    SentBack,
    Split,
    Supervised,
    Suspended,
    Transferred,
    Whistled,
    Withdrawn,
)
from routing.model import Assist, AssistState, Case, CaseId, ChatKind, Post, Rating, RulingKind, Status, Told, UnitCode
from routing.ports import UnitOfWork

RATING_STYLE: Final = {Rating.SATISFIED: MAIN, Rating.FAIR: None, Rating.NOT_SATISFIED: RISKY}
_UNFINISHED: Final = frozenset({Status.RECEIVED, Status.OFFERED, Status.CLAIMED, Status.SUSPENDED})
_ALWAYS: Final = frozenset(Status)
_NEW: Final = frozenset({Status.RECEIVED, Status.OFFERED})
MANY: Final = 6
"""A card with more actions than these keeps the rare ones behind 更多."""
WIDE: Final = 3
"""How many buttons stand beside one another on a card with many."""


@dataclass(frozen=True, slots=True)
class Action:
    """One button: what it is called, what it does, and where it may stand.

    Args:
        key: Of its label.
        deed: Shown when the lifecycle knows it in this status and the reader has a right to it.
        press: Makes its payload.
        row: Buttons of one row share a number.
        style: Marks the main or the risky one.
        public: Whether it stands in the residents' chat of the holding grid, or of the grid whose micro-grid holds it,
            too, where all see it and few may use it.
        rare: The statuses in which it is seldom wanted: on a card with many buttons it stands behind 更多 then.
        only: The statuses in which it makes sense, when the lifecycle knows it in more.
        when: What else must be so, of the case and for the reader.
    """

    key: str
    deed: Deed
    press: Callable[[CaseId], object]
    row: int
    style: str | None = None
    public: bool = False
    rare: frozenset[Status] = frozenset()
    only: frozenset[Status] = frozenset(Status)
    when: Callable[[Look, Case], bool] = lambda _look, _case: True

    @property
    def name(self) -> str:
        """What a policy calls it."""
        return self.key.removeprefix("act.")


def _return_waits(_look: Look, case: Case) -> bool:
    return case.ruling is RulingKind.RETURN


def _reviews(look: Look, case: Case) -> bool:
    return bool(rights.reviewing_units(look.uow, case) & _units_of_reader(look))


def _extension_waits(_look: Look, case: Case) -> bool:
    return case.ruling is RulingKind.EXTENSION


def _goes_up(look: Look, case: Case) -> bool:
    """At the top nothing is above."""
    return conflicts.clear(look.uow.units, case.accused).above(case.unit) is not None


def _may_return(look: Look, case: Case) -> bool:
    """Once per unit, and never by one that was designated; whether it is too late the press is told."""
    free = case.ruling is None and not case.designated and case.unit not in case.returned_by
    return free and _goes_up(look, case)


def _may_extend(look: Look, case: Case) -> bool:
    """As often as the policy allows, of a date that was given and has not passed."""
    dated = case.ruling is None and case.due_at is not None and not case.overdue
    return dated and case.extensions < look.uow.policy.most_extensions and _goes_up(look, case)


def _may_suspend(look: Look, case: Case) -> bool:
    return case.ruling is None and case.suspensions < look.uow.policy.most_suspensions


def _may_transfer(look: Look, case: Case) -> bool:
    """Where somebody stands beside it; what a unit has to keep is only for those above it to pass on."""
    kept = case.designated or case.handovers >= look.uow.policy.most_handovers
    own = kept and case.unit in _units_of_reader(look)
    return not own and bool(hierarchy.siblings(look.uow, case))


def _part(_look: Look, case: Case) -> bool:
    return case.parent is not None


def _whole(_look: Look, case: Case) -> bool:
    return case.parent is None


def _may_skip(look: Look, case: Case) -> bool:
    may = look.uow.policy.rungs.skip_by
    here = any(scope is rights.Scope.OWN and post in may for scope, post in _standings(look, case))
    return here and bool(hierarchy.higher(look.uow, case))


def _to_claim(look: Look, case: Case) -> bool:
    """While nobody has it; and for whom the clock gave it to, until they accept."""
    accepts = case.pending and not look.public and look.chat.person in (None, case.holder)
    return case.status is Status.OFFERED or accepts


def _to_strike(look: Look, case: Case) -> bool:
    return bool(case.assists) and bool(whistle.strikable(look.uow, case, _units_of_reader(look)))


def _to_check_in(look: Look, case: Case) -> bool:
    return any(one.state in (AssistState.WHISTLED, AssistState.ABSENT) for one in _assists_of_reader(look, case))


def _to_finish(look: Look, case: Case) -> bool:
    return any(not one.over for one in _assists_of_reader(look, case))


def _assists_of_reader(look: Look, case: Case) -> list[Assist]:
    """What the reader's own units were called for."""
    units = _units_of_reader(look)
    return [one for one in case.assists if one.unit in units]


def _units_of_reader(look: Look) -> set[UnitCode]:
    """The unit of the desk, or in private those where the reader has a post."""
    person = look.chat.person
    if person is None:
        return {look.chat.unit} if look.chat.unit is not None else set()
    return {one.unit for one in look.uow.people.posts_of(person)}


ACTIONS: Final[Sequence[Action]] = (
    Action("act.claim", Claimed, presses.ClaimPressed, 1, MAIN, public=True, when=_to_claim),
    Action("act.resolve", Resolved, presses.ResolvePressed, 1, MAIN, public=True),
    Action("act.approve", Approved, presses.ApprovePressed, 1, MAIN, when=_reviews),
    Action("act.reject", SentBack, presses.RejectPressed, 1, RISKY, when=_reviews),
    Action("act.approve", ReturnRuled, presses.ReturnAccepted, 1, MAIN, when=_return_waits),
    Action("act.reject", ReturnRuled, presses.ReturnRefused, 1, RISKY, when=_return_waits),
    Action("act.approve", ExtensionRuled, presses.ExtensionGranted, 1, MAIN, when=_extension_waits),
    Action("act.reject", ExtensionRuled, presses.ExtensionRefused, 1, RISKY, when=_extension_waits),
    Action("act.resume", Resumed, presses.ResumePressed, 1, MAIN),
    Action("act.check_in", CheckedIn, presses.CheckInPressed, 1, MAIN, when=_to_check_in),
    Action("act.assist_done", AssistDone, presses.AssistDonePressed, 1, when=_to_finish),
    Action("act.dispatch", Dispatched, presses.DispatchPressed, 2),
    Action("act.hand_over", HandedOver, presses.HandOverPressed, 2, rare=_ALWAYS),
    Action("act.release", Released, presses.ReleasePressed, 2, rare=_ALWAYS),
    Action("act.escalate", Escalated, presses.EscalatePressed, 3, when=_goes_up),
    Action("act.skip", Escalated, presses.SkipPressed, 3, rare=_ALWAYS, when=_may_skip),
    Action("act.transfer", Transferred, presses.TransferPressed, 3, rare=_ALWAYS, when=_may_transfer),
    Action("act.return", ReturnAsked, presses.ReturnPressed, 3, rare=_ALWAYS - _NEW, when=_may_return),
    Action("act.ask", NoteKind.QUESTION, presses.AskPressed, 4, rare=_NEW),
    Action("act.note", NoteKind.NOTE, presses.NotePressed, 4, rare=_NEW),
    Action("act.correct", NoteKind.CORRECTION, presses.CorrectPressed, 4, rare=_ALWAYS, only=_UNFINISHED),
    Action("act.extend", ExtensionAsked, presses.ExtendPressed, 5, rare=_ALWAYS, when=_may_extend),
    Action("act.suspend", Suspended, presses.SuspendPressed, 5, rare=_ALWAYS, when=_may_suspend),
    Action("act.whistle", Whistled, presses.WhistlePressed, 5),
    Action("act.strike", AssistStruck, presses.StrikePressed, 5, rare=_ALWAYS, when=_to_strike),
    Action("act.meet", Conferred, presses.MeetPressed, 5, rare=_ALWAYS),
    Action("act.split", Split, presses.SplitPressed, 5, rare=_ALWAYS),
    Action("act.merge", Merged, presses.MergePressed, 6, rare=_ALWAYS, when=_whole),
    Action("act.conflict", NoteKind.CONFLICT, presses.ConflictPressed, 6, rare=_ALWAYS, only=_UNFINISHED),
    Action("act.supervise", Supervised, presses.SupervisePressed, 6),
    Action("act.refuse", Refused, presses.RefusePressed, 6, RISKY, rare=_ALWAYS - {Status.RECEIVED}),
    Action("act.more", NoteKind.MORE, presses.MorePressed, 7, only=_UNFINISHED),
    Action("act.withdraw", Withdrawn, presses.WithdrawPressed, 7, RISKY, only=_UNFINISHED, when=_whole),
    Action("act.drop_part", Withdrawn, presses.DropPartPressed, 7, RISKY, when=_part),
)
"""Adding a button is adding a line."""


def rows(look: Look, case: Case, *, staff: bool, media: int) -> list[list[Button]]:
    """The keyboard of the card in this chat; of many actions the rare ones only when somebody unfolded them.

    Args:
        look: Who reads; its parameter ``unfolded`` says that somebody did.
        case: What about.
        staff: Whether the reader sees the case unmasked.
        media: How many attachments may be looked at.
    """
    public, home = look.public, rights.speaks_in(look.uow, case.unit, look.chat.unit)
    known = [one for one in actions(look, case) if not public or (one.public and home)]
    rare = {one.key for one in known if case.status in one.rare and one.name not in look.uow.policy.buttons.first}
    folds = len(known) > MANY and bool(rare)
    unfolded = bool(look.params.get("unfolded"))
    shown = [one for one in known if not folds or unfolded or one.key not in rare]
    made = _packed(case, shown) if folds else [_row(case, row) for _, row in groupby(shown, key=lambda one: one.row)]
    if case.status is Status.AWAITING_RATING and (public or Rated in _allowed(look, case)):
        made.insert(0, rating_row(lambda rating: RatePressed(case.id, rating)))
    if case.calling is not None and not public and CalledBack in _allowed(look, case):
        made[:0] = calling_rows(case.id)
    last = [Button("act.me_too", presses.MeTooPressed(case.id))] if public and case.status in _UNFINISHED else []
    if media and not public:
        last.append(Button("act.media", presses.MediaPressed(case.id), values={"count": media}))
    if staff and not public and _may_contact(look, case):
        last.append(Button("act.contact", presses.ContactPressed(case.id)))
    if public or staff or look.chat.person == case.reporter:
        last.append(Button("act.details", presses.DetailsPressed(case.id)))
    if folds:
        fold, unfold = presses.FoldPressed(case.id), presses.UnfoldPressed(case.id)
        last.append(Button("act.fold", fold) if unfolded else Button("act.unfold", unfold))
    return [*made, *_spread(last)]


def _row(case: Case, row: Iterable[Action]) -> list[Button]:
    return [Button(action.key, action.press(case.id), action.style) for action in row]


def _packed(case: Case, shown: Sequence[Action]) -> list[list[Button]]:
    """The main ones in a row of their own, the rest below."""
    main, rest = (_row(case, [one for one in shown if (one.row == 1) is first]) for first in (True, False))
    return [main, *_spread(rest)]


def _spread(buttons: list[Button]) -> list[list[Button]]:
    """The buttons in as few rows as hold them, of about one length, so that a phone shows every label whole."""
    rows_needed = -(-len(buttons) // WIDE)
    bounds = [len(buttons) * step // rows_needed for step in range(rows_needed + 1)] if buttons else []
    return [buttons[start:end] for start, end in pairwise(bounds)]


def _may_contact(look: Look, case: Case) -> bool:
    """Whether somebody here may open how the reporter can be reached."""
    if case.reporter is None:
        return False
    if look.chat.person is not None:
        return look.chat.person != case.reporter and readings.knows_reporter(look.uow, look.chat.person, case)
    if case.kind == TIP_OFF:
        return look.chat.unit == case.accepted
    return bool(rights.CONTACTING & set(_standings(look, case)))


def actions(look: Look, case: Case) -> Iterator[Action]:
    """Actions that both the lifecycle and the reader's rights give now, in the order of the table."""
    possible = lifecycle.possible(case.status) - look.uow.policy.buttons.barred
    allowed = {action.deed for action in ACTIONS if action.public} if look.public else _allowed(look, case)
    for action in ACTIONS:
        known = event_of(action.deed) in possible and case.status in action.only
        if known and action.deed in allowed and action.when(look, case):
            yield action


def rating_row(press: Callable[[Rating], object]) -> list[Button]:
    """满意 · 基本满意 · 不满意."""
    return [Button(f"act.{rating.value}", press(rating), RATING_STYLE[rating]) for rating in Rating]


def calling_rows(case: CaseId) -> list[list[Button]]:
    """What a silent reporter said when they were called, or that they were not reached."""
    style = {Told.NOT_SATISFIED: RISKY}
    made = [Button(f"act.told_{told.value}", presses.CalledPressed(case, told), style.get(told)) for told in Told]
    return [made[:2], made[2:]]


def _allowed(look: Look, case: Case) -> frozenset[Deed]:
    held = frozenset(_standings(look, case)) - {(rights.Scope.ANYBODY, None)}
    deeds: list[Deed] = [*(action.deed for action in ACTIONS), Rated, CalledBack]
    return frozenset(deed for deed in deeds if grants_of(deed) & held)


def _standings(look: Look, case: Case) -> Iterator[rights.Grant]:
    """How the reader stands to the case; at a desk, whoever has a post in its unit and need not stay out of it."""
    if look.chat.kind is ChatKind.PRIVATE and look.chat.person is not None:
        for scope, one in rights.standings(look.uow, look.chat.person, case):
            yield scope, one.post if one else None
    elif look.chat.kind is ChatKind.DESK and look.chat.unit is not None:
        if conflicts.barred(look.uow.units, case, look.chat.unit):
            return
        posts = [one for one in look.uow.people.staff_of(look.chat.unit) if one.person not in case.accused_people]
        for scope in _scopes_of_desk(look.uow, case, look.chat.unit):
            yield from (
                (scope, one.post) for one in posts if scope is not rights.Scope.HOLDER or one.person == case.holder
            )
        if any(rights.stands_in(look.uow, case, one) for one in posts):
            yield rights.Scope.STANDING_IN, Post.LEADER


def _scopes_of_desk(uow: UnitOfWork, case: Case, unit: UnitCode) -> Iterator[rights.Scope]:
    """How whoever has a post in *unit* stands to the case."""
    if unit == case.unit:
        yield rights.Scope.OWN
        yield rights.Scope.HOLDER
    elif unit in {above.code for above in uow.units.path(case.unit)[1:]}:
        yield rights.Scope.ABOVE
    if any(assist.unit == unit for assist in case.assists):
        yield rights.Scope.ASSIST
    if unit in rights.reach_of_whole(uow, case):
        yield rights.Scope.WHOLE
    if unit in case.rulers:
        yield rights.Scope.RULING
    if unit == case.calling:
        yield rights.Scope.CALLING
