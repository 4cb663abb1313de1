"""An exported log proves itself to somebody who has neither the database nor the settings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli import audit, export
from bot.cli._common import opened
from bot.settings import Settings
from routing import desk
from routing.events import Resolved
from routing.model import Rating
from storage import chain
from storage.stores import Stores
from tests.cli.conftest import Ran, Run
from tests.routing.village import MONDAY, _file, village

Lines = list[dict[str, Any]]
BOUND: dict[str, Any] = {
    "number": 77, "case": 77, "seq": 77, "of": 77, "event": "Withdrawn", "at": "2026-01-01T00:00:00+08:00",
    "instant": "2026-01-01T00:00:00+00:00", "unit": "somebody-else", "post": "admin", "digest": "0" * 64,
    "hash": "0" * 64,
}  # fmt: skip


@pytest.fixture
async def exported(office: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """The log of three cases in a file, far from their database."""
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'village.db'}")
    async with village(office) as town:
        await town.rates(await town.resolves(await town.claims(await town.files())), Rating.SATISFIED)
        await town.claims(await town.files())
        await town.files(confidential=True, kind="tip-off")
    file = office / "events.jsonl"
    assert (await run(export, "events", "--out", file)).code == 0
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'nowhere.db'}")
    monkeypatch.delenv("HUYING_BOT_TOKEN")
    return file


def rows(file: Path) -> Lines:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def write(file: Path, lines: list[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def proof(lines: Lines) -> chain.Proof:
    return chain.prove([json.dumps(line) for line in lines])


async def test_an_untouched_export_is_whole_without_the_database(exported: Path, run: Run) -> None:
    ran = await run(audit, "--chain", exported)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"The chain is whole: {len(rows(exported))} lines of 3 cases, seal ")


async def test_whatever_is_altered_in_whatever_line_is_found(exported: Path) -> None:
    lines = rows(exported)
    missed = [
        (place, name)
        for place, line in enumerate(lines)
        for name, value in BOUND.items()
        if line[name] != value and not proof([*lines[:place], {**line, name: value}, *lines[place + 1 :]]).faults
    ]

    # A case may call itself by another number that nobody has, everywhere or in its only line: the seal tells that.
    assert [one for one in missed if one[1] != "number" or lines[one[0]]["of"] > 1] == []


async def test_a_line_left_out_or_told_twice_is_found_the_last_one_of_a_case_included(exported: Path) -> None:
    lines = rows(exported)
    many = [place for place, line in enumerate(lines) if line["of"] > 1]

    assert [place for place in many if not proof(lines[:place] + lines[place + 1 :]).faults] == []
    assert [place for place, line in enumerate(lines) if not proof([*lines[: place + 1], *lines[place:]]).faults] == []
    assert len(many) > 5


async def test_lines_in_another_order_are_found(exported: Path) -> None:
    lines = rows(exported)
    swapped = [
        [*lines[:one], lines[one + 1], lines[one], *lines[one + 2 :]] for one in range(len(lines) - 1)
    ]  # fmt: skip

    assert [place for place, order in enumerate(swapped) if not proof(order).faults] == []
    assert proof(sorted(lines, key=lambda line: -line["number"])).faults != []


def _without_the_last_case(lines: Lines) -> Lines:
    return [line for line in lines if line["number"] < 3]


def _with_another_number(lines: Lines) -> Lines:
    return [{**line, "number": 9} if line["number"] == 3 else line for line in lines]


def _forged_whole(lines: Lines) -> Lines:
    """Somebody who knows how it is made lets another unit have done it, and makes every hash anew."""
    forged: Lines = []
    for line in lines:
        new = {**line, "unit": "somebody-else"}
        previous = forged[-1]["hash"] if line["seq"] > 1 else chain.GENESIS
        parts = (new[name] for name in ("case", "seq", "event", "instant", "unit", "post", "digest"))
        forged.append({**new, "hash": chain.link(previous, *parts)})
    return forged


@pytest.mark.parametrize("touched", [_without_the_last_case, _with_another_number, _forged_whole])
async def test_what_no_chain_can_tell_the_seal_does(
    exported: Path, run: Run, touched: Callable[[Lines], Lines]
) -> None:
    seal = proof(rows(exported)).seal
    assert (await run(audit, "--chain", exported, "--seal", seal)).code == 0

    write(exported, [json.dumps(line) for line in touched(rows(exported))])

    assert (await run(audit, "--chain", exported)).code == 0
    ran = await run(audit, "--chain", exported, "--seal", seal)
    assert ran.code == 1
    assert "another export, or altered" in ran.out


@pytest.fixture
async def later(exported: Path, office: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """What was exported from the same town when more had happened to the second case, and a fourth one was filed."""
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'village.db'}")
    async with opened(Settings.load()) as store:
        await store.work(_goes_on)
    file = office / "later.jsonl"
    assert (await run(export, "events", "--out", file)).code == 0
    return file


def _goes_on(stores: Stores) -> None:
    second = stores.cases.by_number(2)
    holder = second.holder
    assert holder is not None
    desk.move(stores, second.id, Resolved(at=MONDAY, by=holder, photos=1))
    _file(stores, holder, MONDAY, {})


async def test_a_later_export_goes_on_from_where_the_earlier_one_ended(exported: Path, later: Path, run: Run) -> None:
    seal = proof(rows(exported)).seal
    ran = await run(audit, "--chain", exported, later, exported.with_name("later.jsonl"), "--seal", seal)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("The chain is whole") == 3
    assert proof(rows(later)).seal != seal
    assert len(rows(later)) > len(rows(exported))


@pytest.mark.parametrize("touched", [_without_the_last_case, _forged_whole])
async def test_what_was_changed_since_an_earlier_export_is_found_though_every_hash_was_made_anew(
    exported: Path, later: Path, run: Run, touched: Callable[[Lines], Lines]
) -> None:
    write(later, [json.dumps(line) for line in touched(rows(later))])
    assert (await run(audit, "--chain", later)).code == 0

    ran = await run(audit, "--chain", exported, later)

    assert ran.code == 1
    assert "earlier export" in ran.out
    assert f"{exported}: The chain is whole" in ran.out


async def test_an_older_export_does_not_go_on_from_a_later_one(exported: Path, later: Path, run: Run) -> None:
    ran = await run(audit, "--chain", later, exported)

    assert ran.code == 1
    assert "case #4 had" in ran.out


@pytest.mark.parametrize("bad", ["", "{}", "[]", "null", '"text"', "{", "[" * 100_000, '{"number": true}'])
async def test_what_is_no_export_is_told_line_by_line(exported: Path, run: Run, bad: str) -> None:
    lines = [json.dumps(line) for line in rows(exported)]
    write(exported, [*lines, bad])

    ran = await run(audit, "--chain", exported)

    assert ran.code == 1
    assert f"line {len(lines) + 1} is no line of an export" in ran.out


async def test_a_file_that_is_not_there_and_a_seal_of_nothing_are_refused(exported: Path, run: Run) -> None:
    missing: Ran = await run(audit, "--chain", exported.with_name("nothing.jsonl"))
    alone: Ran = await run(audit, "--seal", "00")

    assert (missing.code, alone.code) == (2, 2)
    assert "cannot be read" in missing.err
    assert "--chain FILE" in alone.err


async def test_a_line_shows_what_the_chain_needs_and_nothing_else_of_its_event(exported: Path) -> None:
    """What an event holds of persons and places stands in the digest alone; `by` is masked."""
    assert {frozenset(line) for line in rows(exported)} == {frozenset({*BOUND, "by"})}
