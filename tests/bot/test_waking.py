"""Whoever waits for promises is woken by whatever may have made one, and after the commit."""

from typing import Any

import pytest

from bot.waking import WakingStore
from storage.store import Store


@pytest.mark.parametrize("way", ["work", "take_in"])
async def test_a_finished_work_wakes_and_one_that_failed_does_not(store: Store, way: str) -> None:
    seen: list[str | None] = []
    waking = WakingStore(store, lambda: seen.append("woken"))

    def promise(stores: Any) -> None:
        stores.notebook.set_setting("a", "b")

    def fail(_stores: Any) -> None:
        raise ZeroDivisionError

    await getattr(waking, way)(promise)
    assert seen == ["woken"]
    assert await waking.read(lambda stores: stores.notebook.setting("a")) == "b"
    with pytest.raises(ZeroDivisionError):
        await getattr(waking, way)(fail)
    assert seen == ["woken"]
