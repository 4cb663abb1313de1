"""How long a backup and its way back take: seconds until a restored database is there, for each gigabyte."""

import asyncio
import tempfile
import time
from pathlib import Path

from bot.bench import Row, Size, at_most
from bot.bench.stand import stand
from bot.bench.sweep import populate
from storage.backup import backup, restore

MOST_S_PER_GB = 300.0


async def measure(size: Size) -> list[Row]:
    """Back a large town up while it is open, and put the copy into a fresh place; both are checked on the way."""
    count = 2_000 if size is Size.SHORT else 300_000
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as folder:
        path, copy, fresh = (Path(folder) / name for name in ("town.db", "copy.db", "fresh.db"))
        async with stand(20, path=path) as place:
            await populate(place, count)
            started = time.perf_counter()
            copied = await asyncio.to_thread(backup, path, copy)
            backed_up = time.perf_counter() - started
        started = time.perf_counter()
        await asyncio.to_thread(restore, copy, fresh)
        restored = time.perf_counter() - started
        gigabytes = fresh.stat().st_size / 1e9
    figures = {
        "megabytes": gigabytes * 1000,
        "backup_s": backed_up,
        "restore_s": restored,
        "cases": float(copied.rows["cases"]),
    }
    what = f"seconds of a restore for each gigabyte / {MOST_S_PER_GB:g}"
    return [at_most("restore", what, restored / gigabytes / MOST_S_PER_GB, 1.0, figures)]
