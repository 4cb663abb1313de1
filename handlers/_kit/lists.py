"""A list of cases as a panel: a line of figures, a button for each case, and the way to the next page."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from handlers._kit import choices
from handlers._kit.case_presses import CasePressed
from handlers._kit.naming import STATUS_ICON, matter_name, urgency_mark
from handlers._kit.views import Button, Look, Outgoing, last_minute
from handlers._kit.words import Html
from routing import boards
from routing.boards import Board
from routing.model import Case

LABEL: Final = 24
"""How much of a case's class stands on its button, in characters."""
ABREAST: Final = 3
"""How many buttons that narrow a list stand beside one another."""


def show(
    look: Look,
    board: Board,
    head: Html,
    turn: Callable[[int], object],
    now: datetime,
    more: Sequence[Button] = (),
    *,
    parts: Sequence[Button] = (),
) -> Outgoing:
    """The list as a message; *turn* makes the payload of a page's number, *more* stands in the last row.

    Before it stand the *parts* that the list may be narrowed to.
    """
    rows = [[_line(look, case, now)] for case in board.cases]
    turns = choices.turns(turn, board.page, more=board.page + 1 < board.pages)
    if board.pages > 1:
        head = Html(f"{head}\n{look.t('list.page', page=board.page + 1, pages=board.pages)}")
    if board.full:
        head = Html(f"{head}\n{look.t('list.full', most=boards.MOST)}")
    narrower = [list(parts[at : at + ABREAST]) for at in range(0, len(parts), ABREAST)]
    return look.message(head, [*rows, turns, *narrower, list(more)])


def _line(look: Look, case: Case, now: datetime) -> Button:
    due = last_minute(look.uow.calendar.local(case.due_at)) if case.open and case.due_at is not None else None
    return Button(
        "list.line",
        CasePressed(case.id),
        values={
            "icon": "⏰" if case.open and boards.late(case, now) else STATUS_ICON[case.status.value],
            "mark": urgency_mark(case, look.lang),
            "number": case.number,
            "matter": matter_name(look.uow, case.matter, look.lang)[:LABEL],
            "due": f"{due:%m-%d %H:%M}" if due is not None else "",
        },
    )


def page(look: Look) -> int:
    """Which page is wanted."""
    return int(str(look.params["page"]))


def moment(look: Look) -> datetime:
    """When the list was asked for: what is late is judged by that."""
    return datetime.fromtimestamp(float(str(look.params["at"])), UTC)
