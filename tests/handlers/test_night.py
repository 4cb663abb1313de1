"""At night people are left alone, unless safety is at stake; after a downtime one message says it all."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from handlers import render
from storage.stores import Stores
from tests.handlers.broadcasting import panel, speaker
from tests.handlers.cast import NOISE, card_at, card_of, claimed, filed, zh
from tests.town import Persona, Town, town_in


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, whose people sleep from 22:00 to 07:00. It is nine o'clock in the morning."""
    async with town_in(tmp_path, quiet_hours="on") as running:
        yield running


def _cards(town: Town, who: Persona, number: int) -> list[str]:
    return [text for text in town.said(who) if text.startswith((f"#{number} · ", f"🚨紧急 #{number} · "))]


async def test_a_report_at_night_is_answered_and_wakes_nobody(town: Town) -> None:
    await town.passes(hours=14)
    await filed(town)
    assert card_at(town, town.group)
    assert not _cards(town, town.li, 1)
    assert not _cards(town, town.chen, 1)
    await town.passes(hours=8, minutes=1)

    assert len(_cards(town, town.li, 1)) == 1


async def test_danger_wakes_whoever_may_claim(town: Town) -> None:
    await town.passes(hours=14)
    await filed(town, "3号楼燃气泄漏，味道很大")

    assert _cards(town, town.li, 1)


async def test_who_acts_at_night_is_awake(town: Town) -> None:
    await town.passes(hours=14)
    card = await filed(town, NOISE)
    await town.li.presses(card, "接单")

    assert "办结" in str(town.buttons(card_of(town, town.li)))
    assert not _cards(town, town.zhang, 1)


async def test_what_the_clock_says_at_night_is_one_message_in_the_morning(town: Town) -> None:
    await town.passes(hours=12)
    for building in (1, 2, 3):
        await filed(town, f"{building}号楼楼道灯坏了")
    said = len(town.said(town.li))
    await town.passes(hours=4)
    assert len(town.said(town.li)) == said, "it is one o'clock in the morning"
    await town.passes(hours=6, minutes=1)

    (morning,) = [text for text in town.said(town.li)[said:] if zh("summary.night", count=3) in text]
    assert [f"#{number} " in morning for number in (1, 2, 3)] == [True, True, True]


async def test_what_became_pointless_in_the_night_is_not_said(town: Town) -> None:
    await town.passes(hours=12)
    card = await filed(town, NOISE)
    said = len(town.said(town.zhang))
    await town.passes(hours=4)
    await town.li.presses(card, "接单")
    await town.passes(hours=6, minutes=1)

    assert town.said(town.zhang)[said:] == []


async def test_a_reminder_that_leaves_after_the_date_is_not_said(town: Town) -> None:
    await claimed(town)

    def said(stores: Stores, key: str) -> object:
        chat = stores.chats.find(town.sample.bot.id, town.li.id)
        assert chat is not None
        return render(stores, "tell", {"case": stores.cases.by_number(1).id, "key": key}, chat, locale="zh")

    assert await town.read(said, "tell.reminder") is not None
    await town.passes(days=4)

    assert (await town.case()).overdue
    assert await town.read(said, "tell.reminder") is None
    assert await town.read(said, "tell.overdue") is not None


async def test_after_a_downtime_each_chat_gets_one_summary(town: Town) -> None:
    for building in (1, 2, 3):
        await filed(town, f"{building}号楼楼道灯坏了")
    await claimed(town)
    before = [(where, len(town.said(where))) for where in (town.li, town.community_desk)]
    await town.restart(away=timedelta(days=4))
    await town.tick()

    for where, count in before:
        news = [text for text in town.said(where)[count:] if not text.startswith(("#", "🚨"))]
        assert len(news) == 1, news
        assert news[0].startswith("🗂")
        assert [news[0].count(f"#{number} ") >= 1 for number in (1, 2, 3)] == [True, True, True]
    assert all([(await town.case(number)).overdue for number in (1, 2, 3, 4)])


async def test_the_live_message_says_until_when_the_night_holds_a_broadcast_up(town: Town) -> None:
    you = speaker(town)
    town.clock.advance(timedelta(hours=11, minutes=30))
    await you.writes("/broadcast 明天停水")
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()
    assert "因免打扰时段" not in panel(town, "📊 第 1 号")["text"]
    await town.passes(minutes=73)  # the group has been reminded, and people in private are in the morning

    assert "🌙 因免打扰时段，11月24日 07:00 继续" in panel(town, "📊 第 1 号")["text"]


async def test_the_next_one_of_a_series_that_falls_into_the_night_leaves_in_the_morning(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 请检查燃气")
    await you.presses(panel(town, "📝 第 1 号"), "🔁 不重复")
    await you.presses(panel(town, "📝 第 1 号"), "🕗 定时")
    await you.writes("23:00", reply_to=town.last(town.street_desk))
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.passes(hours=23)

    assert "07:00" in panel(town, "🔁 第 1 号的下一次是第 2 号")["text"]
