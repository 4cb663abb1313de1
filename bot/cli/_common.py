"""What several commands need: the settings and an open store."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.keys import ring_of
from bot.rules import rules
from bot.settings import Settings, carry_proxies
from routing.catalogue import Catalogue
from storage.store import Store


def settings(args: argparse.Namespace) -> Settings:
    """The settings, with the file that ``--env`` names; the proxies that stand there hold for this process."""
    file = args.env or Path(".env")
    carry_proxies(file, os.environ)
    return Settings.load(env_file=file)


@asynccontextmanager
async def opened(chosen: Settings, *, read_only: bool = False, migrate: bool = False) -> AsyncIterator[Store]:
    """The store of *chosen*; ``read_only`` works beside a running bot."""
    policy, calendar = rules(chosen)
    store = await Store.open(
        chosen.database_url,
        policy=policy,
        calendar=calendar,
        catalogue=Catalogue.load(),
        read_only=read_only,
        migrate=migrate,
        ring=ring_of(chosen),
    )
    try:
        yield store
    finally:
        await store.close()


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all.

    Raises:
        OSError: it is there, or can't be written; what was begun is taken away again.
    """
    with path.open("xb") as out:
        try:
            out.write(content)
            out.flush()
        except OSError:
            path.unlink()
            raise
