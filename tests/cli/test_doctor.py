"""`huying doctor` on a whole town: what is wrong is found, named and followed by the remedy; nothing else is."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot import keys
from bot.checks.api import line_to
from bot.checks.town import town_time
from bot.cli import doctor, key
from bot.cli._common import opened
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.settings import Settings
from routing.model import Appointment, ChatKind, ChatState, Post, UnitCode
from routing.town import load
from storage.backup import backup
from storage.errors import Unusable
from storage.sqlite import SqliteDatabase
from storage.stores import Stores
from tests.cli.conftest import Run, tell

GRID = "370001001001001"
SECRET = TOKEN.partition(":")[2]


@pytest.fixture
async def town(telegram: Sandbox, monkeypatch: pytest.MonkeyPatch) -> SampleTown:
    """The sample town, imported, with every member of staff in touch: nothing is wrong with it."""
    monkeypatch.setenv("HUYING_BOT_TOKEN", TOKEN)
    sample = furnish(telegram)
    await tell(lambda stores: settle(stores, sample))
    database = Settings.load().database_file
    assert database is not None
    await asyncio.to_thread(backup, database, database.with_name("copy.db"))
    return sample


def refuse(_database: SqliteDatabase) -> bool:
    raise Unusable("Run this as the bot's user, or as root.")


def settle(stores: Stores, sample: SampleTown) -> None:
    load(stores, sample.sheets, bot=sample.bot.id)
    for person in sample.people.values():
        stores.chats.meet(sample.bot.id, person.id, ChatKind.PRIVATE, "", ChatState.OK)


async def examined(run: Run) -> dict[str, list[dict[str, Any]]]:
    """The findings by check."""
    ran = await run(doctor, "--json")
    report = json.loads(ran.out)
    assert SECRET not in ran.out
    assert ran.code == (0 if report["ok"] else 1)
    found: dict[str, list[dict[str, Any]]] = {}
    for one in report["checks"]:
        found.setdefault(one["check"], []).append(one)
        assert bool(one["mend"]) == (one["level"] != "ok"), one
    return found


async def wrong(run: Run) -> list[tuple[str, str]]:
    """Check and level of everything that is not ok, apart from the calendar, the key and the files of this machine."""
    return [
        (check, one["level"])
        for check, findings in (await examined(run)).items()
        for one in findings
        if one["level"] != "ok" and check not in {"calendar", "files", "disk", "key", "sqlite"}
    ]


async def test_a_healthy_town_is_found_healthy(town: SampleTown, run: Run) -> None:
    found = await examined(run)

    assert await wrong(run) == []
    assert set(found) >= {"policy", "calendar", "sqlite", "spool", "database", "integrity", "schema", "town", "grids"}
    assert {found[name][0]["level"] for name in ("durable", "backup")} == {"ok"}
    assert set(found) >= {"desks", "workers", "staff", "chats", "inbox", "outbox", "api", "clock", "token", "webhook"}
    assert found["rights"][0]["says"] == "The bot hears, writes and pins in 12 chats."


async def test_it_works_beside_the_running_bot(town: SampleTown, run: Run) -> None:
    async with opened(Settings.load()):
        assert await wrong(run) == []


async def test_the_text_shows_the_remedy_under_what_is_wrong(
    town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_POLICY", "utopia")

    ran = await run(doctor)

    assert ran.code == 1
    assert "failure  policy     The policy cannot be used: utopia: HUYING_POLICY: no such file" in ran.out
    assert "\n                    -> Mend that key, or set HUYING_POLICY to a preset.\n" in ran.out
    assert "ok       rights" in ran.out
    for judged_by_the_policy in ("levels", "reviewers", "contacts"):  # by the one that stands in for it: no word
        assert f" {judged_by_the_policy} " not in ran.out
    assert ran.out.rstrip().endswith("1 failed")


async def test_without_the_network_everything_else_is_still_looked_at(
    town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_API_URL", "http://127.0.0.1:1")

    found = await examined(run)

    assert found["api"][0]["level"] == "failure"
    assert found["api"][0]["says"].startswith("http://127.0.0.1:1 cannot be reached (ConnectError)")
    assert found["town"][0]["level"] == "ok"
    assert "token" not in found


async def test_a_token_that_telegram_refuses_is_named_by_its_number_only(
    town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_BOT_TOKEN", f"{town.bot.id}:{SECRET}-WRONG")

    found = await examined(run)

    assert found["token"][0]["says"] == f"The token of bot {town.bot.id} is not accepted."


async def test_a_missing_token_is_a_failure(town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUYING_BOT_TOKEN")

    assert ("token", "failure") in await wrong(run)


async def test_a_setting_that_nobody_knows_is_reported_like_everything_else(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_POLCY", "default")

    found = await examined(run)

    assert list(found) == ["settings"]
    assert "Did you mean HUYING_POLICY?" in found["settings"][0]["says"]


async def test_a_database_without_tables_is_told_how_to_get_them(
    town: SampleTown, run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'new.db'}")

    found = await examined(run)

    assert found["schema"][0]["mend"] == "Run `huying migrate`."
    assert found["town"][0]["level"] == "failure"
    assert found["token"][0]["level"] == "ok"
    assert not (office / "new.db").exists()


async def test_a_key_that_is_not_the_databases_is_told_with_the_one_that_is_wanted(
    town: SampleTown, run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_KEY_FILE", str(office / "safe.key"))
    made = keys.make(office / "safe.key")
    await run(key, "rotate")
    other = keys.make(office / "other.key")
    monkeypatch.setenv("HUYING_KEY_FILE", str(office / "other.key"))

    found = await examined(run)

    assert found["town"][0]["level"] == "failure"
    assert f"sealed with the key {made.name}, and HUYING_KEY_FILE holds {other.name}" in found["town"][0]["says"]


async def test_a_lost_key_or_a_calendar_with_a_mistake_does_not_end_the_look(
    town: SampleTown, run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (office / "holidays.toml").write_text("holidays = [")
    monkeypatch.setenv("HUYING_CALENDAR", "holidays.toml")
    found = await examined(run)
    assert found["calendar"][0]["level"] == "failure"
    assert found["town"][0]["level"] == "ok"

    monkeypatch.setenv("HUYING_KEY_FILE", str(office / "lost.key"))
    found = await examined(run)
    assert "there is no such file" in found["key"][0]["says"]
    assert found["town"][0]["level"] == "failure"
    assert found["token"][0]["level"] == "ok"


async def test_a_file_that_is_no_database_is_called_so(
    town: SampleTown, run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (office / "text.db").write_text("this is no database, and long enough to be looked at" * 40)
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'text.db'}")

    found = await examined(run)

    assert found["database"][0]["says"] == "The database cannot be read: file is not a database"


@pytest.mark.skipif(os.name != "posix", reason="only there do files have modes")
async def test_secrets_that_everybody_can_read_are_pointed_out(town: SampleTown, run: Run, office: Path) -> None:
    (office / ".env").touch(0o644)
    (office / ".env").chmod(0o644)

    found = await examined(run)

    assert found["env"][0]["level"] == "warning"
    (office / ".env").chmod(0o600)
    (office / "town.db").chmod(0o600)
    found = await examined(run)
    assert (found["env"][0]["level"], found["files"][0]["level"]) == ("ok", "ok")


async def test_an_empty_town_is_told_to_import_one(telegram: Sandbox, run: Run) -> None:
    telegram.add_bot("Sample", "sample_bot")

    found = await examined(run)

    assert found["town"][0]["mend"].startswith("Run `huying import")


async def test_a_folder_that_this_user_may_not_enter_does_not_end_the_look(
    town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", closed)
    monkeypatch.setattr(SqliteDatabase, "exists", refuse)

    found = await examined(run)

    assert "Permission denied" in found["files"][-1]["says"]
    assert found["files"][-1]["mend"] == "Run this as the bot's user, or as root."
    assert [found[check][0]["level"] for check in ("database", "town", "token")] == ["failure", "failure", "ok"]


async def test_a_policy_of_another_town_is_found_by_its_levels(
    town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_POLICY", "shinan")

    [found] = (await examined(run))["levels"]

    assert (found["level"], len(found["items"])) == ("failure", 1)
    assert "the policy shinan does not know" in found["says"]


async def test_units_without_a_chat_or_a_worker_are_listed_by_name(town: SampleTown, run: Run) -> None:
    def unsettle(stores: Stores) -> None:
        for unit, kind in ((GRID, ChatKind.RESIDENTS), ("370001001", ChatKind.DESK)):
            chat = stores.chats.of_unit(UnitCode(unit), kind)
            assert chat is not None
            stores.chats.bind(chat.id, ChatKind.UNBOUND, None)
        for one in stores.people.staff_of(UnitCode(GRID)):
            stores.people.dismiss(one.person, one.unit)

    await tell(unsettle)

    found = await examined(run)

    assert found["grids"][0]["items"] == [f"春风一网格 ({GRID})"]
    assert found["desks"][0]["items"] == ["示范街道 (370001001)"]
    assert (found["workers"][0]["level"], found["workers"][0]["items"]) == ("failure", [f"春风一网格 ({GRID})"])


async def test_a_unit_at_the_top_where_nobody_could_judge_is_a_failure(town: SampleTown, run: Run) -> None:
    city = UnitCode("370001")

    def dismiss(stores: Stores) -> None:
        for one in stores.people.staff_of(city):
            if one.post is Post.LEADER:
                stores.people.dismiss(one.person, city)

    await tell(dismiss)

    found = await examined(run)

    assert (found["judges"][0]["level"], found["judges"][0]["items"]) == ("failure", ["样例市 (370001)"])


async def test_staff_out_of_reach_are_listed_by_unit(town: SampleTown, run: Run) -> None:
    def silence(stores: Stores) -> None:
        for number, state in ((1001, ChatState.BLOCKED), (1013, ChatState.NEVER_STARTED)):
            chat = stores.chats.find(town.bot.id, number)
            assert chat is not None
            stores.chats.set_state(chat.id, state)

    await tell(silence)

    staff = (await examined(run))["staff"][0]

    assert staff["says"].startswith("The bot cannot write to 2 members of staff")
    assert staff["items"] == ["春风社区 (370001001001): 蒋明", f"春风一网格 ({GRID}): 李安"]


async def test_a_person_with_two_posts_is_one_stranger(town: SampleTown, run: Run) -> None:
    def add(stores: Stores) -> None:
        person = stores.people.meet(5000, "Newcomer", None)
        for post in (Post.HELPER, Post.OBSERVER):
            stores.people.appoint(Appointment(person.id, UnitCode(GRID), post, "Newcomer"))

    await tell(add)

    staff = (await examined(run))["staff"][0]
    assert (staff["says"].split(" of staff")[0], staff["items"]) == (
        "The bot cannot write to 1 member",
        [f"春风一网格 ({GRID}): Newcomer"],
    )


async def test_a_chat_that_threw_the_bot_out_is_found_before_anybody_writes_there(
    town: SampleTown, telegram: Sandbox, run: Run
) -> None:
    chat = town.chats[GRID]
    await telegram.act(town.staff(GRID)[0], "kick", chat=chat.id, user=town.bot.id)

    found = await examined(run)

    assert found["seats"][0]["items"] == [f"春风一网格 ({chat.id})"]
    assert found["rights"][0]["says"] == "The bot hears, writes and pins in 11 chats."


async def test_a_chat_known_to_be_lost_is_named_even_without_the_network(
    town: SampleTown, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_API_URL", "http://127.0.0.1:1")

    def lose(stores: Stores) -> None:
        chat = stores.chats.of_unit(UnitCode(GRID), ChatKind.RESIDENTS)
        assert chat is not None
        stores.chats.set_state(chat.id, ChatState.KICKED)

    await tell(lose)

    assert (await examined(run))["chats"][0]["items"] == [f"春风一网格 ({town.chats[GRID].id}): kicked"]


async def test_a_webhook_that_was_left_behind_is_found(town: SampleTown, telegram: Sandbox, run: Run) -> None:
    settings = Settings.load()
    async with line_to(settings.bot_token[0], settings.api_url) as line:
        await line.call("setWebhook", {"url": "http://127.0.0.1:9/telegram/1"})

    found = await examined(run)

    assert found["webhook"][0]["says"] == f"Bot {town.bot.id} has a webhook although HUYING_WEBHOOK_URL is not set."


async def test_an_update_that_nobody_could_handle_and_a_message_that_nobody_sent_are_found(
    town: SampleTown, run: Run
) -> None:
    def spoil(stores: Stores) -> None:
        now = town_time(stores, 1.0)
        stores.inbox.receive(42, 77, "q", b"{}", now)
        for _ in range(3):
            stores.inbox.failed(42, 77, "ValueError", now)

    await tell(spoil)

    assert (await examined(run))["inbox"][0]["items"] == ["42:77"]


async def test_a_bot_that_only_hears_commands_is_found_in_the_chats_where_it_is_no_administrator(
    town: SampleTown, telegram: Sandbox, run: Run
) -> None:
    chat = town.chats[GRID]
    town.bot.privacy = True
    await telegram.act(town.staff(GRID)[0], "demote", chat=chat.id, user=town.bot.id)

    found = await examined(run)

    assert found["privacy"][0]["items"] == [f"春风一网格 ({chat.id})"]


async def test_a_chat_in_which_the_bot_may_not_write_is_found(town: SampleTown, telegram: Sandbox, run: Run) -> None:
    chat, owner = town.chats[GRID], town.staff(GRID)[0]
    await telegram.act(owner, "demote", chat=chat.id, user=town.bot.id)
    chat.permissions = frozenset()

    found = await examined(run)

    assert found["rights"][0]["items"] == [f"春风一网格 ({chat.id})"]
    assert found["pins"][0]["items"] == [f"春风一网格 ({chat.id})"]


async def test_a_pause_that_telegram_asks_for_ends_the_round_and_is_told(
    town: SampleTown, telegram: Sandbox, run: Run
) -> None:
    telegram.fail_next("getChatMember", how="429", retry_after=30)

    found = await examined(run)

    assert found["seats"][0]["says"] == "Telegram said nothing about 12 bound chats."
    assert found["seats"][0]["level"] == "warning"
