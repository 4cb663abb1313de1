"""The whole program over the local Telegram: it starts, answers, says how it is, and stops without a trace of doubt."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from telegram.error import InvalidToken

from bot import announcing, life
from bot.app import Huying
from bot.clock import Clock
from bot.roles import Role, alive_setting
from bot.sandbox import Person, Sandbox
from bot.settings import Secret, Settings, SettingsError
from bot.telegram import ALLOWED_UPDATES, App
from handlers import menus
from routing.membership import retire
from routing.model import ChatKind, ChatState
from storage.backup import LONG_AGO
from storage.store import Store
from tests.bot.conftest import TOKEN, open_store

Starter = Callable[..., Any]


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path) -> Starter:
    """Starts the program on the test's own database and Telegram."""

    @asynccontextmanager
    async def starting(**fields: Any) -> AsyncIterator[Huying]:
        known: dict[str, Any] = {
            "bot_token": (Secret(TOKEN),),
            "api_url": sandbox.url,
            "database_url": f"sqlite+aiosqlite:///{tmp_path / 'town.db'}",
            "http_port": 0,
            "quiet_hours": "off",
        }
        async with Huying(Settings(**(known | fields)), migrate=True) as app:
            yield app

    return starting


@pytest.fixture
def li(sandbox: Sandbox) -> Person:
    return sandbox.add_person("Li Wei", language_code="zh")


async def say(sandbox: Sandbox, person: Person, text: str) -> None:
    await sandbox.act(person, "send_text", chat="private:huying_sample_bot", text=text)


def answers(sandbox: Sandbox, person: Person) -> int:
    """How many messages of the bot stand in the private chat."""
    return sum(message["from"]["is_bot"] for message in sandbox.private(person, "huying_sample_bot"))


async def test_a_person_who_writes_is_answered_and_nothing_is_left_over(
    start: Starter, sandbox: Sandbox, li: Person, tmp_path: Path
) -> None:
    async with start():
        await say(sandbox, li, "/nonsense")
        await sandbox.wait_for(lambda _: answers(sandbox, li) == 1)
    store = await open_store(tmp_path)
    assert await store.read(lambda stores: stores.inbox.pending(10)) == []
    assert dict((await store.read(lambda stores: stores.sending.stats())).by_state).get("sending", 0) == 0
    await store.close()


async def test_what_was_written_while_it_was_down_is_answered_after_the_start(
    start: Starter, sandbox: Sandbox, li: Person
) -> None:
    async with start():
        pass
    await say(sandbox, li, "/nonsense")
    async with start():
        await sandbox.wait_for(lambda _: answers(sandbox, li) == 1)


async def test_through_a_webhook_it_works_the_same(start: Starter, sandbox: Sandbox, li: Person) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hook = {"webhook_url": f"http://127.0.0.1:{port}", "webhook_secret": Secret("hush"), "http_port": port}
    async with start(**hook) as app:
        await sandbox.wait_for(lambda telegram: any(call.method == "setWebhook" for call in telegram.calls))
        await say(sandbox, li, "/nonsense")
        await sandbox.wait_for(lambda _: answers(sandbox, li) == 1)
        assert app.http_port == port
        (hung,) = [call for call in sandbox.calls if call.method == "setWebhook"]
        assert set(json.loads(hung.params["allowed_updates"])) == set(ALLOWED_UPDATES)
    assert not any(call.method == "getUpdates" for call in sandbox.calls)


async def test_it_says_how_it_is(start: Starter, sandbox: Sandbox) -> None:
    async with start() as app, aiohttp.ClientSession() as session:
        root = f"http://127.0.0.1:{app.http_port}"
        async with session.get(root + "/readyz") as response:
            report = await response.json()
            assert (response.status, report["ready"]) == (200, True)
            assert report["roles"] == ["courier", "ingress", "ticker", "worker"]
            assert report["holds"] == ["courier 42", "poller 42", "ticker"]
            assert all(check["well"] and check["says"].endswith(".") for check in report["checks"])
            assert set(report) - {"roles", "holds", "checks"} == {
                "ready",
                "commit_s",
                "poll_age_s",
                "tick_age_s",
                "oldest_update_s",
                "oldest_message_s",
            }
        async with session.get(root + "/metrics") as response:
            assert 'huying_outbox_depth{lane="card"}' in await response.text()


