"""Other people's JavaScript: installed once into the tests' cache, run as a stranger would run it."""

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
OLDEST: Final = 20
_LOCK: Final = HERE / "package-lock.json"


def installed(config: pytest.Config) -> Path:
    """The folder that holds the packages of `package-lock.json`; says aloud why there is none, and skips."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"Node {OLDEST} or newer and npm are needed for the conversations with JavaScript libraries.")
    version = _run(["node", "--version"], HERE)
    if int(version.lstrip("v").split(".")[0]) < OLDEST:
        pytest.skip(f"Node {OLDEST} or newer is needed, this is {version}.")
    assert config.cache is not None
    folder = config.cache.mkdir(f"conformance-{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]}")
    for file in (HERE / "package.json", _LOCK, HERE / "tsconfig.json", *(HERE / "bots").iterdir()):
        shutil.copy(file, folder)
    if not (folder / "complete").exists():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm could not install the JavaScript libraries: {done.stderr.strip()[-300:]}")
    (folder / "complete").touch()


def complaints(folder: Path, source: str) -> str:
    """What `tsc --strict` says against the TypeScript *source*; empty when it has no complaint."""
    (folder / "recording.ts").write_text(source, encoding="utf-8")
    command = ["node", "node_modules/typescript/bin/tsc", "--project", "tsconfig.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@asynccontextmanager
async def program(folder: Path, *words: str) -> AsyncIterator[None]:
    """A Node program that runs while the block does.

    Raises:
        AssertionError: it had something to say, which none of ours does unless it fails.
    """
    process = await asyncio.create_subprocess_exec(
        "node", *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        said, _ = await process.communicate()
    assert not said, said.decode()


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
