"""The rule by which works wait: taking in goes first, everything gets on, and each lane keeps its order."""

from hypothesis import given
from hypothesis import strategies as st

from storage.line import FEW, Line

MOST = 20


def done(line: Line[str], meanwhile: int = 0) -> list[str]:
    """What is done of the next group; *meanwhile* somebody brings so many to be taken in, after the first of it."""
    group = line.group(MOST)
    ran: list[str] = []
    for work in group:
        if line.hurries(len(ran)):
            line.put_back(group[len(ran) :])
            break
        ran.append(work)
        while meanwhile:
            line.put(f"first {meanwhile}", first=True)
            meanwhile -= 1
    return ran


def filled(usual: int, first: int = 0) -> Line[str]:
    line: Line[str] = Line()
    for number in range(usual):
        line.put(f"work {number}")
    for number in range(first):
        line.put(f"first {number}", first=True)
    return line


def test_what_is_taken_in_does_not_wait_for_the_works_before_it() -> None:
    assert done(filled(usual=1000, first=2)) == ["first 0", "first 1"]


def test_where_nobody_is_taken_in_works_share_a_commit_as_ever() -> None:
    assert len(done(filled(usual=1000))) == MOST


def test_a_group_ends_early_when_somebody_comes_to_be_taken_in() -> None:
    line = filled(usual=1000)

    assert len(done(line, meanwhile=1)) == FEW
    assert done(line) == ["first 1"]
    assert done(line)[0] == f"work {FEW}", "what made way is next"


def test_however_much_is_taken_in_some_works_get_on_after_each_group_of_it() -> None:
    line = filled(usual=3 * FEW, first=10 * MOST)
    groups = [done(line) for _ in range(6)]

    assert [len(group) for group in groups] == [MOST, FEW] * 3
    assert [work for group in groups[1::2] for work in group] == [f"work {number}" for number in range(3 * FEW)]


def test_an_ended_line_gives_out_what_is_in_it() -> None:
    line = filled(usual=1, first=1)
    line.end()

    assert line.wait()
    assert [done(line), done(line)] == [["first 0"], ["work 0"]]
    assert not line.wait()


@given(brought=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=60))
def test_each_lane_keeps_its_order_and_nothing_is_lost(brought: list[tuple[bool, int]]) -> None:
    line: Line[str] = Line()
    put: dict[bool, list[str]] = {True: [], False: []}
    ran: list[str] = []
    for number, (first, turns) in enumerate(brought):
        for part in range(FEW):
            put[first].append(f"{first} {number} {part}")
            line.put(put[first][-1], first=first)
        for _ in range(turns):
            ran += done(line)
    while len(line):
        ran += done(line)

    for first, works in put.items():
        assert [work for work in ran if work.startswith(str(first))] == works
