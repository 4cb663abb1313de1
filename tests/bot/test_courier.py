"""The courier over a real outbox and the local Telegram: every outcome, every pause, every doubt."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.clock import Clock
from bot.courier import Courier
from bot.meters import Meters
from bot.pacing import Pacer
from bot.sandbox import Chat, Person, Sandbox
from bot.telegram import App, line_of
from handlers import Outgoing
from handlers._kit.registry import registry
from routing.model import ChatId, ChatKind, ChatState
from routing.ports import Doubt, Lane, Promise
from storage.store import Store

BOT = 42
Promising = Callable[..., Any]


@pytest.fixture(autouse=True)
def views(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that says what the promise holds, and some that misbehave."""

    def plain(look: Any) -> Outgoing:
        text = ("(repeat) " if look.repeated else "") + str(look.params.get("text", "x"))
        more = tuple(
            Outgoing("sendMessage", {"text": f"{text} {part}"}) for part in range(int(look.params.get("more", 0)))
        )
        return Outgoing("sendMessage", {"text": text, "parse_mode": "HTML"}, more)

    def broken(look: Any) -> Outgoing:
        raise KeyError("no such word")

    for name, view in {"plain": plain, "nothing": lambda look: None, "broken": broken}.items():
        monkeypatch.setitem(registry.views, f"test.{name}", view)


class Post:
    """One bot with its outbox, courier and chats."""

    def __init__(self, store: Store, application: App, sandbox: Sandbox, meters: Meters) -> None:
        self.store, self.application, self.sandbox, self.meters = store, application, sandbox, meters
        self.clock = Clock()
        self.courier = self.hire()
        self.task: asyncio.Task[None] | None = None
        self.promised = 0

    def hire(self, pacer: Pacer | None = None) -> Courier:
        return Courier(self.store, line_of(self.application), BOT, self.clock, self.meters, pacer=pacer)

    def start(self) -> None:
        self.task = asyncio.create_task(self.courier.run())

    async def stop(self) -> None:
        await self.courier.stop()
        if self.task is not None:
            await self.task
            self.task = None

    async def meet(self, chat: Chat | Person, kind: ChatKind = ChatKind.RESIDENTS) -> ChatId:
        def meet(stores: Any) -> ChatId:
            found: ChatId = stores.chats.meet(BOT, chat.id, kind, "", ChatState.OK).id
            return found

        return await self.store.work(meet)

    async def promise(
        self, chat: ChatId, text: str = "x", *, view: str = "plain", more: int = 0, **fields: Any
    ) -> None:
        self.promised += 1
        key = fields.pop("key", f"k{self.promised}")
        promise = Promise(
            key=key,
            chat=chat,
            view=f"test.{view}",
            params={"text": text, "more": more},
            **({"lane": Lane.CARD} | fields),
        )
        await self.store.work(lambda stores: stores.outbox.promise(promise))
        self.courier.wake()

    async def states(self) -> dict[str, int]:
        stats = await self.store.read(lambda stores: stores.sending.stats())
        return {state: count for state, count in stats.by_state.items() if count}

    async def settled(self, **states: int) -> None:
        """Wait until the outbox has exactly these outcomes; told by the courier's own landings."""
        async with asyncio.timeout(20):
            while await self.states() != states:
                landed = self.courier._landed
                landed.clear()
                if await self.states() == states:
                    return
                await asyncio.wait({asyncio.ensure_future(landed.wait())}, timeout=1)

    def texts(self, chat: Chat) -> list[str]:
        return [message["text"] for message in self.sandbox.messages(chat.id) if "text" in message]

    def count(self, method: str, **params: Any) -> int:
        return sum(
            1
            for call in self.sandbox.calls
            if call.method == method and all(str(call.params.get(name)) == str(value) for name, value in params.items())
        )


