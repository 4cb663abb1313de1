"""`huying move`: a town goes from one engine to the other, whole or not at all."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from bot.cli import move
from bot.cli._common import opened
from bot.settings import Settings
from routing.model import Rating
from storage import schema
from storage.audit import findings
from storage.engines import database_at
from storage.errors import SchemaError, Unusable
from storage.moving import chains
from storage.sqlite import FileLock
from storage.store import Store
from storage.stores import Stores
from storage.tables import metadata
from storage.tenure import Tenure
from tests import databases
from tests.cli.conftest import Run
from tests.databases import POSTGRESQL, no_database
from tests.routing.village import village


@pytest.fixture
def server() -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with databases.on(POSTGRESQL):
        yield no_database(Path())


@pytest.fixture
async def lived(office: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an SQLite database in which people have lived."""
    async with village(office) as town:
        await town.files()
        case = await town.resolves(await town.claims(await town.files()))
        await town.rates(case, Rating.NOT_SATISFIED)
    url = f"sqlite+aiosqlite:///{office / 'village.db'}"
    monkeypatch.setenv("HUYING_DATABASE_URL", url)
    return url


async def _everything(url: str) -> object:
    async with opened(Settings(database_url=url), read_only=True) as store:
        assert await store.read(lambda stores: list(findings(stores))) == []
        return await store.read(_rows)


def _rows(stores: Stores) -> dict[str, list[str]]:
    found = {table.name: stores.connection.execute(select(table)).all() for table in metadata.sorted_tables}
    return {name: sorted(map(repr, rows)) for name, rows in found.items()}


async def test_a_town_moves_to_a_server_and_goes_on_there(lived: str, server: str, run: Run) -> None:
    ran = await run(move, "--to", server)

    assert ran.code == 0, ran.err
    assert "cases: 2" in ran.out
    assert "2 chains of hashes are whole" in ran.out
    assert await _everything(server) == await _everything(lived)
    async with opened(Settings(database_url=server)) as store:
        assert await store.work(lambda stores: stores.cases.next_number()) == 3


async def test_and_back_again(
    lived: str, server: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(move, "--to", server)
    monkeypatch.setenv("HUYING_DATABASE_URL", server)
    back = f"sqlite+aiosqlite:///{tmp_path / 'back.db'}"

    assert (await run(move, "--to", back)).code == 0
    assert await _everything(back) == await _everything(lived)


async def test_a_database_that_has_rows_is_not_written_to(lived: str, server: str, run: Run) -> None:
    await run(move, "--to", server)
    before = await _everything(server)

    with pytest.raises(Unusable, match="none is overwritten"):
        await run(move, "--to", server)
    assert await _everything(server) == before


async def test_a_town_whose_log_was_tampered_with_stays_where_it_is(lived: str, server: str, run: Run) -> None:
    _run(lived, "DROP TRIGGER log_no_update")  # as only whoever administers the database can
    _run(lived, "UPDATE log SET data = '{}' WHERE seq = 2")

    with pytest.raises(Unusable, match="Line 2 of the log"):
        await run(move, "--to", server)
    assert _run(server, "SELECT count(*) FROM cases") == 0


@pytest.mark.parametrize(
    "meddle", ["RETURN NULL", "NEW.title = 'meant otherwise'; RETURN NEW"], ids=["a row lost", "a row altered"]
)
async def test_a_copy_that_is_not_the_original_is_not_kept(lived: str, server: str, run: Run, meddle: str) -> None:
    """The server does something else than it was told, and says that all is well."""
    await asyncio.to_thread(schema.upgrade, database_at(server))
    _run(server, f"CREATE FUNCTION meddle() RETURNS trigger AS $$ BEGIN {meddle}; END $$ LANGUAGE plpgsql")
    _run(server, "CREATE TRIGGER meddle BEFORE INSERT ON chats FOR EACH ROW EXECUTE FUNCTION meddle()")

    with pytest.raises(Unusable, match="copy of the table chats is not the original"):
        await run(move, "--to", server)
    assert _run(server, "SELECT (SELECT count(*) FROM cases) + (SELECT count(*) FROM units)") == 0


async def test_a_database_in_use_is_not_moved(lived: str, server: str, run: Run, office: Path) -> None:
    lock = FileLock(office / "village.db")
    with pytest.raises(Unusable, match="in use"):
        await run(move, "--to", server)
    lock.release()


async def test_a_server_on_which_a_program_works_or_has_worked_meanwhile_is_not_moved(
    lived: str, server: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(move, "--to", server)
    monkeypatch.setenv("HUYING_DATABASE_URL", server)
    back = f"sqlite+aiosqlite:///{tmp_path / 'back.db'}"

    async with opened(Settings(database_url=server)) as store:
        with pytest.raises(Unusable, match="is working on"):
            await run(move, "--to", back)
        await _stands_still(store, monkeypatch)
        _run(server, "UPDATE leases SET expires_at = 0")
        assert (await run(move, "--to", back)).code == 0
        assert _run(server, "SELECT count(*) FROM leases") == 0, "should it wake up, it can write nothing"

    def meddled(new: Connection) -> int:
        _run(server, "UPDATE counters SET count = count + 1 WHERE counter = 'lease epoch'")
        return chains(new)

    monkeypatch.setattr("storage.moving.chains", meddled)
    with pytest.raises(Unusable, match="meanwhile; nothing was kept"):
        await run(move, "--to", f"sqlite+aiosqlite:///{tmp_path / 'later.db'}")


async def _stands_still(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on it gives no sign of life, and the last one has been given."""
    monkeypatch.setattr(Tenure, "_renew", lambda *_: False)
    assert store._tenure is not None
    await store._tenure._do(lambda _: None)


async def test_an_older_schema_is_migrated_first(lived: str, server: str, run: Run) -> None:
    await asyncio.to_thread(schema.migrate, lived, "0001")

    with pytest.raises(SchemaError, match="huying migrate"):
        await run(move, "--to", server)


def _run(url: str, sql: str) -> object:
    engine = database_at(url).writing()
    with engine.begin() as connection:
        result = connection.execute(text(sql))
        found = result.scalar() if result.returns_rows else None
    engine.dispose()
    return found
