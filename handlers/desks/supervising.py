"""督办: by notice, on the spot, or in council; with a sentence that the unit reads."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from handlers._kit import asking, panels
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import SupervisePressed
from handlers._kit.context import GridContext
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from handlers._kit.words import plain
from routing import casework, hierarchy
from routing.events import Supervised, SupervisionKind
from routing.model import CaseId, WordsKind
from routing.ports import Prompt, UnitOfWork


@payload("watchhow")
@dataclass(frozen=True, slots=True)
class SuperviseHow:
    """In that way; then: a sentence."""

    case: CaseId
    kind: SupervisionKind


@on_card_press(SupervisePressed)
async def choose_kind(press: SupervisePressed, ctx: GridContext) -> None:
    """Ask how."""
    await ctx.work(_offer_kinds, ctx.press, press.case)


@on_press(SuperviseHow)
async def ask_sentence(press: SuperviseHow, ctx: GridContext) -> None:
    """Ask what the unit is to be told."""
    await ctx.work(_ask_sentence, ctx.press, press, ctx.now)


@on_prompt("supervise")
async def supervise(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Let whoever has it know that somebody above looks into it."""
    use_case = partial(hierarchy.supervise, kind=SupervisionKind(str(prompt.params["kind"])))
    await ctx.work(
        asking.take, said, prompt, Answer(Supervised, WordsKind.REASON, use_case, "desk.supervised"), ctx.now
    )


def _offer_kinds(uow: UnitOfWork, pressed: Pressed, case: CaseId) -> None:
    casework.check(uow, uow.cases.get(case), pressed.person, Supervised)
    panels.put_up(uow, pressed, "supervise", case=case)


def _ask_sentence(uow: UnitOfWork, pressed: Pressed, press: SuperviseHow, at: datetime) -> None:
    case = hierarchy.check(uow, press.case, Supervised(at=at, by=pressed.person, kind=press.kind))
    asking.ask(uow, pressed, case, "supervise", at, kind=press.kind.value)
    kind = plain(f"supervision.{press.kind.value}", pressed.lang)
    panels.close(uow, pressed, "desk.supervise_chosen", number=case.number, kind=kind)


@view("supervise")
def kinds(look: Look) -> Outgoing:
    """The ways to supervise."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    rows = [[Button(f"supervision.{kind.value}", SuperviseHow(case.id, kind))] for kind in SupervisionKind]
    return look.message(look.t("desk.supervise_how", number=case.number), [*rows, [panels.never_mind()]])
