"""What the figures were measured on."""

import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path

from storage import driver


def describe() -> dict[str, str]:
    """Processor, cores, Python and the versions that matter, by name."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count() or 1),
        "python": platform.python_version(),
        "sqlite": driver.version,
        "sqlalchemy": version("sqlalchemy"),
        "python-telegram-bot": version("python-telegram-bot"),
    }


def resident_mb() -> float:
    """Memory of this process at this moment, in megabytes; its highest so far where the system tells no more."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text("ascii").split()[1]) * resource.getpagesize() / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
