"""What the hierarchy does by rule, by clock and in lists once more, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.databases import POSTGRESQL
from tests.routing.test_assigning import (
    test_what_nobody_takes_is_given_to_the_first_in_line_and_after_a_silence_to_the_next,
    test_who_gives_it_back_is_not_given_it_again,
)
from tests.routing.test_boards import test_a_reply_waits_at_the_desk_that_the_policy_names_for_the_review
from tests.routing.test_overdue import (
    test_a_case_that_stays_unsolved_goes_up_one_level_by_rule_with_fresh_clocks,
    town,
)
from tests.routing.test_recounting import (
    test_extensions_and_pauses_are_counted_with_it,
    test_guessed_deadlines_move_and_become_firm_once_and_people_hear,
)

__all__ = [
    "test_a_case_that_stays_unsolved_goes_up_one_level_by_rule_with_fresh_clocks",
    "test_a_reply_waits_at_the_desk_that_the_policy_names_for_the_review",
    "test_extensions_and_pauses_are_counted_with_it",
    "test_guessed_deadlines_move_and_become_firm_once_and_people_hear",
    "test_what_nobody_takes_is_given_to_the_first_in_line_and_after_a_silence_to_the_next",
    "test_who_gives_it_back_is_not_given_it_again",
    "town",
]


@pytest.fixture(autouse=True)
def on_a_server() -> Iterator[None]:
    """Every town of this module is on PostgreSQL."""
    with databases.on(POSTGRESQL):
        yield
