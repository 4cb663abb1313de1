"""Loading a town from tables: units, staff, households, rosters. All or nothing, with a reason for every bad row."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from routing import rosters
from routing.binding import LOST
from routing.loading import BadTown, Line, Load, Loaded, lines_of
from routing.model import (
    Appointment,
    Case,
    ChatKind,
    ChatState,
    Household,
    PersonId,
    Post,
    Status,
    Unit,
    UnitCode,
    UnitKind,
    Venue,
)
from routing.policy import Policy
from routing.ports import UnitOfWork
from routing.sheet import KINDS, Problem, Sheet

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_LISTED: Final = re.compile("[,，、]")
LONGEST_NAME: Final = 64
"""Of a unit or of somebody on staff, in characters."""
TELEGRAMS_OWN: Final = frozenset({777000, 1087968824, 136817688})
"""Telegram's own accounts, as the one that writes for every anonymous administrator; a post of it is one of all."""
BESIDE: Final = {"department": UnitKind.DEPARTMENT, "partner": UnitKind.PARTNER}
TREE_KINDS: Final[Mapping[str, UnitKind]] = {
    "basic": UnitKind.BASIC,
    "special": UnitKind.SPECIAL,
    **{venue.value: UnitKind.SPECIAL for venue in Venue},
}
"""What the column ``kind`` may say of a grid; a special one may say what it is made of instead."""


def load(uow: UnitOfWork, sheets: Sequence[Sheet], *, bot: int, replace_staff: bool = False) -> Loaded:
    """Write all sheets, units first, or nothing. Several sheets of one kind count as one table.

    Args:
        uow: The transaction; the caller rolls back for a dry run.
        sheets: Tables in any order.
        bot: Whose chats the chat columns name.
        replace_staff: Take the posts away that the staff sheets do not have.

    Raises:
        BadTown: with every problem of every sheet. A row that only suffers from another bad row is not named.
    """
    problems = [problem for sheet in sheets for problem in _header_problems(sheet)]
    if problems:
        raise BadTown(problems)
    problems = [problem for sheet in sheets for problem in sheet.problems]
    work = Load(uow, bot, problems, {(one.file, one.row, one.column) for one in problems})
    staff = lines_of(sheets, "staff")
    _units(work, lines_of(sheets, "units"))
    _staff(work, staff)
    _households(work, lines_of(sheets, "households"))
    rosters.load(work, lines_of(sheets, "roster"))
    if replace_staff and staff and not work.problems:
        _dismiss_missing(work, staff[0].file)
    if work.problems:
        raise BadTown(work.problems)
    work.show_menus()
    return work.loaded


def _header_problems(sheet: Sheet) -> Iterable[Problem]:
    if sheet.kind is None:
        yield Problem(sheet.file, 1, "", _unfitting(sheet.header))
        return
    for column in sheet.header:
        if column and column not in KINDS[sheet.kind]:
            yield Problem(sheet.file, 1, column, f"unknown column in a {sheet.kind} table")


def _unfitting(header: Sequence[str]) -> str:
    """What keeps a header from being one of a table: of the kind that it resembles most, else every kind."""
    kind = max(KINDS, key=lambda name: len(set(KINDS[name]) & set(header)))
    if not set(KINDS[kind]) & set(header):
        kinds = "; ".join(f"{name}: {','.join(columns)}" for name, columns in KINDS.items())
        return f"the header fits no kind of table ({kinds})"
    unknown = [f"'{name}'" for name in header if name and name not in KINDS[kind]]
    stranger = f"; unknown there: {', '.join(unknown)}" if unknown else ""
    return f"the header fits no kind of table; nearest is {kind}: {','.join(KINDS[kind])}{stranger}"


def _units(work: Load, lines: Sequence[Line]) -> None:
    before = {str(unit.code): unit for unit in work.uow.units.all()}
    found: dict[str, Unit] = {}
    rows: dict[str, Line] = {}
    for line in lines:
        code = line.cells["code"]
        if code and code in rows:
            work.bad(line, "code", f"{code} stands in an earlier row, too")
            continue
        rows[code] = line
        unit = _unit(work, line)
        if unit is not None:
            found[code] = unit
        else:
            work.broken.add(code)
    known = before | found
    for unit in sorted(found.values(), key=lambda unit: len(_chain(known, unit))):
        _put(work, known, rows[unit.code], unit, before.get(unit.code))
    for child in (unit for code, unit in before.items() if code not in rows and unit.parent in found):
        if reason := _misplaced(work.uow.policy, known, child):
            work.bad(rows[str(child.parent)], "level", f"{child.name} ({child.code}) is below it: {reason}")
    if lines:
        work.loaded.missing = sorted(set(before) - set(rows))


