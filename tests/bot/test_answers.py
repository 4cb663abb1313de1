"""Answers to presses: at once, beside everything else, and never worth a second try."""

import asyncio

from bot.answers import Answers
from bot.meters import Meters
from bot.sandbox import Sandbox
from bot.telegram import App, line_of


def outcomes(meters: Meters, outcome: str) -> float | None:
    return meters.registry.get_sample_value("huying_press_answers_total", {"outcome": outcome})


async def test_a_press_is_answered_with_its_words(sandbox: Sandbox, application: App, meters: Meters) -> None:
    answers = Answers(line_of(application), meters)
    answers.give("77", "claimed", True)
    await sandbox.wait_for(lambda telegram: any(call.method == "answerCallbackQuery" for call in telegram.calls))
    (call,) = (call for call in sandbox.calls if call.method == "answerCallbackQuery")
    assert {"callback_query_id": "77", "text": "claimed"}.items() <= {
        name: str(value) for name, value in call.params.items()
    }.items()
    await answers.stop()


async def test_an_answer_that_comes_too_late_is_counted_and_forgotten(
    sandbox: Sandbox, application: App, meters: Meters
) -> None:
    answers = Answers(line_of(application), meters)
    answers.give("no such press", None)
    await answers.stop()
    assert outcomes(meters, "rejected") == 1
    assert answers._tasks == set()


async def test_stopping_does_not_wait_for_an_answer_that_hangs(
    sandbox: Sandbox, application: App, meters: Meters
) -> None:
    sandbox.fail_next("answerCallbackQuery", "slow", seconds=30)
    answers = Answers(line_of(application), meters)
    answers.give("77", None)
    await sandbox.wait_for(lambda telegram: not telegram.exchange.faults.orders)
    await answers.stop(grace_s=0.01)
    await asyncio.wait(set(answers._tasks) or {asyncio.ensure_future(asyncio.sleep(0))})
    assert answers._tasks == set()
