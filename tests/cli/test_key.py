"""`huying key`: what an operator does with it, and that nothing is lost on the way."""

import errno
import os
import stat
from pathlib import Path

import pytest

from bot import keys
from bot.cli import key
from bot.settings import Settings, SettingsError
from storage import resealing
from storage.engines import Database, database_at
from storage.errors import Unusable
from storage.moving import move
from storage.sealing import Ring
from storage.stores import Stores
from tests.cli.conftest import Run, ask, tell

NAME = "王小满甲乙丙"


@pytest.fixture
def safe(office: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key file is to be."""
    monkeypatch.setenv("HUYING_KEY_FILE", str(office / "safe.key"))
    return office / "safe.key"


def meet(stores: Stores) -> str:
    return stores.people.meet(2001, NAME, "zh").name


def name(stores: Stores) -> str:
    person = stores.people.meet(2001, "", None)
    return person.name


def ring(path: Path) -> Ring:
    return keys.read(path)


async def test_a_key_is_made_once_for_its_owner_alone(run: Run, safe: Path) -> None:
    made = await run(key, "new")

    assert made.code == 0
    assert ring(safe).name in made.out
    assert mode(safe) == 0o600
    assert ring(safe).text().splitlines()[-1] not in made.out
    with pytest.raises(SettingsError, match="never overwritten"):
        await run(key, "new")


async def test_a_key_open_to_others_is_refused_with_the_command_that_mends_it(run: Run, safe: Path) -> None:
    await run(key, "new")
    mode(safe, 0o644)

    with pytest.raises(SettingsError, match=f"chmod 600 {safe}"):
        await tell(meet)


async def test_a_lost_file_is_named_before_anything_is_written(run: Run, safe: Path) -> None:
    await run(key, "new")
    await tell(meet)
    put(safe, safe.with_suffix(".kept"))

    with pytest.raises(SettingsError, match="put the copy back that you kept"):
        await tell(meet)
    await run(key, "new")
    with pytest.raises(Unusable, match="Put the right file there"):
        await tell(meet)
    put(safe.with_suffix(".kept"), safe)
    assert await tell(name) == NAME


async def test_a_rotation_changes_every_value_and_keeps_the_older_key_for_old_backups(run: Run, safe: Path) -> None:
    await run(key, "new")
    await tell(meet)
    before = ring(safe).name

    assert "1 values are sealed" in (await run(key, "rotate")).out
    assert (ring(safe).names[0], ring(safe).names[1]) == (ring(safe).name, before)
    assert ring(safe).name != before
    assert mode(safe) == 0o600
    assert await tell(name) == NAME
    assert "alone" in (await run(key, "forget")).out
    assert before not in ring(safe).names
    assert await tell(name) == NAME


@pytest.mark.skipif(os.name != "posix", reason="only there are folders flushed")
async def test_a_new_key_is_on_the_disk_under_its_name_before_anything_is_sealed_with_it(
    run: Run, office: Path, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(key, "new")
    await tell(meet)
    link(safe, office / "elsewhere.key")
    done: list[str] = []
    flush, seal = os.fsync, resealing.reseal

    def flushed(file: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "file")
        flush(file)

    def sealed(database: Database, ring: Ring) -> int:
        done.append("sealed")
        return seal(database, ring)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(resealing, "reseal", sealed)
    await run(key, "rotate")

    assert done == ["file", "folder", "sealed"]
    assert len(ring(office / "elsewhere.key").names) == 2


async def test_half_a_key_is_not_left_where_one_is_to_be(run: Run, safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(SettingsError, match="No space left"):
            await run(key, "new")
    assert (await run(key, "new")).code == 0


async def test_a_town_that_began_in_the_clear_is_sealed_later(
    run: Run, office: Path, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_KEY_FILE", "none")
    await tell(meet)
    assert NAME.encode() in on_disk(office)
    monkeypatch.setenv("HUYING_KEY_FILE", str(safe))
    await run(key, "new")

    with pytest.raises(Unusable, match="Nothing is sealed"):
        await run(key, "check")
    await run(key, "rotate")
    assert len(ring(safe).names) == 1
    assert NAME.encode() not in on_disk(office)
    assert await tell(name) == NAME


async def test_a_check_names_what_does_not_open_and_forgetting_waits_for_it(run: Run, safe: Path) -> None:
    await run(key, "new")
    await tell(meet)
    sound = await run(key, "check")
    await tell(lambda stores: stores.connection.exec_driver_sql("UPDATE people SET name = 'AAAA'"))

    broken = await run(key, "check")
    assert (sound.code, broken.code) == (0, 1)
    assert f"{ring(safe).name} (it seals): 1 values" in sound.out
    assert "people.name: 1 values do not open" in broken.out
    assert (await run(key, "forget")).code == 1
    with pytest.raises(Unusable, match="Nothing was changed"):
        await run(key, "rotate")


@pytest.mark.usefixtures("safe")
async def test_a_moved_database_needs_the_same_key(run: Run, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await run(key, "new")
    await tell(meet)
    there = f"sqlite+aiosqlite:///{office / 'there.db'}"
    moved = move(database_at(Settings.load().database_url), database_at(there))
    monkeypatch.setenv("HUYING_DATABASE_URL", there)

    assert moved.rows["people"] == 1
    assert await tell(name) == NAME
    monkeypatch.delenv("HUYING_KEY_FILE")
    with pytest.raises(Unusable, match="names none"):
        await ask(lambda stores: stores.people.get)


def mode(path: Path, wanted: int | None = None) -> int:
    if wanted is not None:
        path.chmod(wanted)
    return path.stat().st_mode & 0o777


def put(path: Path, there: Path) -> None:
    path.replace(there)


def link(path: Path, there: Path) -> None:
    path.replace(there)
    path.symlink_to(there)


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("town.db*"))
