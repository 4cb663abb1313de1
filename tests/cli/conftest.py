"""Commands run as an operator runs them: settings from the environment, a folder of their own, a real database."""

import argparse
import csv
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

from bot.cli._common import opened
from bot.sandbox import Sandbox
from bot.settings import Settings
from storage import schema
from storage.stores import Stores

T = TypeVar("T")
TOKEN = "42:SANDBOX"
UNITS = ("code", "name", "level", "parent", "kind", "residents_chat", "desk_chat", "households")


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code, what it printed, what it complained of."""

    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder, with settings and an empty database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUYING_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'town.db'}")
    schema.migrate(Settings.load().database_url)
    return tmp_path


@pytest.fixture
def run(office: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command's module with arguments."""

    async def run_(command: ModuleType, *words: object) -> Ran:
        parser = argparse.ArgumentParser()
        parser.add_argument("--env", type=Path, default=None)
        command.add_arguments(parser)
        capsys.readouterr()
        code = await command.main(parser.parse_args([str(word) for word in words]))
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run_


async def ask(question: Callable[[Stores], T]) -> T:
    """Read the database that the settings name."""
    async with opened(Settings.load(), read_only=True) as store:
        return await store.read(question)


async def tell(use_case: Callable[[Stores], T]) -> T:
    """Change the database that the settings name."""
    async with opened(Settings.load()) as store:
        return await store.work(use_case)


def table(path: Path, columns: Sequence[str], *rows: Mapping[str, object] | Sequence[object]) -> Path:
    """Write a CSV file; rows are mappings, or cells in the order of *columns*."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([row.get(column, "") for column in columns] if isinstance(row, Mapping) else row)
    return path


@pytest.fixture
async def telegram(office: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """The local Telegram, to which the settings point; it has nobody in it."""
    async with Sandbox(port=0) as sandbox:
        monkeypatch.setenv("HUYING_API_URL", sandbox.url)
        yield sandbox
