"""Files that commands write: whole or not at all, and never over another."""

import resource
from pathlib import Path

import pytest

from bot.cli._common import write_new


def test_a_file_that_the_disk_has_no_room_for_is_not_left_in_part(tmp_path: Path) -> None:
    path, (soft, hard) = tmp_path / "cases.csv", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write_new(path, b"more than ten bytes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not path.exists()


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    write_new(path, b"first")

    with pytest.raises(FileExistsError):
        write_new(path, b"second")

    assert path.read_bytes() == b"first"
