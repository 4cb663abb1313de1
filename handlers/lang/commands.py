"""/lang and the two buttons under it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from handlers._kit import menus, panels
from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from routing import refusals
from routing.model import ChatId, PersonId
from routing.ports import UnitOfWork


class Language(StrEnum):
    """What is spoken here."""

    CHINESE = "zh"
    ENGLISH = "en"


@payload("lang")
@dataclass(frozen=True, slots=True)
class LangPressed:
    """中文 or English."""

    lang: Language


@on_command("lang", menus=("private", "desk"))
async def lang(said: Said, ctx: GridContext) -> None:
    """Ask which."""
    await ctx.work(_ask, said)


def _ask(uow: UnitOfWork, said: Said) -> None:
    _check(uow, said)
    panels.put_up(uow, said, "lang_ask")


@view("lang_ask")
def lang_ask(look: Look) -> Outgoing:
    """Both names, each in its own language."""
    return look.message(look.t("lang.ask"), [[Button(f"lang.{one.value}", LangPressed(one)) for one in Language]])


@on_press(LangPressed)
async def choose(press: LangPressed, ctx: GridContext) -> None:
    """Speak it from now on."""
    here = ctx.press
    await ctx.work(_chosen, here, press.lang.value)
    people, telegram_id = ctx.services.people, here.telegram_chat
    if here.private and telegram_id in people:
        people[telegram_id] = replace(people[telegram_id], chosen=press.lang.value)


def _chosen(uow: UnitOfWork, here: Pressed, language: str) -> None:
    _check(uow, here)
    if here.private:
        uow.people.set_lang(here.person, language)
        menus.show_own(uow, here)
    else:
        uow.chats.set_lang(here.chat, language)
    panels.close(uow, here, "lang.done")


def _check(uow: UnitOfWork, here: Said | Pressed) -> None:
    """Everybody for themselves; for a group whoever holds a post in its unit or above.

    Raises:
        GroupsLanguage: neither.
    """
    if not here.private and not _on_staff(uow, here.chat, here.person):
        raise refusals.GroupsLanguage


def _on_staff(uow: UnitOfWork, chat: ChatId, person: PersonId) -> bool:
    unit = uow.chats.get(chat).unit
    path = {one.code for one in uow.units.path(unit)} if unit is not None else set()
    return any(post.unit in path for post in uow.people.posts_of(person))
