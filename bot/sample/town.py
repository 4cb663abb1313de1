"""Furnishing a sandbox with the sample town: its people, its groups, and the tables that `huying import` would load."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from bot.sandbox import Bot, Chat, Person, Sandbox
from bot.sheets import read
from routing.sheet import Sheet

TOKEN: Final = "7000000001:SAMPLE-TOWN-OF-HUYING"  # noqa: S105 - opens nothing but the sandbox
USERNAME: Final = "huying_sample_bot"
FILES: Final = ("units.csv", "staff.csv", "households.csv")
RESIDENTS: Final[Mapping[int, tuple[str, str | None]]] = {
    2001: ("王小满", "zh"), 2002: ("周立夏", "zh"), 2003: ("Emma Sample", "en"), 2004: ("郑谷雨", "zh"),
    2005: ("冯白露", "zh"), 2006: ("陈霜降", "zh"), 2007: ("褚立冬", None), 2008: ("卫小雪", "zh"),
    2009: ("蒋大寒", "zh"), 2010: ("沈惊蛰", "zh"), 2011: ("韩清明", "zh"), 2012: ("杨春分", "zh"),
    2013: ("朱芒种", "zh"), 2014: ("秦夏至", "zh"), 2015: ("尤小暑", "zh"), 2016: ("许处暑", "zh"),
    2017: ("何秋分", "zh"), 2018: ("吕寒露", "zh"),
}  # fmt: skip
"""Residents of the sample: named after the solar terms, which nobody is."""


@dataclass(frozen=True, slots=True)
class SampleTown:
    """The furnished sandbox: who is there, which chat serves which unit, and the tables to import."""

    bot: Bot
    people: Mapping[int, Person]
    chats: Mapping[str, Chat]  # by unit code
    sheets: Sequence[Sheet]

    def staff(self, unit: str) -> list[Person]:
        """Everybody with a post in *unit*, in the order of the staff table."""
        rows = next(sheet for sheet in self.sheets if sheet.kind == "staff").rows
        ids = dict.fromkeys(int(row.cells["telegram_id"]) for row in rows if row.cells["unit"] == unit)
        return [self.people[number] for number in ids]

    def residents(self, grid: str) -> list[Person]:
        """Residents bound to a household of *grid*."""
        rows = next(sheet for sheet in self.sheets if sheet.kind == "households").rows
        cells = [row.cells["telegram_ids"] for row in rows if row.cells["grid"] == grid]
        return [self.people[int(part)] for cell in cells for part in cell.split(";") if part]

    @property
    def grids(self) -> list[str]:
        """Codes of the grids, in the order of the units table."""
        rows = next(sheet for sheet in self.sheets if sheet.kind == "units").rows
        return [row.cells["code"] for row in rows if row.cells["level"] == "grid"]


def tables() -> list[Sheet]:
    """The sample's tables as they stand in the files, without chats."""
    with as_file(files("bot") / "sample") as folder:
        return [read(Path(folder) / name) for name in FILES]


def furnish(sandbox: Sandbox, *, privacy: bool = False) -> SampleTown:
    """Create whatever the sandbox does not have yet, and return the town.

    The bot is a member of every group, with privacy mode off unless *privacy*.
    """
    units, staff, households = tables()
    world = sandbox.exchange.world
    bot = world.tokens.get(TOKEN) or sandbox.add_bot("呼应 Huying", USERNAME, TOKEN, privacy=privacy)
    people = {**_staff(sandbox, staff), **_residents(sandbox)}
    seats = _seats(staff, households)
    chats = {
        row.cells["code"]: _group(
            sandbox, row.cells["name"], row.cells["code"], bot, [people[n] for n in seats[row.cells["code"]]]
        )
        for row in units.rows
    }
    return SampleTown(bot, people, chats, (_with_chats(units, chats), staff, households))


def _staff(sandbox: Sandbox, staff: Sheet) -> dict[int, Person]:
    names = {int(row.cells["telegram_id"]): row.cells["name"] for row in staff.rows}
    return {number: _person(sandbox, number, name, "zh") for number, name in names.items()}


def _residents(sandbox: Sandbox) -> dict[int, Person]:
    return {number: _person(sandbox, number, name, lang) for number, (name, lang) in RESIDENTS.items()}


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
        column = "residents_chat" if cells["level"] == "grid" else "desk_chat"
        return {**cells, column: str(chats[cells["code"]].id)}

    return replace(units, rows=tuple(replace(row, cells=row_with_chat(row.cells)) for row in units.rows))
