"""The drill: a backup that was made under load is put into a fresh place, and everything is there as it was.

Once on a file and once on a server, with the server's own pg_dump and pg_restore.
"""

import asyncio
import subprocess
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.bench.stand import Stand, now, resident, stand
from bot.bench.updates import report
from bot.cli import restore as restoring
from bot.cli import restored
from bot.roles import Role, alive_setting
from routing.ports import Lane, Promise
from storage.audit import findings
from storage.backup import LONG_AGO, backup, restore, verify
from storage.engines import database_at
from storage.moving import chains, move, sums
from storage.store import Store
from storage.stores import Stores
from tests import postgres
from tests.cli.conftest import Run, office, run
from tests.databases import POSTGRESQL, on
from tests.storage.conftest import CALENDAR, CATALOGUE, POLICY
from tests.town import Town

__all__ = ["office", "run"]  # fixtures

CASES = 150
CHANGED = {"outbox", "settings"}
"""What a restore changes: nothing that waited is sent, and the bot is told that it was away."""
Sums = dict[str, tuple[int, str]]


async def furnish(place: Stand) -> None:
    """Reports through the front door; all their cards wait to be sent."""
    raws = [report(n, place.chats[n % 4], resident(n % 4 + 1, n), f"{n}号楼楼道灯坏了") for n in range(1, CASES + 1)]
    await place.feed(raws)


def whole(stores: Stores) -> tuple[Sums, int, list[Any], dict[str, int]]:
    """The sums of all tables, the cases with a whole log, what the audit finds, and the outcomes of messages."""
    outcomes = dict(stores.sending.stats().by_state)
    return dict(sums(stores.connection)), chains(stores.connection), list(findings(stores)), outcomes


async def looked_at(url: str) -> tuple[Sums, int, list[Any], dict[str, int]]:
    store = await Store.open(url, policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE, read_only=True)
    try:
        return await store.read(whole)
    finally:
        await store.close()


def but(found: Sums, *tables: str) -> Sums:
    return {name: value for name, value in found.items() if name not in tables}


async def test_a_backup_made_under_load_comes_back_row_by_row(tmp_path: Path) -> None:
    path, copy, fresh = tmp_path / "town.db", tmp_path / "copy.db", tmp_path / "fresh" / "town.db"
    await asyncio.to_thread(fresh.parent.mkdir)
    async with stand(4, path=path) as place:
        await furnish(place)
        copying = asyncio.create_task(asyncio.to_thread(backup, path, copy))
        written = 0
        for number in count(1_000):
            await place.store.work(lambda s, n=number: s.inbox.receive(1, n, "1:1", b"{}", now()))  # type: ignore[misc]  # a bound default
            written += 1
            if copying.done():
                break
        copied = await copying
        assert written > 1
    await asyncio.to_thread(restore, copy, fresh, forget=[alive_setting(Role.INGRESS)])

    old, new = [await looked_at(f"sqlite+aiosqlite:///{file}") for file in (copy, fresh)]
    assert but(new[0], *CHANGED) == but(old[0], *CHANGED)
    assert {name: rows for name, (rows, _) in new[0].items()} == copied.rows
    assert new[1] == CASES
    assert new[2] == []
    assert old[3]["ready"] > 0, "something waited"
    assert new[3] == {"in_doubt": old[3]["ready"]}


async def test_on_a_server_dump_and_restore_give_the_same_rows_back(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stand(4, path=tmp_path / "source.db") as place:
        await furnish(place)
    with on(POSTGRESQL):
        source, target = postgres.new_database(empty=True), postgres.new_database(empty=True)
        await asyncio.to_thread(move, database_at(f"sqlite+aiosqlite:///{tmp_path / 'source.db'}"), database_at(source))
        await asyncio.to_thread(dump_and_restore, source, target, tmp_path / "huying.dump")
        monkeypatch.setenv("HUYING_DATABASE_URL", target)
        ran = await run(restored)

        old, new = [await looked_at(url) for url in (source, target)]
        for url in (source, target):
            await asyncio.to_thread(postgres.drop, url)
    own = {"leases", "holdings", "counters"}  # of the programs that looked
    assert but(new[0], *CHANGED, *own) == but(old[0], *CHANGED, *own)
    assert (new[1], new[2]) == (CASES, [])
    assert new[3] == {"in_doubt": old[3]["ready"]}
    assert ran.out.startswith(f"set aside {old[3]['ready']} messages")


def dump_and_restore(source: str, target: str, file: Path) -> None:
    """As docs/operate.md says."""
    folder = postgres.server()
    programs = postgres._programs(folder, None)
    for name, *words in (
        ("pg_dump", "--format=custom", "--file", str(file), "--dbname", source),
        ("pg_restore", "--no-owner", "--exit-on-error", "--dbname", target, str(file)),
    ):
        subprocess.run([str(programs / name), *words], check=True, capture_output=True)


async def test_the_backup_is_proven_without_being_put_anywhere(office: Path, run: Run) -> None:
    await asyncio.to_thread(backup, office / "town.db", office / "copy.db")
    names = await asyncio.to_thread(lambda: sorted(path.name for path in office.iterdir()))

    ran = await run(restoring, office / "copy.db", "--verify")

    assert (ran.code, ran.err) == (0, "")
    assert "every page is sound" in ran.out
    assert "It can be restored." in ran.out
    assert names == await asyncio.to_thread(lambda: sorted(path.name for path in office.iterdir()))
    assert (await asyncio.to_thread(verify, office / "copy.db")).rows["cases"] == 0


async def test_the_bot_on_a_restored_database_repeats_nothing_and_shows_open_cases_anew(
    town: Town, tmp_path: Path
) -> None:
    await town.wang.writes("/report 3号楼楼道灯坏了")
    chat = await town.read(lambda stores: stores.chats.find(town.sample.bot.id, town.group.id).id)
    later = town.now + timedelta(minutes=2)
    await town.work(
        lambda stores: [
            stores.outbox.promise(Promise(f"late:{n}", chat, "notice", lane=Lane.NOTICE, not_before=later))
            for n in range(5)
        ]
    )
    old = town.settings.database_file
    assert old is not None
    await asyncio.to_thread(backup, old, tmp_path / "copy.db")
    said = len(town.messages(town.group))
    await town.app.__aexit__(None, None, None)

    await asyncio.to_thread(restore, tmp_path / "copy.db", tmp_path / "back.db", forget=[alive_setting(Role.INGRESS)])
    town.settings = replace(town.settings, database_url=f"sqlite+aiosqlite:///{tmp_path / 'back.db'}")
    town.clock.advance(timedelta(minutes=3))  # when what waited would have left
    before = len(town.sandbox.calls)
    town.app = town._new_app()
    await town.start()
    await town.sandbox.wait_for(
        lambda telegram: any(call.method == "editMessageText" for call in telegram.calls[before:]), 30
    )
    await town.quiet()

    assert len(town.messages(town.group)) == said, "no message comes a second time"
    states = dict((await town.read(lambda stores: stores.sending.stats())).by_state)
    assert states["in_doubt"] == 5
    alive = await town.read(lambda stores: stores.notebook.setting(alive_setting(Role.INGRESS)))
    assert alive is not None
    assert alive > LONG_AGO