def _put(work: Load, known: Mapping[str, Unit], line: Line, unit: Unit, before: Unit | None) -> None:
    blameless = unit.parent in work.broken
    reason = None if blameless else _misplaced(work.uow.policy, known, unit)
    turned = _turned(work.uow, unit, before) if before is not None else None
    if reason:
        work.bad(line, "parent", reason)
    if turned:
        work.bad(line, "level", turned)
    if reason or turned or blameless:
        work.broken.add(unit.code)
    else:
        work.loaded.count("units", before, unit)
        work.uow.units.put(unit)
        _bind(work, line, unit)


def _turned(uow: UnitOfWork, unit: Unit, before: Unit) -> str | None:
    """Why a grid can't become another unit, or another unit a grid: what it has would have no place any more."""
    if _chat_of(unit.kind) is _chat_of(before.kind):
        return None
    chat = uow.chats.of_unit(unit.code, _chat_of(before.kind))
    if chat is not None:
        return f"{before.name} is a {before.level} and has the chat {chat.telegram_id}; unbind it first"
    homes = len(uow.people.households_in(unit.code))
    return f"{before.name} is a grid with {homes} households; give them another grid first" if homes else None


def _chat_of(kind: UnitKind) -> ChatKind:
    return ChatKind.RESIDENTS if kind in (UnitKind.BASIC, UnitKind.SPECIAL) else ChatKind.DESK


def _unit(work: Load, line: Line) -> Unit | None:
    cells, policy, noted = line.cells, work.uow.policy, len(work.problems)
    code, name, level = cells["code"], cells["name"], cells["level"].lower()
    for column in ("code", "name", "level"):
        if not cells[column]:
            work.bad(line, column, "is empty")
    if code and not _CODE.fullmatch(code):
        work.bad(line, "code", f"{code!r}: up to 32 letters, digits, '-' and '_', because buttons carry it")
    placed = level in policy.levels or level in BESIDE
    if level and not placed:
        known = ", ".join((*policy.levels, *BESIDE))
        work.bad(line, "level", f"{level!r} is no level of the policy {policy.name} ({known})")
    kind = _kind(policy, level, cells["kind"].lower())
    if placed and kind is None:
        known = ", ".join(TREE_KINDS)
        work.bad(line, "kind", f"{cells['kind']!r}: a grid is one of {known}; other units leave it empty")
    households = _number(cells["households"] or "0")
    if households is None or households < 0:
        work.bad(line, "households", f"{cells['households']!r} is not a number of households")
    buildings = _several(cells["buildings"])
    for building in buildings:
        if _LISTED.search(building):
            work.bad(line, "buildings", f"{building!r}: put ';' between several buildings")
        elif buildings.count(building) > 1:
            work.bad(line, "buildings", f"{building} stands there twice")
    _check_name(work, line)
    if len(work.problems) > noted or kind is None:
        return None
    old = work.uow.units.find(UnitCode(code))
    return Unit(
        UnitCode(code), name, level, UnitCode(cells["parent"]) if cells["parent"] else None, kind, households or 0,
        tuple(buildings), cells["bounds"], cells["phone"], old.quiet_offer if old else True,
        _venue(kind, cells["kind"].lower()), old.emergency if old else False,
    )  # fmt: skip


def _check_name(work: Load, line: Line) -> None:
    if len(line.cells["name"]) > LONGEST_NAME:
        work.bad(line, "name", f"is longer than {LONGEST_NAME} characters; cards and buttons carry it")


def _kind(policy: Policy, level: str, kind: str) -> UnitKind | None:
    if level in BESIDE:
        return BESIDE[level] if kind in ("", level) else None
    if level == policy.grid:
        return TREE_KINDS.get(kind or "basic")
    fixed = UnitKind.MICRO if policy.below_grid(level) else UnitKind.OFFICE
    return fixed if kind in ("", fixed) else None


def _venue(kind: UnitKind, text: str) -> Venue | None:
    """What a special grid is made of; nothing where the table says just that it is special."""
    return Venue(text) if kind is UnitKind.SPECIAL and text in tuple(Venue) else None


