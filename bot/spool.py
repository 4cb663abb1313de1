"""A folder that keeps updates while the database can't be reached; they are replayed when it can again."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.settings import Settings, SettingsError
from storage.belonging import give_to_owner
from storage.errors import Unopened
from storage.inbox import SetAside
from storage.sealing import Ring

PLACE: Final = "spool"
_BROKEN: Final = ".broken"
_NAME: Final = re.compile(r"([0-9]+)-([0-9]+)\.json")
_ASIDE: Final = re.compile(r"([0-9]+)-([0-9]+)\.broken")


def spool_of(settings: Settings) -> "Spool":
    """The one beside the database's file, or where the program is started when there is none."""
    return Spool((settings.database_file or Path()).parent / PLACE)


class Spool:
    """Files named ``<bot>-<update id>.json``, each whole and on the disk before `put` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ring: Ring | None = None

    def seal_with(self, ring: Ring | None) -> None:
        """Seal what is kept from now on; what stands there in the clear is still read."""
        self._ring = ring

    def check(self) -> None:
        """Make the folder and prove that it can be written.

        Raises:
            SettingsError: it can't, so an update could be lost while the database is away.
        """
        probe = self._folder / f"probe-{os.getpid()}"  # programs that start at once may share the folder
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            give_to_owner(self._folder)
            self._write(probe, b"")
            probe.unlink()
        except OSError as error:
            raise SettingsError(
                f"The folder {self._folder} can't be written ({error.strerror}), and without it updates would be lost "
                "while the database is away. Give the program's user write permission there, or free some space."
            ) from error

    def put(self, bot: int, update_id: int, raw: bytes) -> None:
        """Keep an update; a second time replaces the first, which was the same."""
        kept = raw if self._ring is None else self._ring.seal(PLACE, raw)
        self._write(self._folder / f"{bot}-{update_id}.json", kept)

    def waiting(self) -> Iterator[tuple[int, int, bytes]]:
        """Bot, update id and bytes of each update kept, in the order of their ids.

        Left out is what another program that shares the folder has taken in meanwhile.
        """
        found = [(match, path) for path in self._folder.glob("*.json") if (match := _NAME.fullmatch(path.name))]
        for match, path in sorted(found, key=lambda each: (int(each[0][1]), int(each[0][2]))):
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                continue
            yield int(match[1]), int(match[2]), self._opened(raw)

    def put_aside(self, bot: int, update_id: int, why: str) -> None:
        """What was kept cannot be taken in: leave it to whoever looks (`aside`), out of the others' way."""
        path = self._folder / f"{bot}-{update_id}.json"
        self._write(path.with_suffix(".why"), why.encode())
        give_to_owner(path.with_suffix(".why"))
        path.replace(path.with_suffix(_BROKEN))

    def aside(self) -> Iterator[SetAside]:
        """What was put aside, in the order of its ids."""
        found = [(match, path) for path in self._folder.glob(f"*{_BROKEN}") if (match := _ASIDE.fullmatch(path.name))]
        for match, path in sorted(found, key=lambda each: (int(each[0][1]), int(each[0][2]))):
            why, at = path.with_suffix(".why"), datetime.fromtimestamp(path.stat().st_mtime, UTC)
            error = why.read_text() if why.exists() else "unknown"
            yield SetAside(int(match[1]), int(match[2]), "", self._opened(path.read_bytes()), at, at, error)

    @property
    def set_aside(self) -> int:
        """How many were put aside."""
        return sum(1 for path in self._folder.glob(f"*{_BROKEN}") if _ASIDE.fullmatch(path.name))

    def revive(self, bot: int, update_id: int) -> None:
        """Let what was put aside be taken in at the next opportunity."""
        path = self._folder / f"{bot}-{update_id}{_BROKEN}"
        path.replace(path.with_suffix(".json"))
        path.with_suffix(".why").unlink(missing_ok=True)

    def dismiss(self, bot: int, update_id: int) -> None:
        """Give up what was put aside: it is deleted."""
        path = self._folder / f"{bot}-{update_id}{_BROKEN}"
        path.with_suffix(".why").unlink(missing_ok=True)
        path.unlink(missing_ok=True)

    def dismiss_before(self, before: datetime) -> int:
        """Give up what was put aside before that instant; returns how many."""
        old = [one for one in self.aside() if one.finished_at < before]
        for one in old:
            self.dismiss(one.bot, one.update_id)
        return len(old)

    def drop(self, bot: int, update_id: int) -> None:
        """The update is in the database now."""
        (self._folder / f"{bot}-{update_id}.json").unlink(missing_ok=True)

    def __len__(self) -> int:
        return sum(1 for path in self._folder.glob("*.json") if _NAME.fullmatch(path.name))

    def _opened(self, kept: bytes) -> bytes:
        """What was kept; bytes that do not open stay as they are, and are no update then."""
        try:
            return self._ring.open(PLACE, kept) if self._ring is not None and self._ring.named(kept) else kept
        except Unopened:
            return kept

    def _write(self, path: Path, raw: bytes) -> None:
        """Write so that a crash leaves the whole file or none."""
        draft = path.with_suffix(".part")
        try:
            with draft.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            with suppress(OSError):  # a full disk has no use for half a file
                draft.unlink(missing_ok=True)
            raise
        if os.name == "posix":
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
