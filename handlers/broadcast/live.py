"""How a broadcast stands, live at the desk in one message; what came of it; the grids where somebody is missing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from broadcasts import rights, rules
from broadcasts.lifecycle import Event, possible
from broadcasts.model import Broadcast, BroadcastId, Figures, State, Target, TargetState
from broadcasts.ports import hours
from handlers._kit import panels
from handlers._kit.broadcast_presses import DoorsPressed, LivePressed
from handlers._kit.broadcast_words import bar, broadcast_of, complete, headline, percent, work_of
from handlers._kit.context import GridContext
from handlers._kit.naming import unit_name
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import RISKY, Button, Keyboard, Look, Outgoing
from handlers._kit.words import Html
from handlers.broadcast.presses import CancelPressed, ChasePressed, Deed, DeedPressed, GridsPressed
from routing.model import UnitCode
from routing.ports import UnitOfWork

WORST: Final = 5
GRIDS: Final = 15
KNOWN_REASONS: Final = frozenset({"unbound", "never_started", "blocked", "kicked", "muted", "gone", "in_doubt"})
SHARES: Final = (50, 90, 100)
"""Per cent of the households at which the time is told."""


@on_press(LivePressed)
async def show(press: LivePressed, ctx: GridContext) -> None:
    """Show it here."""
    await ctx.work(_show, ctx.press, press.broadcast)


@on_press(GridsPressed)
async def show_grids(press: GridsPressed, ctx: GridContext) -> None:
    """Show where somebody is missing."""
    await ctx.work(_show_grids, ctx.press, press)


def _show(uow: UnitOfWork, pressed: Pressed, broadcast: BroadcastId) -> None:
    current = work_of(uow).broadcasts.get(broadcast)
    rights.check_reading(work_of(uow), pressed.person, current)
    panels.turn(uow, pressed, "broadcast_live", broadcast=broadcast)


def _show_grids(uow: UnitOfWork, pressed: Pressed, press: GridsPressed) -> None:
    current = work_of(uow).broadcasts.get(press.broadcast)
    rights.check_reading(work_of(uow), pressed.person, current)
    panels.turn(uow, pressed, "broadcast_grids", broadcast=press.broadcast, page=press.page)


@view("broadcast_live")
def live(look: Look) -> Outgoing:
    """The bar, the numbers, the worst grids, the cases of need."""
    current = broadcast_of(look)
    figures = work_of(look.uow).targets.figures(current.id)
    head = look.t("broadcast.live_head", number=current.number, state=look.t(f"broadcast_state.{current.state.value}"))
    lines = [head, headline(look, current), *_figures(look, current, figures), *_worst(look, current)]
    return look.message(Html("\n".join(lines)), _keyboard(look, current, figures))


def _figures(look: Look, broadcast: Broadcast, figures: Figures) -> Iterator[Html]:
    gone = figures.sent + figures.failed
    yield look.t("broadcast.sent", sent=figures.sent, failed=figures.failed, chats=figures.chats)
    if gone < figures.chats:
        yield Html(bar(gone, figures.chats))
    if not broadcast.receipts:
        return
    if figures.target:
        known = figures.confirmed if complete(broadcast, figures) else min(figures.confirmed, figures.target - 1)
        yield Html(f"{bar(known, figures.target)} {percent(known, figures.target)}")
    else:
        yield look.t("broadcast.nobody_asked")
    yield look.t(
        "broadcast.confirmed",
        confirmed=figures.confirmed,
        target=figures.target,
        pressed=figures.pressed,
        told=figures.told,
        missing=figures.missing,
    )
    if steps := hours(work_of(look.uow), broadcast).chase[: broadcast.step]:
        names = look.t("broadcast.comma").join(look.t(f"chase_step.{step.value}") for step, _ in steps)
        yield look.t("broadcast.chased", steps=Html(names))
    if figures.unbound or figures.moved:
        yield look.t("broadcast.apart", unbound=figures.unbound, moved=figures.moved)
    if figures.helps:
        yield look.t("broadcast.helps", count=figures.helps, cases=_cases(look, broadcast))


def _cases(look: Look, broadcast: Broadcast) -> str:
    numbers = [look.uow.cases.get(case).number for case in work_of(look.uow).receipts.helps(broadcast.id)[:WORST]]
    return " ".join(f"#{number}" for number in numbers)


def _worst(look: Look, broadcast: Broadcast) -> Iterator[Html]:
    if not broadcast.receipts:
        return
    worst = work_of(look.uow).targets.worst(broadcast.id, WORST)
    if worst:
        yield look.t("broadcast.worst")
        yield from (_grid(look, target) for target in worst)


def _grid(look: Look, target: Target) -> Html:
    mark = look.t("broadcast.grid_failed", reason=_reason(look, target)) if target.state is TargetState.FAILED else ""
    return look.t(
        "broadcast.grid",
        grid=unit_name(look.uow, target.grid),
        missing=target.missing,
        target=target.target,
        mark=mark,
    )


def _reason(look: Look, target: Target) -> Html:
    """Why a chat could not be reached, in words where we have them."""
    return look.t(f"broadcast_reason.{target.reason if target.reason in KNOWN_REASONS else 'other'}")


def _keyboard(look: Look, broadcast: Broadcast, figures: Figures) -> Keyboard:
    can, id_ = possible(broadcast.state), broadcast.id
    steer = []
    if Event.PAUSED in can:
        steer.append(Button("broadcast.pause", DeedPressed(id_, Deed.PAUSE)))
    if Event.RESUMED in can:
        steer.append(Button("broadcast.resume", DeedPressed(id_, Deed.RESUME)))
    if Event.SUPERSEDED in can:
        steer.append(Button("broadcast.update", DeedPressed(id_, Deed.UPDATE)))
    if Event.CANCELLED in can:
        steer.append(Button("broadcast.cancel", CancelPressed(id_), RISKY))
    lists = []
    if broadcast.answerable and figures.missing:
        lists.append(Button("broadcast.grids", GridsPressed(id_, 0)))
        lists.append(Button("broadcast.doors", DoorsPressed(id_)))
    if figures.failed and broadcast.answerable and broadcast.state is not State.PAUSED:
        lists.append(Button("broadcast.retry", DeedPressed(id_, Deed.RETRY)))
    step = rules.next_step(broadcast, hours(work_of(look.uow), broadcast)) if figures.missing else None
    chase = [Button(f"chase_now.{step.value}", ChasePressed(id_, broadcast.step + 1))] if step else []
    return [steer, chase, lists]


@view("broadcast_grids")
def grids(look: Look) -> Outgoing:
    """A page of the grids where somebody is missing, the worst first."""
    current, page = broadcast_of(look), int(str(look.params["page"]))
    found = work_of(look.uow).targets.worst(current.id, GRIDS + 1, page * GRIDS)
    lines = [look.t("broadcast.grids_head", number=current.number), *(_grid(look, one) for one in found[:GRIDS])]
    if not found:
        lines = [look.t("broadcast.nobody_missing", number=current.number)]
    turns = [Button("list.before", GridsPressed(current.id, page - 1))] if page else []
    if len(found) > GRIDS:
        turns.append(Button("list.after", GridsPressed(current.id, page + 1)))
    return look.message(Html("\n".join(lines)), [turns, [panels.never_mind()]])


@view("broadcast_unreached")
def unreached(look: Look) -> Outgoing | None:
    """The chats below a unit that could not be reached, with the reason: somebody has to go there."""
    current, unit = broadcast_of(look), UnitCode(str(look.params["unit"]))
    below = {one.code for one in look.uow.units.below(unit) if one.parent == unit}
    failed = [one for one in work_of(look.uow).targets.at(current.id, TargetState.FAILED, 10_000) if one.grid in below]
    if not failed:
        return None
    lines = [look.t("broadcast.unreached", number=current.number, title=headline(look, current), count=len(failed))]
    lines += [
        look.t("broadcast.unreached_one", grid=unit_name(look.uow, one.grid), reason=_reason(look, one))
        for one in failed[:GRIDS]
    ]
    return look.message(Html("\n".join(lines)))


@view("broadcast_summary")
def summary(look: Look) -> Outgoing:
    """What came of it, when the asking is over."""
    current = broadcast_of(look)
    figures = work_of(look.uow).targets.figures(current.id)
    state = look.t(f"broadcast_state.{current.state.value}")
    lines = [look.t("broadcast.summary", number=current.number, state=state), headline(look, current)]
    lines += [*_figures(look, current, figures), *_times(look, current, figures), *_worst(look, current)]
    return look.message(Html("\n".join(lines)))


def _times(look: Look, broadcast: Broadcast, figures: Figures) -> Iterator[Html]:
    """How long it took until half, nine tenths and all of them knew."""
    if broadcast.begun_at is None or not figures.target:
        return
    for share in SHARES:
        needed = -(-figures.target * share // 100)
        at = work_of(look.uow).receipts.confirmed_at(broadcast.id, needed) if needed <= figures.confirmed else None
        if at is None:
            yield look.t("broadcast.share_never", share=share)
        else:
            yield look.t("broadcast.share", share=share, took=_took(at, broadcast.begun_at))


def _took(at: datetime, since: datetime) -> str:
    whole = max(timedelta(0), at - since)
    minutes, seconds = divmod(int(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
