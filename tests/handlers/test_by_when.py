"""What can't wait is due today, weekends too; what the law decides names who decides it, and no date at all."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import routing
from routing.model import Status
from tests.handlers.cast import LAMP, card_at, card_of, filed
from tests.town import Town, town_in

BODY = "劳动人事争议仲裁委员会"
LEGAL = f"""
[[legal]]
matter = "L32"
body = "{BODY}"
"""
WATCH = """
[[limits]]
clock = "handle"
legal = true
limit = "90 calendar_days"
"""


@pytest.fixture
async def lawful(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, where wages are a matter of law."""
    text = (Path(routing.__file__).parent / "policies" / "default.toml").read_text("utf-8")
    first = text.index("[[limits]]")
    (tmp_path / "lawful.toml").write_text(f"{text[:first]}{WATCH}\n{text[first:]}\n{LEGAL}", "utf-8")
    async with town_in(tmp_path, policy=str(tmp_path / "lawful.toml")) as running:
        yield running


async def test_water_that_fails_on_a_saturday_is_due_on_that_saturday(town: Town) -> None:
    await town.passes(days=5)
    await filed(town, "1号楼停水了")
    await filed(town, LAMP, by=town.zhou)

    water, lamp = await town.case(1), await town.case(2)
    assert water.due_at == datetime(2026, 11, 28, 16, tzinfo=UTC)
    assert lamp.due_at is not None
    assert lamp.due_at > datetime(2026, 11, 30, tzinfo=UTC)
    assert "11月28日 23:59 前办结" in card_at(town, town.group)["text"]


async def test_what_turns_out_to_be_water_is_due_today(town: Town) -> None:
    await filed(town, "1号楼有点事")
    card = card_of(town, town.li)
    await town.li.presses(card, "改分类")
    await town.li.presses(town.last(town.li), "水电气暖")
    await town.li.presses(town.last(town.li), "供水")

    assert (await town.case()).due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert "11月23日 23:59 前办结" in town.now_of(town.li, card)["text"]


async def test_a_matter_of_law_names_who_decides_it_from_the_first_card_to_the_last_warning(lawful: Town) -> None:
    await filed(lawful, "老板拖欠工资三个月")
    assert f"由{BODY}依法决定" in card_at(lawful, lawful.group)["text"]
    await lawful.li.presses(card_of(lawful, lawful.li), "接单")
    await lawful.li.presses(card_of(lawful, lawful.li), "上报")
    await lawful.li.writes_privately("已协助收集材料，需街道协调")
    await lawful.passes(days=92)

    said = " ".join(text for who in (lawful.wang, lawful.li, lawful.chen) for text in lawful.said(who))
    said += " ".join(text for chat in (lawful.group, lawful.community_desk) for text in lawful.said(chat))
    assert f"由{BODY}依法决定，不设办结期限" in said
    assert "前办结" not in said
    assert "待定" not in said
    assert (await lawful.case()).due_at is None
    assert (await lawful.case()).status is Status.OFFERED


async def test_a_start_in_november_says_that_next_years_days_are_not_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town_in(tmp_path, started=False):
        said = [record.__dict__["says"] for record in caplog.records if record.message == "calendar ends soon"]

    assert len(said) == 1
    assert "2026-12-31" in said[0]
