"""When Telegram wants silence: who is silent, for how long, and what becomes of what was about to leave."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.letters import put_back
from bot.sandbox import Person, Sandbox
from bot.telegram import line_of
from storage.errors import CommitUnknown
from tests.bot.test_courier import Post, group, li, post, views

__all__ = ["li", "post", "views"]  # fixtures


async def test_one_refused_group_waits_and_the_others_do_not(post: Post, sandbox: Sandbox, li: Person) -> None:
    grids = [group(sandbox, li, f"Grid {number}") for number in range(5)]
    chats = [await post.meet(grid) for grid in grids]
    sandbox.fail_next("sendMessage", "429", retry_after=40, contains="refused")
    post.start()
    await post.promise(chats[0], "refused")
    for chat in chats[1:]:
        await post.promise(chat, "fine")
    await post.settled(sent=4, ready=1)
    halts = await post.store.read(lambda stores: stores.sending.halts(post.clock.wall()))
    assert list(halts) == [f"chat:{chats[0]}"]
    assert 38 < (halts[f"chat:{chats[0]}"] - post.clock.wall()).total_seconds() < 42


async def test_a_refused_bot_is_silent_for_as_long_as_it_was_told(post: Post, sandbox: Sandbox, li: Person) -> None:
    chats = [await post.meet(group(sandbox, li, f"Grid {number}")) for number in range(30)]
    sandbox.fail_next("sendMessage", "429", times=2, retry_after=2)
    for chat in chats:
        await post.promise(chat, "notice")
    post.start()
    await post.settled(sent=30)
    calls = [call for call in sandbox.calls if call.method == "sendMessage"]
    refused = [call.time for call in calls if not call.ok]
    assert len(refused) == 2
    during = [call for call in calls if call.ok and refused[1] + 1 < call.time < refused[1] + 2]
    assert during == []  # what was in flight at that moment may still arrive


async def test_when_the_answer_to_putting_back_is_lost_nothing_leaves_before_it_is_marked_anew(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats = [await post.meet(group(sandbox, li, f"Grid {number}")) for number in range(30)]
    sandbox.fail_next("sendMessage", "429", times=2, retry_after=1)
    work, lost = post.store.work, list[Any]()

    async def answered(use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = await work(use_case, *args, **kwargs)
        if use_case is put_back and not lost:
            lost.extend(args[0])
            raise CommitUnknown
        return result

    line, unmarked = line_of(post.application), list[Any]()

    class Watched:
        async def call(self, method: str, params: Any) -> Any:
            states = await post.store.read(_states_in, params["chat_id"])
            unmarked.extend(state for state in states if state != "sending")
            return await line.call(method, params)

    monkeypatch.setattr(post.store, "work", answered)
    monkeypatch.setattr(post.courier, "_line", Watched())
    for chat in chats:
        await post.promise(chat, "notice")
    post.start()
    await post.settled(sent=30)

    assert lost
    assert unmarked == []


def _states_in(stores: Any, telegram_id: int) -> list[str]:
    select = "SELECT state FROM outbox WHERE chat IN (SELECT id FROM chats WHERE telegram_id = ?)"
    return [state for (state,) in stores.connection.exec_driver_sql(select, (telegram_id,))]


async def test_a_halt_survives_a_restart(post: Post, sandbox: Sandbox, li: Person) -> None:
    refused, other = group(sandbox, li), group(sandbox, li, "Grid 4")
    chat, free = await post.meet(refused), await post.meet(other)
    sandbox.fail_next("sendMessage", "429", retry_after=40)
    post.start()
    await post.promise(chat, "later")
    await sandbox.wait_for(lambda telegram: post.count("sendMessage") == 1)
    await post.settled(ready=1)
    await post.stop()

    post.courier = post.hire()
    await post.courier.recover()
    post.start()
    await post.promise(free, "now")
    await post.settled(ready=1, sent=1)
    assert post.count("sendMessage", chat_id=refused.id) == 1
