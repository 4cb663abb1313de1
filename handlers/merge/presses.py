"""并单: choose the other case, or write its number."""

from dataclasses import dataclass
from datetime import datetime

from handlers._kit import asking, choices, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import MergePressed
from handlers._kit.context import GridContext
from handlers._kit.naming import matter_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from routing import casework, merging
from routing.events import Merged
from routing.masking import building_of
from routing.model import Case, CaseId, WordsKind
from routing.ports import Prompt, UnitOfWork

BY_NUMBER = Answer(Merged, WordsKind.NOTE, merging.merge_by_number, "merge.done")


@payload("mergepg")
@dataclass(frozen=True, slots=True)
class MergeTurned:
    """Another page of the cases."""

    case: CaseId
    page: int


@payload("mergeto")
@dataclass(frozen=True, slots=True)
class MergeIntoPressed:
    """It is the same as that one."""

    case: CaseId
    into: CaseId


@payload("mergeno")
@dataclass(frozen=True, slots=True)
class NumberWanted:
    """It is the same as one that is not listed; then: its number."""

    case: CaseId


@on_card_press(MergePressed)
async def choose_case(press: MergePressed, ctx: GridContext) -> None:
    """Show the open cases of the grid."""
    await ctx.work(_offer_cases, ctx.press, press.case)


@on_press(MergeTurned)
async def turn(press: MergeTurned, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(panels.turn_page, ctx.press, press.case, Merged, "merge", page=press.page)


@on_press(MergeIntoPressed)
async def merge(press: MergeIntoPressed, ctx: GridContext) -> None:
    """Merge it into the one chosen."""
    await ctx.work(_merge, ctx.press, press, ctx.now)


@on_press(NumberWanted)
async def ask_number(press: NumberWanted, ctx: GridContext) -> None:
    """Ask for the number."""
    await ctx.work(_ask_number, ctx.press, press.case, ctx.now)


@on_prompt("merge")
async def merge_by_number(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Merge it into the one of that number."""
    await ctx.work(asking.take, said, prompt, BY_NUMBER, ctx.now)


def _offer_cases(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), pressed.person, Merged)
    panels.put_up(uow, pressed, "merge", case=case, page=0)


def _merge(uow: UnitOfWork, pressed: Pressed, press: MergeIntoPressed, at: datetime) -> None:
    moved = merging.merge(uow, press.case, pressed.person, press.into, at)
    panels.close(uow, pressed, "merge.done_into", number=moved.number, into=uow.cases.get(press.into).number)


def _ask_number(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    current = uow.cases.get(case)
    casework.check(uow, current, pressed.person, Merged)
    asking.ask(uow, pressed, current, "merge", at)
    panels.close(uow, pressed, "merge.number_chosen", number=current.number)


@view("merge")
def cases(look: Look) -> Outgoing:
    """The cases of the same grid that are worked on, those of the same class first."""
    case, page = look.uow.cases.get(CaseId(int(str(look.params["case"])))), int(str(look.params["page"]))
    buttons = [_line(look, case, other) for other in merging.targets(look.uow, case)]
    rows = choices.paged(buttons, page, lambda other: MergeTurned(case.id, other))
    text = look.t("merge.into_which" if buttons else "merge.no_other", number=case.number)
    return look.message(text, [*rows, [Button("merge.number", NumberWanted(case.id)), panels.never_mind()]])


def _line(look: Look, case: Case, other: Case) -> Button:
    matter, place = matter_name(look.uow, other.matter, look.lang), building_of(other.place.building)
    values = {"number": other.number, "matter": matter, "place": place}
    return Button("merge.line", MergeIntoPressed(case.id, other.id), values=values)