def _number(text: str) -> int | None:
    """A whole number that a database and Telegram can hold, wide digits too; ``None`` for everything else."""
    text = unicodedata.normalize("NFKC", text)
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def _chain(known: Mapping[str, Unit], unit: Unit) -> list[str]:
    """The unit and everything above it; it ends where it would begin again."""
    chain: list[str] = []
    step: Unit | None = unit
    while step is not None and step.code not in chain:
        chain.append(step.code)
        step = known.get(step.parent) if step.parent else None
    return chain


def _misplaced(policy: Policy, known: Mapping[str, Unit], unit: Unit) -> str | None:
    parent = known.get(unit.parent) if unit.parent else None
    if unit.parent and parent is None:
        return f"there is no unit {unit.parent!r}"
    if unit.level in BESIDE:
        chain = _chain(known, unit)
        return f"{unit.name} would stand above itself" if known[chain[-1]].parent in chain else None
    if unit.level not in policy.levels:
        return f"{unit.level!r} is no level of the policy {policy.name}"
    rank = policy.levels.index(unit.level)
    if parent is None:
        above = policy.levels[:rank]
        return "is empty" if any(other.level in above for other in known.values()) else None
    if rank == 0:
        return f"a {unit.level} is at the top and belongs to nothing"
    if parent.level != policy.levels[rank - 1]:
        return f"{parent.name} is a {parent.level}; a {unit.level} belongs to a {policy.levels[rank - 1]}"
    return None


def _bind(work: Load, line: Line, unit: Unit) -> None:
    for column, kind in (("residents_chat", ChatKind.RESIDENTS), ("desk_chat", ChatKind.DESK)):
        text = line.cells[column]
        if not text:
            continue
        number = _number(text)
        if number is None or number >= 0:
            work.bad(line, column, f"{text!r} is not the id of a group (those are negative numbers)")
        elif kind is not _chat_of(unit.kind):
            work.bad(line, column, "a grid has a residents' chat, every other unit a desk chat")
        else:
            _bind_chat(work, line, column, unit, kind, number)


def _bind_chat(work: Load, line: Line, column: str, unit: Unit, kind: ChatKind, number: int) -> None:
    chats = work.uow.chats
    chat = chats.meet(work.bot, number, kind, unit.name, ChatState.OK)
    bound = chats.of_unit(unit.code, kind)
    if chat.unit not in (None, unit.code):
        work.bad(line, column, f"the chat {number} already serves {chat.unit}")
    elif bound is not None and bound.id != chat.id and bound.state not in LOST:
        reason = "send /unbind there first, or start the bot once if it was never in it, and import again"
        work.bad(line, column, f"{unit.name} already has the chat {bound.telegram_id}; {reason}")
    else:
        if bound is not None and bound.id != chat.id:
            chats.bind(bound.id, ChatKind.UNBOUND, None)
        chats.bind(chat.id, kind, unit.code)


def _staff(work: Load, lines: Sequence[Line]) -> None:
    for line in lines:
        cells, noted = line.cells, len(work.problems)
        telegram_id, post = _number(cells["telegram_id"]), cells["post"].lower()
        if not telegram_id or telegram_id < 0:
            work.bad(line, "telegram_id", f"{cells['telegram_id']!r} is not a person's Telegram id")
        if telegram_id in TELEGRAMS_OWN:
            work.bad(
                line, "telegram_id", f"{telegram_id} is nobody's: Telegram writes as it for whoever stays anonymous"
            )
        if not cells["name"]:
            work.bad(line, "name", "is empty")
        _check_name(work, line)
        if post not in tuple(Post):
            work.bad(line, "post", f"{cells['post']!r} is no post ({', '.join(Post)})")
        unit = work.unit(line, "unit")
        stationed = work.unit(line, "stationed_at") if cells["stationed_at"] else None
        if len(work.problems) == noted and telegram_id and unit is not None:
            _appoint(work, line, telegram_id, unit, Post(post), stationed)


def _appoint(work: Load, line: Line, telegram_id: int, unit: Unit, post: Post, stationed: Unit | None) -> None:
    name, people = line.cells["name"], work.uow.people
    person = people.meet(telegram_id, name, None).id
    if (person, unit.code, post) in work.staffed:
        work.bad(line, "telegram_id", f"{telegram_id} is {post} of {unit.code} in an earlier row, too")
        return
    work.staffed.add((person, unit.code, post))
    appointment = Appointment(person, unit.code, post, name, line.cells["phone"], stationed.code if stationed else None)
    held = {(one.unit, one.post): one for one in people.posts_of(person)}
    if (unit.code, post) not in held:
        work.moved.add(person)
    work.loaded.count("staff", held.get((unit.code, post)), appointment)
    people.appoint(appointment)


