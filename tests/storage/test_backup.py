import asyncio
import os
from pathlib import Path

import pytest

from bot.spool import Spool
from routing.ports import Promise
from storage import schema
from storage.backup import backup, restore, verify
from storage.errors import SchemaError, Unusable
from storage.sqlite import writing_engine
from storage.store import Store
from storage.stores import Stores
from tests.databases import SQLITE
from tests.storage.conftest import NOON, Opener, a_case, a_chat


@pytest.fixture
def engine() -> str:
    return SQLITE


def _fill(stores: Stores) -> None:
    stores.cases.add(a_case())
    chat = a_chat(stores)
    for n in range(3):
        stores.outbox.promise(Promise(str(n), chat, "tell"))
    (heads,) = stores.sending.ready_heads(7, NOON, 9).values()
    (sending,) = stores.sending.start([heads[0].id], NOON)
    stores.sending.sent(sending.id, 5, NOON)
    (heads,) = stores.sending.ready_heads(7, NOON, 9).values()
    stores.sending.start([heads[0].id], NOON)


@pytest.fixture
async def saved(store: Store, tmp_path: Path) -> Path:
    """A backup made while the store is open, and the store goes on."""
    await store.work(_fill)
    copied = await asyncio.to_thread(backup, tmp_path / "town.db", tmp_path / "copy.db")
    assert (copied.rows["cases"], copied.rows["outbox"], copied.revision) == (1, 3, schema.head())
    await store.work(lambda s: s.cases.add(a_case(2)))
    return tmp_path / "copy.db"


async def test_a_backup_is_one_sound_file_of_one_moment(saved: Path) -> None:
    assert (await asyncio.to_thread(verify, saved)).rows["cases"] == 1
    names = await asyncio.to_thread(lambda: sorted(path.name for path in saved.parent.iterdir()))
    assert [name for name in names if "copy" in name] == ["copy.db"]


async def test_a_restored_database_has_its_cases_and_sends_nothing_a_second_time(
    saved: Path, opened: Opener, tmp_path: Path
) -> None:
    new = tmp_path / "new" / "town.db"
    await asyncio.to_thread(new.parent.mkdir)
    await asyncio.to_thread(restore, saved, new, NOON)

    store = await opened(url=f"sqlite+aiosqlite:///{new}", migrate=False)

    assert await store.read(lambda s: s.cases.get(a_case().id)) == a_case()
    assert (await store.read(lambda s: s.sending.stats())).by_state == {"in_doubt": 2, "sent": 1}
    assert await store.read(lambda s: s.sending.ready_heads(7, NOON, 9)) == {}
    reasons = await store.read(lambda s: s.connection.exec_driver_sql("SELECT DISTINCT reason FROM outbox").all())
    assert ("restored",) in reasons
    names = await asyncio.to_thread(lambda: {path.name for path in new.parent.iterdir()})
    assert "town.db.part" not in names


async def test_nothing_is_ever_overwritten(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="exists already"):
        await asyncio.to_thread(backup, tmp_path / "town.db", saved)

    other = tmp_path / "other.db"
    await asyncio.to_thread(schema.migrate, f"sqlite+aiosqlite:///{other}")
    with pytest.raises(Unusable, match="holds a database already"):
        await asyncio.to_thread(restore, saved, other, NOON)
    assert (await asyncio.to_thread(verify, other)).rows["cases"] == 0


async def test_a_database_in_use_is_not_restored_over(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="in use"):
        await asyncio.to_thread(restore, saved, tmp_path / "town.db", NOON)


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    path.write_bytes(content)


async def test_a_damaged_backup_is_refused_before_anything_is_written(saved: Path, tmp_path: Path) -> None:
    await asyncio.to_thread(_damage, saved)

    with pytest.raises(Unusable, match="damaged"):
        await asyncio.to_thread(restore, saved, tmp_path / "new.db", NOON)
    assert not await asyncio.to_thread((tmp_path / "new.db").exists)


async def test_a_text_is_no_backup(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    await asyncio.to_thread(text.write_text, "no database at all " * 500)

    with pytest.raises(Unusable, match="damaged"):
        await asyncio.to_thread(restore, text, tmp_path / "new.db", NOON)


@pytest.mark.parametrize("content", ["", "x"], ids=["empty", "cut off"])
async def test_a_file_in_which_nothing_is_left_is_no_backup(content: str, tmp_path: Path) -> None:
    left = tmp_path / "left.db"
    await asyncio.to_thread(left.write_text, content)

    with pytest.raises(Unusable, match="holds nothing of Huying"):
        await asyncio.to_thread(verify, left)
    with pytest.raises(Unusable, match="holds nothing of Huying"):
        await asyncio.to_thread(restore, left, tmp_path / "new.db", NOON)


def test_a_backup_that_may_not_be_read_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda _path: True)  # root may read everything; what isn't there, nobody

    with pytest.raises(Unusable, match="cannot be read here: unable to open"):
        verify(tmp_path / "closed.db")


async def test_a_backup_of_a_newer_program_is_refused(saved: Path, tmp_path: Path) -> None:
    engine = writing_engine(saved)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaError, match="newer"):
        await asyncio.to_thread(restore, saved, tmp_path / "new.db", NOON)


def test_what_is_not_there_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no database"):
        backup(tmp_path / "nothing.db", tmp_path / "copy.db")
    with pytest.raises(Unusable, match="no file"):
        restore(tmp_path / "nothing.db", tmp_path / "new.db", NOON)
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_target_in_a_folder_that_is_not_there_is_named(url: str, tmp_path: Path) -> None:
    schema.migrate(url)

    with pytest.raises(Unusable, match="nowhere"):
        backup(tmp_path / "town.db", tmp_path / "nowhere" / "copy.db")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no file modes")
async def test_a_copy_follows_no_link_and_is_for_its_owner_alone(saved: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    copied = await asyncio.to_thread(_copy_over_a_link, saved, tmp_path / "second.db", victim)

    assert copied.read_bytes()[:15] == b"SQLite format 3"
    assert victim.read_text() == "as it was"
    assert copied.stat().st_mode & 0o077 == 0


def _copy_over_a_link(saved: Path, copy: Path, victim: Path) -> Path:
    victim.write_text("as it was")
    copy.with_name(copy.name + ".part").symlink_to(victim)
    backup(saved, copy)
    return copy


@pytest.mark.skipif(os.name != "posix", reason="only there do files have owners")
def test_what_root_makes_beside_a_service_belongs_to_the_owner_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the bot's user could not open the database that was restored for it."""
    owner, given = tmp_path.stat(), set()

    def give(path: Path, user: int, group: int, *, follow_symlinks: bool) -> None:
        assert (user, group, follow_symlinks) == (owner.st_uid, owner.st_gid, False)
        given.add(path.name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", give)
    schema.migrate(f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    backup(tmp_path / "town.db", tmp_path / "copy.db")
    restore(tmp_path / "copy.db", tmp_path / "new.db", NOON)
    Spool(tmp_path / "spool").check()

    assert given >= {"town.db", "town.db.lock", "town.db.backed-up", "copy.db.part", "new.db.part", "spool"}
