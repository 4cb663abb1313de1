"""`huying retire`: a bot that is gone is named by the doctor, given up by hand, and tried again when it is back."""

import pytest

from bot import life
from bot.checks.finding import Level
from bot.checks.town import gather, unserved
from bot.cli import retire
from routing.model import ChatKind, ChatState
from storage.stores import Stores
from tests.cli.conftest import Run, ask, tell
from tests.routing.village import MONDAY

GONE = 43


def _state(stores: Stores) -> ChatState:
    chat = stores.chats.find(GONE, -1)
    assert chat is not None
    return chat.state


@pytest.fixture
async def left(run: Run) -> Run:
    """A town in which a bot without a token has a chat."""
    await tell(lambda stores: stores.chats.meet(GONE, -1, ChatKind.UNBOUND, "a group", ChatState.OK))
    return run


async def test_the_doctor_names_it_until_it_is_given_up(left: Run) -> None:
    found = unserved(await ask(lambda stores: gather(stores, 1)), [42])
    assert (found.level, list(found.items)) == (Level.FAILURE, ["bot 43: 1 chat"])

    assert (await left(retire, GONE)).out == "bot 43 is given up; 1 of its chats were not known to be lost before\n"

    assert unserved(await ask(lambda stores: gather(stores, 1)), [42]).level is Level.OK


async def test_one_whose_token_is_there_is_not_given_up(left: Run) -> None:
    ran = await left(retire, 42)

    assert (ran.code, ran.out) == (1, "")
    assert "take it out first" in ran.err


async def test_a_start_with_its_token_tries_its_chats_again_and_owes_them_fresh_cards(left: Run) -> None:
    await tell(lambda stores: life.bot_is_here(stores, GONE, MONDAY))
    assert await ask(life.owed_anew) is None
    await left(retire, GONE)
    assert await ask(_state) is ChatState.GONE

    await tell(lambda stores: life.bot_is_here(stores, GONE, MONDAY))

    assert await ask(_state) is ChatState.OK
    assert await ask(life.owed_anew) == MONDAY.isoformat()
