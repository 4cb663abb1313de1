"""The guided tour of the sample town: the steps of `tour.json` filled with its people and chats, and who is who."""

import json
from importlib.resources import files
from string import Template
from typing import Any, Final

from bot.sample.town import SampleTown

POSTS: Final = "posts.json"
"""What posts are called, those of some levels by a name of their own."""


def tour_of(town: SampleTown) -> dict[str, Any]:
    """The tour as the sandbox's page reads it.

    A town's `tour.json` says which `places` its steps name: ``chat CODE``, ``resident GRID`` (the first one of it), or
    ``staff CODE`` (the first of the unit, or of one post: ``staff CODE POST``). Several people, each in a chat, are
    named by ``residents GRID…`` (all of a grid, in its group) and ``workers GRID…`` (the first of each, in private).
    """
    text = (files("bot.sample") / town.city / "tour.json").read_text("utf-8")
    named = {name: _places(town, *place.split()) for name, place in json.loads(text)["places"].items()}
    told = json.loads(Template(text).substitute(named, bot=town.bot.username))
    return {"cast": _cast(town, post_names()), "steps": told["steps"]}


def post_names() -> dict[str, dict[str, str]]:
    """By post, or level and post: its name in each language."""
    names: dict[str, dict[str, str]] = json.loads((files("bot.sample") / POSTS).read_text("utf-8"))
    return names


def _places(town: SampleTown, what: str, *codes: str) -> str:
    match what:
        case "residents":
            return ",".join(f"{one.id}@{town.chats[grid].id}" for grid in codes for one in town.residents(grid))
        case "workers":
            return ",".join(f"{town.staff(grid)[0].id}@{town.bot.username}" for grid in codes)
        case _:
            return str(_place(town, what, *codes))


def _place(town: SampleTown, what: str, code: str, post: str | None = None) -> int:
    match what:
        case "chat":
            return town.chats[code].id
        case "resident":
            return town.residents(code)[0].id
        case _:
            return town.staff(code, post)[0].id


def _cast(town: SampleTown, words: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Who everybody is, by id: their first post, or that they live there, and the unit's name."""
    units, staff, _ = town.sheets
    names = {row.cells["code"]: row.cells["name"] for row in units.rows}
    levels = town.levels
    posts = [(row.cells["telegram_id"], row.cells["post"], row.cells["unit"]) for row in staff.rows]
    homes = [(str(one.id), "resident", grid) for grid in town.grids for one in town.residents(grid)]
    return {
        who: {
            language: f"{word} · {names[unit]}"
            for language, word in (words.get(f"{levels[unit]} {post}") or words[post]).items()
        }
        for who, post, unit in reversed([*posts, *homes])
    }
