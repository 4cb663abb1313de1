"""What was erased is gone from the file itself, long texts included, which lie on pages of their own."""

from datetime import timedelta
from pathlib import Path

import pytest

from routing.model import CaseId, WordsKind
from storage.stores import Stores
from tests.storage.conftest import NOON, Opener, a_case

CANARY = b"Lao Wang of door 502"
SHORT, LONG = CANARY.decode(), CANARY.decode() * 600


def _fill(stores: Stores) -> None:
    author = stores.people.meet(1, SHORT, "zh").id
    case = a_case(reporter=author)
    stores.cases.add(case)
    for text in (SHORT, LONG):
        stores.words.put(case.id, WordsKind.REPORT, author, NOON, text)
        stores.words.put(CaseId(1), WordsKind.MORE, None, NOON, "stays, so that its page does")
    for update in range(40):
        stores.inbox.receive(7, update, "chat:1", LONG.encode()[: 300 * update], NOON)


def _erase(stores: Stores) -> None:
    author = stores.people.meet(1, SHORT, "zh").id
    stores.words.erase_of(author)
    stores.people.erase(author, NOON)
    for update in range(40):
        stores.inbox.done(7, update, NOON)
    stores.inbox.purge(NOON + timedelta(seconds=1))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_was_erased_is_not_in_the_file_any_more(opened: Opener, tmp_path: Path) -> None:
    counts = []
    for work in (_fill, _erase):
        store = await opened()
        await store.work(work)
        await store.close()
        counts.append(sum(CANARY in _bytes(file) for file in _files(tmp_path)))

    assert counts == [1, 0], "it is there at first, and nowhere in the end"


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("town.db*"))


def _bytes(file: Path) -> bytes:
    return file.read_bytes()
