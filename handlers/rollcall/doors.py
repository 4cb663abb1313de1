"""The runners' list in private: doors that are missing, and the form of one of them to fill in on the spot."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from broadcasts import rollcalls
from broadcasts.plan_model import UNANSWERED, RollCall, RollCallId, Seat
from broadcasts.plan_ports import UnitOfWork
from handlers._kit import choices
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import PLAIN, Button, Look, Outgoing
from handlers._kit.words import Html
from handlers.rollcall.calling import found
from routing.effects import Json
from routing.model import UnitCode
from routing.ports import Lane, Promise
from routing.refusals import NotYours

PAGE: Final = 12


@payload("rolllist")
@dataclass(frozen=True, slots=True)
class DoorsPressed:
    """A page of the missing doors of that grid; the first one also on its own."""

    rollcall: RollCallId
    grid: UnitCode
    page: int


@payload("rolldoor")
@dataclass(frozen=True, slots=True)
class DoorPressed:
    """One missing door."""

    rollcall: RollCallId
    seat: int


@payload("rollfor")
@dataclass(frozen=True, slots=True)
class AnswerForPressed:
    """That option of that question, for that household."""

    rollcall: RollCallId
    seat: int
    question: int
    option: int


@on_press(DoorsPressed)
async def turn(press: DoorsPressed, ctx: GridContext) -> None:
    """Show that page."""
    await ctx.work(_turn, ctx.press, press)


@on_press(DoorPressed)
async def open_door(press: DoorPressed, ctx: GridContext) -> None:
    """Show the form of that door."""
    await ctx.work(_open, ctx.press, press)


@on_press(AnswerForPressed)
async def answer_for(press: AnswerForPressed, ctx: GridContext) -> None:
    """Note the answer, and go back to the list when it was the last."""
    await ctx.work(_answer_for, ctx.press, press, ctx.now)
    await ctx.toast("rollcall.noted_for")


def _turn(uow: UnitOfWork, here: Pressed, press: DoorsPressed) -> None:
    _running(uow, here, press.grid)
    _show(uow, here, "rollcall_doors", press.rollcall, press.grid, {"grid": press.grid, "page": press.page})


def _open(uow: UnitOfWork, here: Pressed, press: DoorPressed) -> None:
    seat = uow.rollcalls.seat(press.rollcall, press.seat)
    if seat is None:
        raise NotYours
    _running(uow, here, seat.place)
    _show(uow, here, "rollcall_door", press.rollcall, seat.place, {"seat": seat.seat})


def _answer_for(uow: UnitOfWork, here: Pressed, press: AnswerForPressed, at: datetime) -> None:
    _, seat = rollcalls.answer_for(uow, press.rollcall, press.seat, here.person, press.question, press.option, at)
    if seat.at is not None:
        _show(uow, here, "rollcall_doors", press.rollcall, seat.place, {"grid": seat.place, "page": 0})
    else:
        _show(uow, here, "rollcall_door", press.rollcall, seat.place, {"seat": seat.seat})


def _running(uow: UnitOfWork, here: Pressed, grid: UnitCode) -> None:
    """Doors are shown in private, to whoever may go there.

    Raises:
        NotYours: it is a group, or they may not.
    """
    if not here.private:
        raise NotYours
    rollcalls.check_runner(uow, here.person, grid)


def _show(
    uow: UnitOfWork, here: Pressed, view_: str, rollcall: RollCallId, grid: UnitCode, params: dict[str, Json]
) -> None:
    carrier = f"rollcall:{rollcall}:doors:{grid}"
    key = f"{carrier}:{here.update}"
    uow.outbox.promise(
        Promise(key, here.chat, view_, {"rollcall": rollcall, **params}, lane=Lane.ANSWER, carrier=carrier)
    )


@view("rollcall_doors")
def doors(look: Look) -> Outgoing | None:
    """The missing doors of a grid, each a button."""
    uow, rollcall = found(look)
    if rollcall is None:
        return None
    grid = UnitCode(str(look.params["grid"]))
    seats = rollcalls.missing(uow, rollcall, grid)
    head = look.t("rollcall.doors", number=rollcall.number, title=rollcall.title, grid=unit_name(uow, grid),
                  missing=len(seats), closes=look.when(rollcall.closes_at))  # fmt: skip
    if not seats or not rollcall.open:
        return look.message(Html(f"{head}\n{look.t('rollcall.closed' if seats else 'rollcall.complete')}"))
    pages = -(-len(seats) // PAGE)
    page = min(int(str(look.params["page"])), pages - 1)
    shown = [
        Button("rollcall.door", DoorPressed(rollcall.id, seat.seat), values={"door": _door(uow, seat)})
        for seat in seats[page * PAGE : (page + 1) * PAGE]
    ]
    rows = [shown[start : start + 2] for start in range(0, len(shown), 2)]
    turns = choices.turns(lambda other: DoorsPressed(rollcall.id, grid, other), page, more=page + 1 < pages)
    return look.message(head, [*rows, turns, [Button("rollcall.again", DoorsPressed(rollcall.id, grid, page))]])


def _door(uow: UnitOfWork, seat: Seat) -> str:
    home = uow.people.household(seat.household)
    parts = (home.building, f"{home.unit_no}{home.room}") if home is not None else ()
    return " ".join(part for part in parts if part) or seat.household


@view("rollcall_door")
def door(look: Look) -> Outgoing | None:
    """The form of one door: what is chosen bears a mark."""
    uow, rollcall = found(look)
    seat = uow.rollcalls.seat(rollcall.id, int(str(look.params["seat"]))) if rollcall is not None else None
    if rollcall is None or seat is None:
        return None
    asked = "\n".join(
        look.t("rollcall.question", place=place, text=one.text) for place, one in enumerate(rollcall.questions, 1)
    )
    head = look.t("rollcall.at_door", number=rollcall.number, door=_door(uow, seat))
    back = [Button("rollcall.back", DoorsPressed(rollcall.id, seat.place, 0))]
    return look.message(Html(f"{head}\n{asked}"), [*_choices(rollcall, seat), back])


def _choices(rollcall: RollCall, seat: Seat) -> list[list[Button]]:
    rows = []
    for number, question in enumerate(rollcall.questions):
        chosen = seat.answers[number]
        buttons = [
            Button(
                "rollcall.option",
                AnswerForPressed(rollcall.id, seat.seat, number, place),
                PLAIN if chosen == UNANSWERED else None,
                values={"mark": "☑️ " if chosen == place else f"{number + 1}. ", "option": text},
            )
            for place, text in enumerate(question.options)
        ]
        rows += [buttons[start : start + 4] for start in range(0, len(buttons), 4)]
    return rows
