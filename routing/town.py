"""Loading a town from tables: units, staff, households. All or nothing, with a reason for every bad row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from routing.model import (
    Appointment,
    ChatKind,
    ChatState,
    Household,
    Post,
    Unit,
    UnitCode,
    UnitKind,
)
from routing.policy import Policy
from routing.ports import UnitOfWork

UNITS: Final = (
    "code",
    "name",
    "level",
    "parent",
    "kind",
    "residents_chat",
    "desk_chat",
    "households",
    "buildings",
    "bounds",
    "phone",
)
STAFF: Final = ("telegram_id", "name", "unit", "post", "phone", "stationed_at")
HOUSEHOLDS: Final = ("code", "grid", "building", "unit_no", "room", "telegram_ids")
_OPTIONAL: Final = frozenset({"stationed_at", "telegram_ids", "phone", "bounds", "buildings"})
BESIDE: Final = {"department": UnitKind.DEPARTMENT, "partner": UnitKind.PARTNER}
TREE_KINDS: Final = {"basic": UnitKind.BASIC, "special": UnitKind.SPECIAL}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where: the file, the row as the spreadsheet numbers it, the column, and the reason."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}, row {self.row}" + (f", column {self.column}" if self.column else "")
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number in the spreadsheet and its cells by column name."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was read; *problems* are those found while reading."""

    file: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def kind(self) -> str | None:
        """``units``, ``staff`` or ``households``, told by the header."""
        columns = set(self.header)
        for name, known in KINDS.items():
            if set(known) - _OPTIONAL <= columns:
                return name
        return None


KINDS: Final = {"units": UNITS, "staff": STAFF, "households": HOUSEHOLDS}


class BadTown(ValueError):
    """Some rows cannot be used; nothing was written. ``problems`` has them all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(slots=True)
class Loaded:
    """What an import did, or would do."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Units of the town that the file lacks. They stay: leaving a row out drops nobody's open cases."""
    dismissed: int = 0

    def count(self, kind: str, before: object, after: object) -> None:
        """Book one row as new, changed or the same."""
        book = self.new if before is None else self.same if before == after else self.changed
        book[kind] = book.get(kind, 0) + 1


def load(uow: UnitOfWork, sheets: Sequence[Sheet], *, bot: int, replace_staff: bool = False) -> Loaded:
    """Write all sheets, units first, or nothing.

    Args:
        uow: The transaction; the caller rolls back for a dry run.
        sheets: Tables in any order.
        bot: Whose chats the chat columns name.
        replace_staff: Take the posts away that the staff sheets do not have.

    Raises:
        BadTown: with every problem of every sheet.
    """
    problems = [problem for sheet in sheets for problem in _header_problems(sheet)]
    if problems:
        raise BadTown(problems)
    loaded = Loaded()
    loaders: Mapping[str, Callable[[_Load, Sheet], None]] = {
        "units": _units,
        "staff": _staff,
        "households": _households,
    }
    work = _Load(uow, bot, loaded, problems)
    for kind, load_kind in loaders.items():
        for sheet in (one for one in sheets if one.kind == kind):
            problems.extend(sheet.problems)
            load_kind(work, sheet)
    if replace_staff and any(sheet.kind == "staff" for sheet in sheets):
        _dismiss_missing(work)
    if problems:
        raise BadTown(problems)
    return loaded


@dataclass(slots=True)
class _Load:
    uow: UnitOfWork
    bot: int
    loaded: Loaded
    problems: list[Problem]
    staffed: set[tuple[int, str, str]] = field(default_factory=set)

    def bad(self, sheet: Sheet, row: SheetRow, column: str, reason: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(sheet.file, row.number, column, reason))


def _header_problems(sheet: Sheet) -> Iterable[Problem]:
    if sheet.kind is None:
        kinds = "; ".join(f"{name}: {','.join(columns)}" for name, columns in KINDS.items())
        yield Problem(sheet.file, 1, "", f"the header fits no kind of table ({kinds})")
        return
    for column in sheet.header:
        if column and column not in KINDS[sheet.kind]:
            yield Problem(sheet.file, 1, column, f"unknown column in a {sheet.kind} table")


