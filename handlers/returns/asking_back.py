"""退回: for which reason, to whom instead, and a sentence."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from handlers._kit import asking, choices, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import ReturnPressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import BadPress, payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers._kit.words import plain
from routing import hierarchy
from routing.events import ReturnAsked, ReturnReason
from routing.model import Case, CaseId, UnitCode, WordsKind
from routing.ports import Prompt, UnitOfWork

REASONS: Final = tuple(ReturnReason)
NOBODY: Final = UnitCode("")
"""Proposed when nobody knows whose it is."""


@payload("retfor")
@dataclass(frozen=True, slots=True)
class ReturnForPressed:
    """For that reason; then: to whom instead, and a page of the units."""

    case: CaseId
    reason: ReturnReason
    page: int


@payload("retto")
@dataclass(frozen=True, slots=True)
class ReturnToPressed:
    """That unit is proposed, or nobody; the reason by its place in the list, so that the longest code fits."""

    case: CaseId
    reason: int
    unit: UnitCode


@on_card_press(ReturnPressed)
async def choose_reason(press: ReturnPressed, ctx: GridContext) -> None:
    """Ask for the reason; each is one that the rules list."""
    await ctx.work(_offer_reasons, ctx.press, press.case, ctx.now)


@on_press(ReturnForPressed)
async def choose_unit(press: ReturnForPressed, ctx: GridContext) -> None:
    """Ask whose it is."""
    params = {"reason": press.reason.value, "page": press.page}
    await ctx.work(panels.turn_page, ctx.press, press.case, ReturnAsked, "return_to", **params)


@on_press(ReturnToPressed)
async def ask_sentence(press: ReturnToPressed, ctx: GridContext) -> None:
    """Ask for a sentence that explains it."""
    await ctx.work(_ask_sentence, ctx.press, press, ctx.now)


@on_prompt("return")
async def ask_return(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Ask the level above."""
    await ctx.work(_ask_return, said, prompt, ctx.now)


def _offer_reasons(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    hierarchy.check(uow, case, ReturnAsked(at=at, by=pressed.person, reason=ReturnReason.NOT_OUR_DUTY))
    panels.put_up(uow, pressed, "return_reasons", case=case)


def _ask_sentence(uow: UnitOfWork, pressed: Pressed, press: ReturnToPressed, at: datetime) -> None:
    if press.reason >= len(REASONS):
        raise BadPress(str(press.reason))
    chosen = REASONS[press.reason]
    case = hierarchy.check(uow, press.case, ReturnAsked(at=at, by=pressed.person, reason=chosen))
    asking.ask(uow, pressed, case, "return", at, reason=chosen.value, unit=press.unit)
    reason = plain(f"return_reason.{chosen.value}", pressed.lang)
    unit = unit_name(uow, press.unit) or plain("returns.unknown", pressed.lang)
    panels.close(uow, pressed, "returns.chosen", number=case.number, reason=reason, unit=unit)


def _ask_return(uow: UnitOfWork, said: Said, prompt: Prompt, at: datetime) -> None:
    reason, unit = ReturnReason(str(prompt.params["reason"])), UnitCode(str(prompt.params["unit"]))
    use_case = partial(hierarchy.ask_return, reason=reason, proposed=unit or None)
    asking.take(uow, said, prompt, Answer(ReturnAsked, WordsKind.REASON, use_case, "returns.asked"), at)


@view("return_reasons")
def reasons(look: Look) -> Outgoing:
    """The reasons for which a case may be returned."""
    case = _case(look)
    rows = [[Button(f"return_reason.{one.value}", ReturnForPressed(case.id, one, 0))] for one in ReturnReason]
    return look.message(look.t("returns.why", number=case.number), [*rows, [panels.never_mind()]])


@view("return_to")
def units(look: Look) -> Outgoing:
    """The units that may be proposed: the level above, those beside, or nobody."""
    case, reason, page = _case(look), ReturnReason(str(look.params["reason"])), int(str(look.params["page"]))
    which = REASONS.index(reason)
    found = choices.units(hierarchy.proposable(look.uow, case), lambda unit: ReturnToPressed(case.id, which, unit))
    rows = choices.paged(found, page, lambda other: ReturnForPressed(case.id, reason, other))
    unknown = Button("returns.unknown", ReturnToPressed(case.id, which, NOBODY))
    return look.message(look.t("returns.whose", number=case.number), [*rows, [unknown, panels.never_mind()]])


def _case(look: Look) -> Case:
    return look.uow.cases.get(CaseId(int(str(look.params["case"]))))
