"""Where and when people are called to come, as officers write it."""

from datetime import UTC, datetime

import pytest

from routing import lifecycle, whistle
from routing.calendar import Calendar
from routing.effects import Tell, Whom
from routing.events import Event, Merged, RefusalReason, Refused, Withdrawn
from routing.model import Assist, AssistState, CaseId, Status, UnitCode
from routing.refusals import BadMeeting
from tests.routing.world import LI, REPORTER, START, facts, fresh

CALENDAR = Calendar.load()
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 14:00 in the town, on a Monday


@pytest.mark.parametrize(
    ("text", "place", "moment"),
    [
        ("3号楼下 15:30", "3号楼下", "11-23 15:30"),
        ("15：30 3号楼下", "3号楼下", "11-23 15:30"),
        ("3-5号楼下 15:30", "3-5号楼下", "11-23 15:30"),
        ("3号楼下 09:00", "3号楼下", "11-24 09:00"),
        ("3号楼下，下午3:30", "3号楼下", "11-23 15:30"),
        ("3号楼下，15:30，带工具。", "3号楼下 带工具", "11-23 15:30"),
        ("明天上午9:00 小区南门", "小区南门", "11-24 09:00"),
        ("后天 9:00 小区南门", "小区南门", "11-25 09:00"),
        ("12-31 15:30 小区南门", "小区南门", "12-31 15:30"),
        ("小区南门 12月31日晚上7:05 带梯子", "小区南门 带梯子", "12-31 19:05"),
        ("south gate, tomorrow 9:00", "south gate", "11-24 09:00"),
    ],
)
def test_place_and_time_are_read_as_they_are_written(text: str, place: str, moment: str) -> None:
    where, meet_at = whistle.meeting(text, NOW, CALENDAR)

    assert where == place
    assert f"{CALENDAR.local(meet_at):%m-%d %H:%M}" == moment


def test_a_day_that_is_past_this_year_is_meant_for_the_next() -> None:
    assert CALENDAR.local(whistle.meeting("1-5 9:00 南门", NOW, CALENDAR)[1]).year == 2027


@pytest.mark.parametrize(
    "text",
    ["", "3号楼下", "15:30", "12-31 15:30", "南门 25:00", "南门 2-30 9:00", "南门 2026-11-22 9:00", "3 15:30 5"],
)
def test_what_lacks_a_place_or_a_time_ahead_is_refused(text: str) -> None:
    with pytest.raises(BadMeeting):
        whistle.meeting(text, NOW, CALENDAR)


@pytest.mark.parametrize("status", [Status.OFFERED, Status.CLAIMED, Status.SUSPENDED])
@pytest.mark.parametrize(
    "end",
    [
        Withdrawn(at=START, by=REPORTER),
        Refused(at=START, reason=next(iter(RefusalReason))),
        Merged(at=START, into=CaseId(2)),
    ],
)
def test_who_was_called_learns_that_a_case_has_ended_unless_they_had_finished(end: Event, status: Status) -> None:
    called = tuple(Assist(UnitCode(state.value), state, START) for state in AssistState)
    case = fresh(status=status, holder=None if status is Status.OFFERED else LI, assists=called)

    made = lifecycle.step(case, end, facts(case))

    told = [one for one in made.effects if isinstance(one, Tell) and one.key == "tell.called_off"]
    assert [one.unit for one in told] == ["whistled", "checked_in", "late", "absent"]
    assert all(one.whom is Whom.DESK and one.values == {"assist": one.unit} for one in told)
