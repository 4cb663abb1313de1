"""The draft as a message: what people will see, how far it reaches, what is missing, and the buttons to change it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from broadcasts import rules
from broadcasts.lifecycle import Event, possible
from broadcasts.model import Broadcast, Class, Level, State
from broadcasts.ports import hours
from handlers._kit.broadcast_presses import LivePressed
from handlers._kit.broadcast_words import attachments, broadcast_of, text, work_of
from handlers._kit.naming import public_name, unit_name
from handlers._kit.registry import view
from handlers._kit.views import MAIN, MOST_LENT_BYTES, PLAIN, RISKY, Button, Keyboard, Look, Outgoing
from handlers._kit.words import Html
from handlers.broadcast.presses import AudiencePressed, Deed, DeedPressed, Field, SetPressed, Wanted, WritePressed
from routing.model import Post, UnitKind

HOUR: Final = 3600
WINDOWS: Final = (HOUR // 2, HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR)
EXPIRIES: Final = (6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 72 * HOUR)
REPEATS: Final = (0, 24 * HOUR, 7 * 24 * HOUR)
_POSTS: Final = (None, Post.WORKER, Post.LEADER)
_KINDS: Final = (None, UnitKind.BASIC, UnitKind.SPECIAL)


@view("broadcast_draft")
def draft(look: Look) -> Outgoing:
    """The draft; once it is out of its author's hands, where it stands."""
    current = broadcast_of(look)
    waits = current.state in (State.DRAFT, State.APPROVING, State.SCHEDULED)
    out = current.state in (State.SENDING, State.PAUSED, State.CHASING, State.DONE)
    head = "broadcast.draft_head" if waits else "broadcast.draft_out" if out else "broadcast.draft_gone"
    lines = [look.t(head, number=current.number, state=_state(look, current)), text(look, current)]
    if waits:
        lines += [look.t("broadcast.line"), *_facts(look, current)]
    return look.message(Html("\n".join(lines)), _keyboard(look, current))


@view("broadcast_approval")
def approval(look: Look) -> Outgoing:
    """The same for whoever must approve it, with its pictures and files where they were not seen yet."""
    current = broadcast_of(look)
    author = public_name(look.uow, current.author, look.lang)
    if current.state is not State.APPROVING:
        approver = public_name(look.uow, current.approver, look.lang) if current.approver is not None else author
        key = "broadcast.approved" if current.approver is not None else "broadcast.not_approved"
        return look.message(look.t(key, number=current.number, by=approver, state=_state(look, current)))
    head = look.t("broadcast.approve_head", number=current.number, by=author)
    body = Html("\n".join([head, text(look, current), look.t("broadcast.line"), *_facts(look, current)]))
    approve = Button("broadcast.approve", DeedPressed(current.id, Deed.APPROVE, current.version), MAIN)
    reject = Button("broadcast.reject", DeedPressed(current.id, Deed.REJECT), RISKY)
    said = look.message(body, [[approve, reject]])
    shown = () if look.chat.id == current.chat else attachments(look, current)
    return replace(said, more=(*said.more, *shown))


def _state(look: Look, broadcast: Broadcast) -> Html:
    return look.t(f"broadcast_state.{broadcast.state.value}")


