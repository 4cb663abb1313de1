"""The picture in the docs is the table in the code."""

from routing.lifecycle import MOVES, ends
from routing.model import ENDS, Status
from tests.tools.draw_lifecycle import PAGE, page


def test_the_page_shows_the_table_as_it_is() -> None:
    text = PAGE.read_text("utf-8")

    assert page(text) == text, "run: python -m tests.tools.draw_lifecycle"


def test_the_ends_are_the_statuses_that_nothing_leaves() -> None:
    assert ends() == ENDS


def test_every_status_reaches_an_end_and_every_end_is_reached() -> None:
    reach = {status: {status} for status in Status}
    for _ in Status:
        for (status, _event), move in MOVES.items():
            for target in move.to:
                reach[status] |= reach[target]

    assert all(reach[status] & ENDS for status in Status)
    assert reach[Status.RECEIVED] >= ENDS
