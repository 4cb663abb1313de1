"""The judgements of `huying doctor`, one by one, without a network or a database."""

import errno
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.checks import Level, machine, telegram, town
from bot.checks.api import BotFacts, Reach, Seat
from bot.checks.database import backed_up, database, flushed, soundness, version, writable
from bot.checks.finding import OTHER_USER, Finding
from bot.checks.machine import MIB
from bot.failures import Failure, Kind
from bot.spool import Spool
from bot.telegram import ALLOWED_UPDATES
from routing.model import Appointment, Chat, ChatId, ChatKind, ChatState, PersonId, Post, Unit, UnitCode, UnitKind

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEMBER = {"status": "member", "can_send_messages": True, "can_pin_messages": True}


def test_a_server_that_does_not_know_of_webhooks_hides_no_token_that_it_accepts() -> None:
    bot = BotFacts(42, failure=Failure(Kind.REJECTED, "Not Found"), me={"username": "huying_bot"})

    assert telegram.token(bot).level is Level.OK
    assert [(one.level, "Not Found" in one.says) for one in telegram.webhook(bot, None, NOW)] == [(Level.WARNING, True)]


@pytest.mark.parametrize(
    ("today", "horizon", "level"),
    [
        (date(2026, 6, 1), date(2026, 12, 31), Level.OK),
        (date(2026, 10, 31), date(2026, 12, 31), Level.OK),
        (date(2026, 11, 1), date(2026, 12, 31), Level.WARNING),
        (date(2026, 12, 31), date(2026, 12, 31), Level.WARNING),
        (date(2026, 12, 31), date(2027, 12, 31), Level.OK),
        (date(2027, 1, 1), date(2026, 12, 31), Level.FAILURE),
        (date(2027, 11, 20), date(2026, 12, 31), Level.FAILURE),
        (date(2026, 6, 1), date.min, Level.FAILURE),
    ],
)
def test_the_calendar_must_reach_ahead_and_the_next_year_is_asked_for_in_time(
    today: date, horizon: date, level: Level
) -> None:
    assert machine.calendar(horizon, today).level is level


@pytest.mark.parametrize(
    ("number", "faulty"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.0", True),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.53.4", False),
    ],
)
def test_an_sqlite_that_can_spoil_a_database_is_known_by_its_number(number: str, faulty: bool) -> None:
    assert machine.has_wal_fault(number) is faulty
    assert machine.sqlite(number).level is (Level.WARNING if faulty else Level.OK)


@pytest.mark.parametrize(
    ("mib", "level"), [(5000, Level.OK), (1023, Level.WARNING), (199, Level.FAILURE), (0, Level.FAILURE)]
)
def test_a_disk_warns_before_it_is_full(mib: int, level: Level) -> None:
    assert machine.space(Path("here"), mib * MIB).level is level


@pytest.mark.parametrize(
    ("mode", "level"), [(0o644, Level.WARNING), (0o604, Level.WARNING), (0o640, Level.OK), (None, Level.OK)]
)
def test_a_file_that_everybody_can_read_is_told(mode: int | None, level: Level) -> None:
    assert machine.secrecy("env", Path(".env"), mode).level is level


def test_a_spool_that_cannot_be_written_fails_and_one_that_is_full_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.spool(tmp_path / "spool").level is Level.OK
    Spool(tmp_path / "spool").put(42, 1, b"{}")
    assert machine.spool(tmp_path / "spool").level is Level.WARNING

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Spool, "_write", full)
    assert machine.spool(tmp_path / "spool").level is Level.FAILURE


@pytest.mark.parametrize(
    ("found", "level"), [("0002", Level.OK), ("0001", Level.FAILURE), ("0003", Level.FAILURE), (None, Level.FAILURE)]
)
def test_the_schema_must_be_the_programs(found: str | None, level: Level) -> None:
    assert version(found, "0002").level is level


def test_a_damaged_database_fails_with_what_the_engine_says() -> None:
    assert soundness("ok").level is Level.OK
    assert soundness("row 3 missing from index x").says == "The database is damaged: row 3 missing from index x."


@pytest.mark.parametrize(
    ("synchronous", "level"), [(0, Level.FAILURE), (1, Level.FAILURE), (2, Level.OK), (3, Level.OK)]
)
def test_a_commit_must_wait_for_the_disk(synchronous: int, level: Level) -> None:
    assert flushed(synchronous).level is level


