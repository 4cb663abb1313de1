"""Fresh databases for tests: the schema is made once, and every test gets a copy of the file."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from storage import schema


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="huying-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    schema.migrate(f"sqlite+aiosqlite:///{folder / 'empty.db'}")
    return folder / "empty.db"


def fresh_database(path: Path) -> str:
    """Make an empty database of the newest schema at *path*; returns its URL."""
    shutil.copyfile(_template(), path)
    return f"sqlite+aiosqlite:///{path}"
