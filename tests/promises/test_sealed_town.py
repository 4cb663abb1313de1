"""With a key, whoever steals the database, its log of changes, a backup or the spool reads nobody's name or words.

The canaries are those that must not reach neighbours either, planted through the real bot in a whole town.
"""

from pathlib import Path

import pytest

from bot import keys
from bot.spool import Spool
from routing.model import PersonId
from storage.backup import backup
from storage.stores import Stores
from tests.promises.test_canary import (
    IDENTITY,
    IN_GROUP,
    IN_PRIVATE,
    NEIGHBOUR,
    PHONE,
    PLATE,
    REPORTER,
    a_private_case,
    a_public_case_and_its_return,
)
from tests.town import town_in

PLANTED = (PHONE, IDENTITY, "1704室", PLATE, NEIGHBOUR, REPORTER, IN_GROUP[:9], IN_PRIVATE[:6])


SHORTEST = 6
"""Bytes: fewer of them stand in a megabyte of sealed ones by chance, once in a hundred runs."""


def shapes(text: str) -> set[bytes]:
    """How a text may lie in a file: as it is, escaped, or, if it is long enough, in other encodings."""
    others = (text.encode("unicode_escape"), text.encode("utf-16-le"), text.encode("gb18030"))
    return {text.encode(), *(one for one in others if len(one) >= SHORTEST)}


def seen(folder: Path, texts: set[str]) -> list[tuple[str, str]]:
    """Which of *texts* stand in which file."""
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [
        (name, text) for name, raw in files.items() for text in sorted(texts) if any(one in raw for one in shapes(text))
    ]


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "in the clear"])
async def test_nothing_planted_is_in_the_files_of_a_sealed_town(tmp_path: Path, sealed: bool) -> None:
    """In the clear it is found: so the search would find it."""
    keys.make(tmp_path / "town.key")
    async with town_in(tmp_path, key_file=tmp_path / "town.key" if sealed else None) as town:
        await a_public_case_and_its_return(town)
        await a_private_case(town)
        names = await town.read(names_of_all)
        spool = Spool(tmp_path / "spool")
        spool.seal_with(town.app.store.ring)
        spool.put(1, 1, IN_GROUP.encode())
        backup(tmp_path / "town.db", tmp_path / "copy.db")
        found = seen(tmp_path, {*PLANTED, *names})
        waiting = list(spool.waiting())

    assert len(names) > 10
    assert waiting == [(1, 1, IN_GROUP.encode())]
    if sealed:
        assert found == []
    else:
        assert {text for _, text in found} >= {*PLANTED, *names}


def names_of_all(stores: Stores) -> set[str]:
    """The names of all residents and staff whom the town knows."""
    ids = stores.connection.exec_driver_sql("SELECT id FROM people").scalars().all()
    people = [stores.people.get(PersonId(number)) for number in ids]
    return {person.name for person in people if person and person.name}
