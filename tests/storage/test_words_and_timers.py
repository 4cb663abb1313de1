from dataclasses import replace
from datetime import datetime, timedelta

from routing.model import CaseId, Media, MediaKind, PersonId, Timer, TimerKind, UnitCode, WordsId, WordsKind
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, a_chat

CASE = CaseId(1)
LI, WANG = PersonId(5), PersonId(6)
PHOTO = Media(MediaKind.PHOTO, 7, "file", "unique", 1234)


async def test_words_come_back_oldest_first_with_their_media(store: Store) -> None:
    def put(stores: Stores) -> list[WordsId]:
        chat = a_chat(stores)
        return [
            stores.words.put(CASE, WordsKind.REPORT, LI, NOON, "灯坏了", [PHOTO], chat, 10),
            stores.words.put(CASE, WordsKind.NOTE, None, NOON, "已派人"),
            stores.words.put(CaseId(2), WordsKind.NOTE, LI, NOON, "别的"),
        ]

    report, note, _ = await store.work(put)

    assert [words.id for words in await store.read(lambda s: s.words.of(CASE))] == [report, note]
    assert [words.id for words in await store.read(lambda s: s.words.of(CASE, WordsKind.NOTE))] == [note]
    found = await store.read(lambda s: s.words.get(report))
    assert found is not None
    assert (found.text, found.media, found.author, found.at) == ("灯坏了", (PHOTO,), LI, NOON)
    assert await store.read(lambda s: s.words.at(found.chat or 0, 10)) == found  # type: ignore[arg-type]  # a chat id


async def test_an_edited_message_rewrites_its_words(store: Store) -> None:
    words = await store.work(lambda s: s.words.put(CASE, WordsKind.REPORT, LI, NOON, "灯坏"))
    await store.work(lambda s: s.words.rewrite(words, "灯坏了"))

    found = await store.read(lambda s: s.words.get(words))
    assert found is not None
    assert found.text == "灯坏了"


async def test_erased_words_are_gone_from_the_file_and_cannot_be_rewritten(store: Store) -> None:
    def put(stores: Stores) -> WordsId:
        stores.words.put(CASE, WordsKind.NOTE, WANG, NOON, "stays")
        return stores.words.put(CASE, WordsKind.REPORT, LI, NOON, "secret", [PHOTO], a_chat(stores), 10)

    words = await store.work(put)

    assert await store.work(lambda s: s.words.erase_of(LI)) == 1
    assert await store.work(lambda s: s.words.erase_of(LI)) == 0
    await store.work(lambda s: s.words.rewrite(words, "secret again"))
    assert await store.read(lambda s: s.words.get(words)) is None
    assert [one.text for one in await store.read(lambda s: s.words.of(CASE))] == ["stays"]
    rows = await store.read(lambda s: s.connection.exec_driver_sql("SELECT * FROM words").all())
    assert "secret" not in repr(rows)
    assert "unique" not in repr(rows)


def a_timer(kind: TimerKind, minutes: int, unit: str | None = None) -> Timer:
    due = NOON + timedelta(minutes=minutes)
    return Timer(CASE, kind, NOON, due, due, unit=UnitCode(unit) if unit else None)


async def _put(store: Store, *timers: Timer) -> None:
    def put(stores: Stores) -> None:
        for timer in timers:
            stores.timers.put(timer)

    await store.work(put)


async def test_a_timer_is_replaced_and_not_doubled(store: Store) -> None:
    handle = a_timer(TimerKind.HANDLE, 10)
    paused = replace(handle, next_at=None, paused_at=NOON + MINUTE, step=2)
    await _put(store, handle)
    await _put(store, paused)

    assert await store.read(lambda s: s.timers.of(CASE)) == [paused]


async def test_each_unit_has_its_own_clock_beside_that_of_the_case(store: Store) -> None:
    one, two = a_timer(TimerKind.CHECK_IN, 1, "d1"), a_timer(TimerKind.CHECK_IN, 2, "d2")
    whole = a_timer(TimerKind.HANDLE, 3)
    await _put(store, one, two, whole)

    await store.work(lambda s: s.timers.stop(CASE, [TimerKind.CHECK_IN], UnitCode("d1")))
    assert await store.read(lambda s: s.timers.of(CASE)) == [two, whole]

    await store.work(lambda s: s.timers.stop(CASE, list(TimerKind)))
    assert await store.read(lambda s: s.timers.of(CASE)) == []


async def test_only_what_has_come_due_rings_earliest_first(store: Store) -> None:
    await _put(
        store,
        a_timer(TimerKind.HANDLE, 2),
        a_timer(TimerKind.RESPOND, 1),
        a_timer(TimerKind.SILENCE, 3),
        replace(a_timer(TimerKind.RATE, 0), next_at=None, paused_at=NOON),
    )

    def due(stores: Stores, now: datetime, limit: int) -> list[TimerKind]:
        return [timer.kind for timer in stores.timers.due(now, limit)]

    assert await store.read(due, NOON, 9) == []
    assert await store.read(due, NOON + 2 * MINUTE, 9) == [TimerKind.RESPOND, TimerKind.HANDLE]
    assert await store.read(due, NOON + 2 * MINUTE, 1) == [TimerKind.RESPOND]
