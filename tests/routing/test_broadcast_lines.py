"""What a policy says of broadcasts: read as it is meant, refused with file, key and reason, and shown."""

from datetime import timedelta
from pathlib import Path

import pytest

import routing
from bot.cli.policy import shown
from broadcasts.model import Chase, Class
from broadcasts.rules import Hours
from routing.broadcast_lines import KINDS, Broadcasting
from routing.calendar import Calendar
from routing.checked import BadPolicy
from routing.policy import Policy, presets

DEFAULT = (Path(routing.__file__).parent / "policies" / "default.toml").read_text("utf-8")
SNOW = """
[[templates]]
code = "clearsnow"
class = "notice"
name = { zh = "扫雪", en = "Clear the snow" }
text = { zh = "请清扫门前积雪。", en = "Clear the snow at your door." }
"""


def _written(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "town.toml"
    path.write_text(text, "utf-8")
    return Policy.load(str(path))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "group_at = 0.3",
            "group_at = 1.3",
            "broadcasts.group_at: is a part of the window, between 0 and 1, as in 0.5",
        ),
        ("doors_at = 0.8", "doors_at = 0.4", "broadcasts.doors_at: must come later than private_at"),
        ("group_at = 0.3", 'group_at = "soon"', "broadcasts.group_at: must be a number"),
        ("group_at = 0.3", "groups_at = 0.3", "broadcasts.groups_at: unknown key (known here: window, group_at, "),
        ('window = "4 clock_hours"', 'window = "5 min"', "broadcasts.window: is clock time between ten minutes"),
        ('window = "4 clock_hours"', 'window = "4 office_hours"', "broadcasts.window: is clock time between ten"),
        (
            'class = "notice"',
            'class = "rumour"',
            "templates[1].class: must be one of alert, notice, reminder, exercise",
        ),
        ('class = "notice"', 'class = "alert"', "templates[1].text: has no place in a template of that class"),
        ('code = "shelter"', 'code = "a:b"', "templates[1].code: must be up to 16 ASCII characters without a colon"),
        ('en = "Shelters are open" }', 'en = "" }', "templates[1].name.en: must have words, up to 1000"),
        (', en = "Shelters are open"', "", "templates[1].name.en: is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_key(old: str, new: str, fault: str, tmp_path: Path) -> None:
    assert old in DEFAULT

    with pytest.raises(BadPolicy, match=r"town\.toml") as caught:
        _written(tmp_path, DEFAULT.replace(old, new))

    assert fault in str(caught.value)


def test_a_code_stands_once(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="stands in an earlier entry, too"):
        _written(tmp_path, DEFAULT + SNOW + SNOW)


def test_a_step_that_is_left_out_is_not_taken(tmp_path: Path) -> None:
    policy = _written(
        tmp_path, DEFAULT.replace("private_at = 0.5", "").replace('4 clock_hours" # how', '90 min" # how')
    )

    hours = Hours(Calendar.load(), chasing=policy.broadcasting)
    assert hours.chase == ((Chase.GROUP, 0.3), (Chase.DOORS, 0.8))
    assert policy.broadcasting.window == timedelta(minutes=90)
    assert "the group 30%, list of doors 80%" in shown(policy)


def test_a_file_without_the_sections_chases_as_usual(tmp_path: Path) -> None:
    start, end = DEFAULT.index("[broadcasts]"), DEFAULT.index("[offer]")

    policy = _written(tmp_path, DEFAULT[:start] + DEFAULT[end:])

    assert policy.broadcasting == Broadcasting()


def test_templates_name_the_classes_that_broadcasts_have() -> None:
    assert set(KINDS) == {kind.value for kind in Class}


@pytest.mark.parametrize("name", presets())
def test_every_city_says_what_holds_in_an_emergency(name: str) -> None:
    policy = Policy.load(name)

    assert policy.emergency
    assert [one for one in policy.broadcasting.templates if one.emergency]
    printed = shown(policy)
    assert "Limits in emergency mode" in printed
    assert all(one.code in printed for one in policy.broadcasting.templates)
