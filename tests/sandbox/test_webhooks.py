"""Webhooks: the secret, order, retries with pauses, and what happens to what was not taken."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.world import Json
from tests.sandbox.conftest import Cast, keyboard

Answer = Callable[[Json], web.Response]


class Receiver:
    """A webhook that answers as it is told and remembers what came."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.url = ""
        self.got: list[Json] = []
        self.secrets: list[str | None] = []
        self.answers: list[web.Response] = []

    async def receive(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.cast.sandbox.exchange.hub.changed()
        return self.answers.pop(0) if self.answers else web.Response()

    async def has(self, count: int) -> list[Json]:
        """Wait until *count* requests have come."""
        await self.cast.sandbox.wait_for(lambda _: len(self.got) >= count)
        return self.got

    def texts(self) -> list[Any]:
        return [update["message"]["text"] for update in self.got if "message" in update]


@pytest.fixture
async def receiver(cast: Cast) -> AsyncIterator[Receiver]:
    receiver = Receiver(cast)
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await cast.call("deleteWebhook")
    await runner.cleanup()


async def _write(cast: Cast, text: str) -> None:
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text=text)


async def _nothing_waits(cast: Cast) -> None:
    await cast.sandbox.wait_for(lambda sandbox: not sandbox.exchange.queue(cast.bot).pending)


async def test_updates_come_with_the_secret_and_in_the_order_of_their_chat(cast: Cast, receiver: Receiver) -> None:
    assert await cast.ask("setWebhook", url=receiver.url, secret_token="s3cret")
    for text in "abc":
        await _write(cast, text)

    await receiver.has(3)

    assert receiver.texts() == ["a", "b", "c"]
    assert set(receiver.secrets) == {"s3cret"}
    refusal = await cast.refusal("getUpdates")
    assert refusal.startswith("Conflict: can't use getUpdates method while webhook is active")


async def test_a_refused_update_comes_again_at_once_then_later_with_the_same_number(
    cast: Cast, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=500)]
    await cast.ask("setWebhook", url=receiver.url)
    await _write(cast, "a")
    await receiver.has(2)
    await cast.sandbox.wait_for(lambda _: cast.clock.sleepers)
    info = await cast.ask("getWebhookInfo")

    cast.clock.advance(2)
    got = await receiver.has(3)

    assert len({update["update_id"] for update in got}) == 1
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert info["pending_update_count"] == 1


async def test_the_receiver_may_name_the_pause(cast: Cast, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=503, headers={"Retry-After": "30"})]
    await cast.ask("setWebhook", url=receiver.url)
    await _write(cast, "a")
    await cast.sandbox.wait_for(lambda _: cast.clock.sleepers)

    cast.clock.advance(29)
    assert cast.clock.sleepers == 1
    cast.clock.advance(1)
    await receiver.has(2)


async def test_a_failing_press_does_not_hold_up_the_messages_of_the_chat(cast: Cast, receiver: Receiver) -> None:
    card = await cast.say("card", reply_markup=keyboard(("y", "1")))
    receiver.answers = [web.Response(status=500), web.Response(status=500)]
    await cast.ask("setWebhook", url=receiver.url)
    await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=card["message_id"], data="1")
    await receiver.has(2)
    await _write(cast, "a")

    await cast.sandbox.wait_for(lambda _: receiver.texts() == ["a"])

    assert cast.sandbox.exchange.queue(cast.bot).pending


async def test_a_press_that_fails_too_long_is_dropped(cast: Cast, receiver: Receiver) -> None:
    card = await cast.say("card", reply_markup=keyboard(("y", "1")))
    receiver.answers = [web.Response(status=503, headers={"Retry-After": "151"})]
    await cast.ask("setWebhook", url=receiver.url)
    await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=card["message_id"], data="1")

    await receiver.has(1)
    await _nothing_waits(cast)


async def test_a_call_in_the_answer_is_carried_out(cast: Cast, receiver: Receiver) -> None:
    call = {"method": "sendMessage", "chat_id": cast.group.id, "text": "from the answer"}
    receiver.answers = [web.json_response(call)]
    await cast.ask("setWebhook", url=receiver.url)
    await _write(cast, "a")

    await cast.sandbox.wait_for(lambda s: s.messages(cast.group.id)[-1].get("text") == "from the answer")