async def test_its_menus_are_set_for_every_scope_and_language(start: Starter, sandbox: Sandbox) -> None:
    wanted = list(menus())
    async with start():
        await sandbox.wait_for(
            lambda telegram: sum(call.method == "setMyCommands" and call.ok for call in telegram.calls) == len(wanted)
        )


async def test_a_token_that_telegram_does_not_accept_is_refused_in_a_sentence(start: Starter) -> None:
    with pytest.raises(SettingsError, match="BotFather"):
        async with start(bot_token=(Secret("43:WRONG"),)):
            pass


async def test_a_port_that_is_taken_is_refused_and_the_database_is_free_again(start: Starter, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="HUYING_HTTP_PORT"):
            async with start(http_port=taken.getsockname()[1]):
                pass
    await (await open_store(tmp_path)).close()


async def test_an_address_that_is_not_of_this_machine_is_refused_by_its_own_setting(start: Starter) -> None:
    with pytest.raises(SettingsError, match="HUYING_HTTP_HOST to an address of this machine"):
        async with start(http_host="192.0.2.1"):
            pass


async def test_while_telegram_is_away_at_the_start_it_waits(
    start: Starter, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.announcing.SLOWEST_RETRY_S", 0.01)
    sandbox.fail_next("getMe", "502", times=1)
    async with start() as app:
        assert app.bots[42].username == "huying_sample_bot"


async def test_menus_are_not_offered_again_to_a_server_that_knows_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def call(method: str, _params: object) -> None:
        asked.append(method)
        raise InvalidToken("Not Found: method not found")

    monkeypatch.setattr(announcing, "line_of", lambda _: SimpleNamespace(call=call))
    async with asyncio.timeout(5):
        await announcing.set_menus({42: cast("App", None)})

    assert asked == ["setMyCommands"] * len(list(menus()))


async def test_two_tokens_are_two_bots_of_one_town(start: Starter, sandbox: Sandbox, li: Person) -> None:
    sandbox.add_bot("Huying Second", "huying_second_bot", token="43:SANDBOX")
    async with start(bot_token=(Secret(TOKEN), Secret("43:SANDBOX"))):
        for name in ("huying_sample_bot", "huying_second_bot"):
            await sandbox.act(li, "send_text", chat=f"private:{name}", text="/nonsense")
        await sandbox.wait_for(
            lambda telegram: all(
                any(message["from"]["id"] == bot for message in telegram.private(li, bot)) for bot in (42, 43)
            )
        )


async def test_what_somebody_changes_at_one_bot_is_true_at_the_others(
    start: Starter, sandbox: Sandbox, li: Person
) -> None:
    sandbox.add_bot("Huying Second", "huying_second_bot", token="43:SANDBOX")

    def answers(bot: int) -> list[dict[str, Any]]:
        return [message for message in sandbox.private(li, bot) if message["from"]["id"] == bot]

    async def writes(name: str, bot: int, text: str) -> dict[str, Any]:
        before = len(answers(bot))
        await sandbox.act(li, "send_text", chat=f"private:{name}", text=text)
        await sandbox.wait_for(lambda _: len(answers(bot)) > before)
        return answers(bot)[-1]

    async def presses(name: str, message: dict[str, Any], data: str, *, forged: bool = False) -> str:
        before = len(sandbox.toasts)
        where = {"chat": f"private:{name}", "message": message["message_id"]}
        await sandbox.act(li, "press", **where, data=data, **({"forged": True} if forged else {}))
        await sandbox.wait_for(lambda _: len(sandbox.toasts) > before)
        return str(sandbox.toasts[-1]["text"])

    async with start(bot_token=(Secret(TOKEN), Secret("43:SANDBOX"))):
        there = await writes("huying_second_bot", 43, "/nonsense")
        chinese = await presses("huying_second_bot", there, "nothing", forged=True)
        asked = await writes("huying_sample_bot", 42, "/lang")
        buttons = [button for row in asked["reply_markup"]["inline_keyboard"] for button in row]
        (data,) = [button["callback_data"] for button in buttons if button["text"].endswith("English")]
        await presses("huying_sample_bot", asked, data)
        english = await presses("huying_second_bot", there, "nothing", forged=True)
    assert not chinese.isascii()
    assert english != chinese


@pytest.mark.parametrize(("away", "fresh"), [(timedelta(minutes=5), True), (timedelta(minutes=1), False)])
async def test_after_a_downtime_in_which_presses_were_lost_cards_are_promised_anew(
    start: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, away: timedelta, fresh: bool
) -> None:
    called = threading.Event()  # works run in the writer's thread

    def refresh(*_: object) -> None:
        called.set()

    monkeypatch.setattr(announcing, "refresh", refresh)
    monkeypatch.setattr(announcing, "_open_cases", lambda _: [1])
    async with start() as app:
        ago = (app.clock.wall() - away).isoformat()
    store = await open_store(tmp_path)
    await store.work(lambda stores: stores.notebook.set_setting(alive_setting(Role.INGRESS), ago))
    await store.close()
    async with start() as app:
        await app.store.work(lambda stores: None)
        assert await asyncio.to_thread(called.wait, 10 if fresh else 0) == fresh


async def test_cards_are_promised_anew_by_a_later_start_when_the_first_one_fails(
    start: Starter, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = threading.Event()
    monkeypatch.setattr(announcing, "refresh", lambda *_: called.set())
    monkeypatch.setattr(announcing, "_open_cases", lambda _: [1])
    async with start():
        pass
    store = await open_store(tmp_path)
    await store.work(lambda stores: stores.notebook.set_setting(alive_setting(Role.INGRESS), LONG_AGO))
    await store.close()
    with pytest.raises(SettingsError):
        async with start(bot_token=(Secret("42:WRONG"),)):
            pass
    assert not called.is_set()
    async with start():
        assert await asyncio.to_thread(called.wait, 10)


async def test_cards_are_promised_anew_until_it_was_done_for_all_of_them_and_then_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in one part keeps the others neither waiting nor from being done again."""
    tried: list[int] = []

    def refresh(_stores: object, cases: list[int], _now: object) -> None:
        tried.append(cases[0])
        if len(tried) == 1:
            raise RuntimeError("as asked")

    monkeypatch.setattr(announcing, "refresh", refresh)
    monkeypatch.setattr(announcing, "_open_cases", lambda _: [1, 2])
    monkeypatch.setattr(announcing, "AT_ONCE", 1)
    monkeypatch.setattr(announcing, "SLOWEST_RETRY_S", 0.01)
    await store.work(lambda stores: stores.notebook.set_setting(alive_setting(Role.INGRESS), LONG_AGO))
    for _ in range(2):
        await life.resume_clock(store, Clock(), takes_in=True)

    for _ in range(2):
        await announcing.promise_anew(store, Clock().now)

    assert tried == [1, 2, 1, 2]


async def test_living_broadcasts_are_shown_anew_beside_the_cases(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, object]] = []
    monkeypatch.setattr(announcing, "refresh", lambda _stores, ids, _now: shown.append(("cases", ids)))
    monkeypatch.setattr(announcing, "show_anew", lambda _stores, ids, _now: shown.append(("broadcasts", ids)))
    monkeypatch.setattr(announcing, "_open_cases", lambda _: [1])
    monkeypatch.setattr(announcing, "living", lambda _: [2])
    await store.work(lambda stores: stores.notebook.set_setting(alive_setting(Role.INGRESS), LONG_AGO))
    await life.resume_clock(store, Clock(), takes_in=True)

    await announcing.promise_anew(store, Clock().now)

    assert shown == [("cases", [1]), ("broadcasts", [2])]


async def test_a_bot_that_was_given_up_serves_again_when_it_starts(start: Starter, tmp_path: Path) -> None:
    store = await open_store(tmp_path)
    await store.work(lambda stores: stores.chats.meet(42, 9, ChatKind.PRIVATE, "", ChatState.OK))
    await store.work(lambda stores: retire(stores, 42, stores.clock()))
    await store.close()
    async with start() as app:
        assert (await app.store.read(lambda stores: stores.chats.find(42, 9))).state is ChatState.OK


async def test_a_faster_clock_goes_on_after_a_restart(start: Starter) -> None:
    async with start(clock_speed=3600.0) as app:
        shown = app.clock.now()
    async with start(clock_speed=1.0) as app:
        assert app.clock.now() >= shown


async def test_a_part_that_dies_ends_the_program_aloud(start: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(self: object) -> None:
        raise RuntimeError("as asked")

    monkeypatch.setattr("bot.courier.Courier.run", die)
    with pytest.raises(RuntimeError, match="as asked"):
        async with start() as app:
            await app.run_until_stopped()


async def test_asked_to_stop_it_returns(start: Starter) -> None:
    async with start() as app:
        app.stop()
        await app.run_until_stopped()
