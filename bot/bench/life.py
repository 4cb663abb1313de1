"""B7: the whole life of a city's published cases, from the report to the rating, over HTTP; nothing may be lost.

The bot is a process of its own, against a local Telegram without limits. Everybody does what the other side shows them:
a resident reports, whoever is first claims on the card and resolves with a picture, the resident is asked and rates.
``HUYING_LIFE_CASES`` says how many cases, for a part of the year.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.bench import Row, Size, at_least
from bot.rehearsal.conduct import DATABASE, Options, rehearse
from bot.rehearsal.plan import Plan, Road
from bot.rehearsal.rows import Row as Message
from routing.model import Rating

PUBLISHED: Final = 40_915
"""So many cases one city has published for a year."""
FEW: Final = 24
SPEED: Final = 60.0
"""The pace of messages grows with the speed of the town's clock. Half an hour to respond is thirty seconds then."""
AT_ONCE: Final = 16
PER_PERSON: Final = 8
BEGAN: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - only the order counts
TROUBLES: Final = ("楼道灯坏了", "下水道堵了", "路灯不亮", "垃圾没人清", "井盖坏了", "路面有坑")


async def measure(size: Size) -> list[Row]:
    """Let them live, and look whether all of it is in the database and lawful."""
    count = FEW if size is Size.SHORT else int(os.environ.get("HUYING_LIFE_CASES", PUBLISHED))
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        options = Options(at_once=AT_ONCE, speed=SPEED, plan=_straight)
        found = await rehearse([_message(number) for number in range(count)], folder, options, lambda: None)
        _complete(found, count)
        await _audited(folder)
    figures = {
        "cases": float(count),
        "cases_per_s": count / found["lived_s"],
        "updates_per_s": found["updates"] / found["lived_s"],
        "messages_sent": float(found["messages"]),
        "edits": float(found["edits"]),
        "seconds": found["lived_s"],
        "bot_cpu_ms_per_case": 1e3 * found["cpu_s"]["bot"] / count,
    }
    return [at_least("life", "cases archived with a rating / reports sent", found["archived"] / count, 1.0, figures)]


def _straight(_seed: int, _report: str) -> Plan:
    """Reported in the group, claimed on the card there, resolved, rated well."""
    return Plan(
        road=Road.COMMAND,
        rivals=False,
        in_group=True,
        asks=False,
        notes=False,
        complains=False,
        ratings=(Rating.SATISFIED,),
        stands=(True,),
    )


def _message(number: int) -> Message:
    trouble = TROUBLES[number % len(TROUBLES)]
    at = BEGAN + timedelta(minutes=number)
    return Message(str(number), f"Resident {number // PER_PERSON}", "", at, f"{number % 40 + 1}号楼{trouble}")


def _complete(found: Mapping[str, Any], count: int) -> None:
    """Nothing was lost on the way.

    Raises:
        AssertionError: something was; the text says what.
    """
    wanted = {"filed": count, "rated": count, "archived": count, "carried": count, "open": 0, "unrated": 0}
    none = dict.fromkeys(("lost", "doubled", "unasked", "poison", "in_doubt"), 0)
    wrong = {key: found[key] for key, value in (wanted | none).items() if found[key] != value}
    if wrong or found["stuck"] or found["findings"]:
        raise AssertionError(f"of {count} cases: {wrong}, stuck {found['stuck']}, broken laws {found['findings']}")


async def _audited(folder: Path) -> None:
    """`huying audit`, as an operator calls it.

    Raises:
        AssertionError: it found something.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "audit"),
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("HUYING_")},
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "HUYING_DATABASE_URL": f"sqlite+aiosqlite:///{folder / DATABASE}",
            "HUYING_API_URL": "http://127.0.0.1",
            "HUYING_CLOCK_SPEED": f"{SPEED:g}",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise AssertionError(f"huying audit: {said.decode(errors='replace')}")
