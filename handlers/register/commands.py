"""/register, the door code typed or scanned, and moving house."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from unicodedata import normalize

from handlers._kit import panels
from handlers._kit.asking import PromptCancelled, set_aside
from handlers._kit.context import GridContext, answer
from handlers._kit.doors import go_private
from handlers._kit.links import on_start
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from routing import drafting, residents
from routing.drafts import Piece
from routing.effects import Json
from routing.hints import names_danger
from routing.model import CaseId
from routing.ports import Lane, Promise, Prompt, UnitOfWork
from routing.refusals import Refusal
from routing.residents import Home

PROMPT_LIFE: Final = timedelta(days=1)
LONGEST_CODE: Final = 16  # signs, with the dashes and spaces that people put in
_NO_CASE: Final = CaseId(0)


@payload("moved")
@dataclass(frozen=True, slots=True)
class MovedPressed:
    """已搬家: yes, this is my home now. The code proves it again."""

    door_code: str


@payload("stay")
@dataclass(frozen=True, slots=True)
class StayPressed:
    """不用: I live where I lived."""


@on_command("register", menus=("private",))
async def register(said: Said, ctx: GridContext) -> None:
    """In private ask for the code, or take the one that was given; a code has no place in a group."""
    if not said.private:
        await go_private(ctx, "register.in_private", "register")
    elif said.args:
        await scanned(said.args, said, ctx)
    else:
        await ctx.work(_ask, said, ctx.now)


@on_start("h")
async def scanned(door_code: str, said: Said, ctx: GridContext) -> None:
    """The slip's link, or the code behind the command."""
    if said.private:
        await ctx.work(_register, said, door_code, ctx.now)
    else:
        await go_private(ctx, "register.in_private", "register")


def _ask(uow: UnitOfWork, said: Said, at: datetime) -> None:
    set_aside(uow, said.chat, said.person, _NO_CASE, residents.PURPOSE, at)
    key = f"door:{uow.ids.new()}"
    uow.notebook.ask(Prompt(key, said.person, said.chat, residents.PURPOSE, _NO_CASE, at, at + PROMPT_LIFE))
    uow.outbox.promise(Promise(key, said.chat, "door_prompt", lane=Lane.ANSWER, carrier=key))


@view("door_prompt")
def door_prompt(look: Look) -> Outgoing:
    """What is asked for, where it stands, and what it is good for."""
    home = look.uow.people.household_of(look.chat.person) if look.chat.person is not None else None
    known = look.t("register.known", building=home.building) if home else ""
    return look.message(look.t("register.ask", known=known), [[Button("ask.cancel", PromptCancelled())]])


@on_prompt(residents.PURPOSE)
async def typed(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """The code as typed; what cannot be one is no guess and is not counted. A danger is a report all the same."""
    code = normalize("NFKC", said.text).strip()
    if await ctx.read(_danger, said.text):
        piece = Piece(said.message_id, said.text, said.media)
        await ctx.work(drafting.add, said.chat, said.person, ctx.now, piece, said.location)
    elif said.media or not code.isascii() or not 0 < len(code) <= LONGEST_CODE:
        await ctx.reply("register.no_code")
    else:
        await ctx.work(_register, said, code, ctx.now, prompt.key)


def _danger(uow: UnitOfWork, text: str) -> bool:
    return names_danger(text, uow.catalogue)


def _register(uow: UnitOfWork, said: Said, door_code: str, at: datetime, prompt: str | None = None) -> Refusal | None:
    home = residents.register(uow, said.person, door_code, at)
    if isinstance(home, Refusal):
        return home
    if prompt is not None:
        uow.notebook.answered(prompt)
    if home.moving:
        panels.put_up(uow, said, "moving", door_code=home.household.door_code, **_values(home))
    else:
        answer(uow, said, "say", {"key": "register.done", **_values(home)})
    return None


def _values(home: Home) -> dict[str, Json]:
    """What may be said of a home: the building and no more."""
    return {"grid": home.grid.name, "building": home.household.building}


@view("moving")
def moving(look: Look) -> Outgoing:
    """Have they left the home they had before."""
    buttons = [
        Button("register.moved", MovedPressed(str(look.params["door_code"])), style=MAIN),
        Button("register.stay", StayPressed()),
    ]
    text = look.t("register.moving", grid=look.params["grid"], building=look.params["building"])
    return look.message(text, [buttons])


@on_press(MovedPressed)
async def moved(press: MovedPressed, ctx: GridContext) -> None:
    """They have."""
    await ctx.work(_moved, ctx.press, press.door_code, ctx.now)


def _moved(uow: UnitOfWork, here: Pressed, door_code: str, at: datetime) -> Refusal | None:
    home = residents.register(uow, here.person, door_code, at, moved=True)
    if isinstance(home, Refusal):
        return home
    panels.close(uow, here, "register.done", **_values(home))
    return None


@on_press(StayPressed)
async def stay(_press: StayPressed, ctx: GridContext) -> None:
    """They have not."""
    await ctx.work(_stayed, ctx.press)


def _stayed(uow: UnitOfWork, here: Pressed) -> None:
    panels.close(uow, here, "register.stayed")
