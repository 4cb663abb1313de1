"""B1: reports filed end to end, from the bytes of the update to the commit of inbox, case, log, clocks and card."""

from collections.abc import Sequence

from bot.bench import Row, Size, at_least
from bot.bench.stand import bare, resident, stand
from bot.bench.updates import report

TARGET = 0.2
GRIDS = 40
PER_PERSON = 10  # below the policy's limit of reports an hour


async def measure(size: Size) -> list[Row]:
    """Reports from many groups at once, against python-telegram-bot doing nothing with the same updates."""
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
    return [
        at_least(
            "reports", "reports filed / updates parsed by bare python-telegram-bot", ours / theirs, TARGET, figures
        )
    ]


def _report(number: int, chats: Sequence[int]) -> bytes:
    grid = number % len(chats)
    person = resident(grid + 1, number // (len(chats) * PER_PERSON))
    return report(number, chats[grid], person, f"{number % 9 + 1}号楼楼道灯坏了")
