"""An onlooker hears of what is true: what was committed, once, however often it was run."""

from collections.abc import Mapping, Sequence

import pytest

from routing.events import Noted, NoteKind
from routing.ports import Promise
from routing.refusals import Stale
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, a_case, a_chat

pytestmark = pytest.mark.usefixtures("engine")


class Ear:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.works: list[int] = []
        self.seconds: list[float] = []
        self.lost = 0
        self.full = 0
        self.questions: list[float] = []
        self.moves: list[str] = []
        self.dropped: dict[str, int] = {}

    def committed(self, works: int, seconds: float) -> None:
        self.works.append(works)
        self.seconds.append(seconds)

    def asked(self, seconds: float) -> None:
        self.questions.append(seconds)

    def no_room(self) -> None:
        self.full += 1

    def undone(self, works: int) -> None:
        self.lost += works

    def happened(self, moves: Sequence[str], receipts: Mapping[str, int], dropped: Mapping[str, int]) -> None:
        self.moves += moves
        for outcome, count in dropped.items():
            self.dropped[outcome] = self.dropped.get(outcome, 0) + count


@pytest.fixture
def ear(store: Store) -> Ear:
    heard = Ear()
    store.watch(heard)
    return heard


def _note(stores: Stores, again: list[int] | None = None) -> None:
    stores.log.append(a_case().id, Noted(at=NOON, kind=NoteKind.NOTE), {})
    if again:
        again.pop()
        raise Stale(a_case().id)


async def test_a_committed_event_is_told_once(store: Store, ear: Ear) -> None:
    await store.work(_note)

    assert ear.moves == ["Noted"]
    assert ear.works == [1]
    assert 0 < ear.seconds[0] < 60


async def test_a_work_that_was_run_again_is_told_once(store: Store, ear: Ear) -> None:
    await store.work(_note, [1, 2])

    assert ear.moves == ["Noted"]


async def test_a_work_that_failed_is_not_told(store: Store, ear: Ear) -> None:
    def fail(stores: Stores) -> None:
        _note(stores)
        raise RuntimeError("as asked")

    with pytest.raises(RuntimeError, match="as asked"):
        await store.work(fail)

    assert ear.moves == []


async def test_what_only_reads_the_log_is_no_event(store: Store, ear: Ear) -> None:
    await store.work(lambda stores: stores.log.of(a_case().id))

    assert ear.moves == []


async def test_a_message_that_comes_too_late_is_told_with_its_outcome(store: Store, ear: Ear) -> None:
    def promise(stores: Stores) -> None:
        chat = a_chat(stores)
        stores.outbox.promise(Promise("a", chat, "tell", not_after=NOON))
        stores.outbox.promise(Promise("b", chat, "tell"))

    await store.work(promise)
    assert await store.work(lambda stores: stores.sending.expire(NOON + MINUTE)) == 1

    assert ear.dropped == {"expired": 1}
    assert await store.read(lambda stores: [count for count, _ in stores.sending.waiting().values()]) == [1]


async def test_a_message_with_nothing_left_to_say_is_told_apart_from_one_that_comes_too_late(
    store: Store, ear: Ear
) -> None:
    def needless(stores: Stores) -> None:
        stores.outbox.promise(Promise("a", a_chat(stores), "tell"))
        heads = stores.sending.ready_heads(7, NOON, 9)
        (taken,) = stores.sending.start([head.id for lane in heads.values() for head in lane], NOON)
        stores.sending.needless(taken.id, NOON)

    await store.work(needless)

    assert ear.dropped == {"needless": 1}


async def test_an_answered_question_is_told_with_its_seconds(store: Store, ear: Ear) -> None:
    await store.read(lambda stores: stores.inbox.waiting())
    with pytest.raises(ZeroDivisionError):
        await store.read(lambda stores: 1 // stores.inbox.waiting())

    assert len(ear.questions) == 1
    assert ear.questions[0] >= 0
