"""The private draft of a report: opened, filled with whatever is said and sent, submitted once. It is a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from routing import filing, refusals, residents
from routing.drafts import OPEN, Piece, Sheet, key_of, pack, unpack
from routing.effects import Json
from routing.filing import GRIDS, Report
from routing.model import Case, Channel, ChatId, PersonId, Place, Unit, UnitCode, WordsId, WordsKind
from routing.ports import Code, Doubt, Draft, Lane, Promise, UnitOfWork

HOME: Final = "home"
"""The step of the rows that remember to which grid somebody reported last."""
LIFE: Final = timedelta(days=7)
EDITABLE_FOR: Final = timedelta(days=3)
"""Telegram lets people edit for two days; rows that follow such edits may go after that."""
MOST_PARTS: Final = 100
PAGE: Final = 8
"""Grids on one page of the choice."""


def find(uow: UnitOfWork, chat: ChatId, person: PersonId) -> Sheet | None:
    """Their open draft."""
    draft = uow.notebook.draft(key_of(chat, person))
    return unpack(draft) if draft else None


def current(uow: UnitOfWork, chat: ChatId, person: PersonId, serial: int) -> Sheet:
    """The open draft to which a button belongs.

    Raises:
        AlreadyDone: that draft was submitted or cancelled, or another message carries it now.
    """
    sheet = find(uow, chat, person)
    if sheet is None or sheet.serial != serial:
        raise refusals.AlreadyDone
    return sheet


def begin(
    uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, grid: UnitCode | None = None, building: str = ""
) -> Sheet:
    """Open a draft, or bring the open one to the end of the chat; its place is the one given, else what is known."""
    old = find(uow, chat, person)
    if old is None:
        sheet = _open(uow, chat, person, at)
    else:
        _end(uow, old, "draft.moved")
        sheet = replace(old, serial=uow.ids.new(), page=None, sending=False)
    if grid is not None:
        sheet = replace(sheet, grid=grid, building=building)
    return keep(uow, sheet, at)


def _open(uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, question: str = "") -> Sheet:
    """An empty one; only that the notice is named in it is written down."""
    notice = residents.inform(uow, person, at)
    return Sheet(uow.ids.new(), person, chat, *_known_place(uow, person), question=question, notice=notice)


def begin_by_link(uow: UnitOfWork, purpose: str, secret: str, chat: ChatId, person: PersonId, at: datetime) -> Sheet:
    """Open a draft from a building's plaque or a group's link.

    Raises:
        LinkOver: there is no such link, or it has run out.
    """
    code = uow.notebook.code(secret)
    if code is None or code.purpose != purpose or (code.expires_at is not None and code.expires_at <= at):
        raise refusals.LinkOver
    return begin(uow, chat, person, at, code.unit, str(code.params.get("building") or ""))


def issue_plaque(uow: UnitOfWork, grid: UnitCode, building: str) -> str:
    """A new secret for the plaque of a building; its link is ``/start p<secret>``. It is stored by its digest only."""
    secret = uow.ids.secret()
    uow.notebook.issue_code(secret, Code("plaque", grid, {"building": building}, expires_at=None, once=False))
    return secret


def invitation(uow: UnitOfWork, grid: UnitCode) -> str:
    """The payload of a grid's own link to a private draft, ``r<secret>``: shown in the group, the same every time."""
    name = f"invitation:{grid}"
    secret = uow.notebook.setting(name)
    if secret is None:
        secret = uow.ids.secret()
        uow.notebook.set_setting(name, secret)
        uow.notebook.issue_code(secret, Code("report", grid, {}, expires_at=None, once=False))
    return f"r{secret}"


def _known_place(uow: UnitOfWork, person: PersonId) -> tuple[UnitCode | None, str]:
    """Where they live, else where they reported last, else where they work, else the town's only grid."""
    home = uow.people.household_of(person)
    if home is not None:
        return home.grid, home.building
    last = uow.notebook.draft(f"home:{person}")
    known = [UnitCode(str(last.data["grid"]))] if last else []
    known += [post.unit for post in uow.people.posts_of(person)]
    every = grids(uow)
    codes = {unit.code for unit in every}
    fitting = [code for code in known if code in codes]
    return (fitting[0] if fitting else every[0].code if len(every) == 1 else None), ""


