"""Asking a person for free text: a question that survives a restart, and what becomes of the answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from telegram import Chat as TelegramChat
from telegram import Message

from handlers._kit.cards import mention
from handlers._kit.context import GridContext, answer
from handlers._kit.naming import matter_name, public_name, rulers, status_name, unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_message, on_press, registry, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers._kit.words import Html
from routing import casework, hierarchy, rights, telling
from routing.casework import Deed, Saying
from routing.drafts import Piece
from routing.effects import Json
from routing.events import Event
from routing.hints import small_talk
from routing.masking import mask_name
from routing.model import Case, CaseId, ChatId, ChatKind, PersonId, WordsKind
from routing.ports import Draft, Lane, Promise, Prompt, UnitOfWork

PROMPT_LIFE: Final = timedelta(days=1)
"""So long whatever somebody writes in private is the answer; a reply to the question is one as long as it is open."""
ASIDE: Final = timedelta(days=7)
"""So long a question waits for a reply to it once another one has been put."""
OVER: Final = 7
"""Before anything else takes a reply: it answers a question that is over. Parts of an album come earlier still."""
_ASK: Final = "ask:"
_ARISEN: Final = "arisen"
"""Under this name a prompt keeps the chat in which its question arose."""
_PUT_ANEW: Final = "put_anew"
"""Under this name a prompt keeps that the same question was put once more."""
ALBUM_STEP: Final = "answer"
"""The step of the draft row that catches the later parts of an album which answered a question."""


@payload("nvm")
@dataclass(frozen=True, slots=True)
class PromptCancelled:
    """取消: under the bot's question."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer does: *deed* must still be possible, *use_case* does it, *thanks* is the sentence said then.

    It may name the case's ``number``, the ``unit`` that has it then, and the ``ruler`` who was asked. *view* shows
    it, if a plain sentence does not.
    """

    deed: Deed | None
    keeps: WordsKind
    use_case: Callable[[UnitOfWork, CaseId, PersonId, Saying, datetime], Case]
    thanks: str
    view: str = "say"


def saying(said: Said) -> Saying:
    """A message as words about a case."""
    return Saying(said.text, said.media, said.chat, said.message_id)


async def question(ctx: GridContext, case: CaseId, purpose: str, deed: Deed) -> None:
    """Ask whoever pressed for words, if they may do *deed* now; the answer comes to ``@on_prompt(purpose)``.

    The sentence is ``ask.<purpose>``. In a group the question goes to the person's private chat when there is one.
    """
    prompt = await ctx.work(_checked, ctx.here, case, purpose, deed, ctx.now)
    if prompt.chat != ctx.here.chat:
        await ctx.toast("ask.in_private")


async def words_for(ctx: GridContext, case: CaseId, purpose: str, event: Event) -> None:
    """The same for the words that go with *event*, if no rule would refuse it now."""
    prompt = await ctx.work(_rehearsed, ctx.here, case, purpose, event)
    if prompt.chat != ctx.here.chat:
        await ctx.toast("ask.in_private")


def _rehearsed(uow: UnitOfWork, here: Said | Pressed, case: CaseId, purpose: str, event: Event) -> Prompt:
    return ask(uow, here, hierarchy.check(uow, case, event), purpose, event.at)


def _checked(uow: UnitOfWork, here: Said | Pressed, case: CaseId, purpose: str, deed: Deed, at: datetime) -> Prompt:
    current = uow.cases.get(case)
    casework.check(uow, current, here.person, deed)
    return ask(uow, here, current, purpose, at)


def ask(
    uow: UnitOfWork,
    here: Said | Pressed,
    case: Case,
    purpose: str,
    at: datetime,
    sentence: str | None = None,
    life: timedelta = PROMPT_LIFE,
    **params: Json,
) -> Prompt:
    """Put the question; in a private chat what was asked there before is set aside.

    While it can't be sent it waits as long as any sentence about a case, and is not put once nobody wants it any more.

    Args:
        uow: The transaction.
        here: Who is asked, and where they were when it came up.
        case: What about.
        purpose: Whose ``@on_prompt`` gets the answer.
        at: Now.
        sentence: ``ask.<sentence>`` is what is said, if not ``ask.<purpose>``.
        life: How long whatever they write next in private is taken for the answer.
        **params: Kept with the question. With ``reply_only`` nobody owes an answer: only a reply to the question
            is one, and whatever else they write is something new.
    """
    chat = telling.private_or(uow, here.person, here.chat)
    if chat != here.chat or here.private:
        set_aside(uow, chat, here.person, case.id, purpose, at)
    kept = {**params, _ARISEN: uow.here or here.chat}
    prompt = Prompt(f"{_ASK}{uow.ids.new()}", here.person, chat, purpose, case.id, at, at + life, kept)
    uow.notebook.ask(prompt)
    uow.outbox.promise(
        Promise(
            key=prompt.key,
            chat=chat,
            view="prompt",
            params={
                "question": f"ask.{sentence or purpose}",
                "case": case.id,
                "person": here.person,
                "prompt": prompt.key,
                "reply_only": _is_private(uow, chat) and bool(params.get("reply_only")),
            },
            lane=Lane.ANSWER,
            carrier=prompt.key,
            not_after=at + telling.TELL_LIFE,
            reply_to=here.message_id if chat == here.chat and not here.private else None,
        )
    )
    return prompt


def set_aside(uow: UnitOfWork, chat: ChatId, person: PersonId, case: CaseId, purpose: str, at: datetime) -> None:
    """Make room for a question in private: what was asked before is answered by a reply to it alone from now on.

    So is the same question about the same case; if it has not been sent yet, it is not sent any more. What nobody
    answered for `ASIDE` is over.
    """
    for before in uow.notebook.prompts_in(chat, person):
        if at - before.at >= ASIDE:
            uow.notebook.answered(before.key)
            continue
        aside: dict[str, Json] = {"reply_only": True}
        if _same(before, case, purpose):
            aside[_PUT_ANEW] = True
        uow.notebook.ask(replace(before, params={**before.params, **aside}))


def _same(prompt: Prompt, case: CaseId, purpose: str) -> bool:
    """Whether it is that question; what is asked about no case is not told apart."""
    return (prompt.case, prompt.purpose) == (case, purpose)


def asked_in(prompt: Prompt) -> ChatId | None:
    """The chat in which the question arose: a desk, when its answer comes in private."""
    arisen = prompt.params.get(_ARISEN)
    return ChatId(int(str(arisen))) if arisen is not None else None


def _is_private(uow: UnitOfWork, chat: ChatId) -> bool:
    return uow.chats.get(chat).kind is ChatKind.PRIVATE


@view("prompt")
def prompt_view(look: Look) -> Outgoing | None:
    """The question. In a group it names the one who is asked, and their reply field opens by itself.

    Nothing when it has been answered, or was put anew, before it could be sent.
    """
    prompt = look.uow.notebook.prompt(str(look.params["prompt"]))
    if prompt is None or prompt.params.get(_PUT_ANEW):
        return None
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    person = PersonId(int(str(look.params["person"])))
    what = matter_name(look.uow, case.matter, look.lang)
    text = look.t(str(look.params["question"]), number=case.number, matter=what)
    if look.params.get("reply_only"):
        return look.message(text, reply_markup=_reply_field(case))
    if look.chat.kind is ChatKind.PRIVATE:
        return look.message(text, [[Button("ask.cancel", PromptCancelled())]])
    name = mention(look.uow, person, _name(look, case, person))
    return look.message(Html(f"{name} {text}"), reply_markup=_reply_field(case))


def _name(look: Look, case: Case, person: PersonId) -> str:
    """Staff by the name on their badge; whoever is asked as a resident masked, whatever they work as elsewhere."""
    if look.public and (person == case.reporter or not rights.may(look.uow, person, case, rights.READING)):
        known = look.uow.people.get(person)
        return mask_name(known.name) if known else ""
    return public_name(look.uow, person, look.lang)


def _reply_field(case: Case) -> dict[str, Json]:
    """Open the reply field of whoever is asked, so that what they write is a reply."""
    return {"force_reply": True, "selective": True, "input_field_placeholder": f"#{case.number}"}


@on_message(OVER)
async def answers_too_late(said: Said, ctx: GridContext) -> bool:
    """A reply to a question that was answered, cancelled or put anew is told so; thanks are just thanks."""
    if said.reply_to is None or not await ctx.read(_over, said):
        return False
    await ctx.reply("ask.not_kept")
    return True


def _over(uow: UnitOfWork, said: Said) -> bool:
    """Whether it replies to such a question. Neighbours may talk under one that somebody was asked in their chat."""
    asked = None if said.reply_to is None else uow.outbox.carrier_of(said.chat, said.reply_to)
    if asked is None or not asked.startswith(_ASK) or uow.notebook.prompt(asked) is not None:
        return False
    if not (said.media or said.location) and small_talk(said.text, uow.catalogue):
        return False
    return uow.chats.get(said.chat).kind in (ChatKind.PRIVATE, ChatKind.DESK)


@on_press(PromptCancelled)
async def cancel(_press: PromptCancelled, ctx: GridContext) -> None:
    """Nothing is asked any more."""
    pressed = ctx.pressed
    if pressed is not None:
        await ctx.toast(await ctx.work(cancelled, pressed))


def cancelled(uow: UnitOfWork, pressed: Pressed) -> str:
    """Forget the question under which somebody pressed; only theirs. Returns the key of what to tell them."""
    if pressed.message_id is None:
        return "ask.over"
    prompt = uow.notebook.prompt_for(pressed.chat, pressed.person, pressed.message_id)
    if prompt is None:
        return "ask.over"
    uow.notebook.answered(prompt.key)
    uow.outbox.promise(
        Promise(
            key=f"{prompt.key}:cancelled", chat=prompt.chat, view="say", params={"key": "ask.cancelled"},
            carrier=prompt.key,
        )
    )  # fmt: skip
    return "ask.cancelled"


def take(uow: UnitOfWork, said: Said, prompt: Prompt, wanted: Answer, at: datetime) -> None:
    """Do what the answer asks for and say so. When the case has moved on meanwhile, say that instead."""
    if wanted.deed is not None and over(uow, said, prompt, wanted.deed):
        return
    moved = wanted.use_case(uow, prompt.case, said.person, saying(said), at)
    settle(uow, said, prompt, wanted.keeps, at)
    values: dict[str, Json] = {"number": moved.number, "unit": unit_name(uow, moved.unit), "message": said.message_id}
    values |= {"ruler": rulers(uow, moved)}
    answer(uow, said, wanted.view, {"key": wanted.thanks, **values})


async def answered_by(ctx: GridContext, prompt: Prompt, piece: Piece) -> None:
    """Do with *piece*, said earlier in the chat of the press in hand, what is done with an answer to *prompt*."""
    pressed = ctx.press
    message = Message(piece.message_id, ctx.now, TelegramChat(pressed.telegram_chat, TelegramChat.PRIVATE))
    said = Said(
        bot=pressed.bot, update=pressed.update, chat=pressed.chat, telegram_chat=pressed.telegram_chat,
        kind=pressed.kind, person=pressed.person, lang=pressed.lang, at=ctx.now, message_id=piece.message_id,
        text=piece.text, args="", media=piece.media, location=None, reply_to=None, album=None, raw=message,
    )  # fmt: skip
    ctx.asked_in = asked_in(prompt)
    await registry.prompts[prompt.purpose](said, prompt, ctx)


def over(uow: UnitOfWork, said: Said, prompt: Prompt, deed: Deed) -> bool:
    """Whether *deed* is no longer possible, so that the answer comes too late; then that is said, and all is done."""
    case = uow.cases.get(prompt.case)
    if casework.can(uow, case, said.person, deed):
        return False
    uow.notebook.answered(prompt.key)
    status = status_name(case, said.lang)
    answer(uow, said, "say", {"key": "ask.too_late", "number": case.number, "status": status})
    return True


def settle(uow: UnitOfWork, said: Said, prompt: Prompt, kind: WordsKind, at: datetime) -> None:
    """The question is answered, however often it was put; when an album answered it, its other parts are expected."""
    for one in uow.notebook.prompts_in(prompt.chat, prompt.person):
        if _same(one, prompt.case, prompt.purpose):
            uow.notebook.answered(one.key)
    if said.album is not None:
        data: dict[str, Json | list[Json]] = {"case": prompt.case, "kind": kind.value}
        uow.notebook.keep_draft(Draft(album_key(said.chat, said.album), said.person, said.chat, ALBUM_STEP, at, data))


def album_key(chat: ChatId, album: str) -> str:
    """The draft row of an album that answered a question."""
    return f"answer:{chat}:{album}"
