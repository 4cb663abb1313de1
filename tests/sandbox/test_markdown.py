"""Markdown in both of Telegram's kinds."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.helpers import escape_markdown

from bot.sandbox.errors import ApiError
from bot.sandbox.markdown import parse_markdown, parse_markdown_v2
from bot.sandbox.world import Json


def _marks(entities: list[Json]) -> list[tuple[str, int, int]]:
    return [(entity["type"], entity["offset"], entity["length"]) for entity in entities]


def test_styles_nest_and_escapes_vanish() -> None:
    text, entities = parse_markdown_v2("*粗 _斜_ __下__* ~删~ ||藏|| 1\\. [灯](https://x.example/a_b)")

    assert text == "粗 斜 下 删 藏 1. 灯"
    assert _marks(entities) == [
        ("bold", 0, 5),
        ("italic", 2, 1),
        ("underline", 4, 1),
        ("strikethrough", 6, 1),
        ("spoiler", 8, 1),
        ("text_link", 13, 1),
    ]


def test_code_keeps_its_marks_and_its_language() -> None:
    text, entities = parse_markdown_v2("`a*b` ```python\nx = 1```")

    assert text == "a*b x = 1"
    assert entities[1]["language"] == "python"


def test_lines_after_a_sign_are_a_quotation() -> None:
    text, entities = parse_markdown_v2(">one\n>two\nthree")

    assert text == "one\ntwo\nthree"
    assert _marks(entities) == [("blockquote", 0, 7)]


def test_a_time_is_a_date_entity() -> None:
    _, entities = parse_markdown_v2("![soon](tg://time?unix=1800000000&format=wDT)")

    assert (entities[0]["type"], entities[0]["unix_time"]) == ("date_time", 1800000000)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("灯 *x", "Can't find end of Bold entity at byte offset 4"),
        ("`x", "Can't find end of Code entity at byte offset 0"),
        ("*_x*_", "Can't find end of Italic entity at byte offset 1"),
    ],
)
def test_broken_markdown_is_refused_in_telegrams_words(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_markdown_v2(source)

    assert caught.value.description == f"Bad Request: can't parse entities: {complaint}"


def test_the_older_kind_knows_four_marks() -> None:
    text, entities = parse_markdown("*粗* _斜_ `码` [灯](https://x.example) a.b <i>")

    assert text == "粗 斜 码 灯 a.b <i>"
    assert _marks(entities) == [("bold", 0, 1), ("italic", 2, 1), ("code", 4, 1), ("text_link", 6, 1)]
    with pytest.raises(ApiError, match="Can't find end of the entity starting at byte offset 2"):
        parse_markdown("a _b")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_escaped_text_always_comes_through_unharmed(text: str) -> None:
    assert parse_markdown_v2(escape_markdown(text, version=2))[0] == text


@given(st.text(alphabet="*_~|`[]()>!\\\n灯😀x", max_size=30))
def test_any_source_is_read_or_refused(source: str) -> None:
    for parse in (parse_markdown_v2, parse_markdown):
        with suppress(ApiError):
            _, entities = parse(source)
            assert all(entity["length"] > 0 for entity in entities)
