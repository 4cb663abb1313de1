"""Care for the key file with which names, phones and what people write are sealed in the database.

  huying key new [FILE]   make a key; FILE is then what HUYING_KEY_FILE should name
  huying key check        try to open every sealed value; exit 1 when one does not open
  huying key rotate       seal everything with a new key (or for the first time); stop the bot first
  huying key forget       take older keys out of the file that nothing in the database needs any more

The file belongs on another disk than the database and its backups, with a copy in a safe place: without it nobody can
read what people wrote, not even from a backup. `rotate` keeps the older key in the file, because backups made before
need it; `forget` ends that.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bot import keys
from bot.cli._common import settings
from bot.settings import Settings, SettingsError
from storage import resealing
from storage.engines import Database, database_at
from storage.errors import Unusable
from storage.resealing import Census
from storage.sealing import Ring, new_key

CITY: Final = "local"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("what", choices=("new", "check", "rotate", "forget"))
    parser.add_argument("file", nargs="?", type=Path, help="for `new`: where to; by default what HUYING_KEY_FILE names")


async def main(args: argparse.Namespace) -> int:
    """Do one of the four."""
    chosen = settings(args)
    path = args.file if args.what == "new" and args.file else keys.key_file(chosen)
    if path is None:
        raise SettingsError("HUYING_KEY_FILE is not set. Name the file, as in `huying key new /etc/huying.key`.")
    if args.what == "new":
        print(f"wrote {path} with the key {keys.make(path).name}; set HUYING_KEY_FILE={path}, and keep a copy apart")
        return 0
    return await asyncio.to_thread(_CALLS[args.what], chosen, path)


def check(chosen: Settings, path: Path) -> int:
    """Try every value."""
    ring = keys.read(path)
    database = database_at(chosen.database_url)
    seen = _census(database, ring)
    _print(seen, ring)
    return 1 if seen.shut else 0


def rotate(chosen: Settings, path: Path) -> int:
    """Put a new key first and seal everything with it; a key that seals nothing yet is taken as it is."""
    ring = keys.read(path)
    database = database_at(chosen.database_url)
    mark = resealing.mark_at(database, CITY)
    if mark is not None:
        resealing.agreed(ring, mark, database.place)
        if mark == ring.name:  # otherwise a rotation was broken off after it had written the file
            ring = Ring([new_key(), *ring.keys])
            keys.replace(path, ring)
    count = resealing.reseal(database, ring)
    print(f"{count} values are sealed with the key {ring.name}")
    if len(ring.keys) > 1:
        print("the older keys stay in the file for the backups made before; `huying key forget` takes them out")
    return 0


def forget(chosen: Settings, path: Path) -> int:
    """Leave the one key in the file with which everything opens."""
    ring = keys.read(path)
    database = database_at(chosen.database_url)
    mark = resealing.mark_at(database, CITY)
    fitting = resealing.agreed(ring, mark, database.place)
    seen = _census(database, ring)
    if fitting is None or seen.shut or set(seen.by_key) - {fitting.name}:
        _print(seen, ring)
        print("huying: Nothing was forgotten: run `huying key rotate` first.", file=sys.stderr)
        return 1
    keys.replace(path, Ring(fitting.keys[:1]))
    print(f"{path} holds the key {fitting.name} alone; backups made before the last rotation cannot be read any more")
    return 0


def _census(database: Database, ring: Ring) -> Census:
    engine = database.looking()
    try:
        with engine.connect() as connection:
            if resealing.agreed(ring, resealing.mark_of(connection, CITY), database.place) is None:
                raise Unusable(f"Nothing is sealed in {database.place} yet. Run `huying key rotate` to seal it.")
            return resealing.census(connection, ring)
    finally:
        engine.dispose()


def _print(seen: Census, ring: Ring) -> None:
    for name, count in sorted(seen.by_key.items()):
        says = " (it seals)" if name == ring.name else ""
        print(f"{name}{says}: {count} values")
    for place, count in sorted(seen.shut.items()):
        print(f"{place}: {count} values do not open")
    if not seen.by_key and not seen.shut:
        print("there is nothing to seal yet")


_CALLS: Final[Mapping[str, Callable[[Settings, Path], int]]] = {"check": check, "rotate": rotate, "forget": forget}
