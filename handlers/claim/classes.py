"""改分类: staff choose the class from the catalogue, group by group; the correction is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers._kit import panels
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import CorrectPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import matter_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import Button, Look, Outgoing
from routing import casework
from routing.effects import Json
from routing.events import NoteKind
from routing.model import CaseId
from routing.ports import UnitOfWork

PER_PAGE: Final = 10
GROUP: Final = 2
"""How many signs of a code name its group."""


@payload("classes")
@dataclass(frozen=True, slots=True)
class GroupPressed:
    """A group of classes, and a page of it; an empty group means: all groups."""

    case: CaseId
    group: str
    page: int


@payload("isclass")
@dataclass(frozen=True, slots=True)
class ClassPressed:
    """That is what it is about."""

    case: CaseId
    code: str


@on_card_press(CorrectPressed)
async def choose_group(press: CorrectPressed, ctx: GridContext) -> None:
    """Show the groups of classes."""
    await ctx.work(_offer, ctx.press, press.case)


@on_press(GroupPressed)
async def choose_class(press: GroupPressed, ctx: GridContext) -> None:
    """Show a page of a group, or all groups again."""
    params: dict[str, Json] = {"group": press.group, "page": press.page}
    await ctx.work(panels.turn_page, ctx.press, press.case, NoteKind.CORRECTION, "classes", **params)


@on_press(ClassPressed)
async def correct(press: ClassPressed, ctx: GridContext) -> None:
    """Correct the class."""
    await ctx.work(_correct, ctx.press, press, ctx.now)
    await ctx.toast("claim.corrected")


def groups(codes: Sequence[str]) -> list[str]:
    """The groups that these codes fall into, in order."""
    return sorted({code[:GROUP] for code in codes})


def _offer(uow: UnitOfWork, here: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), here.person, NoteKind.CORRECTION)
    panels.put_up(uow, here, "classes", case=case, group="", page=0)


def _correct(uow: UnitOfWork, pressed: Pressed, press: ClassPressed, at: datetime) -> None:
    moved = casework.correct(uow, press.case, pressed.person, press.code, at)
    what = matter_name(uow, moved.matter, pressed.lang)
    panels.close(uow, pressed, "claim.corrected_to", number=moved.number, matter=what)


@view("classes")
def classes(look: Look) -> Outgoing:
    """The groups, or one page of a group."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    group, page = str(look.params["group"]), int(str(look.params["page"]))
    present = matter_name(look.uow, case.matter, look.lang)
    text = look.t("claim.which_class", number=case.number, matter=present)
    rows = _classes(look, case.id, group, page) if group else _groups(look, case.id)
    return look.message(text, [*rows, [panels.never_mind()]])


def _groups(look: Look, case: CaseId) -> list[list[Button]]:
    made = [
        Button(f"class_group.{group}", GroupPressed(case, group, 0))
        for group in groups(list(look.uow.catalogue.matters))
    ]
    return [made[at : at + 2] for at in range(0, len(made), 2)]


def _classes(look: Look, case: CaseId, group: str, page: int) -> list[list[Button]]:
    codes = [code for code in sorted(look.uow.catalogue.matters) if code[:GROUP] == group]
    made = [
        Button("claim.name", ClassPressed(case, code), values={"name": matter_name(look.uow, code, look.lang)})
        for code in codes[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    turns = [Button("claim.groups", GroupPressed(case, "", 0))]
    if page:
        turns.insert(0, Button("claim.before", GroupPressed(case, group, page - 1)))
    if (page + 1) * PER_PAGE < len(codes):
        turns.append(Button("claim.after", GroupPressed(case, group, page + 1)))
    return [*(made[at : at + 2] for at in range(0, len(made), 2)), turns]
