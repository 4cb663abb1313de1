"""详情 and 看附件: the story goes where only the presser reads it; 更多 and 收起: more buttons, and fewer."""

from datetime import datetime

from handlers._kit.cards import on_card_press
from handlers._kit.case_presses import DetailsPressed, FoldPressed, MediaPressed, UnfoldPressed
from handlers._kit.context import GridContext, answer, to
from handlers._kit.naming import matter_name, public_name, status_name, unit_name
from handlers._kit.said import Pressed, Said
from handlers._kit.views import last_minute
from routing import refusals, rights, staffing, telling
from routing.model import CaseId, ChatKind
from routing.ports import Lane, UnitOfWork


@on_card_press(DetailsPressed)
async def show_details(press: DetailsPressed, ctx: GridContext) -> None:
    """Everything for those who may see it, in private; for everybody else the public state in a few words."""
    key, values = await ctx.work(tell_all, ctx.here, press.case)
    await ctx.toast(key, alert=bool(values), **values)


@on_card_press(UnfoldPressed)
async def unfold(press: UnfoldPressed, ctx: GridContext) -> None:
    """All buttons, for everybody who sees this card, until its next edit."""
    await ctx.work(redraw, ctx.press, press.case, ctx.now, unfolded=True)


@on_card_press(FoldPressed)
async def fold(press: FoldPressed, ctx: GridContext) -> None:
    """The usual buttons again."""
    await ctx.work(redraw, ctx.press, press.case, ctx.now, unfolded=False)


@on_card_press(MediaPressed)
async def show_media(press: MediaPressed, ctx: GridContext) -> None:
    """The attachments again, where only those read along who may."""
    key = await ctx.work(send_media, ctx.here, press.case)
    await ctx.toast(key)


def tell_all(uow: UnitOfWork, here: Said | Pressed, case: CaseId) -> tuple[str, dict[str, object]]:
    """Promise the whole story to a chat without onlookers; returns the key and values of what to say at once.

    Raises:
        NoSuchCase: neighbours read along, and it is none of theirs.
    """
    current = uow.cases.get(case)
    if _closed(uow, here):
        answer(uow, here, "details", {"case": case})
        return "details.below", {}
    private = uow.chats.private(here.person)
    if private is not None and rights.sees(uow, here.person, current):
        to(uow, private.id, f"details:{case}:{here.update}", "details", Lane.ANSWER, case=case)
        return "details.in_private", {}
    if current.confidential:  # nothing of it is for neighbours; a button may have stayed on a screen
        raise refusals.NoSuchCase
    holder = staffing.holder_of(uow, current)
    due = last_minute(uow.calendar.local(current.due_at)) if current.open and current.due_at else None
    return "details.short", {
        "number": current.number,
        "matter": matter_name(uow, current.matter, here.lang),
        "status": status_name(current, here.lang),
        "who": public_name(uow, holder, here.lang) if holder else unit_name(uow, current.unit),
        "due": f"{due:%m-%d %H:%M}" if due else "—",
    }


def redraw(uow: UnitOfWork, press: Pressed, case: CaseId, at: datetime, *, unfolded: bool) -> None:
    """Promise the card in the chat of the press, with its rare buttons or without; where it has no card, nothing."""
    current = uow.cases.get(case)
    telling.show(uow, current, at, mark=f":folds:{press.update}", only=press.chat, by=press.person, unfolded=unfolded)


def send_media(uow: UnitOfWork, here: Said | Pressed, case: CaseId) -> str:
    """Promise the attachments to a chat without onlookers; returns the key of what to say at once.

    Raises:
        NotYours: the presser may not see them.
    """
    current = uow.cases.get(case)
    if not rights.sees(uow, here.person, current):
        raise refusals.NotYours
    if _closed(uow, here):
        answer(uow, here, "media", {"case": case})
        return "details.below"
    private = uow.chats.private(here.person)
    if private is None:
        return "details.start_me"
    to(uow, private.id, f"media:{case}:{here.update}", "media", Lane.ANSWER, case=case)
    return "details.in_private"


def _closed(uow: UnitOfWork, here: Said | Pressed) -> bool:
    """Whether no neighbour reads this chat."""
    return here.private or uow.chats.get(here.chat).kind is ChatKind.DESK