@pytest.fixture
async def post(store: Store, application: App, sandbox: Sandbox, meters: Meters) -> AsyncIterator[Post]:
    made = Post(store, application, sandbox, meters)
    yield made
    await made.stop()


@pytest.fixture
def li(sandbox: Sandbox) -> Person:
    return sandbox.add_person("Li Wei")


def bot_of(sandbox: Sandbox) -> Person:
    bot = sandbox.exchange.world.user(BOT)
    assert bot is not None
    return bot


def group(sandbox: Sandbox, owner: Person, title: str = "Grid 3", **fields: Any) -> Chat:
    return sandbox.add_group(title, owner, members=[bot_of(sandbox)], **fields)


async def test_a_promise_is_sent_and_later_ones_edit_the_same_message(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    post.start()
    await post.promise(chat, "open", carrier="card:1")
    await post.settled(sent=1)
    await post.promise(chat, "claimed", carrier="card:1")
    await post.settled(sent=2)
    assert post.texts(grid) == ["claimed"]
    assert post.count("editMessageText") == 1


async def test_changes_while_halted_fall_together_into_one_edit(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    post.start()
    await post.promise(chat, "open", carrier="card:1")
    await post.settled(sent=1)
    sandbox.fail_next("editMessageText", "429", retry_after=1)
    for step in range(10):
        await post.promise(chat, f"step {step}", carrier="card:1")
    await sandbox.wait_for(lambda _: post.texts(grid) == ["step 9"])
    assert post.count("editMessageText") <= 3


async def test_an_answer_that_was_lost_is_in_doubt_and_not_blindly_sent_again(
    post: Post, sandbox: Sandbox, li: Person
) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "lost")
    post.start()
    await post.promise(chat, "thank you", doubt=Doubt.DROP)
    await post.settled(in_doubt=1)
    assert post.texts(grid) == ["thank you"]


async def test_what_must_not_be_lost_is_sent_again_and_says_so(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "lost")
    post.start()
    await post.promise(chat, "gas alarm", doubt=Doubt.REPEAT, lane=Lane.EMERGENCY)
    await post.settled(sent=1)
    assert post.texts(grid) == ["gas alarm", "(repeat) gas alarm"]


async def test_what_an_earlier_life_left_in_flight_is_in_doubt(post: Post, sandbox: Sandbox, li: Person) -> None:
    chat = await post.meet(group(sandbox, li))
    await post.promise(chat, "thanks", doubt=Doubt.DROP)

    def start(stores: Any) -> None:
        heads = stores.sending.ready_heads(BOT, post.clock.now(), 5)
        stores.sending.start([head.id for head in heads[Lane.CARD]], post.clock.now())

    await post.store.work(start)
    assert await post.courier.recover() == 1
    assert await post.states() == {"in_doubt": 1}


@pytest.mark.parametrize(
    ("deed", "state"),
    [("never started", ChatState.NEVER_STARTED), ("blocked", ChatState.BLOCKED)],
)
async def test_a_person_who_can_t_be_written_to_is_noted(
    post: Post, sandbox: Sandbox, li: Person, deed: str, state: ChatState
) -> None:
    if deed == "blocked":
        await sandbox.act(li, "start", bot="huying_sample_bot")
        await sandbox.act(li, "block", bot="huying_sample_bot")
    chat = await post.meet(li, ChatKind.PRIVATE)
    post.start()
    await post.promise(chat, "hello")
    await post.settled(blocked=1)
    assert (await post.store.read(lambda stores: stores.chats.get(chat))).state is state


async def test_a_group_that_threw_the_bot_out_is_noted_and_asked_no_more(
    post: Post, sandbox: Sandbox, li: Person
) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    await sandbox.act(li, "kick", chat=grid.id, user=BOT)
    post.start()
    await post.promise(chat, "one")
    await post.settled(blocked=1)
    await post.promise(chat, "two")
    await post.settled(blocked=2)
    assert post.count("sendMessage") == 1
    assert (await post.store.read(lambda stores: stores.chats.get(chat))).state is ChatState.KICKED


async def test_a_group_that_migrated_is_followed(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li, supergroup=False)
    chat = await post.meet(grid)
    await sandbox.act(li, "migrate", chat=grid.id)
    post.start()
    await post.promise(chat, "still here")
    await post.settled(sent=1)
    known = await post.store.read(lambda stores: stores.chats.get(chat))
    assert known.telegram_id != grid.id
    assert "still here" in [message.get("text") for message in sandbox.messages(known.telegram_id)]


async def test_a_card_that_somebody_deleted_is_sent_anew(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    post.start()
    await post.promise(chat, "open", carrier="card:1")
    await post.settled(sent=1)
    (card,) = (message for message in sandbox.messages(grid.id) if message.get("text") == "open")
    await sandbox.act(li, "delete", chat=grid.id, message=card["message_id"])
    await post.promise(chat, "claimed", carrier="card:1")
    await post.settled(sent=2)
    assert post.texts(grid) == ["claimed"]


async def test_an_edit_that_changes_nothing_is_a_success(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    post.start()
    for count in (1, 2):
        await post.promise(chat, "same", carrier="card:1")
        await post.settled(sent=count)
    assert post.texts(grid) == ["same"]


async def test_a_message_that_telegram_can_t_read_is_rejected_once(post: Post, sandbox: Sandbox, li: Person) -> None:
    chat = await post.meet(group(sandbox, li))
    post.start()
    await post.promise(chat, "<b>unclosed")
    await post.settled(rejected=1)
    assert post.count("sendMessage") == 1


async def test_a_view_that_breaks_is_rejected_and_one_with_nothing_to_say_expires(
    post: Post, sandbox: Sandbox, li: Person
) -> None:
    chat = await post.meet(group(sandbox, li))
    post.start()
    await post.promise(chat, view="broken")
    await post.promise(chat, view="nothing")
    await post.promise(chat, "fine")
    await post.settled(rejected=1, expired=1, sent=1)


async def test_a_connection_that_could_not_be_made_leaves_no_doubt(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    line = line_of(post.application)
    with line._unfrozen():
        there, line._base_url = line._base_url, "http://127.0.0.1:9/bot42:SANDBOX"
    post.start()
    await post.promise(chat, "hello", doubt=Doubt.DROP)
    async with asyncio.timeout(10):
        while not post.courier._troubles:
            await post.courier._landed.wait()
            post.courier._landed.clear()
    with line._unfrozen():
        line._base_url = there
    await post.settled(sent=1)
    assert post.texts(grid) == ["hello"]


async def test_the_parts_of_a_long_message_arrive_in_order_through_a_refusal(
    post: Post, sandbox: Sandbox, li: Person
) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "429", retry_after=1, contains="long 0")
    post.start()
    await post.promise(chat, "long", more=1)
    await post.settled(sent=1)
    assert post.texts(grid) == ["long", "long 0"]


async def test_a_reply_and_a_pin_go_where_they_were_promised(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    sandbox.seat(grid, bot_of(sandbox), admin=True)
    chat = await post.meet(grid)
    said = await sandbox.act(li, "send_text", chat=grid.id, text="the lamp is broken")
    post.start()
    await post.promise(chat, "noted", reply_to=said["message_id"], pin=True)
    await sandbox.wait_for(lambda telegram: post.count("pinChatMessage") == 1)
    noted = next(message for message in sandbox.messages(grid.id) if message.get("text") == "noted")
    assert noted["reply_to_message"]["message_id"] == said["message_id"]


async def test_stopping_finishes_what_is_in_flight(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "slow", seconds=0.2)
    post.start()
    await post.promise(chat, "slowly")
    await sandbox.wait_for(lambda telegram: post.texts(grid) == ["slowly"])
    await post.stop()
    assert await post.states() == {"sent": 1}
