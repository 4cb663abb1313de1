"""Who read what."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import insert, select

from routing.model import CaseId
from routing.ports import Reading
from storage.part import Part, columns, given, mine
from storage.tables import readings

_ADD = insert(readings)
_GET = select(*columns(readings)).where(mine(readings), readings.c.id == given("id"))
_OF = select(*columns(readings)).where(mine(readings), readings.c.case_id == given("case")).order_by(readings.c.id)


class SqlReadings(Part):
    """`routing.ports.Readings` over one transaction."""

    def add(self, reading: Reading) -> None:
        """Write one down."""
        values = asdict(reading)
        self._put(_ADD, {**values, "case_id": values.pop("case")})

    def get(self, reading: int) -> Reading | None:
        """One by its number."""
        row = self._first(_GET, id=reading)
        return Reading(*row) if row else None

    def of(self, case: CaseId) -> Sequence[Reading]:
        """All of a case, oldest first."""
        return [Reading(*row) for row in self._all(_OF, case=case)]
