"""What people were told of a sample town's past, held back until it is over, for most of it is long done by then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from routing.model import CaseId, ChatId
from routing.ports import Promise
from storage.outbox import SqlOutbox
from storage.stores import Stores

SENTENCE: Final = "tell"
"""The view of a sentence about a case."""


@dataclass(slots=True)
class Tidings:
    """The last sentence about each case in each chat. When something is done about a case, older ones are of no use."""

    _last: dict[tuple[CaseId, ChatId], Promise] = field(default_factory=dict)

    def overtaken(self, case: CaseId) -> None:
        """Something is done about the case now."""
        self._last = {(about, chat): one for (about, chat), one in self._last.items() if about != case}

    def held(self, use_case: Callable[..., Any]) -> Callable[..., Any]:
        """The same use-case, whose sentences are held back."""

        def holding(stores: Stores, *args: Any) -> Any:
            stores.__dict__["outbox"] = _Holding(stores.outbox, self._last)
            return use_case(stores, *args)

        return holding

    def tell(self, stores: Stores) -> None:
        """Promise what is left of them."""
        for promise in self._last.values():
            stores.outbox.promise(promise)


class _Holding:
    """An outbox that keeps sentences to itself."""

    def __init__(self, outbox: SqlOutbox, last: dict[tuple[CaseId, ChatId], Promise]) -> None:
        self._outbox, self._last = outbox, last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)

    def promise(self, promise: Promise) -> None:
        """Hold a sentence back; everything else is promised."""
        if promise.view != SENTENCE:
            self._outbox.promise(promise)
            return
        about = CaseId(int(str(promise.params["case"])))
        self._last.pop((about, promise.chat), None)  # so that they are told in the order of time
        self._last[about, promise.chat] = promise
