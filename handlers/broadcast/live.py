"""How a broadcast stands, live at the desk in one message; what came of it; the grids where somebody is missing."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from broadcasts import rights, rules
from broadcasts.answering import STAFF
from broadcasts.lifecycle import Event, possible
from broadcasts.model import Broadcast, BroadcastId, Chase, Figures, State, Target, TargetState
from broadcasts.ports import hours
from handlers._kit import choices, panels
from handlers._kit.broadcast_presses import DoorsPressed, LivePressed
from handlers._kit.broadcast_words import bar, broadcast_of, complete, headline, percent, work_of
from handlers._kit.context import GridContext
from handlers._kit.naming import public_name, unit_name
from handlers._kit.registry import on_press, view
from handlers._kit.said import Pressed
from handlers._kit.views import RISKY, Button, Keyboard, Look, Outgoing
from handlers._kit.words import Html
from handlers.broadcast.presses import (
    CancelPressed,
    ChasePressed,
    Deed,
    DeedPressed,
    FilesPressed,
    GridsPressed,
    ListPressed,
)
from routing.model import PersonId, UnitCode
from routing.ports import UnitOfWork

WORST: Final = 5
GRIDS: Final = 15
MOST_NAMED: Final = 60
KNOWN_REASONS: Final = frozenset(
    {"unbound", "never_started", "blocked", "kicked", "muted", "gone", "in_doubt", "cancelled", "superseded", "expired"}
)
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
    panels.turn(uow, pressed, "broadcast_live", broadcast=broadcast, back=True)


def _show_grids(uow: UnitOfWork, pressed: Pressed, press: GridsPressed) -> None:
    current = work_of(uow).broadcasts.get(press.broadcast)
    rights.check_reading(work_of(uow), pressed.person, current)
    panels.turn(uow, pressed, "broadcast_grids", broadcast=press.broadcast, page=press.page)


@view("broadcast_live")
def live(look: Look) -> Outgoing:
    """The bar, the numbers, the worst grids, the cases of need."""
    current = broadcast_of(look)
    head = look.t("broadcast.live_head", number=current.number, state=look.t(f"broadcast_state.{current.state.value}"))
    back = [[Button("broadcast.all", ListPressed(0))]] if "back" in look.params else []
    if current.begun_at is None:
        lines = [head, headline(look, current), *_ahead(look, current)]
        return look.message(Html("\n".join(lines)), [*_before(current), *back])
    figures = work_of(look.uow).targets.figures(current.id)
    lines = [head, headline(look, current), *_morning(look, current, figures), *_figures(look, current, figures)]
    lines += [*_failed(look, current, figures), *_worst(look, current)]
    return look.message(Html("\n".join(lines)), [*_keyboard(look, current, figures), *back])


def _ahead(look: Look, broadcast: Broadcast) -> Iterator[Html]:
    """When it leaves, of what has not begun."""
    if broadcast.state is State.SCHEDULED:
        at = rules.leaves_at(
            broadcast, broadcast.submitted_at or broadcast.drafted_at, hours(work_of(look.uow), broadcast)
        )
        yield look.t("broadcast.leaves", when=look.when(at))
    if broadcast.repeat_s:
        yield look.t("broadcast.repeats", hours=f"{broadcast.repeat_s / 3600:g}")


def _before(broadcast: Broadcast) -> Keyboard:
    """What can be done about it before it has begun."""
    can, row = possible(broadcast.state), []
    if Event.RECALLED in can:
        row.append(Button("broadcast.recall", DeedPressed(broadcast.id, Deed.RECALL)))
    if Event.CANCELLED in can:
        row.append(Button("broadcast.cancel", CancelPressed(broadcast.id), RISKY))
    return [row]


def _morning(look: Look, broadcast: Broadcast, figures: Figures) -> Iterator[Html]:
    """Until when the night holds it up: chats that wait for the message, or the next step of the chase."""
    waits = broadcast.state in (State.SENDING, State.DONE) and figures.waiting and not figures.promised
    if waits or broadcast.state is State.CHASING:
        morning = rules.waits_until(broadcast, hours(work_of(look.uow), broadcast))
        if morning is not None:
            yield look.t("broadcast.morning", when=look.when(morning))


def _figures(look: Look, broadcast: Broadcast, figures: Figures) -> Iterator[Html]:
    gone = figures.sent + figures.failed
    staff = broadcast.audience.post is not None
    key = "broadcast.sent_staff" if staff else "broadcast.sent"
    yield look.t(key, sent=figures.sent, failed=figures.failed, chats=figures.chats)
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
        "broadcast.confirmed_staff" if staff else "broadcast.confirmed",
        confirmed=figures.confirmed,
        target=figures.target,
        pressed=figures.pressed,
        told=figures.told,
        missing=figures.missing,
    )
    if steps := hours(work_of(look.uow), broadcast).chase[: broadcast.step]:
        names = dict.fromkeys(look.t(f"chase_step.{_named(broadcast, step)}") for step, _ in steps)
        yield look.t("broadcast.chased", steps=Html(look.t("broadcast.comma").join(names)))
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
        yield look.t("broadcast.worst" if broadcast.audience.post is None else "broadcast.absent_some")
        yield from (_grid(look, target) for target in worst)


def _grid(look: Look, target: Target) -> Html:
    mark = look.t("broadcast.grid_failed", reason=_reason(look, target)) if target.state is TargetState.FAILED else ""
    if target.place.startswith(STAFF):
        return look.t(
            "broadcast.absent_one", name=_person(look, target), grid=unit_name(look.uow, target.grid), mark=mark
        )
    return look.t(
        "broadcast.grid",
        grid=unit_name(look.uow, target.grid),
        missing=target.missing,
        target=target.target,
        mark=mark,
    )


def _failed(look: Look, broadcast: Broadcast, figures: Figures) -> Iterator[Html]:
    """Which chats could not be reached, and why."""
    if figures.failed:
        yield look.t("broadcast.failed")
        failed = work_of(look.uow).targets.at(broadcast.id, TargetState.FAILED, WORST)
        yield from (_failed_one(look, one) for one in failed)
        if figures.failed > len(failed):
            yield look.t("broadcast.failed_more", count=figures.failed - len(failed))


def _failed_one(look: Look, target: Target) -> Html:
    name = _person(look, target) if target.place.startswith(STAFF) else unit_name(look.uow, target.grid)
    return look.t("broadcast.unreached_one", grid=name, reason=_reason(look, target))


def _person(look: Look, target: Target) -> str:
    return public_name(look.uow, PersonId(int(target.place.removeprefix(STAFF))), look.lang)


def _reason(look: Look, target: Target) -> Html:
    """Why a chat could not be reached, in words where we have them; Telegram's own sentence stands in the state."""
    reason = target.reason
    if reason not in KNOWN_REASONS and target.chat is not None:
        with suppress(LookupError):  # folded into the group's new self
            reason = look.uow.chats.get(target.chat).state.value
    return look.t(f"broadcast_reason.{reason if reason in KNOWN_REASONS else 'other'}")


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
        staff = broadcast.audience.post is not None
        lists.append(Button("broadcast.absent" if staff else "broadcast.grids", GridsPressed(id_, 0)))
        if not staff:
            lists.append(Button("broadcast.doors", DoorsPressed(id_)))
    if figures.failed and broadcast.answerable and broadcast.state is not State.PAUSED:
        lists.append(Button("broadcast.retry", DeedPressed(id_, Deed.RETRY)))
    step = rules.next_step(broadcast, hours(work_of(look.uow), broadcast)) if figures.missing else None
    chase = [Button(f"chase_now.{_named(broadcast, step)}", ChasePressed(id_, broadcast.step + 1))] if step else []
    if figures.households:
        lists.append(Button("broadcast.files", FilesPressed(id_)))
    return [steer, chase, lists]


