"""/emergency: ask for the mode, approve it, go back to calm."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from broadcasts import commanding, emergencies
from broadcasts.plan_model import Asked, Emergency, EmergencyId
from broadcasts.plan_ports import UnitOfWork
from handlers._kit import panels, words
from handlers._kit.context import GridContext
from handlers._kit.naming import public_name, unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import collector, on_command, on_press, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import MAIN, RISKY, Button, Look, Outgoing
from routing.effects import Json
from routing.model import UnitCode
from routing.ports import Lane, Promise
from routing.ports import UnitOfWork as CaseWork


class Verdict(StrEnum):
    """What the second person says."""

    YES = "yes"
    NO = "no"


@payload("emask")
@dataclass(frozen=True, slots=True)
class AskPressed:
    """进入应急状态: ask for it."""

    unit: UnitCode


@payload("emrule")
@dataclass(frozen=True, slots=True)
class RulePressed:
    """同意 or 驳回."""

    emergency: EmergencyId
    verdict: Verdict


@payload("emend")
@dataclass(frozen=True, slots=True)
class EndPressed:
    """恢复平时."""

    unit: UnitCode


@on_command("emergency", menus=("office", "desk"))
async def show(said: Said, ctx: GridContext) -> None:
    """Say how it stands, with the button that changes it; the words behind the command are the reason."""
    await ctx.work(_show, said)


@on_press(AskPressed)
async def ask(press: AskPressed, ctx: GridContext) -> None:
    """Ask the second person."""
    await ctx.work(_ask, ctx.press, press, ctx.now)


@on_press(RulePressed)
async def rule(press: RulePressed, ctx: GridContext) -> None:
    """The second person's word."""
    await ctx.work(_rule, ctx.press, press, ctx.now)


@collector
def follow(uow: CaseWork, now: datetime) -> int:
    """Let running cases follow a switch."""
    return emergencies.turn(cast("UnitOfWork", uow), now)


@on_press(EndPressed)
async def end(press: EndPressed, ctx: GridContext) -> None:
    """Back to calm."""
    await ctx.work(_end, ctx.press, press, ctx.now)


def _show(uow: UnitOfWork, said: Said) -> None:
    unit = commanding.unit_here(uow, said.person, said.chat, commanding.SWITCHING)
    uow.notebook.set_setting(_reason(unit.code), said.args.strip()[: emergencies.LONGEST] or None)
    panels.put_up(uow, said, "emergency", unit=unit.code)


def _ask(uow: UnitOfWork, here: Pressed, press: AskPressed, at: datetime) -> None:
    reason = uow.notebook.setting(_reason(press.unit)) or ""
    asked = emergencies.ask(uow, here.person, here.chat, press.unit, reason, at)
    uow.notebook.set_setting(_reason(press.unit), None)
    panels.redraw(uow, here, "emergency", unit=press.unit)
    carrier = uow.outbox.carrier_of(here.chat, here.message_id) if here.message_id is not None else None
    uow.notebook.set_setting(_panel(asked.id), carrier)


def _rule(uow: UnitOfWork, here: Pressed, press: RulePressed, at: datetime) -> None:
    yes, muster = press.verdict is Verdict.YES, words.plain("emergency.muster", here.lang)
    ruled = emergencies.rule(uow, press.emergency, here.person, at, yes=yes, muster=muster)
    _renew_questions(uow, ruled, "ruled")
    if not yes:
        emergencies.tell_asker(uow, ruled, "emergency.refused")
    panel = uow.notebook.setting(_panel(ruled.id))
    if panel is not None:
        uow.notebook.set_setting(_panel(ruled.id), None)
        key = f"{panel}:ruled"
        uow.outbox.promise(Promise(key, ruled.chat, "emergency", {"unit": ruled.unit}, Lane.CARD, panel))


def _end(uow: UnitOfWork, here: Pressed, press: EndPressed, at: datetime) -> None:
    ended = emergencies.end(uow, press.unit, here.person, at)
    panels.redraw(uow, here, "emergency", unit=press.unit)
    if ended.begun_at is None:  # nobody need answer any more
        _renew_questions(uow, ended, "withdrawn")


def _renew_questions(uow: UnitOfWork, emergency: Emergency, mark: str) -> None:
    """Let what the second person was asked show what has become of it."""
    carrier = f"emergency:{emergency.id}"
    for chat in sorted(uow.outbox.reached(carrier)):
        key = f"{carrier}:{mark}:{chat}"
        params: dict[str, Json] = {"emergency": emergency.id}
        uow.outbox.promise(Promise(key, chat, "emergency_ask", params, lane=Lane.ANSWER, carrier=carrier))


def _reason(unit: UnitCode) -> str:
    return f"emergency reason:{unit}"


def _panel(emergency: EmergencyId) -> str:
    """Under this name the panel is kept on which somebody waits for the second person's word."""
    return f"emergency panel:{emergency}"


@view("emergency")
def panel(look: Look) -> Outgoing:
    """How it stands in a unit, and what can be done about it."""
    uow, unit = cast("UnitOfWork", look.uow), UnitCode(str(look.params["unit"]))
    live = uow.emergencies.live([one.code for one in uow.units.path(unit)])
    if not live:
        reason = uow.notebook.setting(_reason(unit))
        why = look.t("emergency.reason", reason=reason) if reason else look.t("emergency.give_reason")
        text = look.t("emergency.calm", unit=unit_name(uow, unit))
        return look.message(
            words.Html(f"{text}\n{why}"), [[Button("emergency.ask", AskPressed(unit), RISKY)], [panels.shut()]]
        )
    current = live[-1]
    text = look.t(
        "emergency.waiting" if current.state is Asked.ASKED else "emergency.on",
        unit=unit_name(uow, current.unit),
        by=public_name(uow, current.by, look.lang),
        at=look.when(current.begun_at or current.at),
        reason=current.reason or "–",
    )
    key = "emergency.withdraw" if current.state is Asked.ASKED else "emergency.end"
    return look.message(text, [[Button(key, EndPressed(unit), MAIN)]] if current.unit == unit else [])


@view("emergency_ask")
def question(look: Look) -> Outgoing | None:
    """The question to the second person; once it is answered, the answer."""
    uow = cast("UnitOfWork", look.uow)
    asked = uow.emergencies.find(EmergencyId(int(str(look.params["emergency"]))))
    if asked is None:
        return None
    text = look.t(
        "emergency.question",
        unit=unit_name(uow, asked.unit),
        by=public_name(uow, asked.by, look.lang),
        reason=asked.reason or "–",
    )
    if asked.state is not Asked.ASKED:
        state = "withdrawn" if asked.state is Asked.ENDED and asked.begun_at is None else asked.state.value
        return look.message(words.Html(f"{text}\n{look.t(f'emergency.state.{state}')}"))
    return look.message(
        text,
        [
            [
                Button("emergency.yes", RulePressed(asked.id, Verdict.YES), RISKY),
                Button("emergency.no", RulePressed(asked.id, Verdict.NO)),
            ]
        ],
    )
