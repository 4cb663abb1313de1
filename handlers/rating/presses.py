"""Rate a closing, on the card or under the sentence that asks for it; then say more, if one likes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers._kit import asking
from handlers._kit.asking import Answer
from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import RatePressed, RateTold
from handlers._kit.context import GridContext, to
from handlers._kit.presses import payload
from handlers._kit.registry import on_press, on_prompt, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import Button, Look, Outgoing
from routing import casework, desk, refusals, rights
from routing.events import Rated
from routing.model import CaseId, Rating, WordsKind
from routing.ports import Lane, Prompt, UnitOfWork

COMMENT_LIFE: Final = timedelta(hours=1)
"""Nobody owes a comment: what somebody writes in private much later is something new."""
COMMENT: Final = Answer(None, WordsKind.COMMENT, casework.comment, "rating.commented")


@payload("comment")
@dataclass(frozen=True, slots=True)
class CommentPressed:
    """留言: a word beside the rating."""

    case: CaseId


@on_card_press(RatePressed)
async def rate_on_card(press: RatePressed, ctx: GridContext) -> None:
    """Take the rating from the card."""
    await ctx.work(rate, ctx.press, press.case, press.rating, ctx.now)
    await ctx.toast(f"rating.thanks_{press.rating.value}")


@on_press(RateTold)
async def rate_when_asked(press: RateTold, ctx: GridContext) -> None:
    """Take the rating from the sentence that asks for it."""
    await ctx.work(rate, ctx.press, press.case, press.rating, ctx.now)
    await ctx.toast(f"rating.thanks_{press.rating.value}")


@on_press(CommentPressed)
async def ask_comment(press: CommentPressed, ctx: GridContext) -> None:
    """Ask for the word."""
    await ctx.work(_ask_comment, ctx.press, press.case, ctx.now)


@on_prompt("comment")
async def comment(said: Said, prompt: Prompt, ctx: GridContext) -> None:
    """Keep what the reporter wrote beside the rating."""
    await ctx.work(asking.take, said, prompt, COMMENT, ctx.now)


def rate(uow: UnitOfWork, pressed: Pressed, case: CaseId, rating: Rating, at: datetime) -> None:
    """Rate; the case moves at once. Afterwards the reason, or a comment, may be told, but nothing waits for it."""
    rated = desk.move(uow, case, Rated(at=at, by=pressed.person, rating=rating))
    if rating is Rating.NOT_SATISFIED:
        asking.ask(uow, pressed, rated, "comment", at, sentence="why", life=COMMENT_LIFE, reply_only=True)
        return
    private = uow.chats.private(pressed.person)
    if private is not None:
        to(uow, private.id, f"thanks:{case}:{rated.version}", "thanks", Lane.ANSWER, case=case)


def _ask_comment(uow: UnitOfWork, pressed: Pressed, case: CaseId, at: datetime) -> None:
    current = uow.cases.get(case)
    if not rights.may(uow, pressed.person, current, rights.GRANTS[Rated]):
        raise refusals.NotReporter
    asking.ask(uow, pressed, current, "comment", at, life=COMMENT_LIFE)


@view("thanks")
def thanks(look: Look) -> Outgoing:
    """A short thanks, with the way to say more."""
    case = look.uow.cases.get(CaseId(int(str(look.params["case"]))))
    return look.message(
        look.t("rating.thanks", number=case.number), [[Button("rating.comment", CommentPressed(case.id))]]
    )
