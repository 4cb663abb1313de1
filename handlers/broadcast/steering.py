"""发布, 同意, 驳回, 暂停, 继续, 取消, 更新: what is done to a broadcast as a whole."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from broadcasts import desk, refusals, rights, rules, summary
from broadcasts.model import BroadcastId, State
from broadcasts.ports import hours
from handlers._kit import panels
from handlers._kit.broadcast_presses import LivePressed
from handlers._kit.broadcast_words import broadcast_of, headline, work_of
from handlers._kit.context import GridContext
from handlers._kit.naming import public_name
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import RISKY, Button, Look, Outgoing
from handlers.broadcast.presses import CancelPressed, ChasePressed, Deed, DeedPressed, FilesPressed
from routing.model import PersonId
from routing.ports import UnitOfWork
from routing.refusals import Refusal

_LETTING_OUT: Final[dict[Deed, Callable[..., Any]]] = {Deed.PUBLISH: desk.submit, Deed.APPROVE: desk.approve}
_DEEDS: Final[dict[Deed, Callable[..., Any]]] = {
    Deed.REJECT: desk.reject,
    Deed.RECALL: desk.recall,
    Deed.PAUSE: desk.pause,
    Deed.RESUME: desk.resume,
    Deed.CANCEL: desk.cancel,
    Deed.RETRY: desk.retry,
}


@on_press(DeedPressed)
async def do(press: DeedPressed, ctx: GridContext) -> None:
    """Do it; every message that shows the broadcast follows."""
    await ctx.work(_do, ctx.press, press, ctx.now)
    await ctx.toast(f"broadcast_done.{press.deed.value}")


@on_press(ChasePressed)
async def chase(press: ChasePressed, ctx: GridContext) -> None:
    """Do not wait for the time at which the silent would be chased."""
    await ctx.work(_chase, ctx.press, press, ctx.now)
    await ctx.toast("broadcast_done.chase")


@on_press(FilesPressed)
async def files(press: FilesPressed, ctx: GridContext) -> None:
    """Do not wait for the end to see the list."""
    await ctx.work(_files, ctx.press, press.broadcast)
    await ctx.toast("broadcast_done.files")


@on_press(CancelPressed)
async def ask_cancel(press: CancelPressed, ctx: GridContext) -> None:
    """What people have is not taken back by a slip of the thumb."""
    await ctx.work(_ask_cancel, ctx.press, press.broadcast)


def _do(uow: UnitOfWork, pressed: Pressed, press: DeedPressed, at: datetime) -> Refusal | None:
    if press.deed in _LETTING_OUT:
        return _let_out(uow, pressed, press, at)
    if press.deed is Deed.UPDATE:
        desk.draft_update(work_of(uow), press.broadcast, pressed.person, pressed.chat, at)
        return None
    _DEEDS[press.deed](work_of(uow), press.broadcast, pressed.person, at)
    if press.deed is Deed.CANCEL and panels.is_panel(uow, pressed):
        panels.close(uow, pressed, "broadcast_done.cancel")
    return None


def _let_out(uow: UnitOfWork, pressed: Pressed, press: DeedPressed, at: datetime) -> Refusal | None:
    """What has changed since they looked is shown anew, which the refusal must not undo."""
    try:
        _LETTING_OUT[press.deed](work_of(uow), press.broadcast, pressed.person, at, seen=press.seen)
    except refusals.ShownBefore as refusal:
        desk.show_anew(work_of(uow), [press.broadcast], at)
        return refusal
    return None


def _chase(uow: UnitOfWork, pressed: Pressed, press: ChasePressed, at: datetime) -> None:
    desk.chase(work_of(uow), press.broadcast, press.step, pressed.person, at)


def _files(uow: UnitOfWork, pressed: Pressed, broadcast: BroadcastId) -> None:
    current = work_of(uow).broadcasts.get(broadcast)
    rights.check_steering(work_of(uow), pressed.person, current)
    summary.promise_files(work_of(uow), current, str(pressed.update))


def _ask_cancel(uow: UnitOfWork, pressed: Pressed, broadcast: BroadcastId) -> None:
    rights.check_steering(work_of(uow), pressed.person, work_of(uow).broadcasts.get(broadcast))
    panels.put_up(uow, pressed, "broadcast_sure", broadcast=broadcast)


@view("broadcast_sure")
def sure(look: Look) -> Outgoing:
    """Ask once more."""
    current = broadcast_of(look)
    button = Button("broadcast.cancel_sure", DeedPressed(current.id, Deed.CANCEL), RISKY)
    key = "broadcast.sure" if current.begun_at is not None else "broadcast.sure_unsent"
    question = look.t(key, number=current.number, title=headline(look, current))
    return look.message(question, [[button, panels.keep()]])


@view("broadcast_next")
def next_one(look: Look) -> Outgoing | None:
    """The next one of a series, and how to end it; nothing when that has been done."""
    current, before = broadcast_of(look), look.params["before"]
    if current.state is not State.SCHEDULED or current.send_at is None:
        return None
    stop = Button("broadcast.stop_series", CancelPressed(current.id))
    at = rules.leaves_at(current, current.drafted_at, hours(work_of(look.uow), current))
    said = look.t("broadcast.next", before=before, number=current.number, when=look.when(at))
    return look.message(said, [[Button("broadcast.show_live", LivePressed(current.id)), stop]])


@view("broadcast_rejected")
def rejected(look: Look) -> Outgoing:
    """The approver said no."""
    current = broadcast_of(look)
    by = public_name(look.uow, PersonId(int(str(look.params["by"]))), look.lang)
    return look.message(look.t("broadcast.rejected", number=current.number, by=by))