async def test_what_was_not_taken_waits_for_the_poll(cast: Cast, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500)] * 2
    await cast.ask("setWebhook", url=receiver.url)
    await _write(cast, "a")
    await receiver.has(2)
    await cast.ask("deleteWebhook")

    assert [update["message"]["text"] for update in await cast.updates()] == ["a"]


async def test_an_update_can_be_delivered_again_to_a_webhook(cast: Cast, receiver: Receiver) -> None:
    await cast.ask("setWebhook", url=receiver.url)
    cast.sandbox.deliver_twice()
    await _write(cast, "a")

    got = await receiver.has(2)

    assert got[0] == got[1]


async def test_what_was_to_come_again_to_a_poll_comes_to_the_webhook_that_is_set_instead(
    cast: Cast, receiver: Receiver
) -> None:
    await _write(cast, "a")
    (update,) = await cast.ask("getUpdates")
    assert await cast.ask("getUpdates", offset=update["update_id"] + 1) == []
    assert cast.sandbox.exchange.queue(cast.bot).redeliver(update["update_id"])
    await cast.ask("setWebhook", url=receiver.url)

    assert await receiver.has(1) == [update]
    await _nothing_waits(cast)


async def test_bad_addresses_and_secrets_are_refused(cast: Cast) -> None:
    refusal = await cast.refusal("setWebhook", url="ftp://x.example")
    assert refusal == "Bad Request: invalid webhook URL specified"
    refusal = await cast.refusal("setWebhook", url="http://127.0.0.1/x", secret_token="no spaces")
    assert refusal == "Bad Request: secret token contains unallowed characters"


async def test_a_webhook_can_get_updates_out_of_order_with_the_numbers_of_their_turn(
    cast: Cast, receiver: Receiver
) -> None:
    await cast.ask("setWebhook", url=receiver.url)
    cast.sandbox.deliver_swapped()
    for text in "abc":
        await _write(cast, text)

    got = await receiver.has(3)

    assert receiver.texts() == ["b", "a", "c"]
    assert got[1]["update_id"] < got[0]["update_id"] < got[2]["update_id"]


def _gone() -> web.Response:
    return web.Response(status=410, headers={"Retry-After": "3000"})


async def _fail_for_a_day(cast: Cast, receiver: Receiver) -> None:
    """28 refusals, 3,000 seconds apart: the next attempt comes 23 hours and 20 minutes after the first."""
    for attempt in range(1, 29):
        await receiver.has(attempt)
        await cast.sandbox.wait_for(lambda _: cast.clock.sleepers)
        assert (await cast.ask("getWebhookInfo"))["url"] == receiver.url
        cast.clock.advance(3000)
    await receiver.has(29)


async def test_a_webhook_that_says_it_is_gone_for_23_hours_is_removed(cast: Cast, receiver: Receiver) -> None:
    receiver.answers = [_gone() for _ in range(29)]
    await cast.ask("setWebhook", url=receiver.url)
    await _write(cast, "a")
    await _fail_for_a_day(cast, receiver)

    await cast.sandbox.wait_for(lambda s: cast.bot.id not in s.exchange.couriers)

    assert (await cast.ask("getWebhookInfo"))["url"] == ""


async def test_a_webhook_that_fails_otherwise_in_between_is_kept(cast: Cast, receiver: Receiver) -> None:
    unwell = web.Response(status=503, headers={"Retry-After": "3000"})
    receiver.answers = [*(_gone() for _ in range(14)), unwell, *(_gone() for _ in range(14))]
    await cast.ask("setWebhook", url=receiver.url)
    await _write(cast, "a")
    await _fail_for_a_day(cast, receiver)

    await _nothing_waits(cast)

    assert (await cast.ask("getWebhookInfo"))["url"] == receiver.url


async def test_a_strict_sandbox_takes_one_address_a_second(cast: Cast, receiver: Receiver) -> None:
    cast.sandbox.exchange.limits.strict = True
    await cast.ask("setWebhook", url=receiver.url)

    refused = await cast.call("setWebhook", url=receiver.url)
    await cast.ask("deleteWebhook")
    cast.clock.advance(1)

    assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 1})
    await cast.ask("setWebhook", url=receiver.url)
