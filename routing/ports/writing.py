"""What will be said, what is half said, and where new numbers come from."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from routing.model import (
    CaseId,
    ChatId,
    PersonId,
)
from routing.records import Code, Draft, Promise, Prompt


class Outbox(Protocol):
    """What will be said, and what has been said where."""

    def promise(self, promise: Promise) -> None:
        """Keep it until the courier has an outcome; a key that was promised before changes nothing.

        A promise with a carrier replaces the unsent one for the same carrier and chat.
        """
        ...

    def carriers(self, carrier: str) -> Mapping[ChatId, int]:
        """Message ids of the carrier by chat."""
        ...

    def reached(self, carrier: str) -> Collection[ChatId]:
        """The chats that have the carrier's message, or to which it may be on its way, saying what was true before."""
        ...

    def adopt(self, carrier: str, chat: ChatId, message_id: int) -> int | None:
        """Record a message as the carrier's; returns the one that was recorded before, if another (R10)."""
        ...

    def carrier_of(self, chat: ChatId, message_id: int) -> str | None:
        """Which carrier that message of ours is."""
        ...

    def carried_in(self, chat: ChatId, limit: int) -> Sequence[str]:
        """The carriers that have a message in that chat, the newest message first."""
        ...


class Notebook(Protocol):
    """Small things that must survive a restart: drafts, prompts, codes, once-only marks, counters."""

    def draft(self, key: str) -> Draft | None:
        """A draft in the making."""
        ...

    def keep_draft(self, draft: Draft) -> None:
        """Write or replace it."""
        ...

    def drop_draft(self, key: str) -> None:
        """It was submitted or cancelled."""
        ...

    def drafts_of(self, person: PersonId) -> Sequence[Draft]:
        """All drafts of theirs, oldest first."""
        ...

    def drafts_in(self, chat: ChatId) -> Sequence[Draft]:
        """All drafts of a chat, oldest first."""
        ...

    def drafts_due(self, step: str, before: datetime, limit: int) -> Sequence[Draft]:
        """Drafts at *step* untouched since *before*, oldest first."""
        ...

    def ask(self, prompt: Prompt) -> None:
        """Remember a question by the bot; the same key replaces it."""
        ...

    def prompt_for(self, chat: ChatId, person: PersonId, reply_to: int | None) -> Prompt | None:
        """The question that a message answers: by the message replied to, else in private the newest open one."""
        ...

    def prompt(self, key: str) -> Prompt | None:
        """The question of that name, while it is open."""
        ...

    def prompts_in(self, chat: ChatId, person: PersonId) -> Sequence[Prompt]:
        """All open questions to that person in that chat, oldest first."""
        ...

    def unplaced_prompt(self, chat: ChatId, person: PersonId) -> Prompt | None:
        """The newest question to that person whose message is not recorded, as while it is still being sent."""
        ...

    def answered(self, key: str) -> None:
        """The question is done."""
        ...

    def drop_prompts(self, cases: Sequence[CaseId]) -> int:
        """Forget the questions about these cases that nobody has answered; returns how many those were."""
        ...

    def issue_code(self, secret: str, code: Code) -> None:
        """Keep a code by its digest."""
        ...

    def code(self, secret: str) -> Code | None:
        """Look a code up."""
        ...

    def spend_code(self, secret: str, at: datetime) -> None:
        """Mark a once-only code as used."""
        ...

    def once(self, mark: str, at: datetime) -> bool:
        """True for the first caller with that mark, False ever after."""
        ...

    def count(self, counter: str, window_start: datetime) -> int:
        """Count one more in the window; returns the new count. An older window starts again at one."""
        ...

    def unlearn(self) -> None:
        """What programs remember of people and chats is no longer true: each of them forgets it before long."""
        ...

    def setting(self, key: str) -> str | None:
        """A small value, such as a polling offset."""
        ...

    def set_setting(self, key: str, value: str | None) -> None:
        """Write or delete it."""
        ...


class Ids(Protocol):
    """Makes time-ordered 63-bit numbers and secrets."""

    def new(self) -> int:
        """A number that was never given before and is larger than those given earlier."""
        ...

    def secret(self) -> str:
        """22 characters of base64url: 128 random bits."""
        ...

    def door_code(self) -> str:
        """Eight characters that are easy to read out and type, without 0 O 1 I L."""
        ...
