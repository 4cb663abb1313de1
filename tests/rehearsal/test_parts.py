"""What people decide, how long texts are cut, and how the bot's words are recognised."""

import asyncio
from collections import Counter
from datetime import datetime
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rehearsal import feed
from bot.rehearsal.conduct import LATE_S, Options, Play
from bot.rehearsal.detours import DETOURS
from bot.rehearsal.figures import spread
from bot.rehearsal.filing import hidden, hushed, pieces
from bot.rehearsal.phrases import is_archived, is_refusal, key_of
from bot.rehearsal.plan import CALLS, CLOSINGS, ROADS, Course, habits_of, plan_of
from bot.rehearsal.rows import Row
from bot.rehearsal.scene import Scene
from handlers._kit.words import plain
from routing.model import Rating, Told


def test_the_same_seed_makes_the_same_plans_and_another_one_others() -> None:
    ids = [str(number) for number in range(50)]

    assert [plan_of(1, one) for one in ids] == [plan_of(1, one) for one in ids]
    assert [plan_of(1, one) for one in ids] != [plan_of(2, one) for one in ids]
    assert habits_of(1, "Ann", 6) == habits_of(1, "Ann", 6)


def test_every_road_is_taken_and_everybody_is_content_in_the_end() -> None:
    plans = [plan_of(1, str(number)) for number in range(400)]

    assert Counter(plan.road for plan in plans).keys() == ROADS.keys()
    assert {plan.ratings[0] for plan in plans} == {*Rating, None}
    assert {plan.told[0] for plan in plans} == set(Told)
    assert all(len(plan.told) == CALLS for plan in plans)
    assert all(len(plan.ratings) == CLOSINGS and plan.ratings[-1] is Rating.SATISFIED for plan in plans)
    assert {habits_of(1, str(number), 6).grid for number in range(400)} == set(range(6))


@given(st.text("ab \n", max_size=300), st.integers(5, 40), st.integers(5, 40))
def test_a_text_that_is_cut_loses_nothing_but_space(text: str, first: int, later: int) -> None:
    cut = pieces(text, first, later)

    assert "".join("".join(cut).split()) == "".join(text.split())
    assert all(len(piece) <= most for piece, most in zip(cut, [first, *[later] * len(cut)], strict=False))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_case_that_is_somebody_elses_in_the_group_is_still_rated_there(lang: str) -> None:
    def answer(text: str, *data: str, chat: int = -1) -> feed.Message:
        return feed.Message(chat, 7, text, 42, 6, data, (), 0.0)

    quiet = plain("report.hushed", lang, number=3, unit="A", when="1/1 12:00").replace("<b>", "").replace("</b>", "")
    hall = [answer(quiet), answer("#3", "claim:3"), answer("#3"), answer("#3", chat=42)]

    assert [hushed(one) for one in hall] == [True, False, False, True]
    assert [hidden(one) for one in hall] == [True, False, True, True]


def test_what_the_bot_says_is_recognised_in_both_languages() -> None:
    for lang in ("zh", "en"):
        claimed = key_of(plain("claim.claimed", lang))
        taken = key_of(plain("refusal.already_claimed", lang, by="L*"))
        assert (claimed, taken) == ("claim.claimed", "refusal.already_claimed")
        assert is_refusal(taken)
        assert not is_refusal(claimed)
        assert is_archived(f"✅ {plain('status.archived', lang)}")
        assert not is_archived(f"🟡 {plain('status.awaiting_rating', lang)}")
    assert key_of("something else") is None


def test_a_spread_of_nothing_is_nothing() -> None:
    assert spread([]) == {"median": None, "p95": None}
    assert spread([3.0, 1.0, 2.0]) == {"median": 2.0, "p95": 3.0}


def test_cases_go_every_way_that_there_is() -> None:
    plans = [plan_of(1, str(number)) for number in range(400)]

    assert {plan.course for plan in plans} == set(Course)
    assert {plan.climbs for plan in plans} == {1, 2, 3}
    assert DETOURS.keys() == set(Course) - {Course.STRAIGHT, Course.UNANSWERED, Course.OVERDUE}


async def test_a_press_that_is_never_answered_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SPINS_S", 0.01)
    watching = feed.Feed(1, lambda _: None, patience_s=600)

    assert await watching.answer("a query that the bot took too long over") == ""


async def test_only_what_ought_to_come_at_once_counts_as_waiting() -> None:
    watching = feed.Feed(1, lambda _: None, patience_s=5)
    days = asyncio.create_task(watching.wait("days", lambda _: True, "the end of a case", patience_s=5))
    await asyncio.sleep(0)
    assert watching.waited_s() == 0.0
    soon = asyncio.create_task(watching.wait("card", lambda _: True, "a card"))
    await asyncio.sleep(0)
    assert watching.waited_s() > 0.0
    for task in (soon, days):
        task.cancel()
    await asyncio.gather(soon, days, return_exceptions=True)

    assert watching.waited_s() == 0.0


async def test_nobody_begins_with_a_report_while_the_bot_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    behind_s, begun = [0.0, LATE_S + 1, LATE_S + 1, 0.0], list[str]()
    watching = feed.Feed(1, lambda _: None, patience_s=5)
    monkeypatch.setattr(watching, "waited_s", lambda: behind_s.pop(0))
    looks: list[float] = []

    async def change(limit_s: float) -> None:
        looks.append(limit_s)

    async def live(_play: Play, row: Row, _begun: float) -> None:
        begun.append(row.id)

    monkeypatch.setattr(watching, "change", change)
    monkeypatch.setattr(Play, "_live", live)
    rows = [Row(str(number), "周晓", "灯坏了", datetime(2026, 1, 1), "") for number in range(2)]  # noqa: DTZ001 - as rows are
    await Play(cast("Scene", SimpleNamespace(feed=watching)), Options(at_once=5), lambda: None).perform(rows)

    assert begun == ["0", "1"]
    assert len(looks) == 2
    assert not behind_s


def test_the_freshest_card_is_the_one_that_was_edited_last() -> None:
    watching = feed.Feed(1, lambda _: None, patience_s=5)
    for kind, chat in (("message", 7), ("message", 8), ("edit", 7)):
        raw = {"message_id": 1, "from": {"id": 1}, "text": "#5 · 路灯"}
        watching._take({"type": kind, "chat": chat, "message": raw})
    seven = watching.find(feed.About(5), lambda one: one.chat == 7)
    eight = watching.find(feed.About(5), lambda one: one.chat == 8)

    assert seven is not None
    assert eight is not None
    assert seven.seen_at > eight.seen_at
    assert watching.freshest(feed.About(5), lambda _: True) == seven
    assert watching.freshest(feed.About(6), lambda _: True) is None
