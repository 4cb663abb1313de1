"""Print the figures of the town: cases, ratings, messages."""

import argparse
import json

from bot.cli._common import opened, settings
from storage.reports import Reports
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


async def main(args: argparse.Namespace) -> int:
    """Print them."""
    async with opened(settings(args), read_only=True) as store:
        figures = await store.read(figures_of)
    if args.json:
        print(json.dumps(figures))
        return 0
    width = max(map(len, figures))
    for name, value in figures.items():
        shown = "none" if value is None else f"{value:.2%}" if isinstance(value, float) else str(value)
        print(f"{name:<{width}}  {shown:>8}")
    return 0


def figures_of(stores: Stores) -> dict[str, int | float | None]:
    """The figures from an open transaction."""
    return Reports(stores.connection, stores.city).stats()
