"""`export`, `stats`, `case`, `audit`, `backup` and `restore` on a village that has lived a little."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli import audit, backup, case, export, restore, stats
from bot.cli._sheets import export_late, export_months
from bot.settings import SettingsError
from routing.model import ChatKind, ChatState, Rating, UnitCode, WordsKind
from routing.ports import Promise
from storage.errors import Unusable
from storage.stores import Stores
from tests.cli.conftest import Run, ask, tell
from tests.routing.village import GRID, LI, MONDAY, WANG, village

KEYS = {
    "number", "status", "grid", "unit", "holder", "category", "urgency", "text", "filed_at", "due_at", "archived_at",
    "reopened", "rating_first", "rating_final",
}  # fmt: skip
FIGURES = {
    "filed", "open", "archived", "refused", "merged", "withdrawn", "reopened", "overdue", "rated", "satisfied_first",
    "satisfied_final", "sent", "in_doubt",
}  # fmt: skip
PLANTED = "=王小满，手机13512345678，身份证11010519491231002X，住3号楼2单元502室，车牌鲁F12345"


@pytest.fixture
async def lived(office: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cases: one archived, one reopened and open again, one that tells a secret; nobody has the database open."""
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'village.db'}")
    async with village(office) as town:
        await town.rates(await town.resolves(await town.claims(await town.files())), Rating.SATISFIED)
        await town.rates(await town.resolves(await town.claims(await town.files())), Rating.NOT_SATISFIED)
        await town.files(confidential=True, kind="tip-off")
        await town.work(plant, town.people[WANG])
    return office


def plant(stores: Stores, author: Any) -> None:
    """Write what leads to a person into the first report, and give its reporter a name."""
    stores.people.meet(WANG, "王小满", "zh")
    first = stores.cases.by_number(1)
    stores.words.rewrite(stores.words.of(first.id, WordsKind.REPORT)[0].id, PLANTED)


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_every_case_is_one_line_of_json_with_the_promised_keys(lived: Path, run: Run) -> None:
    ran = await run(export, "cases")

    found = rows(ran.out)
    assert [row["number"] for row in found] == [1, 2, 3]
    assert all(set(row) >= KEYS for row in found)
    assert (found[0]["status"], found[0]["rating_first"], found[0]["rating_final"]) == (
        "archived", "satisfied", "satisfied",
    )  # fmt: skip
    assert (found[1]["reopened"], found[1]["rating_first"]) == (1, "not_satisfied")
    assert found[0]["grid"] == GRID
    for row in found:
        for name in ("filed_at", "due_at", "archived_at"):
            if row[name] is not None:
                assert datetime.fromisoformat(row[name]).utcoffset() is not None
    assert datetime.fromisoformat(found[0]["filed_at"]) == MONDAY


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("what", ["cases", "events"])
async def test_nothing_that_leads_to_a_person_is_exported(lived: Path, run: Run, what: str, form: str) -> None:
    ran = await run(export, what, "--format", form)

    assert ran.code == 0
    for planted in ("王小满", "小满", "13512345678", "11010519491231002X", "502室", "F12345"):
        assert planted not in ran.out
    if what == "cases":
        assert "3号楼" in ran.out


async def test_a_confidential_report_keeps_its_words(lived: Path, run: Run) -> None:
    last = rows((await run(export, "cases")).out)[2]

    assert (last["kind"], last["text"], last["building"]) == ("tip-off", "", "")