def grids(uow: UnitOfWork) -> Sequence[Unit]:
    """Every grid of the town, in the order of the tree."""
    return [unit for unit in uow.units.all() if unit.kind in GRIDS]


def add(
    uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, piece: Piece, location: tuple[float, float] | None,
    question: str = "",
) -> Sheet:  # fmt: skip
    """Put a message into the draft; without one it opens one, for words that may have answered *question*.

    Raises:
        DraftFull: it holds as many messages as one report may.
    """
    sheet = find(uow, chat, person) or _open(uow, chat, person, at, question)
    if piece.message_id in {one.message_id for one in sheet.pieces}:
        return sheet
    if len(sheet.pieces) >= MOST_PARTS:
        raise refusals.DraftFull(most=MOST_PARTS)
    pieces = (*sheet.pieces, piece) if piece.text or piece.media else sheet.pieces
    return keep(uow, replace(sheet, pieces=pieces, location=location or sheet.location), at)


def begin_with_words(
    uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, message_id: int, button_at: int
) -> bool:
    """Put what they wrote about a case into a draft of its own: it was taken for an answer and is a report.

    Their message stays what it was to the first case; to the new one, the message with the button stands for it.

    Returns:
        Whether it was; the same message goes into a draft once, and nobody else's ever.

    Raises:
        DraftFull: the open draft holds as many messages as one report may.
    """
    words = uow.words.at(chat, message_id)
    if words is None or words.author != person or not uow.notebook.once(f"anew:{chat}:{message_id}", at):
        return False
    add(uow, chat, person, at, Piece(button_at, words.text, words.media), None)
    return True


def report_at_once(
    uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, piece: Piece, *, alone: bool
) -> Case | None:
    """File one message without a draft, where the grid is known; else put it into the draft.

    A message that is not *alone*, as a part of an album, goes to the draft as well; so does one said while a draft is
    open.

    Returns:
        The case, or ``None`` when the draft has it.
    """
    if not alone or find(uow, chat, person) is not None:
        add(uow, chat, person, at, piece, None)
        return None
    sheet = Sheet(uow.ids.new(), person, chat, *_known_place(uow, person), pieces=(piece,))
    if sheet.grid is None:
        keep(uow, replace(sheet, page=0, sending=True, notice=residents.inform(uow, person, at)), at)
        return None
    return filing.file_report(uow, _report(sheet, sheet.grid, at))


def amend(uow: UnitOfWork, chat: ChatId, person: PersonId, at: datetime, message_id: int, text: str) -> bool:
    """Follow the edit of a message in the draft; False when it is in none."""
    sheet = find(uow, chat, person)
    if sheet is None or message_id not in {piece.message_id for piece in sheet.pieces}:
        return False
    pieces = tuple(replace(one, text=text) if one.message_id == message_id else one for one in sheet.pieces)
    keep(uow, replace(sheet, pieces=pieces), at)
    return True


def change(
    uow: UnitOfWork, chat: ChatId, person: PersonId, serial: int, at: datetime, how: Callable[[Sheet], Sheet]
) -> Sheet:
    """Change the draft to which a button belongs.

    Raises:
        AlreadyDone: that draft was submitted or cancelled, or another message carries it now.
    """
    return keep(uow, how(current(uow, chat, person, serial)), at)


def choose(uow: UnitOfWork, chat: ChatId, person: PersonId, serial: int, mark: int, at: datetime) -> Case | None:
    """Take the grid with that `mark_of`; submit if that is all that was missing, and then return the case.

    Raises:
        AlreadyDone: as in `change`.
        LinkOver: there is no such grid any more.
    """
    grid = next((unit.code for unit in grids(uow) if mark_of(unit.code) == mark), None)
    if grid is None:
        raise refusals.LinkOver
    chosen = replace(current(uow, chat, person, serial), grid=grid, building="", page=None)
    _remember(uow, chosen, at)
    if chosen.sending:
        uow.notebook.keep_draft(pack(chosen, at))
        return submit(uow, chat, person, serial, at)
    keep(uow, chosen, at)
    return None


