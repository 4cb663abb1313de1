"""The tour's data, without a browser: complete in both languages, and about people and chats that exist."""

import pytest

from bot.sample.tour import post_names, tour_of
from bot.sample.town import cities, furnish
from bot.sandbox import Sandbox
from routing.model import Post

KEYS = {"panes", "as", "say", "go", "write", "press", "crowd", "wait", "about", "chapter"}
DEEDS = {"write", "press", "crowd"}


@pytest.mark.parametrize("city", cities())
async def test_every_step_speaks_both_languages_and_acts_in_an_open_pane(city: str) -> None:
    async with Sandbox() as sandbox:
        steps = tour_of(furnish(sandbox, city))["steps"]

    for step in steps:
        people = [pane.split("@")[0] for pane in step["panes"].split(",")]
        assert step.keys() <= KEYS
        assert step["say"].keys() == step["go"].keys() == {"zh", "en"}
        assert all([*step["say"].values(), *step["go"].values()])
        assert step["as"] in people
        assert step.get("wait", step)["as"] in people
        assert len(DEEDS & step.keys()) == ("wait" in step)
        assert step.get("chapter", step["say"]).keys() == {"zh", "en"}


@pytest.mark.parametrize("city", cities())
async def test_every_pane_of_the_tour_is_a_chat_that_its_person_is_in(city: str) -> None:
    async with Sandbox() as sandbox:
        town = furnish(sandbox, city)
        shown = {tuple(pane.split("@")) for step in tour_of(town)["steps"] for pane in step["panes"].split(",")}
        groups = {str(chat.id): chat for chat in town.chats.values()}

    private = {chat for _, chat in shown if chat not in groups}
    assert private == {town.bot.username}
    assert [(who, chat) for who, chat in shown if chat in groups and not groups[chat].member(int(who)).present] == []


async def test_everybody_of_the_town_is_named_by_what_they_are() -> None:
    async with Sandbox() as sandbox:
        town = furnish(sandbox)
        cast = tour_of(town)["cast"]

    assert cast.keys() == {str(number) for number in town.people}
    assert cast[str(town.staff(town.grids[0])[0].id)] == {"zh": "网格员 · 春风一网格", "en": "Grid worker · 春风一网格"}
    assert cast[str(town.residents(town.grids[0])[0].id)]["zh"] == "居民 · 春风一网格"


def test_every_post_has_a_word_in_both_languages() -> None:
    words = post_names()

    assert {post.value for post in Post} <= words.keys()
    assert [post for post, word in words.items() if word.keys() != {"zh", "en"}] == []
