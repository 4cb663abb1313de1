"""吹哨: tick whom to call, then write where and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from handlers._kit import asking, choices, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import WhistlePressed
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import forgotten_after, on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import MAIN, Button, Look, Outgoing
from routing import casework, refusals, whistle
from routing.effects import Json
from routing.events import Whistled
from routing.model import CaseId, ChatId, UnitCode, WordsKind
from routing.ports import Draft, Prompt, UnitOfWork

TICKS: Final = "whistle"
"""The step of the draft row that keeps the ticks of a panel."""
TICKS_LIFE: Final = timedelta(days=1)

forgotten_after(TICKS, TICKS_LIFE)


class Tick(StrEnum):
    """What a press makes of a tick; said outright, so that a press that comes twice changes nothing."""

    ON = "on"
    OFF = "off"


@payload("callwho")
@dataclass(frozen=True, slots=True)
class TickPressed:
    """Call that unit, or do not."""

    case: CaseId
    unit: UnitCode
    tick: Tick
    page: int


@payload("callpage")
@dataclass(frozen=True, slots=True)
class CallTurned:
    """Another page of the units."""

    case: CaseId
    page: int


@payload("callnow")
@dataclass(frozen=True, slots=True)
class CallPressed:
    """That is all; then: where and when."""

    case: CaseId


@on_card_press(WhistlePressed)
async def choose(press: WhistlePressed, ctx: GridContext) -> None:
    """Show who can be called."""
    await ctx.work(_offer, ctx.press, press.case, ctx.now)


@on_press(TickPressed)
async def tick(press: TickPressed, ctx: GridContext) -> None:
    """Keep the tick and show it."""
    await ctx.work(_tick, ctx.press, press, ctx.now)


@on_press(CallTurned)
async def turn(press: CallTurned, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(panels.turn_page, ctx.press, press.case, Whistled, "whistle", page=press.page)


@on_press(CallPressed)
async def ask_where(press: CallPressed, ctx: GridContext) -> None:
    """Ask where and when to meet."""
    await ctx.work(_ask_where, ctx.press, press.case, ctx.now)


@on_prompt("whistle")
async def call(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Call them."""
    units = tuple(UnitCode(code) for code in str(prompt.params["units"]).split(","))
    wanted = Answer(Whistled, WordsKind.NOTE, partial(whistle.whistle, units=units), "whistle.called")
    await ctx.work(asking.take, said, prompt, wanted, ctx.now)


def _key(case: CaseId, chat: ChatId) -> str:
    return f"whistle:{case}:{chat}"


def ticked(uow: UnitOfWork, case: CaseId, chat: ChatId) -> set[UnitCode]:
    """Whom the panel of that chat has ticked."""
    draft = uow.notebook.draft(_key(case, chat))
    codes = draft.data.get("units") if draft is not None else None
    return {UnitCode(str(code)) for code in codes} if isinstance(codes, list) else set()


def _keep(uow: UnitOfWork, pressed: Pressed, case: CaseId, units: Collection[UnitCode], at: datetime) -> None:
    codes: list[Json] = [*sorted(units)]
    uow.notebook.keep_draft(Draft(_key(case, pressed.chat), pressed.person, pressed.chat, TICKS, at, {"units": codes}))


def _offer(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    current = uow.cases.get(case)
    casework.check(uow, current, pressed.person, Whistled)
    if not whistle.callable_units(uow, current):
        raise refusals.NobodyToWhistle
    _keep(uow, pressed, case, (), at)
    panels.put_up(uow, pressed, "whistle", case=case, page=0)


def _tick(uow: UnitOfWork, pressed: Pressed, press: TickPressed, at: datetime) -> None:
    casework.check(uow, uow.cases.get(press.case), pressed.person, Whistled)
    units = ticked(uow, press.case, pressed.chat)
    _keep(uow, pressed, press.case, units | {press.unit} if press.tick is Tick.ON else units - {press.unit}, at)
    panels.redraw(uow, pressed, "whistle", case=press.case, page=press.page)


def _ask_where(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    current = uow.cases.get(case)
    casework.check(uow, current, pressed.person, Whistled)
    chosen = ticked(uow, case, pressed.chat)
    units = [unit.code for unit in whistle.callable_units(uow, current) if unit.code in chosen]
    if not units:
        raise refusals.NobodyChosen
    uow.notebook.drop_draft(_key(case, pressed.chat))
    asking.ask(uow, pressed, current, "whistle", at, units=",".join(units))
    names = " · ".join(unit_name(uow, unit) for unit in units)
    panels.close(uow, pressed, "whistle.chosen", number=current.number, units=names)


@view("whistle")
def panel(look: Look) -> Outgoing:
    """Everybody who can be called, with a tick at those chosen."""
    case, page = look.uow.cases.get(CaseId(int(str(look.params["case"])))), int(str(look.params["page"]))
    chosen = ticked(look.uow, case.id, look.chat.id)
    buttons = [
        Button(
            "whistle.ticked" if unit.code in chosen else "whistle.unticked",
            TickPressed(case.id, unit.code, Tick.OFF if unit.code in chosen else Tick.ON, page),
            values={"unit": unit.name},
        )
        for unit in whistle.callable_units(look.uow, case)
    ]
    rows = choices.paged(buttons, page, lambda other: CallTurned(case.id, other))
    last = [Button("whistle.call", CallPressed(case.id), MAIN), panels.never_mind()]
    return look.message(look.t("whistle.whom", number=case.number), [*rows, last])
