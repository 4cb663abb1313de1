"""The two files of a summary. Views only say what to draw; the courier has it drawn when the message leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from broadcasts.charts import Chart, Labels, summary_png
from broadcasts.lists import Cell, workbook
from broadcasts.model import Broadcast, BroadcastId, Receipt
from broadcasts.ports import UnitOfWork
from broadcasts.summary import MOST_LISTED, Summary, gather
from handlers._kit import words
from handlers._kit.naming import public_name
from handlers._kit.registry import view
from handlers._kit.views import Attachment, Look, Outgoing
from handlers._kit.words import Html
from routing.model import Household, PersonId

COLUMNS: Final = ("grid", "building", "unit_no", "room", "state", "door", "at")
WIDTHS: Final = (24, 12, 10, 10, 14, 16, 20)
EXPORT: Final = "huying export broadcasts"
_STAFF: Final = "person:"
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list is made of: rows of cells, and the sheet's name."""

    title: str
    rows: list[tuple[Cell, ...]]


@view("broadcast_chart")
def chart(look: Look) -> Outgoing | None:
    """The curve and the grids that lag, with the figures in words below; nothing where nobody was asked."""
    broadcast, summary = _summary(look)
    if not summary.figures.households:
        return None
    if not summary.kept:
        return look.message(Html(_caption(look, summary)))
    lang = look.lang

    def read(uow: UnitOfWork) -> tuple[Chart, Labels, Labels]:
        now = gather(uow, uow.broadcasts.get(broadcast.id))
        return drawn(now), labels(now, lang), labels(now, "en", plain=True)

    file = Attachment(f"broadcast-{broadcast.number}.png", read, lambda parts: summary_png(*parts))
    return Outgoing("sendPhoto", {"photo": file, "caption": _caption(look, summary), "parse_mode": "HTML"})


@view("broadcast_list")
def households(look: Look) -> Outgoing | None:
    """Every household by its state as a workbook, or where to get it when it is too long for a chat."""
    broadcast, summary = _summary(look)
    number, lang = broadcast.number, look.lang
    if not summary.figures.households:
        return None
    if not summary.kept:
        return look.message(look.t("outcome.erased", number=number))
    if summary.figures.households > MOST_LISTED:
        return look.message(look.t("outcome.too_long", number=number, most=MOST_LISTED, command=EXPORT))

    def read(uow: UnitOfWork) -> Listed:
        return listed(uow, broadcast, lang)

    def make(found: Listed) -> bytes:
        return workbook(found.title, header(lang), found.rows, WIDTHS)

    file = Attachment(f"broadcast-{number}.xlsx", read, make)
    return Outgoing("sendDocument", {"document": file, "caption": look.t("outcome.list", number=number)})


def _summary(look: Look) -> tuple[Broadcast, Summary]:
    uow = cast("UnitOfWork", look.uow)
    broadcast = uow.broadcasts.get(BroadcastId(int(str(look.params["broadcast"]))))
    return broadcast, gather(uow, broadcast)


def drawn(summary: Summary) -> Chart:
    """What of a summary is drawn."""
    return Chart(
        summary.figures.target,
        [point.minute for point in summary.curve],
        [point.pressed for point in summary.curve],
        [point.told for point in summary.curve],
        [after / timedelta(minutes=1) for _, after in summary.reached if after is not None],
        [(target.pressed, target.told, target.missing) for _, target in summary.worst],
    )


def labels(summary: Summary, lang: str, *, plain: bool = False) -> Labels:
    """What is written on the chart; *plain* names the grids by their codes, which every font has."""
    say, figures, broadcast = words.plain, summary.figures, summary.broadcast
    about = "" if plain else broadcast.alert.hazard or broadcast.text.partition("\n")[0][:24]
    return Labels(
        title=say("outcome.title", lang, number=broadcast.number, about=about).strip(),
        subtitle=say(
            "outcome.subtitle", lang, confirmed=figures.confirmed, target=figures.target, share=share(summary)
        ),
        pressed=say("outcome.pressed", lang),
        told=say("outcome.told", lang),
        missing=say("outcome.missing", lang),
        minutes=say("outcome.minutes", lang),
        households=say("outcome.households", lang),
        grids=tuple(str(target.grid) if plain else name for name, target in summary.worst),
        marks=tuple(f"{reached}%" for reached, after in summary.reached if after is not None),
    )


def share(summary: Summary) -> str:
    """Confirmed per cent, rounded down, so that 100 % means that nobody is missing and nobody is still to be asked."""
    target, most = summary.figures.target, 100 if summary.broadcast.sent_at is not None else 99
    return f"{min(most, summary.figures.confirmed * 100 // target)}%" if target else "–"


def _caption(look: Look, summary: Summary) -> str:
    figures = summary.figures
    lines = [
        look.t("outcome.head", number=summary.broadcast.number),
        look.t(
            "outcome.figures",
            confirmed=figures.confirmed,
            target=figures.target,
            share=share(summary),
            pressed=figures.pressed,
            told=figures.told,
            missing=figures.missing,
        ),
        look.t("outcome.chats", sent=figures.sent, failed=figures.failed, helps=figures.helps, moved=figures.moved),
    ]
    lines += [
        look.t("outcome.reached", share=reached, after=_span(look, after))
        for reached, after in summary.reached
        if after is not None
    ]
    return "\n".join(lines)


def _span(look: Look, span: timedelta) -> str:
    """Hours and minutes of what took long, minutes and seconds of what did not."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    key = "outcome.span" if hours else "outcome.short_span"
    return look.t(key, hours=hours, minutes=minutes, seconds=seconds)


def header(lang: str) -> list[str]:
    """The names of the list's columns."""
    return [words.plain(f"outcome.column.{name}", lang) for name in COLUMNS]


def listed(uow: UnitOfWork, broadcast: Broadcast, lang: str) -> Listed:
    """The rows of the list, by grid and door."""
    names = {unit.code: unit.name for unit in uow.units.all()}
    rows = [
        (
            names.get(home.grid, home.grid) if home else receipt.place,
            *_door(uow, receipt, home, lang),
            *_answer(uow, receipt, lang),
        )
        for receipt, home in uow.receipts.of(broadcast.id)
    ]
    return Listed(words.plain("outcome.title", lang, number=broadcast.number, about=""), rows)


def _door(uow: UnitOfWork, receipt: Receipt, home: Household | None, lang: str) -> tuple[Cell, ...]:
    if home is not None:
        return home.building, home.unit_no, home.room
    if receipt.asked.startswith(_STAFF):
        return public_name(uow, PersonId(int(receipt.asked.removeprefix(_STAFF))), lang), "", ""
    return receipt.asked, "", ""


def _answer(uow: UnitOfWork, receipt: Receipt, lang: str) -> tuple[Cell, ...]:
    note = words.plain(f"outcome.door.{receipt.note.value}", lang) if receipt.note is not None else ""
    return words.plain(f"outcome.state.{receipt.state.value}", lang), note, _when(uow, receipt.at)


def _when(uow: UnitOfWork, at: datetime | None) -> str:
    return f"{uow.calendar.local(at):%Y-%m-%d %H:%M:%S}" if at is not None else ""
