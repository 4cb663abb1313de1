"""Examples that libraries publish with their source: fetched once into the tests' cache, run as they are."""

import asyncio
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest

LAUNCHER: Final = Path(__file__).parent / "launch.py"


def examples(config: pytest.Config, library: str) -> Path:
    """The folder of the examples in the source of the *library* that is installed; skips aloud when it can't be had."""
    assert config.cache is not None
    release = f"{library}-{version(library)}"
    folder = config.cache.mkdir(f"examples-{release}")
    if not (folder / "complete").exists():
        _fetch(f"{library}=={version(library)}", folder)
    return next(folder.glob("*/examples"))


def _fetch(requirement: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", requirement]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode or not archives:
        pytest.skip(
            f"pip could not fetch the source of {requirement}, no example was run: {done.stderr.strip()[-300:]}"
        )
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, [one for one in archive if "/examples/" in one.name], filter="data")
    (folder / "complete").touch()


@asynccontextmanager
async def published(example: Path, root: str, token: str, folder: Path) -> AsyncIterator[None]:
    """Run *example* in *folder* against the sandbox at *root* while the block does; what it says is in `said.txt`.

    Raises:
        AssertionError: it ended by itself, or an exception was in what it said.
    """
    with (folder / "said.txt").open("w+b") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(LAUNCHER), str(example), root, token, cwd=folder, stdout=said, stderr=said
        )
        try:
            yield
        finally:
            alive = process.returncode is None
            if alive:
                process.kill()
            await process.wait()
            said.seek(0)
            words = said.read().decode()
    assert alive, words
    assert "Traceback" not in words, words
