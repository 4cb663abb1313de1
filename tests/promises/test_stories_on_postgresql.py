"""The main stories once more, on PostgreSQL: people must not notice which database their town has."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.databases import POSTGRESQL
from tests.handlers.test_broadcast import (
    test_an_orange_alert_goes_from_the_desk_to_six_grids_once_a_second_person_agrees,
    test_every_door_told_makes_it_complete_and_the_summary_says_how_long_it_took,
    test_need_help_rings_the_worker_and_shows_nothing_to_the_neighbours,
)
from tests.handlers.test_broadcast_ends import test_reminders_and_lists_of_doors_say_that_it_is_over
from tests.handlers.test_claim import test_the_first_press_claims_and_the_second_one_learns_who
from tests.handlers.test_climb import (
    test_a_case_climbs_to_the_top_and_no_further,
    test_what_the_grid_cannot_solve_goes_to_the_community_with_the_reason,
)
from tests.handlers.test_doors_taken_back import test_a_household_that_pressed_itself_meanwhile_stays_confirmed
from tests.handlers.test_outcome import (
    test_what_is_over_within_minutes_is_drawn_in_seconds_and_shows_grids_where_nobody_is_missing,
)
from tests.handlers.test_rating import (
    test_a_second_not_satisfied_asks_for_a_judgement,
    test_satisfied_archives_and_a_comment_may_follow,
)
from tests.handlers.test_rollcall import test_past_roll_calls_are_listed_and_each_leads_to_how_far_it_is
from tests.handlers.test_tip_offs import (
    test_only_the_desk_that_accepted_a_tip_off_may_open_who_it_was_and_it_is_written_down,
    test_the_accused_grid_and_everything_above_it_up_to_the_clear_one_are_passed_by,
)

__all__ = [
    "test_a_case_climbs_to_the_top_and_no_further",
    "test_a_household_that_pressed_itself_meanwhile_stays_confirmed",
    "test_a_second_not_satisfied_asks_for_a_judgement",
    "test_an_orange_alert_goes_from_the_desk_to_six_grids_once_a_second_person_agrees",
    "test_every_door_told_makes_it_complete_and_the_summary_says_how_long_it_took",
    "test_need_help_rings_the_worker_and_shows_nothing_to_the_neighbours",
    "test_only_the_desk_that_accepted_a_tip_off_may_open_who_it_was_and_it_is_written_down",
    "test_past_roll_calls_are_listed_and_each_leads_to_how_far_it_is",
    "test_reminders_and_lists_of_doors_say_that_it_is_over",
    "test_satisfied_archives_and_a_comment_may_follow",
    "test_the_accused_grid_and_everything_above_it_up_to_the_clear_one_are_passed_by",
    "test_the_first_press_claims_and_the_second_one_learns_who",
    "test_what_is_over_within_minutes_is_drawn_in_seconds_and_shows_grids_where_nobody_is_missing",
    "test_what_the_grid_cannot_solve_goes_to_the_community_with_the_reason",
]


@pytest.fixture(autouse=True)
def on_a_server() -> Iterator[None]:
    """Every town of this module is on PostgreSQL."""
    with databases.on(POSTGRESQL):
        yield
