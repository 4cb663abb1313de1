"""Long polling: offsets, waiting, conflicts, expiry, and what the bot asked to hear."""

import asyncio

import orjson

from bot.sandbox.updates import ANSWER_BYTES, QUIET_S, REPEAT_S
from bot.sandbox.world import Json
from tests.sandbox.conftest import Cast, keyboard


async def _three(cast: Cast) -> list[int]:
    for text in "abc":
        await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text=text)
    return [update["update_id"] for update in await cast.ask("getUpdates")]


async def test_updates_stay_until_an_offset_confirms_them(cast: Cast) -> None:
    ids = await _three(cast)
    cast.clock.advance(REPEAT_S)

    again = await cast.ask("getUpdates", limit=2)
    rest = await cast.ask("getUpdates", offset=ids[1])

    assert [update["update_id"] for update in again] == ids[:2]
    assert [update["update_id"] for update in rest] == ids[1:]
    assert ids == list(range(ids[0], ids[0] + 3))


async def test_a_negative_offset_keeps_only_the_newest(cast: Cast) -> None:
    ids = await _three(cast)

    newest = await cast.ask("getUpdates", offset=-1)

    assert [update["update_id"] for update in newest] == ids[2:]
    assert [update["update_id"] for update in await cast.ask("getUpdates")] == ids[2:]


async def test_an_offset_from_the_future_confirms_nothing(cast: Cast) -> None:
    ids = await _three(cast)

    found = await cast.ask("getUpdates", offset=ids[-1] + 1_000_000)

    assert [update["update_id"] for update in found] == ids


async def test_a_waiting_poll_is_answered_by_the_next_message(cast: Cast) -> None:
    poll = asyncio.create_task(cast.ask("getUpdates", timeout=50))
    await cast.sandbox.wait_for(lambda _: cast.sandbox.exchange.queue(cast.bot).polled)
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="a")

    assert (await poll)[0]["message"]["text"] == "a"


async def test_a_second_poller_ends_the_first_with_a_conflict(cast: Cast) -> None:
    first = asyncio.create_task(cast.call("getUpdates", timeout=50))
    await cast.sandbox.wait_for(lambda _: cast.sandbox.exchange.queue(cast.bot).polled)

    second = await cast.ask("getUpdates")

    assert second == []
    assert await first == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }


async def test_a_poll_whose_client_hangs_up_stops_waiting_and_loses_nothing(cast: Cast) -> None:
    queue = cast.sandbox.exchange.queue(cast.bot)
    poll = asyncio.create_task(cast.ask("getUpdates", timeout=50))
    await cast.sandbox.wait_for(lambda _: queue.polled)
    poll.cancel()
    await cast.sandbox.wait_for(lambda _: not queue.polled)
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="a")

    assert [update["message"]["text"] for update in await cast.ask("getUpdates", timeout=50)] == ["a"]


async def test_messages_expire_after_a_day_and_presses_after_150_seconds(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("y", "1")))
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="a")
    await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=card["message_id"], data="1")

    async def kinds() -> list[str]:
        return [list(update)[1] for update in await cast.ask("getUpdates")]

    assert await kinds() == ["message", "callback_query"]
    cast.clock.advance(150)
    assert await kinds() == ["message"]
    cast.clock.advance(86_400)
    assert await kinds() == []


async def test_after_a_quiet_week_the_numbers_begin_anew(cast: Cast) -> None:
    ids = await _three(cast)
    cast.clock.advance(QUIET_S + 1)

    assert (await _three(cast))[0] != ids[-1] + 1


async def test_the_choice_of_kinds_is_kept_and_spares_older_updates(cast: Cast) -> None:
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="before")
    await cast.ask("getUpdates", allowed_updates=["callback_query"])
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="after")

    found: list[Json] = await cast.updates()

    assert [update["message"]["text"] for update in found] == ["before"]
    assert (await cast.ask("getWebhookInfo"))["allowed_updates"] == ["callback_query"]


async def test_an_update_can_be_ordered_twice_by_the_same_or_a_new_number(cast: Cast) -> None:
    cast.sandbox.deliver_twice(kind="message")
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="same")
    first = await cast.ask("getUpdates")
    again = await cast.ask("getUpdates", offset=first[-1]["update_id"] + 1)
    cast.sandbox.deliver_twice(new_id=True)
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="new")
    fresh = await cast.updates()

    assert again == first
    assert [update["message"]["text"] for update in fresh] == ["new", "new"]
    assert fresh[0]["update_id"] != fresh[1]["update_id"]


async def test_the_same_offset_asked_again_at_once_gets_one_update(cast: Cast) -> None:
    ids = await _three(cast)

    hasty = await cast.ask("getUpdates")
    cast.clock.advance(REPEAT_S)
    patient = await cast.ask("getUpdates")

    assert [update["update_id"] for update in hasty] == ids[:1]
    assert [update["update_id"] for update in patient] == ids


async def test_an_answer_ends_with_the_update_that_passes_four_megabytes(cast: Cast) -> None:
    text = "字" * 4096
    for _ in range(100):
        await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text=text)
    for pending in cast.sandbox.exchange.queue(cast.bot).alive():
        pending.update["message"]["text"] = text * 5

    sizes = [len(orjson.dumps(update)) for update in await cast.ask("getUpdates")]

    assert 2 < len(sizes) < 100
    assert sum(sizes[:-1]) < ANSWER_BYTES <= sum(sizes)


async def test_a_late_update_comes_when_the_clock_has_moved(cast: Cast) -> None:
    cast.sandbox.deliver_late(seconds=30, kind="message")
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="late")
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="in time")
    first = await cast.updates()
    await cast.sandbox.wait_for(lambda _: cast.clock.sleepers)
    cast.clock.advance(30)
    second = await cast.ask("getUpdates", offset=first[-1]["update_id"] + 1, timeout=50)

    assert [update["message"]["text"] for update in first] == ["in time"]
    assert [update["message"]["text"] for update in second] == ["late"]
    assert second[0]["message"]["date"] == first[0]["message"]["date"]


async def test_a_swapped_update_comes_after_its_successor_and_with_a_higher_number(cast: Cast) -> None:
    cast.sandbox.deliver_swapped()
    for text in "ab":
        await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text=text)

    found = await cast.updates()

    assert [update["message"]["text"] for update in found] == ["b", "a"]
    assert found[0]["update_id"] < found[1]["update_id"]
