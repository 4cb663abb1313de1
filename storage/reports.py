"""Figures and exports: what an operator or an office reads, never what a rule decides on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, func, select

from routing.catalogue import PRAISE
from routing.model import ENDS, Case, Rating, Status, Told
from storage.part import Part, columns, given, mine
from storage.states import Delivery
from storage.tables import IS_OPEN, bulletin, cases, log, outbox, words

PAGE: Final = 500
_SATISFIED: Final = (Rating.SATISFIED, Rating.FAIR)


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_COUNTS: Final = cases.c.kind != PRAISE
_RATED: Final = _COUNTS & cases.c.rating_first.is_not(None)
_STATS = select(
    func.count().label("filed"),
    _sum(~_COUNTS).label("praise"),
    _sum(IS_OPEN).label("open"),
    *(_sum(cases.c.status == end).label(end.value) for end in sorted(ENDS)),
    _sum(cases.c.reopened > 0).label("reopened"),
    _sum(IS_OPEN & cases.c.overdue & _COUNTS).label("overdue"),
    _sum(_RATED).label("rated"),
    _sum(_RATED & cases.c.rating_first.in_(_SATISFIED)).label("rated_well_first"),
    _sum(_RATED & cases.c.rating_final.in_(_SATISFIED)).label("rated_well_final"),
    _sum(cases.c.urgency == "urgent").label("urgent"),
    _sum(_COUNTS & (cases.c.status == Status.ARCHIVED) & cases.c.rating_final.is_(None)).label("unrated"),
    _sum(cases.c.told.is_not(None)).label("called_back"),
    _sum(cases.c.told.in_((Told.SATISFIED, Told.FAIR))).label("told_satisfied"),
).where(mine(cases), cases.c.parent.is_(None))
_MESSAGES = select(outbox.c.state, func.count()).where(mine(outbox)).group_by(outbox.c.state)
_NAMED = select(func.count()).select_from(bulletin).where(mine(bulletin))
_BULLETIN = (
    select(cases.c.number, *columns(bulletin, "case_id"))
    .join(cases, and_(cases.c.city_id == bulletin.c.city_id, cases.c.id == bulletin.c.case_id))
    .where(mine(bulletin))
    .order_by(bulletin.c.entered_at, cases.c.number, bulletin.c.fault)
)
_MATTERS = select(cases.c.matter, func.count()).where(mine(cases)).group_by(cases.c.matter).order_by(cases.c.matter)
_PAGE = select(*columns(cases)).where(mine(cases), cases.c.number > given("after")).order_by(cases.c.number).limit(PAGE)
_LAST = select(func.max(log.c.at)).where(mine(log))
_OPEN_PAGE = _PAGE.where(IS_OPEN)
_REPORTS = (
    select(words.c.case_id, words.c.text)
    .where(mine(words), words.c.kind == "report", words.c.case_id.in_(given("cases", many=True)))
    .order_by(words.c.id.desc())
)


class Reports(Part):
    """Reads over one transaction."""

    def matters(self) -> dict[str, int]:
        """The codes of matters that cases have, each with how many have it."""
        return {row[0]: row[1] for row in map(tuple, self._all(_MATTERS))}

    def stats(self) -> dict[str, int | float | None]:
        """The figures of the town; a part of a case is no case of its own.

        Shares are between 0 and 1 of the cases that were rated at all; ``None`` when none was. First satisfaction
        counts the first rating of each case, final satisfaction the last one. Completed is the share that is archived
        of all but those refused, merged or withdrawn. Praise is counted among what was filed, and by itself; it is
        neither overdue nor rated nor unrated.
        """
        row = self._first(_STATS)._asdict()
        figures: dict[str, int | float | None] = {name: int(value) for name, value in row.items()}
        due = row["filed"] - sum(row[end.value] for end in ENDS - {Status.ARCHIVED})
        figures["completed"] = round(row["archived"] / due, 4) if due else None
        rated = figures["rated"]
        for which in ("first", "final"):
            well = figures.pop(f"rated_well_{which}")
            figures[f"satisfied_{which}"] = round(well / rated, 4) if rated and well is not None else None
        figures["bulletin"] = int(self._scalar(_NAMED))
        messages: dict[str, int] = {row[0]: row[1] for row in map(tuple, self._all(_MESSAGES))}
        for state in Delivery:
            figures[state.value] = messages.get(state, 0)
        return figures

    def bulletin(self) -> Iterator[dict[str, Any]]:
        """Every entry of the bulletin with its case's number, oldest first."""
        for row in self._all(_BULLETIN):
            yield row._asdict()

    def cases(self) -> Iterator[tuple[Case, str]]:
        """Every case with the text of its report, by number."""
        after = 0
        while page := [Case(*tuple(row)) for row in self._all(_PAGE, after=after)]:
            texts = {row[0]: row[1] for row in map(tuple, self._all(_REPORTS, cases=[one.id for one in page]))}
            for one in page:
                yield one, texts.get(one.id, "")
            after = page[-1].number

    def last(self) -> datetime | None:
        """When something happened to a case last."""
        at: datetime | None = self._scalar(_LAST)
        return at

    def unfinished(self) -> Iterator[Case]:
        """Every open case, by number."""
        after = 0
        while page := [Case(*tuple(row)) for row in self._all(_OPEN_PAGE, after=after)]:
            yield from page
            after = page[-1].number
