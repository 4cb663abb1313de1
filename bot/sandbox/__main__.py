"""`python -m bot.sandbox`: the sandbox by itself, for trying any bot against it."""

import argparse
import asyncio
import sys
from contextlib import suppress

from bot.sandbox.alone import add_arguments, serve


def main() -> None:
    """Listen until interrupted; says where."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A local Telegram for bots.")
    add_arguments(parser)
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args(), _say))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
