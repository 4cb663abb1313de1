"""`python -m bot.sandbox`: the sandbox by itself, for trying any bot against it."""

import argparse
import asyncio
import sys
from contextlib import suppress

from bot.sandbox.alone import add_arguments, serve
from bot.sandbox.sandbox import CannotListen


def main() -> None:
    """Listen until interrupted; says where."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A local Telegram for bots.")
    add_arguments(parser)
    args = parser.parse_args()
    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve(args, _say))
        except CannotListen as error:
            parser.exit(2, f"{error} Choose another port with --port; 0 is any free one.\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
