"""Whether every matter has somebody in this town who answers for it, and a limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.checks.finding import Finding, failure, ok, some
from routing import departments
from routing.catalogue import Matter
from routing.limit_lines import clocks
from routing.model import ChatKind, Unit, UnitCode, Urgency
from routing.policy import Policy
from routing.staffing import CLAIMING
from storage.reports import Reports
from storage.stores import Stores

IMPORT: Final = "huying import units.csv staff.csv"


@dataclass(frozen=True, slots=True)
class Offices:
    """What is asked of the database.

    Args:
        policy: In force.
        matters: The catalogue, by code.
        units: All of them.
        staffed: Units in which somebody may claim.
        desks: Units that have a desk chat.
        used: Codes of matters that cases have, each with how many.
    """

    policy: Policy
    matters: Mapping[str, Matter]
    units: Sequence[Unit] = ()
    staffed: frozenset[UnitCode] = frozenset()
    desks: frozenset[UnitCode] = frozenset()
    used: Mapping[str, int] = field(default_factory=dict)

    @property
    def beside(self) -> list[Unit]:
        """Departments and partners."""
        return departments.beside(self.units)

    def owners(self, matter: Matter) -> list[Unit]:
        """The units of the town that own *matter*, wherever they stand."""
        return departments.named(self.beside, departments.wanted(self.policy.departments, matter))


def gather(stores: Stores) -> Offices:
    """Ask the database, from an open transaction."""
    units = stores.units.all()
    return Offices(
        stores.policy,
        stores.catalogue.matters,
        units,
        frozenset(
            unit.code for unit in units if any(one.post in CLAIMING for one in stores.people.staff_of(unit.code))
        ),
        frozenset(chat.unit for chat in stores.chats.all() if chat.kind is ChatKind.DESK and chat.unit is not None),
        Reports(stores.connection, stores.city).matters(),
    )


def judge(offices: Offices) -> Iterator[Finding]:
    """Every finding; the last one is good news when there is no other."""
    found = [*_unmapped(offices), *_misnamed(offices), *_unknown(offices), *_unlimited(offices), *_deaf(offices)]
    yield from found or [ok("catalogue", f"All {len(offices.matters)} matters have an owner and their limits.")]


def _unmapped(offices: Offices) -> Iterator[Finding]:
    """Matters that no department of the town owns, together by the key of their department."""
    keys: dict[str, list[Matter]] = {}
    for matter in offices.matters.values():
        if matter.department != departments.COMMUNITY and not offices.owners(matter):
            keys.setdefault(matter.department or "", []).append(matter)
    for key, matters in sorted(keys.items()):
        says = f"{some(len(matters), 'matter has', 'matters have')} no owner: no department of this town is {key!r}."
        wanted = " or ".join(departments.wanted(offices.policy.departments, matters[0]))
        mend = (
            f"Import a department with {wanted} in its name, or name yours in the policy: [departments] {key} = [CODE]."
            if key
            else "Give them a department in routing/data/catalogue.toml, or name one under [departments] by their code."
        )
        yield failure("owner", says, mend, (f"{one.code} {one.zh}" for one in matters))


def _misnamed(offices: Offices) -> Iterator[Finding]:
    """What the policy names as an owner and the town does not have."""
    for key, names in offices.policy.departments.items():
        lost = [name for name in names if not departments.named(offices.beside, [name])]
        if lost:
            says = f"[departments] {key} names {', '.join(lost)}, and there is no such department."
            yield failure("code", says, f"Correct the name in the policy, or import the unit: {IMPORT}.")


def _unknown(offices: Offices) -> Iterator[Finding]:
    """Matters of cases that the catalogue does not have (any more)."""
    lost = {code: count for code, count in offices.used.items() if code not in offices.matters}
    if lost:
        says = f"{some(sum(lost.values()), 'case has', 'cases have')} a matter that the catalogue does not know."
        mend = "Put the codes back into the catalogue, or correct those cases with 改分类 at the desk."
        yield failure("code", says, mend, (f"{code}: {some(count, 'case', 'cases')}" for code, count in lost.items()))


def _unlimited(offices: Offices) -> Iterator[Finding]:
    """Matters of a class that the policy does not know, or for which no line of its limits speaks."""
    lost = [one for one in offices.matters.values() if not _limited(offices.policy, one)]
    if lost:
        says = f"{some(len(lost), 'matter has', 'matters have')} no limit under {offices.policy.stamp}."
        mend = "Add their class under [classes] and a line under [[limits]], then run huying policy check."
        yield failure("limit", says, mend, (f"{one.code} {one.zh} ({one.top})" for one in lost))


def _limited(policy: Policy, matter: Matter) -> bool:
    if matter.top not in policy.starts_at:
        return False
    legal = matter.code in policy.legal
    try:
        for level in policy.levels:
            for clock in clocks(called=policy.call_back is not None):
                policy.limit(
                    clock, top=matter.top, level=level, urgency=Urgency.ORDINARY, same_day=matter.same_day, legal=legal
                )
    except LookupError:
        return False
    return True


def _deaf(offices: Offices) -> Iterator[Finding]:
    """Departments where nobody could take a case, and those where nobody would see one."""
    empty = [f"{unit.code} {unit.name}" for unit in offices.beside if unit.code not in offices.staffed]
    if empty:
        says = f"{some(len(empty), 'department has', 'departments have')} nobody who may claim a case."
        yield failure("staff", says, f"Add a leader, dispatcher or worker to staff.csv: {IMPORT}.", empty)
    mute = [f"{unit.code} {unit.name}" for unit in offices.beside if unit.code not in offices.desks]
    if mute:
        says = f"{some(len(mute), 'department has', 'departments have')} no desk chat."
        yield failure("chat", says, "Bind one with /bind in the department's group (a code comes from above).", mute)
