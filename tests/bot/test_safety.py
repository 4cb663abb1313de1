"""R23: what makes a promise of the bot untrue is said, with how to mend it, and nothing starts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import keys, safety
from bot.checks.api import Reach
from bot.safety import readable, refuse_unsafe, skewed, undurable
from bot.settings import IN_THE_CLEAR, TELEGRAM, Secret, Settings, SettingsError
from storage import sqlite
from storage.engines import database_at
from storage.errors import Unusable
from tests.databases import POSTGRESQL, fresh_database, on


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Telegram, whose clock is ahead of ours by what the list says."""
    ahead = [timedelta()]

    async def reach(url: str) -> Reach:
        return Reach(url, skew=ahead[0])

    monkeypatch.setattr(safety, "reach", reach)
    return ahead


def town(folder: Path, **fields: Any) -> Settings:
    known: dict[str, Any] = {"bot_token": (Secret("42:X" * 9),), "api_url": TELEGRAM, "key_file": IN_THE_CLEAR}
    return Settings(database_url=f"sqlite+aiosqlite:///{folder}/town.db", **(known | fields))


async def test_a_town_in_good_order_starts(tmp_path: Path, telegram: list[timedelta]) -> None:
    keys.make(tmp_path / "key")

    await refuse_unsafe(town(tmp_path, key_file=tmp_path / "key"), tmp_path / ".env")


async def test_a_town_of_real_people_needs_a_key_or_the_word_that_it_wants_none(
    tmp_path: Path, telegram: list[timedelta]
) -> None:
    with pytest.raises(SettingsError, match="huying key new FILE"):
        await refuse_unsafe(town(tmp_path, key_file=None))

    await refuse_unsafe(town(tmp_path, key_file=IN_THE_CLEAR))
    await refuse_unsafe(town(tmp_path, key_file=None, api_url="http://127.0.0.1:8081"))


@pytest.mark.parametrize(("mode", "safe"), [(0o600, True), (0o640, True), (0o644, False), (0o660, False)])
def test_files_open_to_others_are_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int, safe: bool) -> None:
    file = tmp_path / ".env"
    file.write_text("HUYING_BOT_TOKEN=x")
    file.chmod(mode)

    said = list(readable(file))
    assert said == [] if safe else f"chmod 600 {file}" in said[0]


async def test_every_reason_is_said_at_once(tmp_path: Path, telegram: list[timedelta]) -> None:
    settings, telegram[0] = town(tmp_path), timedelta(minutes=-2)
    for name in ("town.db", ".env"):
        open_to_all(tmp_path / name)

    with pytest.raises(SettingsError) as refused:
        await refuse_unsafe(settings, tmp_path / ".env")
    assert all(word in str(refused.value) for word in ("town.db", ".env", "120 seconds ahead"))


@pytest.mark.parametrize(("ahead_s", "safe"), [(0, True), (30, True), (-30, True), (31, False), (-31, False)])
def test_a_clock_that_is_wrong_is_refused(ahead_s: int, safe: bool) -> None:
    said = list(skewed(Reach(TELEGRAM, skew=timedelta(seconds=ahead_s))))

    assert said == [] if safe else "31 seconds" in said[0]
    assert list(skewed(Reach(TELEGRAM, error="ConnectError"))) == []


def test_a_server_that_may_lose_commits_is_refused(tmp_path: Path) -> None:
    with on(POSTGRESQL):
        database = database_at(fresh_database(tmp_path / "town.db"))
        [said] = undurable(database)  # the tests' own server writes nothing to the disk, to be quick

    assert "fsync" in said
    assert list(undurable(database_at(f"sqlite:///{tmp_path}/town.db"))) == []


def test_a_database_that_would_not_survive_a_power_cut_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = database_at(fresh_database(tmp_path / "town.db"))
    monkeypatch.setattr(sqlite, "_WRITING", ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF"))

    with pytest.raises(Unusable, match="power cut"):
        database.writing().connect()


def test_an_sqlite_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = database_at(fresh_database(tmp_path / "town.db"))
    monkeypatch.setattr(sqlite, "OLDEST", (99, 0, 0))

    with pytest.raises(Unusable, match="too old"):
        database.writing().connect()


def open_to_all(path: Path) -> None:
    path.touch()
    path.chmod(0o644)
