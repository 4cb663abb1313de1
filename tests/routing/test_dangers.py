"""Who is in danger, as frightened people write it; and who only speaks of it."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from routing.catalogue import Catalogue
from routing.dangers import Dangers

CATALOGUE = Catalogue.load()
EVERYDAY = tomllib.loads((Path(__file__).parent / "everyday.toml").read_text(encoding="utf-8"))
"""What neighbours write; all of it is invented."""


def few(**others: Any) -> Dangers:
    """Dangers of two words, with the guards that are shipped."""
    shipped = tomllib.loads((files("routing") / "data" / "dangers.toml").read_text(encoding="utf-8"))
    dangers = [
        {"matter": "L93", "words": ["卡住"], "near": ["@child", "电梯"]},
        {"matter": "L24", "words": ["卡住"], "near": ["喉咙"]},
        {"matter": "L93", "words": ["燃气表"], "near": ["燃气"]},
    ]
    given = {"neutral": {"words": []}, "harmless": {"words": []}, "groups": {"child": ["孩子"]}, "dangers": dangers}
    return Dangers({**shipped, **given, **others})


@pytest.mark.parametrize("text", EVERYDAY["in_danger"])
def test_a_frightened_neighbour_is_heard(text: str) -> None:
    assert CATALOGUE.classify(text).urgent


@pytest.mark.parametrize("text", EVERYDAY["harmless"])
def test_whoever_only_speaks_of_danger_wakes_nobody(text: str) -> None:
    assert CATALOGUE.classify(text).danger is None


def test_a_word_may_stand_for_several_dangers() -> None:
    found = [few().first(text) for text in ("孩子卡住了", "鱼刺卡住喉咙", "水管卡住了")]
    assert [danger.matter if danger else None for danger in found] == ["L93", "L24", None]


def test_in_a_short_message_what_must_be_near_may_stand_anywhere() -> None:
    short = "孩子放学以后在小区西边那个新装的护栏那里卡住了"
    assert few().first(short) is not None
    assert few().first(short + "，已经有很多邻居都在帮忙想办法了，大家都很着急") is None


def test_a_word_is_not_beside_itself() -> None:
    assert few().first("燃气表读数不对") is None


def test_a_long_story_needs_a_word_of_now() -> None:
    story = "我们小区的物业服务一直不到位。" * 10
    assert few().first("电梯卡住。" + story) is None
    assert few().first("电梯现在卡住。" + story) is not None


@pytest.mark.parametrize("text", ["救命", "救命救命！！", "SOS", "help me!!", "🆘 快来人 快来人"])
def test_a_bare_cry_is_heard(text: str) -> None:
    assert CATALOGUE.classify(text).urgent


def test_what_is_over_is_no_danger() -> None:
    assert few().first("孩子卡住了") is not None
    assert few().first("孩子卡住了，没事了") is None


def test_a_danger_that_names_no_group_of_the_file_is_refused() -> None:
    with pytest.raises(KeyError, match="nobody"):
        few(dangers=[{"matter": "L93", "words": ["卡住"], "near": ["@nobody"]}])


def test_every_danger_names_a_matter_of_the_catalogue() -> None:
    shipped = tomllib.loads((files("routing") / "data" / "dangers.toml").read_text(encoding="utf-8"))
    assert {danger.matter for danger in Dangers(shipped)} <= CATALOGUE.matters.keys()


def test_what_no_word_of_the_catalogue_knows_is_filed_under_its_danger() -> None:
    verdict = CATALOGUE.classify("孩子头卡栏杆里出不来")
    assert (verdict.matter.code, verdict.rule, verdict.urgent) == ("L93", f"word:{verdict.danger}", True)


@pytest.mark.parametrize("text", ["有小偷在撬我家门", "楼下有人持刀砍人", "楼顶有人要跳楼", "burglar in the building"])
def test_who_is_in_danger_is_helped_and_told_on_to_nobody(text: str) -> None:
    matter = CATALOGUE.classify(text).matter
    assert (matter.code, matter.kind, matter.hushed) == ("L28", "help", True)


@pytest.mark.parametrize(
    ("text", "code"),
    [("厨房油烟味太大", "06027"), ("垃圾倒在路边", "06010"), ("快递炸了，堆到门外", "L65"), ("报警器坏了", "01013")],
)
def test_what_is_no_danger_is_still_what_the_report_is_about(text: str, code: str) -> None:
    verdict = CATALOGUE.classify(text)
    assert (verdict.matter.code, verdict.urgent) == (code, False)
