import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ids import EPOCH_MS, ClockIds

NOW_MS = EPOCH_MS + 60_000_000_000


@given(
    clock=st.lists(st.integers(EPOCH_MS, NOW_MS), min_size=1, max_size=50),
    after=st.integers(0, 2**61),
    node=st.integers(0, 255),
)
def test_numbers_rise_whatever_the_clock_does(clock: list[int], after: int, node: int) -> None:
    moments = iter(clock)
    ids = ClockIds(node, after, lambda: next(moments))

    numbers = [after, *(ids.new() for _ in clock)]

    assert numbers == sorted(set(numbers))
    assert all(0 < number < 2**63 for number in numbers[1:])


def test_a_burst_within_one_millisecond_runs_ahead_of_the_clock_and_stays_unique() -> None:
    ids = ClockIds(clock_ms=lambda: NOW_MS)

    numbers = [ids.new() for _ in range(40_000)]

    assert len(set(numbers)) == 40_000
    assert numbers == sorted(numbers)


def test_two_processes_never_give_the_same_number() -> None:
    one, other = ClockIds(1, clock_ms=lambda: NOW_MS), ClockIds(2, clock_ms=lambda: NOW_MS)

    assert not {one.new() for _ in range(1000)} & {other.new() for _ in range(1000)}


def test_a_node_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        ClockIds(256)


def test_secrets_fit_a_deep_link_and_door_codes_are_easy_to_read_out() -> None:
    ids = ClockIds()
    secrets, codes = {ids.secret() for _ in range(100)}, {ids.door_code() for _ in range(100)}

    assert len(secrets) == len(codes) == 100
    assert all(len(secret) == 22 and secret.replace("-", "").replace("_", "").isalnum() for secret in secrets)
    assert all(len(code) == 8 and not set(code) & set("0O1IL") and code.isalnum() for code in codes)
