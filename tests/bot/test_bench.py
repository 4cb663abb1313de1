"""Benches measure what they say; how fast the machine is, no test asks."""

import pytest

from bot.bench import Size, at_least, at_most, bench, benches


def test_every_bench_says_in_its_first_line_what_it_measures() -> None:
    assert benches()
    assert all(first_line.endswith(".") for first_line in benches().values())


def test_an_unknown_bench_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="reports"):
        bench("nothing")


@pytest.mark.parametrize("name", benches())
async def test_a_short_run_gives_rows_with_figures(name: str) -> None:
    rows = await bench(name)(Size.SHORT)

    assert rows
    for row in rows:
        assert row.bench == name
        assert row.figures
        assert (row.met is None) == (not row.target)


def test_a_target_is_met_or_missed_by_the_ratio() -> None:
    assert at_least("x", "a / b", 0.2, 0.2, {"n": 1.0}).met is True
    assert at_least("x", "a / b", 0.1, 0.2, {"n": 1.0}).met is False
    assert at_most("x", "a / b", 1.6, 1.5, {"n": 1.0}).met is False
