"""Run somebody's example file, byte for byte as it was published, with Telegram's address leading to a sandbox.

`python launch.py FILE ROOT TOKEN` does what a user does who gets a token and points the library at a local server: the
example's placeholder for a token, or its variable BOT_TOKEN, is TOKEN, and api.telegram.org is ROOT.
"""

import os
import runpy
import sys
from functools import partialmethod
from typing import Any

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.ext import Application, ApplicationBuilder


def main(file: str, root: str, token: str) -> None:
    """Run *file* as a program until it ends."""

    def builder() -> Any:
        return _Placeholder().token(token).base_url(f"{root}/bot").base_file_url(f"{root}/file/bot")

    session: Any = AiohttpSession
    session.__init__ = partialmethod(AiohttpSession.__init__, api=TelegramAPIServer.from_base(root))
    application: Any = Application
    application.builder = staticmethod(builder)
    os.environ["BOT_TOKEN"] = token
    sys.argv = [file]
    runpy.run_path(file, run_name="__main__")


class _Placeholder(ApplicationBuilder[Any, Any, Any, Any, Any, Any]):
    """A builder that keeps the token it was given first: the example's own is a word to be replaced."""

    __slots__ = ("_given",)

    def token(self, token: str) -> Any:
        """Take the first token only."""
        if not hasattr(self, "_given"):
            self._given = token
            super().token(token)
        return self


if __name__ == "__main__":
    main(*sys.argv[1:])
