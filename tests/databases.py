"""Fresh databases for tests, on the engine of the running test: the schema is made once, every test gets a copy."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from storage import prepared, schema
from tests import postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES: Final = (SQLITE, POSTGRESQL)
_chosen = SQLITE
_made: list[str] = []


def fresh_database(path: Path) -> str:
    """Make an empty database of the newest schema; returns its URL. A file, if the engine has files, is at *path*."""
    if _chosen == POSTGRESQL:
        return _remember(postgres.new_database())
    shutil.copyfile(_template(), path)
    return f"sqlite+aiosqlite:///{path}"


def no_database(path: Path) -> str:
    """The URL of a database without tables; on SQLite there is not even a file."""
    if _chosen == POSTGRESQL:
        return _remember(postgres.new_database(empty=True))
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def on(engine: str) -> Iterator[None]:
    """Make fresh databases on *engine* meanwhile, and drop them afterwards."""
    global _chosen  # noqa: PLW0603 - a test runs alone in its process
    before, _chosen = _chosen, engine
    try:
        yield
    finally:
        _chosen = before
        while _made:
            postgres.drop(_made.pop())


def _remember(url: str) -> str:
    _made.append(url)
    return url


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="huying-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    schema.migrate(f"sqlite+aiosqlite:///{folder / 'empty.db'}")
    return folder / "empty.db"


@contextmanager
def watching(look: Callable[[str, Any], None]) -> Iterator[None]:
    """Let *look* see the SQL and the values of every statement of the stores meanwhile; what it raises stops it."""
    take = prepared.Form.arguments

    def seen(form: prepared.Form, values: prepared.Values) -> Any:
        arguments = take(form, values)
        look(form.sql, arguments)
        return arguments

    with patch.object(prepared.Form, "arguments", seen):
        yield


def fill(stores: Any) -> None:
    """Let the SQLite database grow no more, as on a full disk, until `make_room`; the writer's connection is asked."""
    run = stores.connection.exec_driver_sql
    run(f"PRAGMA max_page_count = {run('PRAGMA page_count').scalar_one()}")


def make_room(stores: Any) -> None:
    """Let it grow again."""
    stores.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
