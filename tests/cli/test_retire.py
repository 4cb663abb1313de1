"""`huying retire`: a bot that is gone is named by the doctor, given up by hand, and tried again when it is back."""

from pathlib import Path

import pytest

from bot import life
from bot.checks.finding import Level
from bot.checks.town import gather, unserved
from bot.cli import inbox, retire
from bot.settings import Settings
from bot.spool import Spool
from routing.membership import is_retired
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


async def test_what_it_had_taken_in_is_counted_and_put_back_for_nobody(left: Run) -> None:
    await tell(lambda stores: [stores.inbox.receive(GONE, number, "chat", b"{}", MONDAY) for number in (1, 2)])

    assert "2 updates that nobody had handled were set aside" in (await left(retire, GONE)).out

    tried = await left(inbox, "--revive", "all")
    assert (tried.code, tried.out.splitlines()[1]) == (1, "2 stay: their bot has no token; see --raw, --drop.")
    assert await ask(lambda stores: stores.inbox.oldest_pending()) is None
    assert "2 deleted" in (await left(inbox, "--drop", "all")).out


async def test_what_waited_for_it_on_the_disk_stands_aside_as_well(left: Run, office: Path) -> None:
    spool = Spool(office / "spool")
    spool.check()
    for bot in (42, GONE):
        spool.put(bot, 1, b"{}")

    assert "1 update that nobody had handled was set aside" in (await left(retire, GONE)).out

    assert [bot for bot, _, _ in spool.waiting()] == [42]
    assert [(one.bot, one.error) for one in spool.aside()] == [(GONE, "its bot was given up")]


async def test_with_its_token_back_it_is_tried_again(left: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    await tell(lambda stores: stores.inbox.receive(GONE, 1, "chat", b"{}", MONDAY))
    await left(retire, GONE)
    monkeypatch.setenv("HUYING_BOT_TOKEN", f"42:SANDBOX,{GONE}:SANDBOX")

    assert "1 will be tried again" in (await left(inbox, "--revive", f"{GONE}:1")).out


async def test_on_a_server_another_program_may_serve_it_until_it_is_given_up(left: Run) -> None:
    await tell(lambda stores: stores.inbox.receive(GONE, 1, "chat", b"{}", MONDAY))
    await tell(lambda stores: stores.inbox.failed(GONE, 1, "KeyError", MONDAY, for_good=True))
    aside = await ask(lambda stores: stores.inbox.aside())
    beside = Settings(database_url="postgresql://here/town")
    assert await ask(lambda stores: inbox._unserved(stores, aside, beside)) == set()

    await left(retire, GONE)

    assert await ask(lambda stores: inbox._unserved(stores, aside, beside)) == {GONE}


async def test_one_that_nobody_knows_is_not_given_up(left: Run) -> None:
    ran = await left(retire, 4444)

    assert (ran.code, ran.err) == (1, "huying: No chat belongs to bot 4444; known are 43.\n")
    assert not await ask(lambda stores: is_retired(stores, 4444))