def mark_of(grid: UnitCode) -> int:
    """A number that stands for a grid on a button, whatever characters its code has."""
    return crc32(grid.encode())


def submit(uow: UnitOfWork, chat: ChatId, person: PersonId, serial: int, at: datetime) -> Case | None:
    """File the draft, once. ``None``: the grid is not known, and the draft now shows the choice.

    Raises:
        AlreadyDone: that draft was submitted or cancelled.
        EmptyReport: nothing was said or sent.
    """
    sheet = current(uow, chat, person, serial)
    if not sheet.text.strip() and not sheet.media:
        raise refusals.EmptyReport
    if sheet.grid is None:
        keep(uow, replace(sheet, page=0, sending=True), at)
        return None
    case = filing.file_report(uow, _report(sheet, sheet.grid, at))
    follow_edits(uow, sheet, uow.words.of(case.id, WordsKind.REPORT)[0].id, at)
    _remember(uow, sheet, at)
    drop(uow, sheet, "draft.sent", case=case.id)
    return case


def cancel(uow: UnitOfWork, chat: ChatId, person: PersonId, serial: int) -> None:
    """Throw the draft away.

    Raises:
        AlreadyDone: that draft was submitted or cancelled.
    """
    drop(uow, current(uow, chat, person, serial), "draft.cancelled")


def drop(uow: UnitOfWork, sheet: Sheet, key: str, **values: Json) -> None:
    """The draft is over; its message says how it ended."""
    uow.notebook.drop_draft(key_of(sheet.chat, sheet.person))
    _end(uow, sheet, key, **values)


def keep(uow: UnitOfWork, sheet: Sheet, at: datetime) -> Sheet:
    """Write the draft down and show it in its one message."""
    uow.notebook.keep_draft(pack(sheet, at))
    uow.outbox.promise(_promise(sheet, "draft", {"serial": sheet.serial, "person": sheet.person}))
    return sheet


def collect(uow: UnitOfWork, now: datetime) -> int:
    """Close drafts that nobody touched for a week, and forget where the lines of old reports came from."""
    old = uow.notebook.drafts_due(OPEN, now - LIFE, 50)
    for draft in old:
        uow.notebook.drop_draft(draft.key)
        _end(uow, unpack(draft), "draft.expired")
    parts = uow.notebook.drafts_due(filing.PART, now - EDITABLE_FOR, 200)
    for part in parts:
        uow.notebook.drop_draft(part.key)
    return len(old) + len(parts)


def _report(sheet: Sheet, grid: UnitCode, at: datetime) -> Report:
    latitude, longitude = sheet.location or (None, None)
    return Report(
        person=sheet.person,
        grid=grid,
        at=at,
        text=sheet.text,
        media=sheet.media,
        place=Place(building=sheet.building, latitude=latitude, longitude=longitude),
        channel=Channel.PRIVATE,
        chat=sheet.chat,
        message_id=sheet.pieces[0].message_id,
        confidential=sheet.confidential,
    )


def follow_edits(uow: UnitOfWork, sheet: Sheet, words: WordsId, at: datetime) -> None:
    """What was written in several messages must know which line came as which."""
    if len(sheet.pieces) == 1:
        return
    for piece in sheet.pieces:
        if piece.text:
            filing.keep_part(uow, words, sheet.chat, piece.message_id, sheet.person, piece.text, at)


def _remember(uow: UnitOfWork, sheet: Sheet, at: datetime) -> None:
    key = f"home:{sheet.person}"
    uow.notebook.keep_draft(Draft(key, sheet.person, sheet.chat, HOME, at, {"grid": sheet.grid}))


def _end(uow: UnitOfWork, sheet: Sheet, key: str, **values: Json) -> None:
    """Let the draft's message say how it ended; its buttons go."""
    uow.outbox.promise(_promise(sheet, "draft_end", {"key": key, **values}))


def _promise(sheet: Sheet, view: str, params: Mapping[str, Json]) -> Promise:
    carrier = f"draft:{sheet.serial}"
    return Promise(
        key=carrier, chat=sheet.chat, view=view, params=params, lane=Lane.ANSWER, carrier=carrier, doubt=Doubt.RESEND
    )
