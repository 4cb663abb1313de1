"""Furnishing a sandbox with a sample town: its people, its groups, and the tables that `huying import` would load.

Each folder beside this file is a town: `default` and one for every published city, in that city's shape.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from bot.sandbox import Bot, Chat, Person, Sandbox
from bot.sheets import read
from routing.policy import presets
from routing.sheet import Sheet, SheetRow

TOKEN: Final = "7000000001:SAMPLE-TOWN-OF-HUYING"  # noqa: S105 - opens nothing but the sandbox
USERNAME: Final = "huying_sample_bot"
USUAL: Final = "default"
"""The town that is shown when nobody asks for a city; like the others it lives by the policy of its name."""
FILES: Final = ("units.csv", "staff.csv", "households.csv")
RESIDENTS: Final = "people.csv"
"""Who of the residents is on Telegram: named after the solar terms, which nobody is."""
GRID: Final = "grid"
"""The level with residents' chats in every sample."""
CHATLESS: Final = frozenset({"microgrid"})
"""Levels whose staff work in private and speak to residents in the chat of their grid."""


def cities() -> list[str]:
    """The towns that can be shown, the usual one first: a folder here, and a policy of that name."""
    here = files("bot.sample")
    return sorted((name for name in presets() if (here / name).is_dir()), key=lambda name: (name != USUAL, name))


@dataclass(frozen=True, slots=True)
class SampleTown:
    """The furnished sandbox: who is there, which chat serves which unit, and the tables to import."""

    bot: Bot
    people: Mapping[int, Person]
    chats: Mapping[str, Chat]  # by unit code; a micro-grid has none
    sheets: Sequence[Sheet]
    city: str = USUAL

    def staff(self, unit: str, post: str | None = None) -> list[Person]:
        """Everybody with a post in *unit*, or with that one post, in the order of the staff table."""
        rows = (row.cells for row in self._rows("staff") if row.cells["unit"] == unit)
        ids = dict.fromkeys(int(cells["telegram_id"]) for cells in rows if post in (None, cells["post"]))
        return [self.people[number] for number in ids]

    def residents(self, grid: str) -> list[Person]:
        """Residents bound to a household of *grid*."""
        cells = [row.cells["telegram_ids"] for row in self._rows("households") if row.cells["grid"] == grid]
        return [self.people[int(part)] for cell in cells for part in cell.split(";") if part]

    @property
    def grids(self) -> list[str]:
        """Codes of the grids, in the order of the units table."""
        return [code for code, level in self.levels.items() if level == GRID]

    @property
    def levels(self) -> Mapping[str, str]:
        """The level of every unit, in the order of the units table."""
        return {row.cells["code"]: row.cells["level"] for row in self._rows("units")}

    def _rows(self, kind: str) -> Sequence[SheetRow]:
        return next(sheet for sheet in self.sheets if sheet.kind == kind).rows


def tables(city: str = USUAL) -> list[Sheet]:
    """The sample's tables as they stand in the files, without chats."""
    return [_read(city, name) for name in FILES]


def _read(city: str, name: str) -> Sheet:
    with as_file(files("bot.sample") / city) as folder:
        return read(Path(folder) / name)


def furnish(sandbox: Sandbox, city: str = USUAL, *, privacy: bool = False) -> SampleTown:
    """Create whatever the sandbox does not have yet, and return the town.

    The bot is a member of every group, with privacy mode off unless *privacy*.
    """
    units, staff, households = tables(city)
    world = sandbox.exchange.world
    bot = world.tokens.get(TOKEN) or sandbox.add_bot("呼应 Huying", USERNAME, TOKEN, privacy=privacy)
    people = {**_staff(sandbox, staff), **_residents(sandbox, city)}
    seats = _seats(staff, households)
    chats = {}
    for row in units.rows:
        code = row.cells["code"]
        if row.cells["level"] not in CHATLESS:
            members = dict.fromkeys([*seats[code], *(n for inner in _inner(units, code) for n in seats[inner])])
            chats[code] = _group(sandbox, row.cells["name"], code, bot, [people[number] for number in members])
    return SampleTown(bot, people, chats, (_with_chats(units, chats), staff, households), city)


def _inner(units: Sheet, code: str) -> list[str]:
    """The units right below *code* that have no chat of their own."""
    cells = (row.cells for row in units.rows)
    return [one["code"] for one in cells if one["parent"] == code and one["level"] in CHATLESS]


def _staff(sandbox: Sandbox, staff: Sheet) -> dict[int, Person]:
    names = {int(row.cells["telegram_id"]): row.cells["name"] for row in staff.rows}
    return {number: _person(sandbox, number, name, "zh") for number, name in names.items()}


def _residents(sandbox: Sandbox, city: str) -> dict[int, Person]:
    rows = [row.cells for row in _read(city, RESIDENTS).rows]
    numbers = {int(cells["telegram_id"]): cells for cells in rows}
    return {
        number: _person(sandbox, number, cells["name"], cells["language"] or None) for number, cells in numbers.items()
    }


def _person(sandbox: Sandbox, number: int, name: str, lang: str | None) -> Person:
    known = sandbox.exchange.world.user(number)
    return known or sandbox.add_person(name, language_code=lang, id=number)


def _seats(staff: Sheet, households: Sheet) -> dict[str, list[int]]:
    seats: dict[str, list[int]] = defaultdict(list)
    for row in staff.rows:
        number = int(row.cells["telegram_id"])
        if number not in seats[row.cells["unit"]]:
            seats[row.cells["unit"]].append(number)
    for row in households.rows:
        seats[row.cells["grid"]] += [int(part) for part in row.cells["telegram_ids"].split(";") if part]
    return seats


def _chat_id(code: str) -> int:
    """A fixed id for a unit's group, of the shape that supergroups have."""
    return -1_000_000_000_000 - int(code[3:] or "0") - 7


def _group(sandbox: Sandbox, name: str, code: str, bot: Bot, members: Sequence[Person]) -> Chat:
    number = _chat_id(code)
    known = sandbox.exchange.world.chats.get(number)
    if known is not None:
        return known
    chat = sandbox.add_group(name, members[0], members=members[1:], id=number)
    sandbox.seat(chat, bot, admin=True)
    return chat


def _with_chats(units: Sheet, chats: Mapping[str, Chat]) -> Sheet:
    def row_with_chat(cells: Mapping[str, str]) -> Mapping[str, str]:
        chat = chats.get(cells["code"])
        column = "residents_chat" if cells["level"] == GRID else "desk_chat"
        return cells if chat is None else {**cells, column: str(chat.id)}

    return replace(units, rows=tuple(replace(row, cells=row_with_chat(row.cells)) for row in units.rows))
