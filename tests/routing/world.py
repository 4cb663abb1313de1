"""A small world for the rules: four levels, two grids, two departments, a handful of people."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from routing import conflicts, events
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.events import Event, NoteKind, RefusalReason, ReturnReason, SupervisionKind
from routing.model import (
    Case,
    CaseId,
    Channel,
    PersonId,
    Post,
    Rating,
    Status,
    TimerKind,
    Told,
    Unit,
    UnitCode,
    UnitKind,
    Urgency,
    WordsId,
)
from routing.moves.step import Facts
from routing.policy import Policy

START: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CITY, STREET, COMMUNITY, GRID, GRID2, DEPARTMENT = map(UnitCode, ("1", "11", "111", "1111", "1112", "19"))
REPORTER, LI, ZHANG, CHEN = map(PersonId, (1, 2, 3, 4))
UNITS: Final = {
    one.code: one
    for one in (
        Unit(CITY, "市", "city", None, UnitKind.OFFICE),
        Unit(STREET, "街道", "street", CITY, UnitKind.OFFICE),
        Unit(COMMUNITY, "社区", "community", STREET, UnitKind.OFFICE),
        Unit(GRID, "一网格", "grid", COMMUNITY, UnitKind.BASIC),
        Unit(GRID2, "二网格", "grid", COMMUNITY, UnitKind.BASIC),
        Unit(DEPARTMENT, "住建局", "department", CITY, UnitKind.DEPARTMENT),
    )
}


class FakeTree:
    """The units above, as a rule sees them."""

    def get(self, code: UnitCode) -> Unit:
        """The unit, or `LookupError`."""
        return UNITS[code]

    def above(self, code: UnitCode) -> Unit | None:
        """Its parent."""
        parent = UNITS[code].parent
        return UNITS[parent] if parent else None

    def path(self, code: UnitCode) -> tuple[Unit, ...]:
        """It and everything above."""
        above = self.above(code)
        return (UNITS[code], *(self.path(above.code) if above else ()))


POLICY: Final = Policy.load()
CALENDAR: Final = Calendar.load()
CATALOGUE: Final = Catalogue.load()


def facts(case: Case, *, review: bool = False, open_parts: int = 0, policy: Policy = POLICY) -> Facts:
    """What the rules may know; evidence as the catalogue says."""
    matter = CATALOGUE.matters.get(case.matter)
    return Facts(
        policy=replace(policy, review_required=review),
        calendar=CALENDAR,
        tree=conflicts.clear(FakeTree(), case.accused),
        same_day=bool(matter and matter.same_day),
        needs_evidence=bool(matter and matter.evidence),
        open_parts=open_parts,
        colleagues=frozenset({LI, ZHANG, CHEN}) - set(case.accused_people),
        matters=CATALOGUE.matters,
    )


def fresh(**changes: object) -> Case:
    """A case as it stands before it is filed."""
    case = Case(
        id=CaseId(1),
        number=1,
        status=Status.RECEIVED,
        grid=GRID,
        unit=GRID,
        matter="06028",
        top="enforcement",
        urgency=Urgency.ORDINARY,
        channel=Channel.GROUP,
        filed_at=START,
        reporter=REPORTER,
    )
    return replace(case, **changes)  # type: ignore[arg-type]  # named by the test


_REASON: Final = st.integers(1, 9).map(WordsId)
_PERSON, _UNIT = st.sampled_from([LI, ZHANG, CHEN]), st.sampled_from(list(UNITS))
_FIELDS: Final[Mapping[type[Event], Mapping[str, st.SearchStrategy[object]]]] = {
    events.Dispatched: {"to": _UNIT, "rule": st.just("r"), "policy": st.just("p"), "designated": st.booleans()},
    events.Assigned: {"to": _PERSON, "rule": st.just("r"), "policy": st.just("p")},
    events.HandedOver: {"to": st.one_of(_PERSON, st.just(REPORTER))},
    events.Escalated: {"skip_to": st.one_of(st.none(), _UNIT), "words": _REASON, "post": st.sampled_from(Post)},
    events.ReturnAsked: {"reason": st.sampled_from(list(ReturnReason)), "proposed": st.one_of(st.none(), _UNIT)},
    events.ReturnRuled: {"approve": st.booleans(), "to": st.one_of(st.none(), _UNIT)},
    events.Transferred: {"to": _UNIT},
    events.Whistled: {"units": st.tuples(_UNIT, _UNIT), "place": st.just("东门")},
    events.CheckedIn: {"assist": _UNIT},
    events.AssistDone: {"assist": _UNIT},
    events.AssistStruck: {"assist": _UNIT, "words": _REASON},
    events.ExtensionRuled: {"approve": st.booleans()},
    events.Supervised: {"kind": st.sampled_from(list(SupervisionKind))},
    events.Noted: {
        "kind": st.sampled_from(list(NoteKind)),
        "matter": st.sampled_from(["06028", "01037", "L01", "nonsense"]),
        "urgent": st.booleans(),
        "words": st.one_of(st.none(), st.integers(1, 9).map(WordsId)),
        "accused": st.sampled_from([(), (), (), (COMMUNITY,), (DEPARTMENT, STREET)]),
        "accused_people": st.sampled_from([(), (), (LI,)]),
    },
    events.Resolved: {"words": st.integers(1, 9).map(WordsId), "photos": st.integers(0, 2)},
    events.CalledBack: {"told": st.sampled_from(list(Told)), "words": _REASON},
    events.Rated: {"rating": st.sampled_from(list(Rating))},
    events.Merged: {"into": st.sampled_from([CaseId(1), CaseId(2)])},
    events.Split: {"parts": st.just((CaseId(3),))},
    events.Refused: {"reason": st.sampled_from(list(RefusalReason))},
    events.DeadlinePassed: {"kind": st.sampled_from(list(TimerKind)), "assist": st.one_of(st.none(), _UNIT)},
}
"""What may stand in each event, beside when and by whom."""


def an_event(cls: type[Event], at: datetime, by: PersonId | None) -> st.SearchStrategy[Event]:
    """Any event of that class, at *at*, done by *by*. Only the one asked for is built: that is what takes long."""
    fields = dict(_FIELDS.get(cls, {}))
    if cls is events.Whistled:
        fields["meet_at"] = st.just(at + timedelta(hours=3))
    if cls is events.Recounted:
        fields["due_at"] = st.integers(-9, 60).map(lambda days: at + timedelta(days=days))
        fields["provisional"] = st.booleans()
    if cls is events.Suspended:
        fields["until"] = st.integers(-2, 400).map(lambda days: at + timedelta(days=days))
    doer = None if cls in (events.Assigned, events.Recounted) else by  # only the clock does these
    return st.builds(cls, at=st.just(at), by=st.just(doer), **fields)
