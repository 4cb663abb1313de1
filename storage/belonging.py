"""Whose the files of a database are: a command that root runs beside a service must not lock the service out."""

import os
from contextlib import suppress
from pathlib import Path


def give_to_owner(path: Path) -> None:
    """Give what root has made to whom its folder belongs, as SQLite does with the files that it makes itself.

    A link that somebody laid there is given away itself, never what it leads to.
    """
    if os.name == "posix" and os.geteuid() == 0:
        owner = path.parent.stat()
        with suppress(OSError):  # a container may let root give nothing away; then it is root who runs the bot
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