def _facts(look: Look, broadcast: Broadcast) -> Iterator[Html]:
    """Whom it reaches, what it lacks, when it leaves, how long people have."""
    work = work_of(look.uow)
    reach = work.targets.reach(broadcast.audience)
    key = "broadcast.reach_staff" if broadcast.audience.post is not None else "broadcast.reach"
    yield look.t(
        key,
        unit=unit_name(look.uow, broadcast.audience.unit),
        chats=reach.chats,
        households=reach.households,
        people=reach.people,
    )
    if reach.unreachable:
        yield look.t("broadcast.unreachable", count=reach.unreachable)
    if missing := rules.missing_parts(broadcast):
        names = look.t("broadcast.comma").join(look.t(f"form.{part}") for part in missing)
        yield look.t("broadcast.missing", parts=Html(names))
    if rules.ends_too_soon(broadcast):
        yield look.t("broadcast.ends_too_soon")
    if broadcast.media:
        yield look.t("broadcast.media", count=len(broadcast.media))
    if any((one.size or 0) > MOST_LENT_BYTES for one in broadcast.media) and (
        beyond := work.targets.beyond(broadcast.audience, broadcast.media[0].bot)
    ):
        yield look.t("broadcast.media_beyond", count=beyond, most=MOST_LENT_BYTES // 1024 // 1024)
    if broadcast.grave:
        yield look.t("broadcast.two_signers")
    if broadcast.kind is Class.ALERT and broadcast.level is Level.RED:
        yield look.t("broadcast.red_check")
    leaves = rules.leaves_at(broadcast, broadcast.drafted_at, hours(work, broadcast))
    if broadcast.send_at is not None or leaves > broadcast.drafted_at:
        yield look.t("broadcast.leaves", when=look.when(leaves))


def _keyboard(look: Look, broadcast: Broadcast) -> Keyboard:
    if broadcast.begun_at is not None:
        return [[Button("broadcast.show_live", LivePressed(broadcast.id))]]
    can = possible(broadcast.state)
    rows: list[list[Button]] = _parts(look, broadcast) if broadcast.state is State.DRAFT else []
    last = []
    if broadcast.state is State.DRAFT:
        last.append(Button("broadcast.publish", DeedPressed(broadcast.id, Deed.PUBLISH, broadcast.version), MAIN))
    if Event.RECALLED in can:
        last.append(Button("broadcast.recall", DeedPressed(broadcast.id, Deed.RECALL)))
    if Event.CANCELLED in can:
        last.append(Button("broadcast.discard", DeedPressed(broadcast.id, Deed.CANCEL), RISKY))
    return [*rows, last]


def _parts(look: Look, broadcast: Broadcast) -> list[list[Button]]:
    """The buttons that change a draft; each says what it is now and sets the next choice."""
    id_ = broadcast.id
    alerting = broadcast.kind in (Class.ALERT, Class.EXERCISE)
    rows = [[Button("broadcast.edit", WritePressed(id_, Wanted.TEXT), PLAIN)]]
    if alerting:
        rows[0].append(Button("broadcast.edit_parts", WritePressed(id_, Wanted.PARTS), PLAIN))
    if broadcast.media:
        rows[0].append(Button("broadcast.no_media", SetPressed(id_, Field.MEDIA, "")))
    if alerting:
        rows.append([_level(level, broadcast) for level in Level])
    rows.append(
        [
            Button("broadcast.audience", AudiencePressed(id_, broadcast.unit, 0)),
            _cycle(look, broadcast, Field.KINDS, _KINDS, _kinds_of(broadcast)),
            _cycle(look, broadcast, Field.POST, _POSTS, broadcast.audience.post),
        ]
    )
    asked = Button(
        "broadcast.receipts_on" if broadcast.receipts else "broadcast.receipts_off",
        SetPressed(id_, Field.RECEIPTS, "off" if broadcast.receipts else "on"),
    )
    rows.append([asked, *([_hours("window", Field.WINDOW, WINDOWS, broadcast)] if broadcast.receipts else [])])
    alert = broadcast.kind is Class.ALERT  # no series; one that was begun as such can be ended
    series = [] if alert and not broadcast.repeat_s else [(0,) if alert else REPEATS]
    rows.append(
        [
            _expiry(broadcast),
            Button("broadcast.later", WritePressed(id_, Wanted.SEND_AT)),
            *(_hours("repeat", Field.REPEAT, choices, broadcast) for choices in series),
        ]
    )
    return rows


def _kinds_of(broadcast: Broadcast) -> UnitKind | None:
    kinds = broadcast.audience.kinds
    return kinds[0] if len(kinds) == 1 else None


def _level(level: Level, broadcast: Broadcast) -> Button:
    chosen = broadcast.level is level
    key = f"colour_chosen.{level.value}" if chosen else f"colour_button.{level.value}"
    return Button(key, SetPressed(broadcast.id, Field.LEVEL, "" if chosen else level.value))


def _cycle(
    look: Look,
    broadcast: Broadcast,
    field: Field,
    choices: tuple[Post | UnitKind | None, ...],
    now: Post | UnitKind | None,
) -> Button:
    later = choices[(choices.index(now) + 1) % len(choices)] if now in choices else None
    name = look.t(f"broadcast_{field.value}.{now.value if now else 'all'}")
    return Button(
        f"broadcast.{field.value}", SetPressed(broadcast.id, field, later.value if later else ""), values={"name": name}
    )


def _hours(what: str, field: Field, choices: tuple[int, ...], broadcast: Broadcast) -> Button:
    now = broadcast.window_s if field is Field.WINDOW else broadcast.repeat_s or 0
    later = next((one for one in choices if one > now), choices[0])
    key = f"broadcast.{what}_none" if not now else f"broadcast.{what}"
    return Button(key, SetPressed(broadcast.id, field, str(later) if later else ""), values={"hours": _amount(now)})


def _expiry(broadcast: Broadcast) -> Button:
    """How long it holds from now or from the time it leaves; a press sets the next of the usual terms."""
    begins = broadcast.send_at or broadcast.drafted_at
    left = (broadcast.expires_at - begins).total_seconds() if broadcast.expires_at else 0
    later = next((one for one in EXPIRIES if one > left + HOUR), EXPIRIES[0])
    key = "broadcast.expiry" if left > 0 else "broadcast.expiry_none"
    values = {"hours": _amount(round(left / HOUR) * HOUR)} if left > 0 else {}
    return Button(key, SetPressed(broadcast.id, Field.EXPIRY, str(later)), values=values)


def _amount(seconds: int) -> str:
    return f"{seconds / HOUR:g}"
