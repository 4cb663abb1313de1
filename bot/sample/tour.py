"""The guided tour of the sample town: the steps of `tour.json` filled with its people and chats, and who is who."""

import json
from importlib.resources import files
from string import Template
from typing import Any

from bot.sample.town import SampleTown


def tour_of(town: SampleTown) -> dict[str, Any]:
    """The tour as the sandbox's page reads it.

    It is played in the first grid: by a resident, a worker, and the leader of the community at its desk.
    """
    grid = town.grids[0]
    community = grid[:-3]
    places = {
        "grid": town.chats[grid].id,
        "desk": town.chats[community].id,
        "bot": town.bot.username,
        "resident": town.residents(grid)[0].id,
        "worker": town.staff(grid)[0].id,
        "leader": town.staff(community)[0].id,
    }
    text = (files("bot.sample") / "tour.json").read_text("utf-8")
    told: dict[str, Any] = json.loads(Template(text).substitute(places))
    return {"cast": _cast(town, told["posts"]), "steps": told["steps"]}


def _cast(town: SampleTown, words: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Who everybody is, by id: their first post, or that they live there, and the unit's name."""
    units, staff, _ = town.sheets
    names = {row.cells["code"]: row.cells["name"] for row in units.rows}
    levels = {row.cells["code"]: row.cells["level"] for row in units.rows}
    posts = [(row.cells["telegram_id"], row.cells["post"], row.cells["unit"]) for row in staff.rows]
    homes = [(str(one.id), "resident", grid) for grid in town.grids for one in town.residents(grid)]
    return {
        who: {
            language: f"{word} · {names[unit]}"
            for language, word in (words.get(f"{levels[unit]} {post}") or words[post]).items()
        }
        for who, post, unit in reversed([*posts, *homes])
    }
