"""Which databases are opened, and with what sentence the others are refused."""

import os
from pathlib import Path

import pytest

from storage import schema
from storage.errors import Closed, SchemaError, Unusable
from storage.sqlite import FileLock
from tests.databases import SQLITE
from tests.storage.conftest import Opener
from tests.storage.test_store import add_one, value


@pytest.fixture
def engine() -> str:
    return SQLITE


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "sqlite:///file:x?mode=memory"])
async def test_a_database_in_memory_is_refused(opened: Opener, url: str) -> None:
    with pytest.raises(Unusable, match="must be a file"):
        await opened(url=url)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense"])
async def test_an_engine_that_is_not_known_is_refused(opened: Opener, url: str) -> None:
    with pytest.raises(Unusable):
        await opened(url=url)


async def test_a_folder_that_is_not_there_is_named(opened: Opener, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="nowhere"):
        await opened(url=f"sqlite+aiosqlite:///{tmp_path}/nowhere/town.db")


async def test_a_file_that_is_no_database_is_refused(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "town.db").write_text("not a database, but long enough to be looked at " * 100)

    with pytest.raises(Unusable, match="not a database"):
        await opened(migrate=False)


async def test_a_path_with_odd_letters_is_opened_as_it_stands(opened: Opener, tmp_path: Path) -> None:
    odd = tmp_path / "市 #1?x=%41"
    odd.mkdir()
    store = await opened(url=f"sqlite+aiosqlite:///{str(odd).replace('%', '%25').replace('?', '%3F')}/town.db")

    assert await store.work(add_one) == 1
    assert await store.read(value) == 1
    await store.close()
    assert sorted(os.listdir(odd)) == ["town.db", "town.db.lock"]  # noqa: PTH208 - a test may block for a moment


async def test_a_second_writer_is_refused_and_a_reader_is_not(opened: Opener) -> None:
    first = await opened()
    await first.work(add_one)

    with pytest.raises(Unusable, match="in use"):
        await opened()
    beside = await opened(read_only=True, migrate=False)
    assert await beside.read(value) == 1
    with pytest.raises(Closed):
        await beside.work(add_one)

    await first.close()
    assert await beside.read(value) == 1
    assert await (await opened()).work(add_one) == 2


async def test_a_closed_database_can_be_read(opened: Opener) -> None:
    first = await opened()
    await first.work(add_one)
    await first.close()

    assert await (await opened(read_only=True, migrate=False)).read(value) == 1


async def test_a_refused_opening_gives_the_lock_back(opened: Opener, tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        await opened(migrate=False)

    FileLock(tmp_path / "town.db").release()


def test_whoever_forgot_sudo_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", closed)

    with pytest.raises(Unusable, match=r"denied\. Run it as the bot's user, or as root\.$"):
        FileLock(tmp_path / "town.db")


def test_migrating_needs_the_right_to_write(url: str, tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "town.db")
    with pytest.raises(Unusable, match="in use"):
        schema.migrate(url)
    lock.release()
    schema.migrate(url)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no file modes")
async def test_nobody_else_on_the_machine_may_read_a_new_database(opened: Opener, tmp_path: Path) -> None:
    await opened()

    assert open_to_others(tmp_path) == []


def open_to_others(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("town.db*") if path.stat().st_mode & 0o077]
