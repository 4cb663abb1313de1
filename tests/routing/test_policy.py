"""Policies as data: what ships can be used, what can't says which key and why, and the tables tell the truth."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path

import pytest

import routing
from bot.cli import WRONG, main
from routing.calendar import Calendar
from routing.checked import BadPolicy
from routing.events import Resolved, Suspended
from routing.lifecycle import step
from routing.limit_lines import BESIDE, CLOCKS
from routing.limits import Limit, due_at
from routing.model import ENDS, Status, TimerKind, Urgency
from routing.moves.step import Facts
from routing.picture import mermaid
from routing.policy import Policy, presets
from routing.refusals import SuspendedOnce
from routing.stages import STAGE_OF, STEP_OF, Stage, Step, chain, reached
from tests.routing.world import GRID, LI, START, facts, fresh

DEFAULT = (Path(routing.__file__).parent / "policies" / "default.toml").read_text("utf-8")
LOADED = {name: Policy.load(name) for name in presets()}
WEEK = [datetime(2026, 11, 20, 0, 30, tzinfo=UTC) + timedelta(hours=hours) for hours in range(0, 7 * 24, 5)]
"""Hours of a week, from half past eight on a Friday on; half an hour before midnight is one of them."""

BAD: list[tuple[str, str, str]] = [
    # what is written instead of what, and the sentence that refuses it
    ('name = "default"', 'name = "default', "syntax: Illegal character '\\n' (at line 4, column 16)"),
    ('name = "default"', 'name = "our town"', "name: must be one word without @; it is stored with every decision"),
    ('version = "2026.1"', "version = 2026", "version: must be a text"),
    ('version = "2026.1"', 'version = "1@2"', "version: must be one word without @; it is stored with every decision"),
    ('name = "default"', "", "name: is missing"),
    ("public_stages", "public_steps", "public_steps: unknown key (known here: name, version, levels, grid, "),
    ('public_stages = "four"', 'public_stages = "five"', "public_stages: must be one of four, six"),
    (', "grid"] #', "] #", "classes.livelihood.starts_at: must be one of city, street, community"),
    ('["city", "street", "community", "grid"]', '["grid"]', "levels: give at least two different levels, the top one"),
    ('["city", "street",', '["city", "city",', "levels: give at least two different levels, the top one first"),
    ('["city", "street",', '["city", 3,', "levels: must be a list of names"),
    ('["city",', '["department",', "levels: department stands beside the tree and is no level of it"),
    ('grid = "grid"', 'grid = "city"', "grid: must be one of street, community, grid"),
    ('grid = "grid"', "", "grid: is missing"),
    ('[classes.development]\nstarts_at = "grid"', "", "classes.development: is missing: the catalogue has matters of"),
    (
        "[classes.development]",
        '[classes."*"]\nstarts_at = "grid"\n[classes.developement]',
        "classes.developement: is no class of the catalogue (livelihood, enforcement, development); * would hide",
    ),
    (
        "[classes.development]",
        '[classes."*"]\nstarts_at = "grid"\n[classes.development]',
        "classes.*: is never reached: each class of the catalogue has a table",
    ),
    ('ent]\nstarts_at = "grid"', 'ent]\nstarts_at = "moon"', "classes.enforcement.starts_at: must be one of city, "),
    (
        'ood]\nstarts_at = "grid"',
        'ood]\nstart = "grid"',
        "classes.livelihood.start: unknown key (known here: starts_at)",
    ),
    ('clock = "review"', 'clock = "reviews"', "limits[13].clock: must be one of respond, handle, silence, reply, "),
    ('limit = "3 calendar_days"', 'limit = "3 days"', "limits[12].limit: '3 days' is no limit; write for instance"),
    ('limit = "5 working_days"', 'limit = "1.5 working_days"', "limits[8].limit: working_days are counted whole, not"),
    (
        'level = "street"',
        'level = "ward"',
        "limits[8].level: must be one of city, street, community, grid, department, ",
    ),
    ('urgency = "urgent"', 'urgency = "soon"', "limits[1].urgency: must be one of ordinary, urgent"),
    ('urgency = "urgent"', 'class = "other"', "limits[1].class: must be one of development, enforcement, livelihood"),
    ('level = "grid"\nlimit', 'levels = "grid"\nlimit', "limits[6].levels: unknown key (known here: clock, limit, "),
    ('clock = "reply"\n', "", "limits[12].clock: is missing"),
    ('clock = "check_in"', 'clock = "rate"', "limits[16]: is never reached: limits[15] already fits all of it"),
    (
        'urgency = "urgent"\nlimit = "0.5',
        'limit = "0.5',
        "limits[2]: is never reached: limits[1] already fits all of it",
    ),
    ('clock = "check_in"', 'clock = "rate"\nclass = "*"', "limits[16]: is never reached: limits[15] already fits"),
    (
        '[[limits]]\nclock = "ruling"\nlimit = "4 office_hours"',
        "",
        "limits: no line fits ruling, livelihood, city, ordinary",
    ),
    (
        'clock = "handle"\nlimit = "7 working_days"',
        'clock = "handle"\nlevel = "city"\nlimit = "7 working_days"',
        "limits: no line fits handle, livelihood, department, ordinary",
    ),
    (
        'limit = "0.5 clock_hours"',
        'limit = "25 clock_hours"',
        "limits: livelihood, city, urgent: respond (25 clock_hours) must not be longer than handle (24 clock_hours)",
    ),
    (
        'limit = "2 clock_hours"',
        'limit = "3 clock_hours"',
        "limits: livelihood, city, ordinary: respond (3 clock_hours) must not be longer than handle (same_day)",
    ),
    (
        'limit = "2 clock_hours"',
        'limit = "2 office_hours"',
        "limits: livelihood, city, ordinary: respond (2 office_hours) must not be longer than handle (same_day)",
    ),
    ("[0.5, 0.8]", "[0.8, 0.5]", "reminders.parts: must rise between 0 and 1, as in [0.5, 0.8]"),
    ("[0.5, 0.8]", "[0.5, 1]", "reminders.parts: must rise between 0 and 1, as in [0.5, 0.8]"),
    ('repeat = "1 calendar_days"', 'repeat = "never"', "reminders.repeat: 'never' is no limit; write for instance"),
    ("pauses_handling = true", 'pauses_handling = "yes"', "question.pauses_handling: must be true or false"),
    ("required = false", 'required = false\nat = "city"', "review.at: says who reviews, but review.required is false"),
    ("required = false", 'required = true\nat = "grid"', "review.at: must be one of city, street, community"),
    ('by = "reporter"', 'by = "anybody"', "rating.by: must be one of reporter, household"),
    ("reminders = 1 ", "reminders = true ", "rating.reminders: must be a whole number"),
    ("hand_overs = 2", "hand_overs = -1", "returns.hand_overs: must not be negative"),
    (
        "[extension]\nmost = 2",
        "[extension]\nmost = 3",
        "extension.most: must not be more than 2: that is a law of every",
    ),
    ("[suspension]\nmost = 1", "[suspension]\nmost = 2", "suspension.most: must not be more than 1: that is a law of"),
    ("[classes.livelihood]\nstarts_at", "[classes]\nlivelihood", "classes.livelihood: must be a table"),
    ('"09:00-12:00"', '"9-12"', "office.hours: '9' is no time of day; write for instance '09:00'"),
    ('"09:00-12:00"', '"09:00"', "office.hours: '09:00' is no span of time; write for instance '09:00-12:00'"),
    ('"09:00-12:00"', '"09:00-14:00"', "office.hours: office hours must be given in order and must not overlap"),
    (
        "bulletin_at = 2.0",
        "bulletin_at = 1",
        "overdue.bulletin_at: is a multiple of the limit, more than 1 and",
    ),
    (
        "[office]",
        '[contacts]\norder = ["boss"]\nlevels = ["grid"]\n[office]',
        "contacts.order: must be of leader, ",
    ),
    ("[office]", '[contacts]\norder = ["worker"]\nlevels = []\n[office]', "contacts.levels: must name at least one"),
    ("bulletin_at = 2.0", "escalate_at = true", "overdue.escalate_at: must be a number"),
    ('from = "22:00"', 'from = "22"', "quiet.from: '22' is no time of day; write for instance '09:00'"),
    (
        'from = "22:00"',
        'from = "07:00"',
        "quiet.to: is the same as from: leave the section out when no hours are quiet",
    ),
    ("case_days = 365", "case_days = 29", "retention.case_days: must be from 30 to 3650"),
    ("case_days = 365", "case_days = 3651", "retention.case_days: must be from 30 to 3650"),
    ("case_days = 365", "years = 1", "retention.years: unknown key"),
    (
        "case_days = 365",
        "case_day = 1",
        "retention.case_day: unknown key (known here: case_days); did you mean case_day",
    ),
    (
        "[limits_of_reports]",
        '[[legal]]\nmatter = "L999"\nbody = "b"\n[limits_of_reports]',
        "legal[1].matter: L999 is no",
    ),
    (
        "[limits_of_reports]",
        '[[legal]]\nmatter = "L32"\nbody = "b"\n[limits_of_reports]',
        "legal: matters that go by law and a handle line with legal = true belong together",
    ),
    (
        "same_day = true # classes",
        "legal = true # classes",
        "legal: matters that go by law and a handle line with legal = true belong together",
    ),
]


@pytest.mark.parametrize(("there", "instead", "sentence"), BAD)
def test_a_policy_that_cannot_be_used_is_refused_with_file_key_and_reason(
    tmp_path: Path, there: str, instead: str, sentence: str
) -> None:
    assert there in DEFAULT
    file = tmp_path / "town.toml"
    file.write_text(DEFAULT.replace(there, instead, 1), "utf-8")

    with pytest.raises(BadPolicy) as refused:
        Policy.load(str(file))

    assert str(refused.value).startswith(f"{file}: {sentence}")


def test_a_name_that_is_neither_preset_nor_file_is_told_which_presets_there_are() -> None:
    with pytest.raises(BadPolicy, match=r"^atlantis: HUYING_POLICY: no such file.*feicheng, shinan, zhaoyuan"):
        Policy.load("atlantis")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_bytes("# 招远\n".encode("gb18030"))

    with pytest.raises(BadPolicy, match="not UTF-8"):
        Policy.load(str(file))


@pytest.mark.parametrize("name", LOADED)
def test_a_preset_bears_the_name_of_its_file(name: str) -> None:
    assert LOADED[name].name == name


def test_the_four_cities_ship_beside_the_default() -> None:
    assert list(LOADED) == ["default", "dongying", "feicheng", "shinan", "zhaoyuan"]


@pytest.mark.parametrize("name", LOADED)
def test_every_class_level_urgency_and_clock_has_a_limit(name: str) -> None:
    policy, either = LOADED[name], (False, True)
    clocks = [clock for clock in CLOCKS if policy.call_back or clock is not TimerKind.CALL_BACK]
    for clock, top, level in product(clocks, policy.starts_at, (*policy.levels, *BESIDE)):
        for urgency, same_day, legal in product(Urgency, either, either):
            limit = policy.limit(clock, top=top, level=level, urgency=urgency, same_day=same_day, legal=legal)
            assert limit.amount > 0


@pytest.mark.parametrize("name", LOADED)
def test_no_clock_of_those_who_work_keeps_its_calm_pace_in_an_emergency(name: str) -> None:
    policy, calendar = LOADED[name], Calendar.load()
    hurried = {line.clock for line in policy.emergency}
    assert hurried == set(CLOCKS) - {TimerKind.RATE, TimerKind.CALL_BACK}, "what comes after the work has its time"
    kinds = product(policy.starts_at, (*policy.levels, *BESIDE), Urgency, (False, True), (False, True))
    pairs = set[tuple[TimerKind, Limit, Limit]]()
    for clock, (top, level, urgency, same_day, legal) in product(hurried, kinds):
        fast, calm = [
            one.limit(clock, top=top, level=level, urgency=urgency, same_day=same_day, legal=legal)
            for one in (policy.in_emergency(), policy)
        ]
        pairs.add((clock, fast, calm))

    for (clock, fast, calm), start in product(pairs, WEEK):
        soon, later = due_at(start, fast, calendar).at, due_at(start, calm, calendar).at
        assert soon <= later, f"{clock}: {fast} instead of {calm} at {start}"


@pytest.mark.parametrize("name", LOADED)
@pytest.mark.parametrize("clock", [TimerKind.CHECK_IN, TimerKind.SILENCE])
def test_no_urgent_case_waits_for_somebody_until_it_is_late(name: str, clock: TimerKind) -> None:
    friday, calendar = datetime(2026, 11, 20, 8, tzinfo=UTC), Calendar.load()
    ways = (LOADED[name], LOADED[name].in_emergency())
    for policy, level, same_day in product(ways, (*LOADED[name].levels, *BESIDE), (False, True)):
        waits, solved = [
            due_at(
                friday,
                policy.limit(kind, top="livelihood", level=level, urgency=Urgency.URGENT, same_day=same_day),
                calendar,
            )
            for kind in (clock, TimerKind.HANDLE)
        ]
        assert waits.at < solved.at


def test_what_the_law_decides_has_its_time_in_an_emergency_too() -> None:
    policy = LOADED["dongying"].in_emergency()
    for level, urgency, same_day in product((*policy.levels, *BESIDE), Urgency, (False, True)):
        limit = partial(policy.limit, top="livelihood", level=level, urgency=urgency, same_day=same_day, legal=True)

        assert str(limit(TimerKind.HANDLE)) == "90 calendar_days"
        assert str(limit(TimerKind.RESPOND)) == "15 min"


def test_both_chains_of_public_stages_know_every_status_and_end_with_the_case() -> None:
    for of, parts, name in ((STAGE_OF, tuple(Stage), "four"), (STEP_OF, tuple(Step), "six")):
        assert set(of) == set(Status)
        assert chain(name) == parts  # type: ignore[arg-type]  # a literal from the line above
        assert {reached(name, end) for end in ENDS} == {parts[-1]}  # type: ignore[arg-type]  # likewise
        assert not any(of[status] == parts[-1] for status in set(Status) - ENDS)


def test_the_picture_under_a_policy_has_only_ways_that_its_rules_take() -> None:
    for review, drawn, other in ((True, "in_review", "awaiting_rating"), (False, "awaiting_rating", "in_review")):
        given_facts = facts(fresh(), review=review)
        held = fresh(status=Status.CLAIMED, holder=LI)
        done = step(held, Resolved(at=START, by=LI, photos=1), given_facts).case
        picture = mermaid(given_facts.policy)

        assert done.status == drawn
        assert f"claimed --> {drawn}: Resolved" in picture
        assert f"claimed --> {other}" not in picture


def test_a_policy_without_suspensions_draws_no_suspended_case_and_refuses_to_make_one(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_text(DEFAULT.replace("[suspension]\nmost = 1", "[suspension]\nmost = 0"), "utf-8")
    policy = Policy.load(str(file))
    offered = fresh(status=Status.OFFERED, unit=GRID)

    with pytest.raises(SuspendedOnce):
        step(offered, Suspended(at=START, by=LI, until=START.replace(month=12)), _under(policy))
    assert "suspended" not in mermaid(policy)
    assert "suspended" in mermaid(LOADED["default"])


def _under(policy: Policy) -> Facts:
    return replace(facts(fresh()), policy=policy)


def test_the_list_names_every_preset_with_its_levels(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(LOADED)
    assert "city > street > community > grid > microgrid" in lines[2]


def test_a_file_is_checked_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "town.toml"
    file.write_text(DEFAULT, "utf-8")
    assert main(["policy", "check", str(file)]) == 0
    assert capsys.readouterr().out == "default@2026.1 can be used.\n"

    file.write_text(DEFAULT.replace('grid = "grid"', 'grid = "village"'), "utf-8")
    assert main(["policy", "check", str(file)]) == WRONG
    assert capsys.readouterr().err == f"huying: {file}: grid: must be one of street, community, grid\n"


def test_what_a_policy_leaves_out_is_kept_for_a_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "town.toml"
    file.write_text(DEFAULT.replace("case_days = 365", "", 1), "utf-8")
    assert Policy.load(str(file)).keeps_words == timedelta(days=365)

    file.write_text(DEFAULT.replace("case_days = 365", "case_days = 90", 1), "utf-8")
    assert main(["policy", "show", str(file)]) == 0
    said = capsys.readouterr().out
    assert "texts and reporter are erased" in said
    assert "90 days after a case's end" in said


@pytest.mark.parametrize("name", LOADED)
def test_a_policy_is_shown_with_every_limit_that_it_gives(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show", name]) == 0

    said = capsys.readouterr().out
    policy = LOADED[name]
    assert said.startswith(policy.stamp)
    assert [str(line.limit) for line in policy.limits if str(line.limit) not in said] == []
    assert [body for body in policy.legal.values() if body not in said] == []
    assert [line.name for line in policy.receivers if f"{line.name} " not in said or line.en not in said] == []
    assert [post for posts in policy.asked.values() for post in posts if post not in said] == []
    assert mermaid(policy) in said


def test_the_policy_in_use_is_shown_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUYING_POLICY", "shinan")

    assert main(["policy", "show"]) == 0
    assert capsys.readouterr().out.startswith(LOADED["shinan"].stamp)


def test_levels_with_the_same_limits_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["policy", "show", "shinan"])

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [
        "handle",
        "community,",
        "grid",
        "all",
        "1",
        "working_days",
        "24",
        "clock_hours",
        "1",
        "working_days",
    ] in rows
    assert ["respond", "all", "all", "4", "clock_hours", "30", "min", "4", "clock_hours"] in rows


ROWS = {"zhaoyuan": {"Z": 58, "Y": 37}, "feicheng": {"F": 37}, "shinan": {"S": 32}, "dongying": {"D": 40}}
"""How many mechanisms each city published, by the letter of their ids."""
ROW = re.compile(r"\b[ZYFSD]\d\d\b")


@pytest.mark.parametrize("city", ROWS)
def test_the_page_accounts_for_every_row_of_a_city_and_for_what_its_file_claims_to_answer(city: str) -> None:
    root = Path(routing.__file__).parent.parent
    page = (root / "docs" / "policies.md").read_text("utf-8")
    section = page.partition(f"`{city}`\n")[2].partition("\n### ")[0]
    lists = re.split(r"\n(?=By the program|In part|Not yet)", section)
    settings, program, partly, lacking = (set(ROW.findall(one)) for one in lists)
    claimed = set(ROW.findall((root / "routing" / "policies" / f"{city}.toml").read_text("utf-8")))

    known = {f"{letter}{number:02}" for letter, count in ROWS[city].items() for number in range(1, count + 1)}
    assert settings | program | partly | lacking == known
    assert not program & (settings | partly | lacking)
    assert not lacking & (settings | partly)
    assert settings <= claimed <= settings | partly
