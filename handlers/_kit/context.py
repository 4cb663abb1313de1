"""What a handler is handed: who, where, when, and the one way to do something."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from telegram.ext import CallbackContext, ExtBot

from handlers._kit import words
from handlers._kit.naming import readable
from handlers._kit.said import Here, Pressed, Said
from handlers._kit.services import Receipt, Services, Work, current_update
from routing.effects import Json
from routing.model import ChatId, PersonId
from routing.ports import Lane, Promise, UnitOfWork
from routing.refusals import Refusal

P = ParamSpec("P")
T = TypeVar("T")
Base = CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]


class GridContext(Base):
    """PTB's context with our services. One is made for each update."""

    said: Said | None = None
    pressed: Pressed | None = None
    answered: bool = False
    asked_in: ChatId | None = None  # where the question arose that the message in hand answers
    beside: Callable[[Any], None] | None = None  # done in the same transaction, after what another feature does

    @property
    def services(self) -> Services:
        """What features share."""
        services: Services = self.application.bot_data["services"]
        return services

    @property
    def now(self) -> datetime:
        """The town's clock."""
        return self.services.clock()

    @property
    def here(self) -> Said | Pressed:
        """The message or the press in hand."""
        here = self.said or self.pressed
        if here is None:
            raise LookupError("this update has neither message nor press")
        return here

    @property
    def where(self) -> ChatId | None:
        """The chat that implies in which of their posts somebody acts, as an answer in private does for a desk."""
        here = self.said or self.pressed
        return self.asked_in or (here.chat if here is not None else None)

    @property
    def press(self) -> Pressed:
        """The press in hand."""
        if self.pressed is None:
            raise LookupError("this update is no press")
        return self.pressed

    @property
    def presser(self) -> PersonId:
        """Who pressed or wrote."""
        return self.here.person

    @property
    def lang(self) -> str:
        """Their language."""
        return self.here.lang

    async def work(self, use_case: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run *use_case* in one transaction that also marks the update as handled; returns after the commit.

        A use-case that must leave a trace of its "no", as of a wrong guess, returns the refusal instead of raising it.

        Raises:
            Refusal: the use-case said no. Nothing was written if it raised, everything if it returned it.
        """
        receipt = current_update.get()
        result = await self.services.store.work(
            settling, receipt, self.said, self.now, use_case, args, kwargs, self.where, self.beside
        )
        if receipt is not None:
            receipt.settled = True
        if isinstance(result, Refusal):
            raise result
        return result

    @property
    def settled(self) -> bool:
        """Whether the update is marked done: what it causes is written then, and nobody else may have it.

        Another one's work would be a second transaction, and lost if the program died in between.
        """
        receipt = current_update.get()
        return receipt is not None and receipt.settled

    async def work_and_say(self, key: str, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The same, and promise the sentence *key* to this chat in the same transaction.

        When the use-case returns a mapping, its values fill the sentence.
        """

        def both(uow: UnitOfWork) -> Any:
            result = use_case(uow, *args, **kwargs)
            values = result if isinstance(result, Mapping) else {}
            if not isinstance(result, Refusal):
                answer(uow, self.here, "say", {"key": key, **values})
            return result

        return await self.work(both)

    async def read(self, question: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the stores beside the writer."""
        return await self.services.store.read(question, *args, **kwargs)

    async def show(self, view: str, **params: Json) -> None:
        """Promise a view to this chat and be done with the update."""
        await self.work(answer, self.here, view, params)

    async def reply(self, key: str, **values: Json) -> None:
        """Promise a plain sentence to this chat and be done with the update."""
        await self.show("say", key=key, **values)

    async def toast(self, key: str, *, alert: bool = False, **values: object) -> None:
        """Answer the press with a line that only the presser sees. Volatile: pressing again brings it back."""
        if self.pressed is not None and not self.answered:
            self.answered = True
            self.services.answer(self.pressed.callback_id, words.plain(key, self.lang, **values)[:200], alert)

    def hush(self) -> None:
        """Answer the press without a word, so that the button stops spinning."""
        if self.pressed is not None and not self.answered:
            self.answered = True
            self.services.answer(self.pressed.callback_id, None, False)


def settling(
    uow: Work,
    receipt: Receipt | None,
    said: Said | None,
    now: datetime,
    use_case: Callable[..., T],
    args: Any,
    kwargs: Any,
    here: ChatId | None = None,
    beside: Callable[[Any], None] | None = None,
) -> T:
    """Mark the update handled and do the work, together; a refusal that is kept is answered in the same breath.

    *beside* is done after it, unless it was refused.
    """
    if receipt is not None and not receipt.settled:
        uow.inbox.done(receipt.bot, receipt.update_id, now)
    uow.here = here
    result = use_case(uow, *args, **kwargs)
    if beside is not None and not isinstance(result, Refusal):
        beside(uow)
    if isinstance(result, Refusal) and said is not None:
        answer(uow, said, "say", {"key": result.key, **readable(uow, result, said.lang)})
    return result


def answer(uow: UnitOfWork, here: Here, view: str, params: Mapping[str, Json], lane: Lane = Lane.ANSWER) -> None:
    """Promise a view to the chat of a message, as a reply to it in a group; once for each update."""
    reply_to = None if here.private else here.message_id
    key = f"answer:{here.bot}:{here.update}:{view}:{params.get('key', '')}"
    uow.outbox.promise(Promise(key=key, chat=here.chat, view=view, params=params, lane=lane, reply_to=reply_to))


def to(uow: UnitOfWork, chat: ChatId, key: str, view: str = "say", lane: Lane = Lane.NOTICE, **params: Json) -> None:
    """Promise a view to another chat; *key* makes it unique."""
    uow.outbox.promise(Promise(key=key, chat=chat, view=view, params=params, lane=lane))
