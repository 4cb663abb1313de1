"""A broadcast in words: the message that people see, and the line of figures below it."""

from collections.abc import Iterator
from typing import Final, cast

from broadcasts.model import Broadcast, BroadcastId, Class, Figures, State, Target
from broadcasts.ports import UnitOfWork
from handlers._kit import albums
from handlers._kit.html import clean
from handlers._kit.naming import unit_name
from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing.model import MediaKind
from routing.ports import UnitOfWork as CaseWork

BAR: Final = 10
"""Squares of a progress bar."""
SHORT: Final = 24
"""Characters of a text that stand for it."""
_FULL, _EMPTY = "🟩", "⬜"


def work_of(uow: CaseWork) -> UnitOfWork:
    """The same transaction with the stores of broadcasts, which every store has."""
    return cast("UnitOfWork", uow)


def broadcast_of(look: Look) -> Broadcast:
    """The broadcast that a promise is about, as it is now."""
    return work_of(look.uow).broadcasts.get(BroadcastId(int(str(look.params["broadcast"]))))


def target_of(look: Look, broadcast: Broadcast) -> Target:
    """The chat that a promise is about; one without figures when it is no target."""
    place = str(look.params.get("place", ""))
    found = work_of(look.uow).targets.get(broadcast.id, place)
    return found or Target(broadcast=broadcast.id, place=place, grid=broadcast.unit)


def title(look: Look, broadcast: Broadcast) -> Html:
    """Its head: the hazard with its colour, or the kind of message; an exercise says so first."""
    mark = look.t("broadcast.exercise") if broadcast.exercise else Html("")
    alerting = broadcast.kind in (Class.ALERT, Class.EXERCISE)
    if alerting and broadcast.level is not None:
        colour = look.t(f"colour.{broadcast.level.value}")
        head = look.t("broadcast.alert", hazard=clean(broadcast.alert.hazard), level=colour)
        icon = look.t(f"colour_icon.{broadcast.level.value}")
        return Html(f"{icon}{mark}<b>{head}</b>")
    if broadcast.kind is Class.ALERT and broadcast.alert.hazard:
        return Html(f"<b>{look.t('broadcast.alert_of', hazard=clean(broadcast.alert.hazard))}</b>")
    return Html(f"{mark}<b>{look.t(f'broadcast_kind.{broadcast.kind.value}')}</b>")


def headline(look: Look, broadcast: Broadcast) -> Html:
    """Its head where the text does not follow: of what names no hazard the beginning of what it says, too."""
    lines = broadcast.text.strip().splitlines()
    if not lines or broadcast.level is not None:
        return title(look, broadcast)
    said = lines[0] if len(lines[0]) <= SHORT else f"{lines[0][:SHORT]}…"
    return Html(f"{title(look, broadcast)} {look.t('broadcast.text', text=clean(said))}")


def text(look: Look, broadcast: Broadcast) -> Html:
    """The whole message without its figures."""
    lines = [*ended(look, broadcast), title(look, broadcast), *_updates(look, broadcast), *_parts(look, broadcast)]
    if broadcast.text.strip():
        lines.append(look.t("broadcast.text", text=clean(broadcast.text.strip())))
    lines.append(_signed(look, broadcast))
    return Html("\n".join(lines))


def ended(look: Look, broadcast: Broadcast) -> Iterator[Html]:
    """That it holds no longer, and why; nothing while it does."""
    if broadcast.state is State.SUPERSEDED:
        yield look.t("broadcast.superseded")
    elif broadcast.state is State.CANCELLED:
        yield look.t("broadcast.cancelled")
    elif broadcast.state is State.EXPIRED:
        yield look.t("broadcast.expired")


def _updates(look: Look, broadcast: Broadcast) -> Iterator[Html]:
    if broadcast.updates is not None:
        before = work_of(look.uow).broadcasts.get(broadcast.updates)
        yield look.t("broadcast.updates", number=before.number)


def _parts(look: Look, broadcast: Broadcast) -> Iterator[Html]:
    alert = broadcast.alert
    if broadcast.kind in (Class.NOTICE, Class.REMINDER):
        return
    if alert.issuer:
        when = look.when(alert.issued_at) if alert.issued_at else ""
        yield look.t("broadcast.issued", issuer=clean(alert.issuer), when=when)
    if alert.starts_at:
        yield look.t("broadcast.starts", when=look.when(alert.starts_at))
    for name in ("area", "matter", "action"):
        if value := getattr(alert, name):
            yield look.t(f"broadcast.{name}", text=clean(value))
    if broadcast.expires_at:
        yield look.t("broadcast.until", when=look.when(broadcast.expires_at))


def _signed(look: Look, broadcast: Broadcast) -> Html:
    key = "broadcast.relayed" if broadcast.kind is Class.ALERT else "broadcast.signed"
    return look.t(key, unit=unit_name(look.uow, broadcast.unit), number=broadcast.number)


def counter(look: Look, target: Target) -> Html:
    """How many households have confirmed there."""
    return look.t("broadcast.counter", confirmed=target.confirmed, target=target.target)


def bar(part: int, whole: int) -> str:
    """A bar of squares; full only when nothing is missing."""
    full = BAR if part >= whole else min(BAR - 1, part * BAR // whole)
    return _FULL * full + _EMPTY * (BAR - full)


def percent(part: int, whole: int) -> str:
    """A share of something in whole per cent, 100 % only when nothing is missing."""
    return f"{100 if part >= whole else min(99, part * 100 // whole)}%"


def complete(broadcast: Broadcast, figures: Figures) -> bool:
    """Whether the list of the missing is empty and nobody is still to be asked."""
    return broadcast.sent_at is not None and figures.target > 0 and not figures.missing


def attachments(look: Look, broadcast: Broadcast) -> tuple[Outgoing, ...]:
    """Pictures and files below the text, as far as the bot of this chat can show them."""
    shown = [one for one in broadcast.media if look.carries(one)]
    own = [one for one in shown if one.bot == look.chat.bot]
    scenes = [one for one in own if one.kind in albums.SCENES]
    papers = [one for one in own if one.kind is MediaKind.DOCUMENT]
    rest = [one for one in shown if one not in (*scenes, *papers)]
    return (*albums.albums(scenes), *albums.albums(papers), *albums.singles(look, rest))
