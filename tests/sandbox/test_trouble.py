"""Limits and ordered trouble: 429 where Telegram gives it, and calls that break in every way."""

import asyncio

import pytest
from telegram import Bot as PtbBot
from telegram.error import NetworkError, RetryAfter

from bot.sandbox import Refused
from tests.sandbox.conftest import TOKEN, Cast


async def _strictly(cast: Cast) -> None:
    cast.sandbox.exchange.limits.strict = True
    cast.clock.advance(60)


async def test_a_group_takes_twenty_messages_a_minute_edits_included(cast: Cast) -> None:
    await _strictly(cast)
    card = await cast.say("card")
    for number in range(19):
        cast.clock.advance(1)
        await cast.ask("editMessageText", chat_id=cast.group.id, message_id=card["message_id"], text=f"{number}")
    cast.clock.advance(1)

    refused = await cast.call("sendMessage", chat_id=cast.group.id, text="x")

    assert refused["error_code"] == 429
    assert refused["parameters"] == {"retry_after": 40}
    assert refused["description"] == "Too Many Requests: retry after 40"
    cast.clock.advance(40)
    await cast.say("x")


async def test_a_bot_sends_thirty_messages_a_second(cast: Cast) -> None:
    people = [cast.sandbox.add_person(f"Sample {number}") for number in range(31)]
    for person in people:
        await cast.sandbox.act(person, "start", bot="huying_sample_bot")
    await _strictly(cast)
    for person in people[:30]:
        await cast.ask("sendMessage", chat_id=person.id, text="x")

    refused = await cast.call("sendMessage", chat_id=people[30].id, text="x")

    assert refused["parameters"] == {"retry_after": 1}
    cast.clock.advance(1)
    await cast.ask("sendMessage", chat_id=people[30].id, text="x")


async def test_one_chat_takes_short_bursts_and_then_one_a_second(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")
    await _strictly(cast)
    for _ in range(5):
        await cast.ask("sendMessage", chat_id=cast.li.id, text="x")

    assert (await cast.call("sendMessage", chat_id=cast.li.id, text="x"))["error_code"] == 429
    cast.clock.advance(1)
    await cast.ask("sendMessage", chat_id=cast.li.id, text="x")


async def test_an_album_counts_by_its_pictures_and_answers_to_presses_are_free(cast: Cast) -> None:
    await _strictly(cast)
    await cast.sandbox.act(cast.li, "send_photo", chat=cast.group.id)
    photo = (await cast.updates())[-1]["message"]["photo"][-1]["file_id"]
    media = [{"type": "photo", "media": photo}] * 6

    for _ in range(3):
        await cast.ask("sendMediaGroup", chat_id=cast.group.id, media=media)
        cast.clock.advance(6)
    refused = await cast.call("sendMediaGroup", chat_id=cast.group.id, media=media)

    assert refused["parameters"] == {"retry_after": 42}
    refusal = await cast.refusal("answerCallbackQuery", callback_query_id="1")
    assert refusal.startswith("Bad Request: query is too old")


async def test_the_wait_stands_in_the_header_too(cast: Cast) -> None:
    cast.sandbox.fail_next("sendMessage", "429", retry_after=7)
    address = f"{cast.sandbox.url}/bot{TOKEN}/sendMessage"
    async with cast.session.post(address, data={"chat_id": cast.group.id, "text": "x"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")


async def test_an_ordered_429_is_a_retry_after_for_the_library(
    ptb: PtbBot, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    cast.sandbox.fail_next("sendMessage", "429", retry_after=3)

    with pytest.raises(RetryAfter):
        await ptb.send_message(cast.group.id, "x")
    await ptb.send_message(cast.group.id, "x")


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_an_ordered_server_error_carries_nothing_out(cast: Cast, code: int) -> None:
    cast.sandbox.fail_next("sendMessage", str(code))

    assert (await cast.call("sendMessage", chat_id=cast.group.id, text="x"))["error_code"] == code
    assert len(cast.sandbox.messages(cast.group.id)) == 1


async def test_a_lost_answer_leaves_the_message_behind_and_a_dropped_call_does_not(ptb: PtbBot, cast: Cast) -> None:
    cast.sandbox.fail_next("sendMessage", "lost")
    with pytest.raises(NetworkError):
        await ptb.send_message(cast.group.id, "lost")
    cast.sandbox.fail_next("sendMessage", "drop")
    with pytest.raises(NetworkError):
        await ptb.send_message(cast.group.id, "dropped")

    assert [message.get("text") for message in cast.sandbox.messages(cast.group.id)][1:] == ["lost"]


async def test_a_slow_answer_outlasts_an_impatient_client(cast: Cast) -> None:
    cast.sandbox.fail_next("sendMessage", "slow", seconds=600)

    call = asyncio.create_task(cast.say("slow"))
    await cast.sandbox.wait_for(lambda s: s.messages(cast.group.id)[-1].get("text") == "slow")

    assert (await cast.ask("getMe"))["id"] == cast.bot.id
    assert not call.done()
    call.cancel()


async def test_trouble_meets_only_the_calls_it_was_ordered_for(cast: Cast) -> None:
    cast.sandbox.fail_next("sendMessage", "500", times=2, contains="灯")

    await cast.say("x")
    assert (await cast.call("sendMessage", chat_id=cast.group.id, text="灯坏了"))["error_code"] == 500
    assert (await cast.call("sendMessage", chat_id=cast.group.id, text="灯坏了"))["error_code"] == 500
    await cast.say("灯坏了")
    assert cast.sandbox.tally["sendmessage"] == 2
    assert cast.sandbox.tally["sendmessage 500"] == 2
    with pytest.raises(Refused):
        cast.sandbox.fail_next("sendMessage", "gently")
