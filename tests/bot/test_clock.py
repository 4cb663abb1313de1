"""The town's clock: the machine's, or a faster one that no restart turns back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Clock


class Wall:
    """A hand that a test moves; seconds since 1970."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def test_at_normal_speed_it_is_the_machine_s_time() -> None:
    wall = Wall()
    clock = Clock(wall=wall)
    clock.resume(None)
    wall.at += 5
    assert clock.now() == clock.wall() == datetime.fromtimestamp(wall.at, UTC)
    assert clock.anchor is None


def test_sixty_times_faster_a_second_is_a_minute() -> None:
    wall = Wall()
    clock = Clock(60, wall=wall)
    start = clock.now()
    wall.at += 2
    assert clock.now() - start == timedelta(minutes=2)
    assert clock.after(1) - clock.now() == timedelta(minutes=1)


@given(st.lists(st.tuples(st.sampled_from([1.0, 7.0, 3600.0]), st.integers(-3, 10_000)), min_size=1, max_size=8))
def test_no_restart_turns_the_clock_back(lives: list[tuple[float, int]]) -> None:
    wall, kept, shown = Wall(), None, datetime(1970, 1, 2, tzinfo=UTC)
    for speed, seconds in lives:
        clock = Clock(speed, wall=wall)
        clock.resume(kept)
        assert clock.now() >= shown - timedelta(microseconds=1)
        kept, shown = clock.anchor or kept, max(shown, clock.now())
        wall.at += max(seconds, 0)
