"""Tables, migrations and what refuses to start."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Connection, DateTime, Integer, inspect

from storage import schema
from storage.engines import database_at
from storage.errors import SchemaError, Unusable
from storage.tables import metadata
from storage.types import Instant
from tests.databases import SQLITE, no_database
from tests.storage.conftest import Opener

TABLES = list(metadata.sorted_tables)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_city_comes_first_in_every_key_and_index(table: object) -> None:
    assert table in TABLES
    columns = [list(key.columns) for key in (table.primary_key, *table.indexes)]  # type: ignore[attr-defined]  # a table
    columns += [list(one.columns) for one in table.constraints]  # type: ignore[attr-defined]  # a table

    assert all(next(iter(names)).name == "city_id" for names in columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_nothing_points_across_cities_and_nothing_numbers_itself(table: object) -> None:
    for key in table.foreign_key_constraints:  # type: ignore[attr-defined]  # a table
        assert key.column_keys[0] == "city_id"
    for column in table.columns:  # type: ignore[attr-defined]  # a table
        assert column.autoincrement is not True
        if column.primary_key and isinstance(column.type, Integer):
            assert column.autoincrement is False
        assert not isinstance(column.type, DateTime), "instants are whole microseconds"


def test_every_instant_is_a_whole_number_of_microseconds() -> None:
    instants = [column for table in TABLES for column in table.columns if column.name.endswith(("_at", "until"))]

    assert len(instants) > 20
    assert all(column.type.__class__ is Instant or column.name == "stationed_at" for column in instants)
    assert isinstance(Instant().impl, BigInteger)


@contextmanager
def _writing(url: str) -> Iterator[Connection]:
    engine = database_at(url).writing()
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _differences(url: str) -> list[object]:
    with _writing(url) as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    return list(found)


def _conditions(connection: Connection) -> dict[str, str]:
    """The condition of each partial index, as the engine tells it."""
    indexes = [index for table in TABLES for index in inspect(connection).get_indexes(table.name)]
    options = {str(index["name"]): index.get("dialect_options", {}) for index in indexes}
    conditions = {name: given.get(f"{connection.dialect.name}_where") for name, given in options.items()}
    return {name: str(condition) for name, condition in conditions.items() if condition is not None}


def test_the_migrations_make_exactly_the_tables(url: str) -> None:
    schema.migrate(url)

    assert _differences(url) == []


def test_the_migrations_make_the_conditions_of_the_indexes_too(url: str, tmp_path: Path) -> None:
    schema.migrate(url)
    made = no_database(tmp_path / "made.db")
    database_at(made).make()
    with _writing(url) as one, _writing(made) as other:
        metadata.create_all(other)
        assert len(_conditions(other)) > 10
        assert _conditions(one) == _conditions(other)


def test_a_planted_difference_would_be_seen(url: str) -> None:
    schema.migrate(url)
    with _writing(url) as connection:
        connection.exec_driver_sql("ALTER TABLE cases DROP COLUMN me_too")

    assert _differences(url) != []


def test_the_way_back_and_forth_again_is_open(url: str) -> None:
    schema.migrate(url)
    schema.migrate(url, "base")
    assert schema.current(url) is None

    schema.migrate(url)
    assert schema.current(url) == schema.head()
    assert _differences(url) == []
    schema.migrate(url)
    assert schema.current(url) == schema.head()


def test_every_migration_says_what_it_costs_and_the_way_back() -> None:
    for revision in (Path(schema.__file__).parent / "migrations" / "versions").glob("0*.py"):
        text = revision.read_text("utf-8")
        assert "\nCost: " in text
        assert "\nWay back: " in text


def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    database_at(url).make()
    with _writing(url) as connection:
        connection.exec_driver_sql("CREATE TABLE words (of_somebody_else TEXT)")

    with pytest.raises(Exception, match="words"):
        schema.migrate(url)

    with _writing(url) as connection:
        assert inspect(connection).get_table_names() == ["words"]


def test_a_place_that_takes_no_tables_is_told_in_a_sentence(url: str, engine: str, tmp_path: Path) -> None:
    if engine == SQLITE:
        (tmp_path / "town.db").write_bytes(b"no database " * 1000)
        said = "file is not a database"
    else:
        with _writing(url) as connection:
            connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            connection.exec_driver_sql("DROP ROLE IF EXISTS guest")
            connection.exec_driver_sql("CREATE ROLE guest LOGIN")
        url = url.replace("postgres@", "guest@")
        said = "permission denied for schema public"

    with pytest.raises(Unusable, match=f"cannot be migrated: {said}"):
        schema.migrate(url)


async def test_an_empty_database_asks_for_migrate(opened: Opener, engine: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="huying migrate"):
        await opened(migrate=False)
    assert not await asyncio.to_thread((tmp_path / "town.db").exists), "asking does not make a file"


async def test_an_older_schema_asks_for_migrate(opened: Opener, url: str) -> None:
    await asyncio.to_thread(schema.migrate, url)
    await asyncio.to_thread(schema.migrate, url, "base")

    with pytest.raises(SchemaError, match="huying migrate"):
        await opened(migrate=False)


@pytest.mark.parametrize("migrate", [True, False])
async def test_a_newer_schema_asks_for_the_newer_program(opened: Opener, url: str, migrate: bool) -> None:
    await asyncio.to_thread(schema.migrate, url)
    with _writing(url) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaError, match="newer huying"):
        await opened(migrate=migrate)


def test_the_chain_that_is_read_from_the_files_is_alembics() -> None:
    scripts = ScriptDirectory.from_config(schema.config())
    assert schema.known() == tuple(script.revision for script in scripts.walk_revisions())[::-1]
    assert schema.head() == scripts.get_current_head()


def test_a_bot_on_its_own_file_loads_neither_alembic_nor_the_servers_driver() -> None:
    code = (
        "import sys, bot.cli.run, handlers, storage.sqlite; handlers.discover(); "
        "print(*{'alembic', 'psycopg', 'openpyxl', 'numpy', 'PIL'} & sys.modules.keys())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_no_tables_have_no_revision(url: str) -> None:
    assert schema.current(url) is None
