"""B1: reports filed end to end, from the bytes of the update to the commit of inbox, case, log, clocks and card."""

import logging
import tempfile
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bot.bench import Row, Size, at_least
from bot.bench.stand import bare, resident, stand
from bot.bench.updates import report

log = logging.getLogger(__name__)

TARGET = 0.2
TARGET_PEER = 3.0
PEERS = {"plain_ptb": TARGET_PEER, "plain_aiogram": None}
"""Bots of the usual make, in ``tests/benchmarks/peers`` of a checkout, and how many times as fast we should be."""
GRIDS = 40
PER_PERSON = 10  # below the policy's limit of reports an hour


async def measure(size: Size) -> list[Row]:
    """Reports from many groups at once, against the library doing nothing, and against what others would write."""
    count = 400 if size is Size.SHORT else 4_000
    async with stand(GRIDS) as place:
        raws = [_report(number, place.chats) for number in range(1, count + 1)]
        await place.feed(raws[: count // 10])  # so that every statement has been built once
        measured = raws[count // 10 :]
        ours = len(measured) / await place.feed(measured)
        filed = await place.store.read(lambda stores: len(stores.cases.open_ids()))
    if filed != count:
        raise AssertionError(f"{count} reports made {filed} cases")
    theirs = len(measured) / await bare(measured)
    figures = {"reports_per_s": ours, "bare_updates_per_s": theirs, "reports": float(len(measured))}
    what = "reports filed / updates parsed by bare python-telegram-bot"
    return [at_least("reports", what, ours / theirs, TARGET, figures), *await _peers(ours, measured)]


async def _peers(ours: float, raws: Sequence[bytes]) -> list[Row]:
    """The same reports through each peer; none where the program was installed without its tests."""
    if find_spec("tests") is None or find_spec("tests.benchmarks") is None:
        log.warning("the peers are skipped: they stand in a checkout only")
        return []
    rows = []
    for name, target in PEERS.items():
        with tempfile.TemporaryDirectory(prefix="huying-bench-") as folder:
            spent = await import_module(f"tests.benchmarks.peers.{name}").store(raws, Path(folder) / "peer.db")
        figures = {"reports_per_s": ours, "peer_rows_per_s": len(raws) / spent}
        what, ratio = f"reports filed / rows stored by {name}, which promises nothing", ours / (len(raws) / spent)
        rows.append(
            at_least("reports", what, ratio, target, figures)
            if target
            else Row("reports", what, ratio, figures=figures)
        )
    return rows


def _report(number: int, chats: Sequence[int]) -> bytes:
    grid = number % len(chats)
    person = resident(grid + 1, number // (len(chats) * PER_PERSON))
    return report(number, chats[grid], person, f"{number % 9 + 1}号楼楼道灯坏了")
