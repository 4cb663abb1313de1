"""A message in several parts: what becomes of the others when something befalls one of them."""

import pytest

from bot.pacing import Pacer
from bot.sandbox import Person, Sandbox
from routing.ports import Doubt
from tests.bot.test_courier import Post, group, li, post, views

__all__ = ["li", "post", "views"]  # fixtures


@pytest.fixture(autouse=True)
def quick(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pace, and pauses, at which four parts to one group take no minute."""
    monkeypatch.setattr(post.courier, "_pacer", Pacer(speed=1000.0))
    monkeypatch.setattr("bot.courier.LONGEST_TROUBLE_S", 0.1)


@pytest.mark.parametrize(
    ("doubt", "times", "first_doubtful"),
    [(Doubt.RESEND, 1, ["long 0", "long 0"]), (Doubt.REPEAT, 2, ["long 0", "long 0"]), (Doubt.DROP, 1, ["long 0"])],
)
async def test_a_part_in_doubt_is_treated_as_promised_and_the_others_follow(
    post: Post, sandbox: Sandbox, li: Person, doubt: Doubt, times: int, first_doubtful: list[str]
) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "lost", times=times, contains="long 0")
    post.start()
    await post.promise(chat, "long", more=3, doubt=doubt)
    await post.settled(sent=1)
    assert post.texts(grid) == ["long", *first_doubtful, "long 1", "long 2"]


async def test_a_part_that_telegram_refuses_for_good_is_the_last(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "400", contains="long 1")
    post.start()
    await post.promise(chat, "long", more=3)
    await post.settled(sent=1)
    assert post.texts(grid) == ["long", "long 0"]
