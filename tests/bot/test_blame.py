"""Who is to blame that an update could not be handled, and how long they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from telegram.error import BadRequest, EndPointNotFound, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.blame import MOST_OWN, PATIENCE_S, Blame, Trial, blamed, rest_s
from bot.sandbox import Sandbox
from bot.telegram import App, line_of
from storage.errors import Closed, CommitUnknown


def _of_server(state: str) -> DBAPIError:
    class Said(Exception):
        sqlstate = state

    return DBAPIError("", None, Said())


@pytest.mark.parametrize(
    ("error", "whose"),
    [
        (KeyError("name"), Blame.UPDATE),
        (TimeoutError(), Blame.UPDATE),
        (BadRequest("Wrong user_id"), Blame.UPDATE),
        (Forbidden("bot was kicked"), Blame.UPDATE),
        (EndPointNotFound("Not Found"), Blame.UPDATE),
        (NetworkError("Bad Gateway"), Blame.TELEGRAM),
        (TimedOut(), Blame.TELEGRAM),
        (InvalidToken("Unauthorized"), Blame.TELEGRAM),
        (RetryAfter(30), Blame.FLOOD),
        (CommitUnknown(), Blame.DATABASE),
        (Closed(), Blame.DATABASE),
        (_of_server("57P01"), Blame.DATABASE),
        (_of_server("55P03"), Blame.LOCK),
        (_of_server("40001"), Blame.LOCK),
        (_of_server("57014"), Blame.UPDATE),
    ],
)
def test_an_update_is_blamed_for_what_it_makes_telegram_say_and_not_for_silence(error: Exception, whose: Blame) -> None:
    assert blamed(error) is whose


def test_telegram_is_left_alone_for_longer_each_time_and_the_database_is_not() -> None:
    pauses_s = (0.5, 3.0)
    assert [rest_s(TimedOut(), tries, pauses_s) for tries in (1, 2, 3, 7, 400)] == [0.5, 1.0, 2.0, 30.0, 30.0]
    assert [rest_s(CommitUnknown(), tries, pauses_s) for tries in (1, 2, 3, 400)] == [0.5, 3.0, 3.0, 3.0]
    assert rest_s(RetryAfter(40), 1, pauses_s) == 40.0


@given(st.lists(st.floats(0.0, 60.0), max_size=100))
def test_an_outage_for_all_makes_no_update_hopeless_however_long_it_is(pauses_s: list[float]) -> None:
    trial, now = Trial(1_000.0, 1_000.0), 1_000.0
    for pause_s in pauses_s:
        now += pause_s
        trial = trial.failed(now, answered_at=999.0)
    assert not trial.hopeless


def test_an_update_is_hopeless_when_others_were_answered_all_the_while_often_and_for_long() -> None:
    trial, step_s = Trial(0.0, 0.0), PATIENCE_S / MOST_OWN
    for number in range(1, MOST_OWN + 1):
        assert not trial.hopeless
        trial = trial.failed(number * step_s, answered_at=number * step_s - 1)
    assert trial.hopeless
    quick = Trial(0.0, 0.0)
    for number in range(1, 10 * MOST_OWN):
        quick = quick.failed(float(number), answered_at=number - 0.5)
    assert not quick.hopeless, "a minute or two may be somebody else's restart"


async def test_a_line_knows_when_telegram_last_answered_it(application: App, sandbox: Sandbox) -> None:
    line = line_of(application)
    before = line.answered_at
    sandbox.fail_next("getMe", "502")
    with pytest.raises(NetworkError):
        await line.call("getMe", {})
    await line.poll(None, wait_s=0)
    assert line.answered_at == before
    with pytest.raises(BadRequest):
        await line.call("sendMessage", {"chat_id": 1, "text": "nobody is there"})
    assert line.answered_at > before
    refused_at = line.answered_at
    await line.call("getMe", {})
    assert line.answered_at > refused_at
