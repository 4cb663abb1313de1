"""What people see, kept from the record of calls: which button stands under which message, and what was sent twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple

from bot.sandbox import Sandbox

TAG = re.compile(r"编号(\d{4})")
_SENDS = frozenset({"sendmessage", "sendphoto"})
WHY = "why"
"""Stands for the reply field that a question opens which nobody has to answer."""
Where = tuple[int, int]  # chat, message


class Button(NamedTuple):
    """Where somebody can press, and what it sends."""

    chat: int
    message: int
    data: str


class Board:
    """The bot's messages as they stand now, found by what their buttons carry."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._read = sandbox, 0
        self._buttons: dict[Where, frozenset[str]] = {}
        self._places: dict[tuple[int, str], set[int]] = defaultdict(set)  # chat and payload: messages
        self._cases: dict[str, str] = {}
        self.first_sends: Counter[tuple[str, int]] = Counter()
        """How often the card of a case was sent as a new message to a chat."""

    def case_of(self, tag: str) -> str | None:
        """The case, as payloads write it, that a report with that tag became; seen on a card."""
        self._look()
        return self._cases.get(tag)

    def message(self, chat: int, payload: str) -> int | None:
        """The newest message of the chat under which a button carries *payload*."""
        self._look()
        return max(self._places[(chat, payload)], default=None)

    def button(self, chats: Iterable[int], *payloads: str) -> Button | None:
        """A button that carries one of *payloads* in one of the chats, the first that there is."""
        for chat, payload in product(chats, payloads):
            message = self.message(chat, payload)
            if message is not None:
                return Button(chat, message, payload)
        return None

    @property
    def doubles(self) -> int:
        """How many cards too many were sent."""
        self._look()
        return sum(count - 1 for count in self.first_sends.values())

    def _look(self) -> None:
        calls = self._sandbox.calls
        for record in calls[self._read :]:
            method, answer = record.method.lower(), record.answer.get("result")
            if record.ok and isinstance(answer, dict) and "message_id" in answer:
                asks = "force_reply" in str(record.params.get("reply_markup", ""))
                self._shown(answer, is_new=method in _SENDS, asks=asks)
            elif record.ok and method == "deletemessage":
                self._put((int(record.params["chat_id"]), int(record.params["message_id"])), frozenset())
        self._read = len(calls)

    def _shown(self, message: dict[str, Any], *, is_new: bool, asks: bool) -> None:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        payloads = frozenset(button["callback_data"] for row in rows for button in row if "callback_data" in button)
        payloads |= {WHY} if asks else frozenset()
        chat = int(message["chat"]["id"])
        self._put((chat, int(message["message_id"])), payloads)
        for payload in payloads:
            name, _, case = payload.partition(":")
            if name == "detail":
                self.first_sends[(case, chat)] += is_new
                for tag in TAG.findall(message.get("text", "")):
                    self._cases[tag] = case

    def _put(self, where: Where, payloads: frozenset[str]) -> None:
        chat, message = where
        for gone in self._buttons.get(where, frozenset()) - payloads:
            self._places[(chat, gone)].discard(message)
        for payload in payloads:
            self._places[(chat, payload)].add(message)
        self._buttons[where] = payloads