def _units(work: _Load, sheet: Sheet) -> None:
    before = {unit.code: unit for unit in work.uow.units.all()}
    found: dict[str, Unit] = {}
    for row in sheet.rows:
        unit = _unit(work, sheet, row)
        if unit is None:
            continue
        if unit.code in found:
            work.bad(sheet, row, "code", f"{unit.code} stands in an earlier row, too")
        found[unit.code] = unit
    known: dict[str, Unit] = {**{str(code): unit for code, unit in before.items()}, **found}
    rows = {row.cells["code"]: row for row in sheet.rows}
    ordered = sorted(found.values(), key=lambda unit: _depth(known, unit))
    for unit in ordered:
        reason = _misplaced(work.uow.policy, known, unit)
        if reason:
            work.bad(sheet, rows[unit.code], "parent", reason)
            continue
        work.loaded.count("units", before.get(unit.code), unit)
        work.uow.units.put(unit)
        _bind(work, sheet, rows[unit.code], unit)
    work.loaded.missing += sorted(set(before) - set(found))


def _unit(work: _Load, sheet: Sheet, row: SheetRow) -> Unit | None:
    cells, policy = row.cells, work.uow.policy
    code, name, level = cells["code"], cells["name"], cells["level"].lower()
    good = True
    for column, value in (("code", code), ("name", name), ("level", level)):
        if not value:
            work.bad(sheet, row, column, "is empty")
            good = False
    if level and level not in policy.levels and level not in BESIDE:
        known = ", ".join((*policy.levels, *BESIDE))
        work.bad(sheet, row, "level", f"{level!r} is no level of the policy {policy.name} ({known})")
        good = False
    kind = _kind(policy, level, cells["kind"].lower())
    if kind is None:
        work.bad(sheet, row, "kind", f"{cells['kind']!r}: a grid is basic or special, other units leave it empty")
        good = False
    households = _number(cells["households"])
    if households is None or households < 0:
        work.bad(sheet, row, "households", f"{cells['households']!r} is not a number of households")
        good = False
    if not good or kind is None:
        return None
    buildings = tuple(part.strip() for part in cells.get("buildings", "").replace("；", ";").split(";") if part.strip())
    old = work.uow.units.find(UnitCode(code))
    return Unit(
        UnitCode(code), name, level, UnitCode(cells["parent"]) if cells["parent"] else None, kind, households or 0,
        buildings, cells.get("bounds", ""), cells.get("phone", ""), old.quiet_offer if old else True,
    )  # fmt: skip


def _kind(policy: Policy, level: str, kind: str) -> UnitKind | None:
    if level in BESIDE:
        return BESIDE[level] if kind in ("", level) else None
    if level == policy.levels[-1]:
        return TREE_KINDS.get(kind or "basic")
    return UnitKind.OFFICE if kind in ("", "office") else None


def _number(text: str) -> int | None:
    if not text:
        return 0
    try:
        return int(text)
    except ValueError:
        return None


def _depth(known: Mapping[str, Unit], unit: Unit) -> int:
    seen = {unit.code}
    while unit.parent is not None and unit.parent in known and unit.parent not in seen:
        unit = known[unit.parent]
        seen.add(unit.code)
    return len(seen)


def _misplaced(policy: Policy, known: Mapping[str, Unit], unit: Unit) -> str | None:
    parent = known.get(unit.parent) if unit.parent else None
    if unit.parent and parent is None:
        return f"there is no unit {unit.parent}"
    if unit.level in BESIDE:
        return None
    rank = policy.levels.index(unit.level)
    if parent is None:
        return None if rank == 0 or (unit.parent is None and not _has_root_above(policy, known, unit)) else "is empty"
    if parent.level not in policy.levels or policy.levels.index(parent.level) != rank - 1:
        return f"{parent.name} is a {parent.level}; a {unit.level} belongs to a {policy.levels[rank - 1]}"
    return None


def _has_root_above(policy: Policy, known: Mapping[str, Unit], unit: Unit) -> bool:
    """Whether the town has a unit of a higher level, so that this one cannot be its top."""
    rank = policy.levels.index(unit.level)
    return any(other.level in policy.levels[:rank] for other in known.values())


def _bind(work: _Load, sheet: Sheet, row: SheetRow, unit: Unit) -> None:
    grid = unit.kind in (UnitKind.BASIC, UnitKind.SPECIAL)
    for column, kind, fits in (
        ("residents_chat", ChatKind.RESIDENTS, grid),
        ("desk_chat", ChatKind.DESK, not grid),
    ):
        text = row.cells.get(column, "")
        if not text:
            continue
        number = _number(text)
        if number is None or number >= 0:
            work.bad(sheet, row, column, f"{text!r} is not the id of a group (those are negative numbers)")
        elif not fits:
            work.bad(sheet, row, column, "a grid has a residents' chat, every other unit a desk chat")
        else:
            _bind_chat(work, sheet, row, column, unit, kind, number)


