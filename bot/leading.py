"""One program at a time works on a database that several may write; the others stand by and take over in seconds."""

import asyncio
import logging
import os
import secrets
import socket
from datetime import timedelta
from typing import Any, Final

from bot.logs import describe
from storage.errors import Fenced
from storage.leases import Lease
from storage.store import Store

log = logging.getLogger(__name__)

NAME: Final = "program"
SPAN: Final = timedelta(seconds=8)
"""So long after its last sign of life a program is held for dead."""
RENEW_S: Final = 2.0
LOOK_S: Final = 1.0


async def lead(store: Store) -> Lease:
    """Return when this program is the one that works; when another one takes over, *store* refuses every work."""
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    waited = False
    while (lease := await store.work(_take, holder)) is None:
        if not waited:
            log.info("standing by", extra={"lease": NAME})
        waited = True
        await asyncio.sleep(LOOK_S)
    store.fence(lease)
    log.info("leading", extra={"lease": NAME, "epoch": lease.epoch})
    return lease


async def keep(store: Store, lease: Lease) -> None:
    """Keep the lease for as long as this program lives; while the database is away, nobody else can take it either.

    Raises:
        Fenced: another program has taken over.
    """
    while True:
        await asyncio.sleep(RENEW_S)
        try:
            await store.work(_keep, lease)
        except Fenced:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the next turn shows whether the lease is still ours
            log.warning("lease not renewed", extra={"error": describe(error)})


async def give_up(store: Store, lease: Lease) -> None:
    """Let another program begin at once; when that fails, it begins when the lease has run out."""
    try:
        await store.work(_give_up, lease)
    except Exception as error:  # noqa: BLE001 - this program ends either way
        log.warning("lease not given up", extra={"error": describe(error)})


def _take(stores: Any, holder: str) -> Lease | None:
    taken: Lease | None = stores.leases.take(NAME, holder, stores.leases.now(), SPAN)
    return taken


def _keep(stores: Any, lease: Lease) -> None:
    stores.leases.keep(lease, stores.leases.now() + SPAN)


def _give_up(stores: Any, lease: Lease) -> None:
    stores.leases.keep(lease, stores.leases.now())
