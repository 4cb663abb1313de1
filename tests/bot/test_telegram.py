"""The application that is built: our line, our limits, and nothing of PTB's that loses updates or memory."""

import ssl
from types import SimpleNamespace
from typing import Any

import pytest
from httpcore._synchronization import current_async_library
from telegram.ext import CallbackContext

from bot.chores import Chores
from bot.clock import Clock
from bot.meters import Meters
from bot.settings import Secret
from bot.telegram import IN_FLIGHT, Line, build, forget_seen_ids, line_of


def test_the_application_has_no_queue_persistence_or_polling_of_its_own() -> None:
    application = build(Secret("42:SANDBOX"), "http://127.0.0.1:8081")
    assert application.updater is None
    assert application.persistence is None
    assert application._job_queue is None
    assert application.bot.base_url == "http://127.0.0.1:8081/bot42:SANDBOX"
    assert application.bot.base_file_url == "http://127.0.0.1:8081/file/bot42:SANDBOX"
    assert isinstance(line_of(application), Line)


def test_waiting_times_keep_doubts_rare_and_the_pool_is_wider_than_what_flies() -> None:
    application = build(Secret("42:SANDBOX"), "http://127.0.0.1:8081")
    polls, sends = (request._client for request in application.bot._request)
    assert sends.timeout.connect == 3
    assert sends.timeout.read == 25
    assert sends._transport._pool._max_connections > IN_FLIGHT
    assert polls._transport._pool._max_connections == 8


def test_certificates_are_read_once_and_believed_in_by_every_request() -> None:
    lines = [build(Secret("42:SANDBOX"), "https://api.telegram.org").bot for _ in range(2)]
    trusted = {request._client._transport._pool._ssl_context for line in lines for request in line._request}

    assert len(trusted) == 1
    (context,) = trusted
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.get_ca_certs()


@pytest.mark.parametrize(("url", "proxied"), [("http://127.0.0.1:8081", 0), ("https://api.telegram.org", 2)])
def test_a_proxy_of_the_environment_is_for_what_leaves_this_machine(
    url: str, proxied: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for scheme in ("HTTP", "HTTPS"):
        monkeypatch.setenv(f"{scheme}_PROXY", "http://127.0.0.1:9")
    polls, sends = (request._client for request in build(Secret("42:SANDBOX"), url).bot._request)

    assert [sum(one is not None for one in client._mounts.values()) for client in (polls, sends)] == [proxied] * 2


def test_a_call_looks_for_no_module_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What httpcore asks for in every call is known or known to be absent, so the path is not searched."""

    def searched(name: str, *_: object) -> None:
        raise AssertionError(f"{name} is searched for")

    monkeypatch.setattr("importlib.machinery.PathFinder.find_spec", searched)

    assert current_async_library() == "asyncio"


def test_handlers_get_the_context_that_was_asked_for() -> None:
    class Ours(CallbackContext):  # type: ignore[type-arg]  # PTB's own parameters do not matter here
        """A context of ours."""

    application = build(Secret("42:SANDBOX"), "http://127.0.0.1:8081", Ours)
    assert application.context_types.context is Ours


def test_the_ids_that_ptb_never_forgets_are_forgotten() -> None:
    application = build(Secret("42:SANDBOX"), "http://127.0.0.1:8081")
    application._chat_ids_to_be_updated_in_persistence.update({1, 2})
    application._user_ids_to_be_updated_in_persistence.add(3)
    assert forget_seen_ids(application) == 3
    assert forget_seen_ids(application) == 0


async def test_every_half_minute_they_are_forgotten_and_the_worker_looks_into_the_inbox(meters: Meters) -> None:
    looked: list[str] = []
    application = build(Secret("42:SANDBOX"), "http://127.0.0.1:8081")
    application._chat_ids_to_be_updated_in_persistence.add(1)
    worker: Any = SimpleNamespace(refresh=lambda: looked.append("inbox"))
    given: dict[str, Any] = dict.fromkeys(("listening", "forget", "machine", "report"))
    chores = Chores(
        None,  # type: ignore[arg-type]  # nobody asks it
        Clock(),
        meters,
        worker=worker,
        intakes=(),
        applications=[application],
        by_webhook=False,
        **given,
    )
    refill = next(job for job in chores.all() if job.name == "refill")

    await refill.call()

    assert looked == ["inbox"]
    assert forget_seen_ids(application) == 0
    assert refill.every_s <= 30


async def test_a_poll_on_a_dead_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits a little longer than Telegram is asked to, and neither for ever nor as short as any other call."""
    asked: dict[str, Any] = {}

    async def post(_: Line, endpoint: str, params: dict[str, Any], *, read_timeout: float) -> list[Any]:
        asked.update(params, endpoint=endpoint, read_timeout=read_timeout)
        return []

    monkeypatch.setattr(Line, "_post", post)
    await line_of(build(Secret("42:SANDBOX"), "http://127.0.0.1:8081")).poll(None)

    assert asked["endpoint"] == "getUpdates"
    assert asked["timeout"] < asked["read_timeout"] <= asked["timeout"] + 10


def test_a_ptb_without_those_sets_is_left_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram._NEVER_CLEARED", ("_gone",))
    assert forget_seen_ids(build(Secret("42:SANDBOX"), "http://127.0.0.1:8081")) == 0
