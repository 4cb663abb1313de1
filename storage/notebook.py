"""Small things that must survive a restart: drafts, prompts, codes, once-only marks, counters, settings."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import and_, case, delete, exists, literal_column, or_, select, update

from routing.model import CaseId, ChatId, ChatKind, PersonId
from routing.ports import Code, Draft, Prompt
from storage.part import Held, Part, columns, given, mine
from storage.portable import Colliding, Insert, key_of, or_replace, unless_there
from storage.tables import carriers, chats, codes, counters, drafts, marks, prompts, settings

_DRAFT = Held(select(*columns(drafts)).where(mine(drafts), drafts.c.key == given("key")))
_KEEP_DRAFT = or_replace(drafts)
_DROP_DRAFT = delete(drafts).where(mine(drafts), drafts.c.key == given("key"))
_DRAFTS_AMONG = select(drafts.c.key).where(mine(drafts), drafts.c.key.in_(given("keys", many=True)))
_DRAFTS_OF = (
    select(*columns(drafts)).where(mine(drafts), drafts.c.person == given("person")).order_by(drafts.c.at, drafts.c.key)
)
_DRAFTS_IN = (
    select(*columns(drafts)).where(mine(drafts), drafts.c.chat == given("chat")).order_by(drafts.c.at, drafts.c.key)
)
_DRAFTS_DUE = (
    select(*columns(drafts))
    .where(mine(drafts), drafts.c.step == given("step"), drafts.c.at < given("before"))
    .order_by(drafts.c.at, drafts.c.key)
    .limit(given("limit"))
)

_ASK = or_replace(prompts)
_ANSWERED = delete(prompts).where(mine(prompts), prompts.c.key == given("key"))
_PROMPT = select(*columns(prompts)).where(mine(prompts), prompts.c.key == given("key"))
_DROPPED = delete(prompts).where(mine(prompts), prompts.c.case_id.in_(given("cases", many=True)))
_OF_ASKED = and_(mine(prompts), prompts.c.chat == given("chat"), prompts.c.person == given("person"))
_REPLIED = (
    select(*columns(prompts))
    .where(
        _OF_ASKED,
        or_(
            prompts.c.message_id == given("message_id"),
            exists().where(
                mine(carriers),
                carriers.c.carrier == prompts.c.key,
                carriers.c.chat == prompts.c.chat,
                carriers.c.message_id == given("message_id"),
            ),
        ),
    )
    .order_by(prompts.c.at.desc())
    .limit(1)
)
_NEWEST = (
    select(*columns(prompts))
    .where(_OF_ASKED, exists().where(mine(chats), chats.c.id == prompts.c.chat, chats.c.kind == ChatKind.PRIVATE))
    .order_by(prompts.c.at.desc(), prompts.c.key.desc())
    .limit(1)
)
_PROMPTS_IN = select(*columns(prompts)).where(_OF_ASKED).order_by(prompts.c.at, prompts.c.key)
_UNPLACED = (
    select(*columns(prompts))
    .where(
        _OF_ASKED,
        prompts.c.message_id.is_(None),
        ~exists().where(mine(carriers), carriers.c.carrier == prompts.c.key, carriers.c.chat == prompts.c.chat),
    )
    .order_by(prompts.c.at.desc(), prompts.c.key.desc())
    .limit(1)
)

_ISSUE = or_replace(codes)
_CODE = select(*columns(codes, "digest")).where(mine(codes), codes.c.digest == given("digest"))
_SPEND = (
    update(codes)
    .where(mine(codes), codes.c.digest == given("digest"), codes.c.once, codes.c.used_at.is_(None))
    .values(used_at=given("at"))
)

_ONCE = unless_there(marks)
_SETTING = select(settings.c.value).where(mine(settings), settings.c.key == given("key"))
_SET = or_replace(settings)
_UNSET = delete(settings).where(mine(settings), settings.c.key == given("key"))


LEAP: Final = timedelta(hours=1)
"""A window that begins so much later than another one was counted by a clock that has been set back."""


def _counting(insert: Insert) -> Insert:
    """More in the same or a slightly older window; any other window begins with them."""
    began, begins = counters.c.window_start, insert.excluded.window_start
    other = or_(began < begins, began - literal_column(str(LEAP // timedelta(microseconds=1))) > begins)
    new: dict[Any, Any] = {
        "count": case((other, insert.excluded["count"]), else_=counters.c["count"] + insert.excluded["count"]),
        "window_start": case((other, begins), else_=began),
    }
    return insert.on_conflict_do_update(index_elements=key_of(counters), set_=new)


COUNT_SILENTLY: Final = Colliding(counters, _counting)
_COUNT = Colliding(counters, lambda insert: _counting(insert).returning(counters.c["count"]))
_UNCOUNT = (
    update(counters)
    .where(mine(counters), counters.c.counter == given("counter"))
    .values({counters.c["count"]: counters.c["count"] - given("by")})
)
_COUNTED = select(counters.c["count"]).where(mine(counters), counters.c.counter == given("counter"))
_COUNTS = select(counters.c.counter, counters.c.window_start, counters.c["count"].label("count_1")).where(
    mine(counters), counters.c.counter.in_(given("names", many=True))
)
_UNLEARNED: Final = "unlearned"
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def digest(secret: str) -> str:
    """What is stored of a secret; 128 random bits need no salt."""
    return sha256(secret.encode()).hexdigest()


class Counters(Part):
    """Numbers that only go up within a window."""

    def count(self, counter: str, window_start: datetime, *, by: int = 1) -> int:
        """Count one more, or more, in the window; returns the new count. Another window starts again."""
        values = {"counter": counter, "window_start": window_start, "count": by}
        return int(self._put(_COUNT, values).scalar())

    def uncount(self, counter: str, *, by: int) -> None:
        """Take back what this transaction has counted."""
        self._run(_UNCOUNT, counter=counter, by=by)

    def counts(self, names: Sequence[str]) -> Mapping[str, tuple[datetime, int]]:
        """The window and the count of each of these counters, as far as they were ever used."""
        return {row.counter: (row.window_start, row.count_1) for row in self._all(_COUNTS, names=list(names))}

    def unlearn(self) -> None:
        """What programs remember of people and chats is no longer true: each of them forgets it before long."""
        self.count(_UNLEARNED, _EVER)

    def unlearned(self) -> int:
        """How often that was so; whoever remembers something compares."""
        return int(self._scalar(_COUNTED, counter=_UNLEARNED) or 0)


class SqlNotebook(Counters):
    """`routing.ports.Notebook` over one transaction."""

    def draft(self, key: str) -> Draft | None:
        """A draft in the making."""
        row = self._first(_DRAFT, key=key)
        return Draft(*row) if row else None

    def keep_draft(self, draft: Draft) -> None:
        """Write or replace it."""
        self._put(_KEEP_DRAFT, asdict(draft))

    def drop_draft(self, key: str) -> None:
        """It was submitted or cancelled."""
        self._run(_DROP_DRAFT, key=key)

    def drafts_among(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of *keys* under which there is a draft."""
        return frozenset(row.key for row in self._all(_DRAFTS_AMONG, keys=list(keys)))

    def drafts_of(self, person: PersonId) -> Sequence[Draft]:
        """All drafts of theirs, oldest first."""
        return [Draft(*row) for row in self._all(_DRAFTS_OF, person=person)]

    def drafts_in(self, chat: ChatId) -> Sequence[Draft]:
        """All drafts of a chat, oldest first. Reads every draft there is: for what happens once in a chat's life."""
        return [Draft(*row) for row in self._all(_DRAFTS_IN, chat=chat)]

    def drafts_due(self, step: str, before: datetime, limit: int) -> Sequence[Draft]:
        """Drafts at *step* untouched since *before*, oldest first."""
        return [Draft(*row) for row in self._all(_DRAFTS_DUE, step=step, before=before, limit=limit)]

    def ask(self, prompt: Prompt) -> None:
        """Remember a question by the bot; the same key replaces it."""
        values = asdict(prompt)
        values["case_id"] = values.pop("case")
        self._put(_ASK, values)

    def prompt_for(self, chat: ChatId, person: PersonId, reply_to: int | None) -> Prompt | None:
        """The question to that person which a message answers.

        A reply answers the question in the message replied to (by its recorded id, or as the carrier named like the
        prompt's key), and no other. A message that replies to nothing answers, in a private chat, the newest question.
        Whether it has expired is for the caller to see.
        """
        if reply_to is not None:
            row = self._first(_REPLIED, chat=chat, person=person, message_id=reply_to)
        else:
            row = self._first(_NEWEST, chat=chat, person=person)
        return Prompt(*row) if row else None

    def prompt(self, key: str) -> Prompt | None:
        """The question of that name, while it is open."""
        row = self._first(_PROMPT, key=key)
        return Prompt(*row) if row else None

    def prompts_in(self, chat: ChatId, person: PersonId) -> Sequence[Prompt]:
        """All open questions to that person in that chat, oldest first."""
        return [Prompt(*row) for row in self._all(_PROMPTS_IN, chat=chat, person=person)]

    def unplaced_prompt(self, chat: ChatId, person: PersonId) -> Prompt | None:
        """The newest question to that person whose message is not recorded.

        It is on its way, or nobody knows whether it arrived: whoever replies to an unknown message of ours read it.
        """
        row = self._first(_UNPLACED, chat=chat, person=person)
        return Prompt(*row) if row else None

    def answered(self, key: str) -> None:
        """The question is done."""
        self._run(_ANSWERED, key=key)

    def drop_prompts(self, cases: Sequence[CaseId]) -> int:
        """Forget the questions about these cases that nobody has answered; returns how many those were."""
        return self._run(_DROPPED, cases=list(cases)).rowcount

    def issue_code(self, secret: str, code: Code) -> None:
        """Keep a code by its digest; the secret itself is nowhere."""
        self._put(_ISSUE, {"digest": digest(secret), **asdict(code)})

    def code(self, secret: str) -> Code | None:
        """Look a code up."""
        row = self._first(_CODE, digest=digest(secret))
        return Code(*row) if row else None

    def spend_code(self, secret: str, at: datetime) -> None:
        """Mark a once-only code as used; the first use stays recorded."""
        self._run(_SPEND, digest=digest(secret), at=at)

    def once(self, mark: str, at: datetime) -> bool:
        """True for the first caller with that mark, False ever after."""
        return self._put(_ONCE, {"mark": mark, "at": at}).rowcount > 0

    def setting(self, key: str) -> str | None:
        """A small value, such as a polling offset."""
        value: str | None = self._scalar(_SETTING, key=key)
        return value

    def set_setting(self, key: str, value: str | None) -> None:
        """Write or delete it."""
        if value is None:
            self._run(_UNSET, key=key)
        else:
            self._put(_SET, {"key": key, "value": value})
