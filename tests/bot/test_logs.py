"""Logs: one line per record, countable sentences, and neither secrets nor anybody's words."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import InvalidToken

from bot.logs import Lines, Redactor, configure, hear_what_nobody_caught

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz01234"
WORDS = "my neighbour at 3-2-501 shouts"


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything logged, with the process's logging put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(request.param, [TOKEN, "42:SHORT"], level=logging.DEBUG, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_planted_token_never_appears(log: io.StringIO) -> None:
    logger = logging.getLogger("bot.courier")
    try:
        raise InvalidToken(f"The token `{TOKEN}` was rejected; also https://x/bot{TOKEN.replace(':', '%3A')}/getMe")
    except InvalidToken:
        logger.exception("call failed", extra={"url": f"http://127.0.0.1/bot{TOKEN}/sendMessage", "by": "42:SHORT"})
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger("httpx").warning("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger("telegram.Bot").debug("Calling Bot API endpoint `%s` with parameters `%s`", "x", WORDS)
    said = log.getvalue()
    assert "call failed" in said
    assert "HTTP Request" in said  # the warning came through, without what it had to fill in
    assert "AAE-abc" not in said
    assert "SHORT" not in said


def test_an_unknown_token_is_recognised_by_its_shape() -> None:
    assert Redactor()(f"/bot{TOKEN}/x 12:30:45 {TOKEN}") == "/bot***/x 12:30:45 ***"


def test_nobody_s_words_reach_the_log_through_an_error(log: io.StringIO) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("bot.worker").exception("update failed")
        logging.getLogger("telegram.ext.Application").critical("Error while building %s", WORDS, exc_info=True)
    said = log.getvalue()
    assert "shouts" not in said
    assert "ValueError" in said
    assert "test_nobody_s_words" in said


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_caught_is_logged_without_its_words(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # so that both are put back
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    hear_what_nobody_caught()

    def fails() -> None:
        raise ValueError(f"{WORDS} {TOKEN}")

    thread = threading.Thread(target=fails, name="writer")
    thread.start()
    thread.join()
    try:
        fails()
    except ValueError:
        sys.excepthook(*sys.exc_info())
    said = log.getvalue()
    assert said.count("ended by an error that nobody caught") == 2
    assert said.count("fails:") == 2, "where it rose is said"
    assert "writer" in said
    assert "shouts" not in said
    assert "AAE-abc" not in said


@given(st.text())
def test_whatever_a_field_holds_a_record_is_one_parsable_line(text: str) -> None:
    record = logging.makeLogRecord({"name": "bot.x", "levelname": "INFO", "msg": "case moved", "text": text})
    line = Lines(Redactor(), as_json=True).format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == "case moved"
    assert len(Lines(Redactor(), as_json=False).format(record).splitlines()) == 1
