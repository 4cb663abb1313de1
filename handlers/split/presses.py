"""拆分: choose who gets a part, then write what it is; 取消分办 when it is no longer wanted."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from handlers._kit import asking, choices, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import DropPartPressed, SplitPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import RISKY, Button, Look, Outgoing
from routing import casework, desk, refusals, splitting
from routing.events import Split, Withdrawn
from routing.model import CaseId, PersonId, UnitCode, WordsKind
from routing.ports import Prompt, UnitOfWork


@payload("partbel")
@dataclass(frozen=True, slots=True)
class PartBelowPressed:
    """Look further down: the units below that one, and a page of them."""

    case: CaseId
    unit: UnitCode
    page: int


@payload("partto")
@dataclass(frozen=True, slots=True)
class PartToPressed:
    """That unit gets the part; then: what it is."""

    case: CaseId
    unit: UnitCode


@payload("partdrop")
@dataclass(frozen=True, slots=True)
class PartDropped:
    """Yes, the part is no longer wanted."""

    case: CaseId


@on_card_press(SplitPressed)
async def choose_unit(press: SplitPressed, ctx: GridContext) -> None:
    """Show who may get a part."""
    await ctx.work(_offer_units, ctx.press, press.case, ctx.now)


@on_press(PartBelowPressed)
async def look_below(press: PartBelowPressed, ctx: GridContext) -> None:
    """Show the units below another one."""
    by = ctx.press.person
    await ctx.work(panels.turn_page, ctx.press, press.case, Split, "split_to", by=by, unit=press.unit, page=press.page)


@on_press(PartToPressed)
async def ask_what(press: PartToPressed, ctx: GridContext) -> None:
    """Ask what the part is."""
    await ctx.work(_ask_what, ctx.press, press, ctx.now)


@on_prompt("split")
async def split(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Cut it off."""
    use_case = partial(splitting.split, to=UnitCode(str(prompt.params["unit"])))
    await ctx.work(asking.take, said, prompt, Answer(Split, WordsKind.NOTE, use_case, "split.done"), ctx.now)


@on_card_press(DropPartPressed)
async def sure(press: DropPartPressed, ctx: GridContext) -> None:
    """Ask whether the part is really no longer wanted."""
    await ctx.work(_ask_sure, ctx.press, press.case)


@on_press(PartDropped)
async def drop(press: PartDropped, ctx: GridContext) -> None:
    """End the part."""
    await ctx.work(_drop, ctx.press, press.case, ctx.now)


def _offer_units(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    current = splitting.check(uow, case, pressed.person, at)
    acting = casework.acting_unit(uow, current, pressed.person, Split)
    panels.put_up(uow, pressed, "split_to", case=case, by=pressed.person, unit=acting, page=0)


def _ask_what(uow: UnitOfWork, pressed: Pressed, press: PartToPressed, at: datetime) -> None:
    case = splitting.check(uow, press.case, pressed.person, at)
    if press.unit not in splitting.takers(uow, case, pressed.person):
        raise refusals.NotBelow
    asking.ask(uow, pressed, case, "split", at, unit=press.unit)
    panels.close(uow, pressed, "split.chosen", number=case.number, unit=unit_name(uow, press.unit))


def _ask_sure(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), pressed.person, Withdrawn)
    panels.put_up(uow, pressed, "split_drop", case=case)


def _drop(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    moved = desk.move(uow, case, Withdrawn(at=at, by=pressed.person))
    panels.close(uow, pressed, "split.dropped", number=moved.number)


@view("split_to")
def units(look: Look) -> Outgoing:
    """The units right below one, each with the way further down; on the first panel departments and partners, too."""
    case, by = look.uow.cases.get(CaseId(int(str(look.params["case"])))), PersonId(int(str(look.params["by"])))
    unit, page = UnitCode(str(look.params["unit"])), int(str(look.params["page"]))
    top = unit == casework.acting_unit(look.uow, case, by, Split)
    rows = choices.tree(
        look.uow,
        unit,
        page,
        lambda code: PartToPressed(case.id, code),
        lambda code, other: PartBelowPressed(case.id, code, other),
        beside=splitting.helpers(look.uow, case, by) if top else (),
    )
    return look.message(look.t("split.to_whom", number=case.number), [*rows, [panels.never_mind()]])


@view("split_drop")
def really(look: Look) -> Outgoing:
    """Whether the part is no longer wanted."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    text = look.t("split.drop_sure", number=case.number, unit=unit_name(look.uow, case.unit))
    return look.message(text, [[Button("split.drop_yes", PartDropped(case.id), RISKY), panels.keep()]])