def _named(broadcast: Broadcast, step: Chase) -> str:
    """What a step of the chase is called; staff have neither a group nor a door."""
    if broadcast.audience.post is None:
        return step.value
    return "absent" if step is Chase.DOORS else Chase.PRIVATE.value


@view("broadcast_absent")
def absent(look: Look) -> Outgoing:
    """Those of the staff who have not answered, by name."""
    current = broadcast_of(look)
    found = work_of(look.uow).targets.worst(current.id, MOST_NAMED + 1)
    lines = [look.t("broadcast.absent_head", number=current.number, title=headline(look, current))]
    lines += [_grid(look, one) for one in found[:MOST_NAMED]]
    if not found:
        lines.append(look.t("broadcast.nobody_absent"))
    if len(found) > MOST_NAMED:
        lines.append(look.t("broadcast.absent_more"))
    return look.message(Html("\n".join(lines)))


@view("broadcast_grids")
def grids(look: Look) -> Outgoing:
    """A page of the grids where somebody is missing, the worst first."""
    current, page = broadcast_of(look), int(str(look.params["page"]))
    found = work_of(look.uow).targets.worst(current.id, GRIDS + 1, page * GRIDS)
    head = "broadcast.grids_head" if current.audience.post is None else "broadcast.absent_list"
    lines = [look.t(head, number=current.number), *(_grid(look, one) for one in found[:GRIDS])]
    if not found:
        lines = [look.t("broadcast.nobody_missing", number=current.number)]
    turns = choices.turns(lambda other: GridsPressed(current.id, other), page, more=len(found) > GRIDS)
    return look.message(Html("\n".join(lines)), [turns, [panels.shut()]])


@view("broadcast_unreached")
def unreached(look: Look) -> Outgoing | None:
    """The chats below a unit that could not be reached, with the reason: somebody has to go there."""
    current, unit = broadcast_of(look), UnitCode(str(look.params["unit"]))
    below = {one.code for one in look.uow.units.below(unit) if one.parent == unit}
    failed = [one for one in work_of(look.uow).targets.at(current.id, TargetState.FAILED, 10_000) if one.grid in below]
    if not failed:
        return None
    lines = [look.t("broadcast.unreached", number=current.number, title=headline(look, current), count=len(failed))]
    lines += [_failed_one(look, one) for one in failed[:GRIDS]]
    return look.message(Html("\n".join(lines)))


@view("broadcast_summary")
def summary(look: Look) -> Outgoing:
    """What came of it, when the asking is over."""
    current = broadcast_of(look)
    figures = work_of(look.uow).targets.figures(current.id)
    state = look.t(f"broadcast_state.{current.state.value}")
    lines = [look.t("broadcast.summary", number=current.number, state=state), headline(look, current)]
    lines += [*_figures(look, current, figures), *_times(look, current, figures), *_failed(look, current, figures)]
    lines += _worst(look, current)
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