@pytest.mark.parametrize(
    ("last", "level", "words"),
    [
        (0, Level.WARNING, "no backup yet"),
        (1e9 - 25 * 3600, Level.OK, "25 hours"),
        (1e9 - 27 * 3600, Level.WARNING, "27 hours"),
    ],
)
def test_a_backup_must_be_fresh(last: float, level: Level, words: str) -> None:
    assert backed_up(last, 1e9).level is level
    assert words in backed_up(last, 1e9).says


def test_a_database_in_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    assert writable(tmp_path / "new.db").level is Level.OK
    assert writable(tmp_path / "nowhere" / "new.db").level is Level.FAILURE


def test_whoever_may_not_open_what_is_there_is_told_that_it_belongs_to_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "town.db"
    file.write_bytes(b"no database " * 1000)
    assert [one.mend.startswith("Mend HUYING_DATABASE_URL") for one in database(f"sqlite:///{file}")] == [True]

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    found: list[Finding] = []
    for missing in (os.R_OK, os.W_OK):
        monkeypatch.setattr("os.access", lambda _, right, missing=missing: right != missing)
        found += database(f"sqlite:///{file}")
    found.append(writable(file))
    monkeypatch.setattr(Path, "exists", closed)
    found += database(f"sqlite:///{file}")
    monkeypatch.setattr(Spool, "_write", closed)

    assert {one.mend for one in (*found, machine.spool(tmp_path / "spool"))} == {OTHER_USER}


@pytest.mark.parametrize(
    ("skew_s", "level", "words"),
    [
        (0, "ok", "differ by 0 s"),
        (-30, "ok", "differ by 30 s"),
        (31, "failure", "31 s behind"),
        (-90, "failure", "90 s ahead of"),
    ],
)
def test_clocks_may_differ_by_half_a_minute(skew_s: int, level: str, words: str) -> None:
    found = list(telegram.reached(Reach("http://api", skew=timedelta(seconds=skew_s))))

    assert (found[1].check, found[1].level) == ("clock", level)
    assert words in found[1].says


def test_an_api_that_does_not_tell_the_time_is_not_blamed() -> None:
    assert [one.check for one in telegram.reached(Reach("http://api"))] == ["api"]


def a_bot(**webhook: Any) -> BotFacts:
    return BotFacts(42, me={"username": "sample_bot"}, webhook={"url": "", "pending_update_count": 0, **webhook})


HOOK = "https://town.example/telegram/42"


@pytest.mark.parametrize(
    ("bot", "base", "found"),
    [
        (a_bot(), None, [("webhook", "ok")]),
        (a_bot(url=HOOK), None, [("webhook", "warning")]),
        (a_bot(url=HOOK), "https://town.example", [("webhook", "ok")]),
        (a_bot(), "https://town.example", [("webhook", "warning")]),
        (a_bot(url="https://other.example/x"), "https://town.example", [("webhook", "warning")]),
        (a_bot(pending_update_count=101), None, [("webhook", "ok"), ("updates", "warning")]),
        (
            a_bot(url=HOOK, last_error_date=NOW.timestamp() - 120, last_error_message="502 Bad Gateway"),
            "https://town.example",
            [("webhook", "ok"), ("webhook", "warning")],
        ),
        (a_bot(url=HOOK, last_error_date=NOW.timestamp() - 7200), "https://town.example", [("webhook", "ok")]),
        (
            a_bot(url=HOOK, allowed_updates=["message", "callback_query"]),
            "https://town.example",
            [("webhook", "ok"), ("webhook", "warning")],
        ),
        (a_bot(url=HOOK, allowed_updates=list(ALLOWED_UPDATES)), "https://town.example", [("webhook", "ok")]),
        (BotFacts(42), None, []),
    ],
)
def test_updates_must_come_in_the_way_the_settings_say(
    bot: BotFacts, base: str | None, found: list[tuple[str, str]]
) -> None:
    assert [(one.check, one.level) for one in telegram.webhook(bot, base, NOW)] == found


def test_a_failed_delivery_is_repeated_in_telegrams_words() -> None:
    bot = a_bot(url=HOOK, last_error_date=NOW.timestamp() - 120, last_error_message="502 Bad Gateway")

    said = list(telegram.webhook(bot, "https://town.example", NOW))[-1].says

    assert said == "2 minutes ago Telegram could not deliver to bot 42: 502 Bad Gateway."


def test_a_token_is_told_apart_from_a_bot_that_could_not_be_asked() -> None:
    refused = BotFacts(42, failure=Failure(Kind.UNAUTHORISED, "Unauthorized"))
    slow = BotFacts(42, failure=Failure(Kind.IN_DOUBT, "TimedOut"))

    assert "is not accepted" in telegram.token(refused).says
    assert telegram.token(slow).says == "Bot 42 could not be asked: TimedOut."
    assert telegram.token(a_bot()).level is Level.OK


