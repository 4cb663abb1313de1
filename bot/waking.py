"""The store as handlers see it: every finished work wakes whoever waits for what it may have promised."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.ingress import Store

P = ParamSpec("P")
T = TypeVar("T")


class WakingStore:
    """A store that calls *wake* after each commit."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store, self._wake = store, wake

    async def work(self, use_case: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in one transaction; returns after the commit, when the sleepers have been woken."""
        result = await self._store.work(use_case, *args, **kwargs)
        self._wake()
        return result

    async def take_in(self, use_case: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, ahead of the works that wait."""
        result = await self._store.take_in(use_case, *args, **kwargs)
        self._wake()
        return result

    async def read(self, question: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run beside the writer."""
        return await self._store.read(question, *args, **kwargs)
