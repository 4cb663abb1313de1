"""A part of the program that ends by itself ends the program, however it ended."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from bot.parts import Parts


async def _fails() -> None:
    raise ZeroDivisionError


async def _broken_off() -> None:
    other = asyncio.get_running_loop().create_future()
    other.cancel()
    await other


async def _ends() -> None:
    return


@pytest.mark.parametrize(
    ("work", "ends", "failure"),
    [
        (_fails, False, ZeroDivisionError),
        (_broken_off, False, RuntimeError),
        (_fails, True, None),
        (_broken_off, True, None),
        (_ends, True, None),
    ],
)
async def test_what_ends_a_part_ends_the_program_unless_it_may_end(
    work: Callable[[], asyncio.Future[None]], ends: bool, failure: type[Exception] | None
) -> None:
    failures: list[BaseException] = []
    async with AsyncExitStack() as stack:
        Parts(stack, failures.append).keep(work(), "a part", ends=ends)  # type: ignore[arg-type]  # a coroutine
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    assert [type(one) for one in failures] == ([failure] if failure else [])


async def test_a_part_that_is_told_to_end_is_no_failure() -> None:
    failures: list[BaseException] = []
    async with AsyncExitStack() as stack:
        Parts(stack, failures.append).keep(asyncio.Event().wait(), "a part")  # type: ignore[arg-type]
    assert failures == []
