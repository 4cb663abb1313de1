"""What an author writes into a draft: its text, the parts of an alert, when it is to leave."""

from datetime import datetime, timedelta
from typing import Any, Final

from broadcasts import desk, refusals, rights
from broadcasts.model import BroadcastId, State
from handlers._kit.asking import PromptCancelled, set_aside
from handlers._kit.broadcast_words import work_of
from handlers._kit.cards import mention
from handlers._kit.context import GridContext, answer
from handlers._kit.naming import public_name
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.broadcast import form, pictures
from handlers.broadcast.presses import Wanted, WritePressed
from routing.effects import Json
from routing.model import CaseId, ChatKind, PersonId
from routing.ports import Lane, Promise, Prompt, UnitOfWork

PURPOSE: Final = "broadcast"
PROMPT_LIFE: Final = timedelta(days=1)
_NO_CASE: Final = CaseId(0)


@on_press(WritePressed)
async def ask(press: WritePressed, ctx: GridContext) -> None:
    """Ask for it."""
    await ctx.work(_ask, ctx.press, press, ctx.now)


@on_prompt(PURPOSE)
async def written(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Put it into the draft, or say what can't be read; then the question stays open."""
    await ctx.work(_take, said, prompt, ctx.now)


def _ask(uow: UnitOfWork, pressed: Pressed, press: WritePressed, at: datetime) -> None:
    current = work_of(uow).broadcasts.get(press.broadcast)
    rights.check_author(work_of(uow), pressed.person, current)
    if current.state is not State.DRAFT:
        raise refusals.NotThen(state=current.state.value)
    if pressed.private:
        set_aside(uow, pressed.chat, pressed.person, _NO_CASE, PURPOSE, at)
    key = f"broadcast:{current.id}:ask:{uow.ids.new()}"
    params: dict[str, Json] = {"broadcast": current.id, "wanted": press.wanted.value, "person": pressed.person}
    uow.notebook.ask(Prompt(key, pressed.person, pressed.chat, PURPOSE, _NO_CASE, at, at + PROMPT_LIFE, params))
    uow.outbox.promise(Promise(key, pressed.chat, "broadcast_ask", params, lane=Lane.ANSWER, carrier=key))


def _take(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    if pictures.take(uow, said, at):
        return
    current = work_of(uow).broadcasts.get(BroadcastId(int(str(prompt.params["broadcast"]))))
    wanted = Wanted(str(prompt.params["wanted"]))
    changes: dict[str, Any] = {"media": pictures.together(uow, said)} if said.media else {}
    try:
        if wanted is Wanted.SEND_AT:
            changes["send_at"] = form.when(said.text, at, uow.calendar)
        else:
            changes |= form.read(current, said.text, at, uow.calendar)
    except form.Unreadable as error:
        if said.album is not None:
            desk.edit(work_of(uow), current.id, said.person, at, **changes)
            pictures.expect(uow, said, current.id, at)
        answer(uow, said, "broadcast_unreadable", {"part": error.part, "value": error.value[:50]})
        return
    desk.edit(work_of(uow), current.id, said.person, at, **changes)
    pictures.expect(uow, said, current.id, at)
    uow.notebook.answered(prompt.key)
    answer(uow, said, "say", {"key": "broadcast.written", "number": current.number})


@view("broadcast_ask")
def question(look: Look) -> Outgoing:
    """The question; for the parts of an alert with the form to copy. In a group it names the one who is asked."""
    current = work_of(look.uow).broadcasts.get(BroadcastId(int(str(look.params["broadcast"]))))
    wanted = Wanted(str(look.params["wanted"]))
    text = look.t(f"ask_broadcast.{wanted.value}", number=current.number)
    if wanted is Wanted.PARTS:
        text = Html(f"{text}\n{look.t('broadcast.form', form=form.filled(current, look.lang, look.uow.calendar))}")
    if look.chat.kind is ChatKind.PRIVATE:
        return look.message(text, [[Button("ask.cancel", PromptCancelled())]])
    person = PersonId(int(str(look.params["person"])))
    name = mention(look.uow, person, public_name(look.uow, person, look.lang))
    reply = {"force_reply": True, "selective": True}
    return look.message(Html(f"{name} {text}"), reply_markup=reply)


@view("broadcast_unreadable")
def unreadable(look: Look) -> Outgoing:
    """Which line can't be read, and how it should look."""
    part = str(look.params["part"])
    name = look.t("form.send_at") if part == "send_at" else look.t(f"form.{part}")
    key = "broadcast.bad_level" if part == "level" else "broadcast.bad_time"
    return look.message(look.t(key, name=name, value=str(look.params["value"])))