def _dismiss_missing(work: Load, file: str) -> None:
    people = work.uow.people
    for unit in work.uow.units.all():
        staff = people.staff_of(unit.code)
        for person in dict.fromkeys(one.person for one in staff):
            posts = [one for one in staff if one.person == person]
            kept = [one for one in posts if (person, unit.code, one.post) in work.staffed]
            held = [] if kept else _in_hand(work.uow, person, unit.code)
            if held:
                numbers = ", ".join(f"#{case.number}" for case in held)
                reason = f"{posts[0].name} of {unit.name} is not in the file and still holds {numbers}; hand over first"
                work.problems.append(Problem(file, 0, "", reason))
            elif len(kept) < len(posts):
                people.dismiss(person, unit.code)
                work.moved.add(person)
                for one in kept:
                    people.appoint(one)
                work.loaded.dismissed += len(posts) - len(kept)


def _in_hand(uow: UnitOfWork, person: PersonId, unit: UnitCode) -> list[Case]:
    """What *person* works on in *unit*. What is suspended, in review or waits for its rating does without them."""
    owed = uow.cases.owed_by(person, limit=1000)
    return [case for case in owed if case.unit == unit and case.status is Status.CLAIMED]


def _households(work: Load, lines: Sequence[Line]) -> None:
    seen: set[str] = set()
    doors: dict[tuple[str, ...], str] = {}
    homes: dict[int, str] = {}
    for line in lines:
        cells, noted = line.cells, len(work.problems)
        code, people = cells["code"], [_number(part) for part in _several(cells["telegram_ids"])]
        if not code or code in seen:
            work.bad(line, "code", f"{code} stands in an earlier row, too" if code else "is empty")
        seen.add(code)
        grid = work.unit(line, "grid")
        if grid is not None and grid.kind not in (UnitKind.BASIC, UnitKind.SPECIAL):
            work.bad(line, "grid", f"{grid.name} is no grid")
        if any(not person or person < 0 for person in people):
            work.bad(line, "telegram_ids", "must be Telegram ids separated by ';'")
        elif elsewhere := [person for person in people if person and homes.setdefault(person, code) != code]:
            reason = f"{elsewhere[0]} lives in {homes[elsewhere[0]]} by an earlier row; a person has one home"
            work.bad(line, "telegram_ids", reason)
        if len(work.problems) == noted and (twin := _twin(work, doors, cells)) is not None:
            work.bad(line, "room", f"this door is the household {twin} already; one door is one household")
        if len(work.problems) == noted and grid is not None:
            _settle(work, line, grid, [person for person in people if person])


def _twin(work: Load, doors: dict[tuple[str, ...], str], cells: Mapping[str, str]) -> str | None:
    """Another household behind the same door; *doors* remembers those of every grid seen so far."""
    grid = cells["grid"]
    if (grid,) not in doors:
        doors[grid,] = ""
        for home in work.uow.people.households_in(UnitCode(grid)):
            doors[home.grid, home.building, home.unit_no, home.room] = home.code
    door = (grid, cells["building"], cells["unit_no"], cells["room"])
    twin = doors.setdefault(door, cells["code"])
    return twin if any(door[1:]) and twin != cells["code"] else None


def _settle(work: Load, line: Line, grid: Unit, residents: Sequence[int]) -> None:
    cells, people = line.cells, work.uow.people
    old = people.household(cells["code"])
    home = Household(
        cells["code"], grid.code, cells["building"], cells["unit_no"], cells["room"],
        old.door_code if old else _door_code(work.uow),
    )  # fmt: skip
    work.loaded.count("households", old, home)
    people.put_household(home)
    members = people.members_of(home.code)
    for resident in residents:
        known = people.meet(resident, "", None)
        if known.id not in members:
            people.join_household(known.id, home.code, _EPOCH)


def _door_code(uow: UnitOfWork) -> str:
    """A door code that no other home has."""
    while uow.people.household_by_door_code(code := uow.ids.door_code()) is not None:
        pass
    return code


_MOST_DIGITS: Final = 18  # so that it fits into 64 bits; Telegram's ids have at most 16
_EPOCH: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""When a household was bound by an import nobody knows; the binding only needs an instant."""