def _bind_chat(work: _Load, sheet: Sheet, row: SheetRow, column: str, unit: Unit, kind: ChatKind, number: int) -> None:
    chats = work.uow.chats
    chat = chats.meet(work.bot, number, kind, unit.name, ChatState.OK)
    bound = chats.of_unit(unit.code, kind)
    if chat.unit not in (None, unit.code):
        work.bad(sheet, row, column, f"the chat {number} already serves {chat.unit}")
    elif bound is not None and bound.id != chat.id:
        work.bad(sheet, row, column, f"{unit.name} already has the chat {bound.telegram_id}; unbind it first")
    else:
        chats.bind(chat.id, kind, unit.code)


def _staff(work: _Load, sheet: Sheet) -> None:
    for row in sheet.rows:
        cells = row.cells
        telegram_id = _number(cells["telegram_id"])
        if not telegram_id or telegram_id < 0:
            work.bad(sheet, row, "telegram_id", f"{cells['telegram_id']!r} is not a person's Telegram id")
            continue
        if not cells["name"]:
            work.bad(sheet, row, "name", "is empty")
            continue
        unit = work.uow.units.find(UnitCode(cells["unit"]))
        if unit is None:
            work.bad(sheet, row, "unit", f"there is no unit {cells['unit']!r}")
            continue
        if cells["post"].lower() not in tuple(Post):
            work.bad(sheet, row, "post", f"{cells['post']!r} is no post ({', '.join(Post)})")
            continue
        stationed = cells.get("stationed_at", "")
        if stationed and work.uow.units.find(UnitCode(stationed)) is None:
            work.bad(sheet, row, "stationed_at", f"there is no unit {stationed!r}")
            continue
        person = work.uow.people.meet(telegram_id, cells["name"], None)
        post = Post(cells["post"].lower())
        appointment = Appointment(
            person.id,
            unit.code,
            post,
            cells["name"],
            cells.get("phone", ""),
            UnitCode(stationed) if stationed else None,
        )
        held = {(one.unit, one.post): one for one in work.uow.people.posts_of(person.id)}
        work.loaded.count("staff", held.get((unit.code, post)), appointment)
        work.staffed.add((person.id, unit.code, post.value))
        work.uow.people.appoint(appointment)


def _dismiss_missing(work: _Load) -> None:
    for unit in work.uow.units.all():
        for one in work.uow.people.staff_of(unit.code):
            if any(person == one.person and code == unit.code for person, code, _ in work.staffed):
                continue
            held = [case for case in work.uow.cases.owed_by(one.person, limit=1000) if case.unit == unit.code]
            if held:
                numbers = ", ".join(f"#{case.number}" for case in held)
                work.problems.append(
                    Problem("staff", 0, "", f"{one.name} of {unit.name} still holds {numbers}; hand over first")
                )
            else:
                work.uow.people.dismiss(one.person, unit.code)
                work.loaded.dismissed += 1


def _households(work: _Load, sheet: Sheet) -> None:
    seen: set[str] = set()
    for row in sheet.rows:
        cells = row.cells
        grid = work.uow.units.find(UnitCode(cells["grid"]))
        if not cells["code"] or cells["code"] in seen:
            work.bad(sheet, row, "code", "is empty" if not cells["code"] else "stands in an earlier row, too")
            continue
        seen.add(cells["code"])
        if grid is None or grid.kind not in (UnitKind.BASIC, UnitKind.SPECIAL):
            work.bad(sheet, row, "grid", f"there is no grid {cells['grid']!r}")
            continue
        people = [_number(part) for part in cells.get("telegram_ids", "").replace("；", ";").split(";") if part.strip()]
        if any(not person or person < 0 for person in people):
            work.bad(sheet, row, "telegram_ids", "must be Telegram ids separated by ';'")
            continue
        old = work.uow.people.household(cells["code"])
        home = Household(
            cells["code"], grid.code, cells["building"], cells["unit_no"], cells["room"],
            old.door_code if old else work.uow.ids.door_code(),
        )  # fmt: skip
        work.loaded.count("households", old, home)
        work.uow.people.put_household(home)
        for person in filter(None, people):
            known = work.uow.people.meet(person, "", None)
            work.uow.people.join_household(known.id, home.code, _EPOCH)


_EPOCH: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""When a household was bound by an import nobody knows; the binding only needs an instant."""
