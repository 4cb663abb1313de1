"""The story of a duty at night once more, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.databases import POSTGRESQL
from tests.handlers.test_duty import (
    test_at_two_in_the_morning_the_one_on_duty_is_asked_and_named,
    test_each_hand_over_lists_every_open_case_once,
    town,
)

__all__ = [
    "test_at_two_in_the_morning_the_one_on_duty_is_asked_and_named",
    "test_each_hand_over_lists_every_open_case_once",
    "town",
]


@pytest.fixture(autouse=True)
def on_a_server() -> Iterator[None]:
    """The town of this module is on PostgreSQL."""
    with databases.on(POSTGRESQL):
        yield
