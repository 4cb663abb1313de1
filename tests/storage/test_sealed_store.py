"""A database with a key: what is on the disk, which keys it takes, and the way to another key."""

from pathlib import Path
from typing import Any

import pytest

from routing.model import Household, UnitCode
from routing.ports import Seen
from storage import resealing
from storage.backup import backup, restore
from storage.engines import database_at
from storage.errors import Unopened, Unusable
from storage.sealing import Key, Ring
from storage.stores import Stores
from tests.databases import SQLITE, fresh_database
from tests.storage.conftest import NOON, Opener

OLD, NEW, OTHER = (Ring([Key.of(letter * 32)]) for letter in (b"o", b"n", b"x"))
BOTH = Ring([*NEW.keys, *OLD.keys])
NAME, RAW, CODE = "王小满甲乙", b'{"message":"canary"}', "QWER2345"


def fill(stores: Stores) -> None:
    stores.people.meet(2001, NAME, "zh")
    stores.people.meet_all([Seen(2002, NAME, None)])
    stores.people.put_household(Household("h1", UnitCode("g1"), "3号楼", "2单元", "301", CODE))
    stores.inbox.receive(7, 1, "chat", RAW, NOON)


def look(stores: Stores) -> tuple[Any, ...]:
    home = stores.people.household_by_door_code(CODE)
    [waiting] = stores.inbox.pending(10)
    names = {person.name for person in (stores.people.meet(2001, "", None), stores.people.meet(2002, "", None))}
    return names, home and home.room, waiting.raw


def seen_on_disk(folder: Path) -> list[bytes]:
    on_disk = b"".join(path.read_bytes() for path in folder.iterdir())
    return [one for one in (NAME.encode(), RAW, CODE.encode()) if one in on_disk]


SEEN = ({NAME}, "301", RAW)


async def test_what_is_sealed_reads_as_before_and_is_nowhere_in_the_file(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "town.db")
    store = await opened(url=url, migrate=False, ring=OLD)
    await store.work(fill)

    assert await store.work(look) == SEEN
    assert await store.read(lambda stores: stores.people.household_by_door_code("ZZZZ2222")) is None
    await store.close()
    assert await (await opened(url=url, migrate=False, ring=OLD)).work(look) == SEEN
    assert seen_on_disk(tmp_path) == []


async def test_a_wrong_key_and_a_missing_one_are_refused_with_what_to_do(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "town.db")
    await (await opened(url=url, migrate=False, ring=OLD)).close()

    with pytest.raises(Unusable, match=f"{OLD.name}, and HUYING_KEY_FILE names none"):
        await opened(url=url, migrate=False)
    with pytest.raises(Unusable, match=f"{OLD.name}, and HUYING_KEY_FILE holds {OTHER.name}"):
        await opened(url=url, migrate=False, ring=OTHER)
    with pytest.raises(Unusable, match="names none"):
        await opened(url=url, migrate=False, read_only=True)


async def test_a_town_in_the_clear_is_not_mixed_with_sealed_rows_but_sealed_whole(
    opened: Opener, tmp_path: Path, engine: str
) -> None:
    url = fresh_database(tmp_path / "town.db")
    clear = await opened(url=url, migrate=False)
    await clear.work(fill)
    await clear.close()

    with pytest.raises(Unusable, match="huying key rotate"):
        await opened(url=url, migrate=False, ring=OLD)
    assert resealing.reseal(database_at(url), OLD) == 4
    store = await opened(url=url, migrate=False, ring=OLD)
    assert await store.work(look) == SEEN
    await store.close()
    if engine == SQLITE:
        assert seen_on_disk(tmp_path) == []


async def test_a_new_key_seals_everything_anew_and_the_old_one_opens_nothing_any_more(
    opened: Opener, tmp_path: Path
) -> None:
    url = fresh_database(tmp_path / "town.db")
    store = await opened(url=url, migrate=False, ring=OLD)
    await store.work(fill)
    await store.close()

    with pytest.raises(Unusable, match=f"holds {NEW.name}"):
        resealing.reseal(database_at(url), NEW)  # without the old key nothing opens
    assert resealing.reseal(database_at(url), BOTH) == 4
    with pytest.raises(Unusable, match=f"holds {OLD.name}"):
        await opened(url=url, migrate=False, ring=OLD)
    store = await opened(url=url, migrate=False, ring=NEW)
    assert await store.work(look) == SEEN
    assert await store.read(lambda stores: resealing.census(stores.connection, NEW)) == resealing.Census(
        {NEW.name: 4}, {}
    )


async def test_nothing_is_sealed_anew_while_a_program_works_there(opened: Opener, tmp_path: Path, engine: str) -> None:
    url = fresh_database(tmp_path / "town.db")
    store = await opened(url=url, migrate=False, ring=OLD)
    await store.work(fill)

    with pytest.raises(Unusable, match="in use" if engine == SQLITE else "is working on"):
        resealing.reseal(database_at(url), BOTH)
    await store.close()
    assert resealing.reseal(database_at(url), BOTH) == 4


async def test_a_rotation_broken_off_after_the_file_was_written_goes_on_with_the_old_key(
    opened: Opener, tmp_path: Path
) -> None:
    url = fresh_database(tmp_path / "town.db")
    store = await opened(url=url, migrate=False, ring=OLD)
    await store.work(fill)
    await store.close()

    store = await opened(url=url, migrate=False, ring=BOTH)
    assert await store.work(look) == SEEN
    await store.work(lambda stores: stores.people.meet(2003, NAME, None))
    assert await store.read(lambda stores: resealing.census(stores.connection, OLD).shut) == {}


async def test_a_value_swapped_in_the_database_is_told_and_not_believed(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "town.db")
    store = await opened(url=url, migrate=False, ring=OLD)
    await store.work(fill)

    def swap(stores: Stores) -> None:
        stores.connection.exec_driver_sql("UPDATE people SET name = (SELECT door_code FROM households)")

    await store.work(swap)
    with pytest.raises(Unopened, match=r"people\.name"):
        await store.work(look)
    assert await store.read(lambda stores: resealing.census(stores.connection, OLD).shut) == {"people.name": 2}


@pytest.mark.parametrize("engine", [SQLITE])
async def test_a_backup_needs_the_key_like_the_database(opened: Opener, tmp_path: Path, engine: str) -> None:
    url = fresh_database(tmp_path / "town.db")
    store = await opened(url=url, migrate=False, ring=OLD)
    await store.work(fill)
    backup(tmp_path / "town.db", tmp_path / "copy.db")
    await store.close()
    other = tmp_path / "elsewhere"
    other.mkdir()
    restore(tmp_path / "copy.db", other / "town.db", NOON)

    assert NAME.encode() not in (tmp_path / "copy.db").read_bytes()
    with pytest.raises(Unusable, match="names none"):
        await opened(url=f"sqlite+aiosqlite:///{other}/town.db", migrate=False)
    again = await opened(url=f"sqlite+aiosqlite:///{other}/town.db", migrate=False, ring=OLD)
    assert await again.work(look) == SEEN
