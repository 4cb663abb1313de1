"""Which programs of this machine have ended: one that was killed need not be waited for until its lease runs out.

The name of a program says where it runs so exactly that another machine, another container or another process that got
the same number are never taken for it. Where the system does not tell, nobody is ever said to have ended.
"""

import os
import platform
from functools import cache
from pathlib import Path
from typing import Final

_SYSTEM: Final = Path("/proc")
_STATE, _BEGUN = 0, 19
"""Places in the line that the system has on a process, counted after its name."""
_ENDED: Final = frozenset("ZX")


def own_name() -> str:
    """The name of this program: its machine and number; and, where the system tells, when it began, and in what world.

    The world is a run of the machine and a range of process numbers in it, as each container has its own.
    """
    number = os.getpid()
    line = _line_of(number)
    name = f"{platform.node()}:{number}"
    return f"{name}:{line[_BEGUN]}:{_world()}" if line and _world() else name


def has_ended(name: str) -> bool:
    """Whether the program with that name is known to have ended."""
    parts = name.rsplit(":", 3)
    if len(parts) < 4 or not parts[1].isdecimal() or not _world() or parts[3] != _world():
        return False
    number = int(parts[1])
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it is there, and somebody else's
    line = _line_of(number)
    return bool(line) and (line[_BEGUN] != parts[2] or line[_STATE] in _ENDED)


def _line_of(number: int) -> list[str]:
    """What the system has on a process; nothing where it does not tell."""
    try:
        return (_SYSTEM / str(number) / "stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
    except OSError:
        return []


@cache
def _world() -> str:
    try:
        boot = (_SYSTEM / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}.{(_SYSTEM / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""
