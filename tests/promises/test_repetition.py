"""R1, R2: what Telegram tells twice, in whatever order and under whatever number, has its effect once."""

import random

import pytest

from bot.sandbox.world import Json
from storage.stores import Stores
from tests.handlers.cast import NOISE, card_of, claimed, filed, resolved
from tests.promises.ledger import TRUTH, ledger, truth
from tests.town import Town


async def history(town: Town) -> list[Json]:
    """A morning in the town; returns every update of it, as Telegram wrote them."""
    recent = town.sandbox.exchange.queues[town.sample.bot.id].recent
    recent.clear()
    await resolved(town)
    await town.wang.presses(card_of(town, town.wang, 1), "满意")
    await town.li.presses(await filed(town, NOISE, town.zhou), "接单")
    third = await town.wang.sends_album(3, caption="/report 垃圾桶满了没人清")
    await town.passes(seconds=20)
    await town.wang.writes("还有一处在北门", reply_to=third["messages"][0])
    question = await town.wang.writes("3号楼电梯坏了")
    await town.wang.presses(town.answer_to(question), "上报给网格员")
    await town.quiet()
    return list(recent)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_whole_history_told_again_in_random_order_changes_nothing(town: Town, seed: int) -> None:
    updates = await history(town)
    before = await town.read(ledger, *TRUTH, "outbox", "prompts", "drafts", "carriers")
    random.Random(seed).shuffle(updates)

    for update in updates:
        town.sandbox.exchange.queues[town.sample.bot.id].redeliver(update["update_id"])
    await town.quiet()

    assert await town.cases() == 4
    assert await town.read(ledger, *TRUTH, "outbox", "prompts", "drafts", "carriers") == before
    assert len(updates) > 12


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_press_of_the_history_repeated_under_a_new_number_changes_no_case(town: Town, seed: int) -> None:
    presses = [update["callback_query"] for update in await history(town) if "callback_query" in update]
    before = await town.read(truth)
    random.Random(seed).shuffle(presses)

    for press in presses * 2:
        chat = press["message"]["chat"]
        await town.sandbox.act(
            press["from"]["id"],
            "press",
            chat=town.bot_chat if chat["type"] == "private" else chat["id"],
            message=press["message"]["message_id"],
            data=press["data"],
            forged=True,
        )
    await town.quiet()

    assert len(presses) > 4
    assert await town.read(truth) == before


async def test_a_report_told_again_under_a_new_number_is_the_same_case(town: Town) -> None:
    town.sandbox.deliver_twice(kind="message", new_id=True)
    await town.wang.writes("/report 垃圾桶满了没人清")

    assert await town.cases() == 1


async def test_a_claim_pressed_by_a_phone_that_lost_its_line_is_one_claim(town: Town) -> None:
    card = await filed(town)
    data = town.li._data(card, "接单")
    await town.li.acts("press", chat=town.group.id, message=card["message_id"], data=data, again=True)
    await town.quiet()

    assert await town.read(_events) == ["Filed", "Dispatched", "Claimed"]


async def test_after_a_restart_what_telegram_tells_again_is_known(town: Town) -> None:
    await claimed(town)
    queue = town.sandbox.exchange.queues[town.sample.bot.id]
    told = [update["update_id"] for update in queue.recent]
    before = await town.read(truth)
    await town.restart()

    for number in told:
        queue.redeliver(number)
    await town.quiet()

    assert await town.read(truth) == before


def _events(stores: Stores) -> list[str]:
    case = stores.cases.by_number(1)
    return [type(entry.event).__name__ for entry in stores.log.of(case.id)]