def a_seat(
    member: Mapping[str, Any] | None = None,
    kind: ChatKind = ChatKind.RESIDENTS,
    failure: Failure | None = None,
    *,
    hears_all: bool = True,
) -> Seat:
    chat = Chat(ChatId(1), 42, -100, kind, ChatState.OK, "One", UnitCode("g1"))
    return Seat(chat, failure, member, hears_all)


GONE = Failure(Kind.CHAT_LOST, "chat not found", chat_state=ChatState.GONE)
FLOOD = Failure(Kind.FLOOD, "Flood control", retry_after_s=3)
SILENT = {**MEMBER, "can_send_messages": False}
NO_PIN = {**MEMBER, "can_pin_messages": False}


@pytest.mark.parametrize(
    ("seat", "found"),
    [
        (a_seat({"status": "administrator", "can_pin_messages": True}, hears_all=False), [("rights", "ok")]),
        (a_seat(MEMBER), [("privacy", "ok"), ("rights", "ok")]),
        (a_seat(MEMBER, hears_all=False), [("privacy", "failure")]),
        (a_seat(NO_PIN, ChatKind.DESK, hears_all=False), [("rights", "ok")]),
        (a_seat(NO_PIN), [("privacy", "ok"), ("pins", "warning")]),
        (a_seat({"status": "administrator", "can_pin_messages": False}), [("pins", "warning")]),
        (a_seat(SILENT), [("rights", "failure"), ("privacy", "ok")]),
        (a_seat({**SILENT, "status": "restricted", "is_member": True}, ChatKind.DESK), [("rights", "failure")]),
        (a_seat({**MEMBER, "status": "restricted", "is_member": False}), [("seats", "failure")]),
        (a_seat({"status": "left"}), [("seats", "failure")]),
        (a_seat({"status": "kicked"}), [("seats", "failure")]),
        (a_seat(failure=GONE), [("seats", "failure")]),
        (a_seat(failure=FLOOD), [("seats", "warning")]),
    ],
)
def test_a_bot_must_be_there_hear_write_and_pin(seat: Seat, found: list[tuple[str, str]]) -> None:
    said = list(telegram.chats([seat], 1, lambda chat: chat.title))

    assert [(one.check, one.level) for one in said] == found
    assert all(one.items in ((), ("One",)) for one in said)


def test_where_privacy_was_perhaps_switched_off_too_late_nobody_says_that_the_bot_hears() -> None:
    perhaps, rights = telegram.chats([a_seat(MEMBER)], 1, lambda chat: chat.title)

    assert "add the bot anew" in perhaps.says
    assert rights.says == "The bot writes and pins in 1 chat."


def test_a_grid_that_chose_to_listen_to_commands_only_needs_no_open_ear() -> None:
    seat = a_seat(MEMBER, hears_all=False)

    said = [one.check for one in telegram.chats([seat], 1, lambda chat: chat.title, ["g1"])]

    assert said == ["rights"]


def test_chats_that_were_not_reached_are_counted() -> None:
    said = list(telegram.chats([a_seat(MEMBER), a_seat(failure=FLOOD)], 5, lambda chat: chat.title))

    assert said[0].says == "Telegram said nothing about 4 bound chats."


@pytest.mark.parametrize(("minutes", "level"), [(None, Level.OK), (10, Level.OK), (11, Level.WARNING)])
def test_a_message_may_wait_ten_minutes(minutes: int | None, level: Level) -> None:
    oldest = None if minutes is None else NOW - timedelta(minutes=minutes)

    assert town.promises(oldest, NOW).level is level


@pytest.mark.parametrize(
    ("reviewing", "posts", "named"),
    [
        (None, [], []),
        ("city", [], []),  # at the top its leaders may stand in
        ("street", [Post.LEADER], ["Street (s)"]),
        ("street", [Post.LEADER, Post.REVIEWER], []),
    ],
)
def test_a_unit_below_the_top_that_reviews_needs_a_reviewer(
    reviewing: str | None, posts: list[Post], named: list[str]
) -> None:
    city = Unit(UnitCode("c"), "City", "city", None, UnitKind.OFFICE)
    street = Unit(UnitCode("s"), "Street", "street", city.code, UnitKind.OFFICE)
    staff = [Appointment(PersonId(1), street.code, post, "An") for post in posts]

    found = town.reviewers(town.Town(NOW, [city, street], staff, reviewing=reviewing))

    assert (found.level is Level.WARNING, list(found.items)) == (bool(named), named)
