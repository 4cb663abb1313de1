"""How updates come in: nothing confirmed is lost, nothing comes twice, chatter leaves no trace."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from telegram.error import RetryAfter

from bot.health import Check
from bot.ingress import Intake, Poller, offset_setting, queue_of
from bot.meters import Meters
from bot.sandbox import Person, Sandbox
from bot.settings import Secret, SettingsError
from bot.spool import Spool
from bot.telegram import App, line_of
from bot.web import Web
from bot.webhook import LARGEST_BODY, SECRET_HEADER, Webhook
from bot.worker import Taken
from storage.errors import GroupLost
from storage.store import Store

BOT = 42
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


class Everything:
    """Judges that all concerns us, except what says so."""

    def judge(self, updates: Sequence[Mapping[str, Any]]) -> list[bool]:
        return ["chatter" not in str(update.get("message", {}).get("text")) for update in updates]


class Shaky:
    """A store whose database can be away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    async def work(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.away:
            raise GroupLost("disk I/O error")
        return await self._store.work(use_case, *args, **kwargs)

    async def take_in(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.away:
            raise GroupLost("disk I/O error")
        return await self._store.take_in(use_case, *args, **kwargs)

    async def read(self, question: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await self._store.read(question, *args, **kwargs)


class Listed:
    """Takes the worker's place."""

    alone = True

    def __init__(self, offered: list[Taken]) -> None:
        self.offer = offered.append

    def holds(self, queue: str) -> bool:
        return False

    def make_room(self) -> None:
        """Nothing is handled here."""


@pytest.fixture
def shaky(store: Store) -> Shaky:
    return Shaky(store)


@pytest.fixture
def offered() -> list[Taken]:
    return []


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "spool")
    made.check()
    return made


@pytest.fixture
def intake(shaky: Shaky, offered: list[Taken], meters: Meters, spool: Spool) -> Intake:
    return Intake(BOT, Everything(), shaky, Listed(offered), lambda: NOW, meters, spool)


async def stored(store: Store) -> list[int]:
    return [row.update_id for row in await store.read(lambda stores: stores.inbox.pending(1000))]


def an_update(number: int, text: str = "hello", chat: int = 5) -> dict[str, Any]:
    message = {"message_id": number, "date": 1_800_000_000, "chat": {"id": chat, "type": "private"}, "text": text}
    return {"update_id": number, "message": message}


# Polling


async def speak(sandbox: Sandbox, person: Person, *texts: str) -> None:
    for text in texts:
        await sandbox.act(person, "send_text", chat="private:huying_sample_bot", text=text)


async def poll_until(poller: Poller, met: Callable[[], bool], store: Store) -> None:
    """Poll until *met*, then break off in the middle of the next poll, as a crash would."""
    task = asyncio.create_task(poller.run())
    async with asyncio.timeout(10):
        while not met():
            await store.work(lambda stores: None)  # one turn of the database, no guess about time
    task.cancel()
    await asyncio.wait([task])


CHATTER = {"kind": "message", "fate": "chatter"}


async def test_what_was_polled_is_in_the_inbox_with_its_bytes_before_it_is_confirmed(
    sandbox: Sandbox, application: App, intake: Intake, store: Store, meters: Meters, offered: list[Taken]
) -> None:
    li = sandbox.add_person("Li Wei")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    await speak(sandbox, li, "one", "two", "chatter")
    poller = Poller(line_of(application), intake, store, meters)
    await poll_until(poller, lambda: len(offered) == 3, store)
    texts = [orjson.loads(row.raw)["message"]["text"] for row in offered]
    assert texts == ["/start", "one", "two"]
    assert len(await stored(store)) == 3
    polls = [call for call in sandbox.calls if call.method == "getUpdates"]
    assert "chat_member" in str(polls[0].params["allowed_updates"])
    assert meters.registry.get_sample_value("huying_updates_received_total", CHATTER) == 1


async def test_a_crash_between_the_commit_and_the_next_poll_loses_and_doubles_nothing(
    sandbox: Sandbox, application: App, intake: Intake, store: Store, shaky: Shaky, meters: Meters, offered: list[Taken]
) -> None:
    li = sandbox.add_person("Li Wei")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    line = line_of(application)
    updates = await line.poll(None, wait_s=0)
    await intake.keep(updates, updates[-1]["update_id"] + 1)
    # The process dies here: Telegram was never asked for the next offset, so it delivers the same once more.
    await store.work(lambda stores: stores.notebook.set_setting(offset_setting(BOT), None))
    await speak(sandbox, li, "after the crash")
    await poll_until(Poller(line, intake, store, meters), lambda: len(offered) == 2, store)
    assert len(await stored(store)) == 2
    assert meters.registry.get_sample_value("huying_inbox_duplicates_total") == 1


async def test_while_the_database_is_away_nothing_is_confirmed(
    sandbox: Sandbox, application: App, intake: Intake, store: Store, shaky: Shaky, meters: Meters, offered: list[Taken]
) -> None:
    li = sandbox.add_person("Li Wei")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    shaky.away = True
    poller = Poller(line_of(application), intake, store, meters)
    await poll_until(poller, lambda: poller._pause_s > 0, store)
    assert offered == []
    shaky.away = False
    await poll_until(Poller(line_of(application), intake, store, meters), lambda: len(offered) == 1, store)


async def test_a_second_poller_and_a_leftover_webhook_are_waited_out(
    sandbox: Sandbox, application: App, intake: Intake, store: Store, meters: Meters, offered: list[Taken]
) -> None:
    li = sandbox.add_person("Li Wei")
    line = line_of(application)
    await line.call("setWebhook", {"url": "https://127.0.0.1:9/nobody"})
    sandbox.fail_next("getUpdates", "502")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    await poll_until(Poller(line, intake, store, meters), lambda: len(offered) == 1, store)


async def test_after_a_restart_polling_goes_on_where_it_was(
    sandbox: Sandbox, application: App, intake: Intake, store: Store, meters: Meters, offered: list[Taken]
) -> None:
    li = sandbox.add_person("Li Wei")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    for count, text in ((2, "one"), (3, "two")):
        await speak(sandbox, li, text)
        await poll_until(Poller(line_of(application), intake, store, meters), lambda n=count: len(offered) == n, store)  # type: ignore[misc]  # a bound default
    assert meters.registry.get_sample_value("huying_inbox_duplicates_total") == 0


def test_updates_are_put_in_order_by_chat() -> None:
    group = {"id": -5, "type": "group"}
    assert queue_of(1, {"update_id": 1, "message": {"chat": group}}) == "1:-5"
    assert queue_of(1, {"update_id": 1, "callback_query": {"message": {"chat": group}}}) == "1:-5"
    assert queue_of(1, {"update_id": 1, "my_chat_member": {"chat": group}}) == "1:-5"
    assert queue_of(1, {"update_id": 1, "poll": {}}) == "1:none"


async def test_an_update_that_the_judge_can_t_judge_is_kept(
    store: Store, meters: Meters, spool: Spool, offered: list[Taken]
) -> None:
    class Confused:
        def judge(self, updates: Sequence[Mapping[str, Any]]) -> list[bool]:
            raise KeyError("chat")

    intake = Intake(BOT, Confused(), store, Listed(offered), lambda: NOW, meters, spool)
    await intake.keep([an_update(1)])
    assert await stored(store) == [1]


# The webhook


class Well:
    """A process that is well."""

    stopping = False

    async def __call__(self) -> dict[str, Any]:
        return {"ready": True}

    def vital(self) -> list[Check]:
        return []


@pytest.fixture
async def hook(intake: Intake, meters: Meters) -> AsyncIterator[tuple[Web, str]]:
    web = Web(meters, Well(), Webhook({BOT: intake}, Secret("hush")))
    port = await web.start("127.0.0.1", 0)
    yield web, f"http://127.0.0.1:{port}"
    await web.stop()


async def post(url: str, body: bytes, **headers: str) -> aiohttp.ClientResponse:
    sent = {SECRET_HEADER: "hush", "Content-Type": "application/json"} | headers
    async with aiohttp.ClientSession() as session, session.post(url, data=io.BytesIO(body), headers=sent) as response:
        await response.read()
        return response


async def post_update(hook: tuple[Web, str], update: dict[str, Any]) -> int:
    """Let Telegram bring an update; returns the status of the answer."""
    return (await post(f"{hook[1]}/telegram/{BOT}", orjson.dumps(update))).status


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/telegram/42", b'{"update_id": 1, "message": {"chat": {"id": 1}}}', {}, 200),
        ("/telegram/42", b'{"update_id": 1}', {SECRET_HEADER: "wrong"}, 401),
        ("/telegram/42", b'{"update_id": 1}', {SECRET_HEADER: ""}, 401),
        ("/telegram/42", b'{"update_id": 1}', {SECRET_HEADER: "hush "}, 200),  # HTTP drops the space itself
        ("/telegram/42", b'{"update_id": 1}', {SECRET_HEADER: "hush\u00e9"}, 401),
        ("/telegram/43", b'{"update_id": 1}', {}, 404),
        ("/telegram/x", b'{"update_id": 1}', {}, 404),
        ("/telegram/42", b'{"update_id": 1}', {"Content-Type": "text/plain"}, 415),
        ("/telegram/42", b'{"update_id": 1', {}, 400),
        ("/telegram/42", b"[1]", {}, 400),
        ("/telegram/42", b'{"message": {}}', {}, 400),
        ("/telegram/42", b'{"update_id": "1"}', {}, 400),
        ("/telegram/42", b" " * (LARGEST_BODY + 1), {}, 413),
        ("/telegram/42", b" " * (LARGEST_BODY + 1), {SECRET_HEADER: "wrong"}, 401),
    ],
)
async def test_the_webhook_takes_updates_of_telegram_and_nothing_else(
    hook: tuple[Web, str], store: Store, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    response = await post(hook[1] + path, body, **headers)
    assert response.status == status
    assert await stored(store) == ([1] if status == 200 else [])


async def test_a_redelivered_update_is_stored_once(hook: tuple[Web, str], store: Store, offered: list[Taken]) -> None:
    for _ in range(3):
        assert (await post(hook[1] + "/telegram/42", orjson.dumps(an_update(7)))).status == 200
    assert await stored(store) == [7]
    assert len(offered) == 1


async def test_chatter_is_acknowledged_and_never_stored(hook: tuple[Web, str], store: Store) -> None:
    assert (await post(hook[1] + "/telegram/42", orjson.dumps(an_update(7, "chatter")))).status == 200
    assert await stored(store) == []


async def test_chatter_leaves_no_trace_on_the_disk_either_while_the_database_is_away(
    hook: tuple[Web, str], shaky: Shaky, spool: Spool
) -> None:
    shaky.away = True
    for update in (an_update(7, "chatter"), an_update(8, "report"), an_update(9, "chatter"), an_update(10, "report")):
        assert await post_update(hook, update) == 200
    assert [update_id for _, update_id, _ in spool.waiting()] == [8, 10]


async def test_of_a_batch_that_cannot_be_committed_chatter_is_not_put_on_the_disk(
    intake: Intake, shaky: Shaky, spool: Spool
) -> None:
    shaky.away = True
    with pytest.raises(GroupLost):
        await intake.keep_apart([an_update(7, "chatter"), an_update(8, "report")])
    assert [update_id for _, update_id, _ in spool.waiting()] == [8]


async def test_while_closing_telegram_is_asked_to_come_back(hook: tuple[Web, str], store: Store) -> None:
    hook[0].close_doors()
    response = await post(hook[1] + "/telegram/42", orjson.dumps(an_update(7)))
    assert (response.status, response.headers["Retry-After"]) == (503, "3")
    assert await stored(store) == []


async def test_while_the_database_is_away_updates_are_spooled_and_replayed_in_order(
    hook: tuple[Web, str], store: Store, shaky: Shaky, intake: Intake, spool: Spool, offered: list[Taken]
) -> None:
    shaky.away = True
    for number in (11, 9, 10):
        assert (await post(hook[1] + "/telegram/42", orjson.dumps(an_update(number)))).status == 200
    assert await stored(store) == []
    assert len(spool) == 3
    shaky.away = False
    assert await intake.replay() == 3
    assert [row.update_id for row in offered] == [9, 10, 11]
    assert len(spool) == 0


async def test_when_neither_database_nor_disk_takes_it_telegram_must_keep_it(
    hook: tuple[Web, str], shaky: Shaky, spool: Spool
) -> None:
    shaky.away = True
    spool._folder.rmdir()
    response = await post(hook[1] + "/telegram/42", orjson.dumps(an_update(7)))
    assert (response.status, response.headers["Retry-After"]) == (503, "3")


def test_a_spool_that_can_t_be_written_refuses_to_start(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match="can't be written"):
        Spool(tmp_path / "spool").check()


async def test_health_and_metrics_are_served(hook: tuple[Web, str]) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(hook[1] + "/healthz") as response:
            assert (await response.json())["alive"] is True
        async with session.get(hook[1] + "/readyz") as response:
            assert (response.status, await response.json()) == (200, {"ready": True})
        async with session.get(hook[1] + "/metrics") as response:
            assert "huying_updates_received_total" in await response.text()


async def test_a_poller_that_rests_as_long_as_telegram_asks_goes_on_beating(
    application: App, intake: Intake, store: Store, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ingress.ROUND_S", 0.01)
    poller = Poller(line_of(application), intake, store, meters)
    begun = poller._beaten_at
    resting = asyncio.create_task(poller._rest(RetryAfter(3600)))
    async with asyncio.timeout(20):
        while poller._beaten_at < begun + 0.05:
            await store.work(lambda _: None)
    assert not resting.done()
    poller.stop()
    await asyncio.wait_for(resting, 20)