async def test_a_report_that_looks_like_a_formula_is_text_in_a_spreadsheet(lived: Path, run: Run) -> None:
    ran = await run(export, "cases", "--format", "csv", "--out", lived / "cases.csv")

    assert ran.code == 0
    raw = (lived / "cases.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark only"
    table = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert table[0]["text"].startswith("'=")
    assert set(table[0]) >= KEYS


async def test_an_export_overwrites_nothing(lived: Path, run: Run) -> None:
    (lived / "cases.jsonl").write_text("precious")

    ran = await run(export, "cases", "--out", lived / "cases.jsonl")

    assert ran.code == 2
    assert "Nothing is overwritten" in ran.err
    assert (lived / "cases.jsonl").read_text() == "precious"


async def test_the_log_is_exported_line_by_line_with_its_chain(lived: Path, run: Run) -> None:
    found = rows((await run(export, "events")).out)

    first = [row for row in found if row["number"] == 1]
    assert [row["event"] for row in first][:3] == ["Filed", "Dispatched", "Claimed"]
    assert [row["seq"] for row in first] == sorted(row["seq"] for row in first)
    assert all(re.fullmatch(r"[0-9a-f]{64}", row["hash"]) for row in found)
    claimed = next(row for row in first if row["event"] == "Claimed")
    assert (claimed["by"], claimed["post"]) == ("李安", "worker")


async def test_the_figures_have_the_promised_names_and_count_both_satisfactions(lived: Path, run: Run) -> None:
    found = json.loads((await run(stats, "--json")).out)

    assert set(found) >= FIGURES
    assert {name: found[name] for name in ("filed", "open", "archived", "reopened", "rated")} == {
        "filed": 3, "open": 2, "archived": 1, "reopened": 1, "rated": 2,
    }  # fmt: skip
    assert found["satisfied_first"] == 0.5


async def test_a_share_of_nothing_is_none(office: Path, run: Run) -> None:
    figures = json.loads((await run(stats, "--json")).out)
    shown = dict(line.split() for line in (await run(stats)).out.splitlines())

    assert (figures["filed"], figures["satisfied_first"], figures["satisfied_final"]) == (0, None, None)
    assert (shown["satisfied_first"], shown["satisfied_final"], shown["filed"]) == ("none", "none", "0")


async def test_shares_are_printed_as_percentages(lived: Path, run: Run) -> None:
    shown = dict(line.split() for line in (await run(stats)).out.splitlines())

    assert shown["satisfied_first"] == "50.00%"


async def test_a_case_is_shown_with_its_history_and_its_clocks(lived: Path, run: Run) -> None:
    found = json.loads((await run(case, 2, "--json")).out)
    text = (await run(case, 2)).out

    assert set(found) >= KEYS | {"history", "clocks"}
    assert [line["event"] for line in found["history"]][:5] == ["Filed", "Dispatched", "Claimed", "Resolved", "Rated"]
    assert found["clocks"], "an open case has a deadline"
    assert "number: 2" in text
    assert "Claimed" in text
    clock = found["clocks"][0]
    assert f"{clock['kind']}  due {clock['due_at']}  rings {clock['rings_at']}" in text


async def test_a_case_that_is_none_is_said_so(lived: Path, run: Run) -> None:
    ran = await run(case, 99)

    assert (ran.code, ran.out, ran.err) == (1, "", "huying: There is no case #99.\n")


async def test_a_sound_village_passes_the_audit(lived: Path, run: Run) -> None:
    ran = await run(audit)

    assert (ran.code, ran.out) == (0, "All laws hold.\n")


async def test_a_forgotten_case_is_found_by_its_number(lived: Path, run: Run) -> None:
    def forget(stores: Stores) -> None:
        second = stores.cases.by_number(2)
        stores.timers.stop(second.id, [timer.kind for timer in stores.timers.of(second.id)])

    await tell(forget)

    ran = await run(audit)

    assert ran.code == 1
    assert "case #2: " in ran.out
    assert ran.out.rstrip().endswith("findings")


@pytest.fixture
async def promised(lived: Path) -> Path:
    """The village with a message still to be sent."""

    def promise(stores: Stores) -> None:
        chat = stores.chats.meet(7, LI, ChatKind.PRIVATE, "", ChatState.OK)
        stores.outbox.promise(Promise("once", chat.id, "tell", {}))

    await tell(promise)
    return lived


async def test_what_was_backed_up_comes_back_and_nothing_is_sent_twice(
    promised: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = promised / "kept.db"
    before = rows((await run(export, "cases")).out)
    waiting = json.loads((await run(stats, "--json")).out)["ready"]

    assert (await run(backup, kept)).code == 0
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{promised / 'again.db'}")
    assert (await run(restore, kept)).code == 0

    after = json.loads((await run(stats, "--json")).out)
    assert rows((await run(export, "cases")).out) == before
    assert (await run(audit)).code == 0
    assert waiting > 0
    assert (after["ready"], after["in_doubt"]) == (0, waiting)


async def test_a_backup_is_made_while_the_bot_writes(promised: Path, run: Run) -> None:
    async with village(promised) as town:
        await town.files()
        assert (await run(backup, promised / "kept.db")).code == 0


async def test_restoring_over_a_town_is_refused(promised: Path, run: Run) -> None:
    await run(backup, promised / "kept.db")
    count = await ask(lambda stores: len(stores.people.staff_of(UnitCode(GRID))))

    with pytest.raises(Unusable, match="never overwritten"):
        await run(restore, promised / "kept.db")

    assert await ask(lambda stores: len(stores.people.staff_of(UnitCode(GRID)))) == count


@pytest.mark.parametrize("command", [backup, restore])
async def test_a_database_on_a_server_is_left_to_its_own_tools(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    monkeypatch.setenv("HUYING_DATABASE_URL", "postgresql://town@localhost/town")

    with pytest.raises(SettingsError, match=r"pg_(dump|restore)"):
        await run(command, office / "kept.db")


LATER = MONDAY + timedelta(days=30)


async def test_the_months_of_every_unit_add_up_to_the_age_of_all_cases(lived: Path) -> None:
    found = rows(await ask(lambda stores: export_months(stores, "jsonl", LATER)))
    (grid,) = (row for row in found if (row["unit"], row["month"]) == (GRID, "2026-11"))

    assert {row["month"] for row in found} == {"2026-11", "2026-12"}
    assert (grid["came"], grid["claimed"], grid["solved"], grid["on_time"], grid["late"]) == (3, 2, 2, 2, 0)
    assert (grid["rated_first"], grid["satisfied_first"], grid["reopened"]) == (2, 1, 1)
    assert sum(row["held_s"] for row in found) == 2 * 30 * 86400, "two cases are open, one ended when it began"
    assert rows(await ask(lambda stores: export_months(stores, "jsonl", LATER))) == found
    before = rows(await ask(lambda stores: export_months(stores, "jsonl", MONDAY - timedelta(days=9))))
    assert [row["came"] for row in before] == [row["came"] for row in found if row["month"] == "2026-11"], (
        "a town that was rehearsed is ahead of our clocks, and its log counts whole"
    )


async def test_what_is_late_is_listed_from_the_oldest_on_with_the_last_deed(lived: Path, run: Run) -> None:
    found = rows(await ask(lambda stores: export_late(stores, "jsonl", LATER)))

    told = [(row["number"], row["age_days"], row["last"]) for row in found]
    assert told == [
        (2, 30, "Reopened"),
        (3, 30, "Dispatched"),
    ]
    assert all(0 < row["late_days"] < 30 for row in found)
    header = (await run(export, "months", "--format", "csv")).out.splitlines()[0]
    assert header.startswith("month,unit,unit_name,level,came")


async def test_the_completion_rate_leaves_out_what_was_not_to_be_done(lived: Path, run: Run) -> None:
    ran = await run(stats, "--json")

    assert json.loads(ran.out)["completed"] == round(1 / 3, 4)
