"""Markup: Telegram's reading of it, its complaints, and where entities begin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.errors import ApiError
from bot.sandbox.html import parse_html
from bot.sandbox.text import find_entities, formatted, utf16_length
from bot.sandbox.world import World


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("灯<bad>x</bad>", 'Unsupported start tag "bad" at byte offset 3'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-time unix='0'>x</tg-time>", "Invalid date specified"),
        ("<tg-time unix='1' format='zz'>x</tg-time>", "Invalid date-time format specified"),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)

    assert caught.value.description == f"Bad Request: can't parse entities: {complaint}"


def test_offsets_count_utf16_units() -> None:
    text, entities = parse_html("😀灯 <b>坏😀了</b>")

    assert text == "😀灯 坏😀了"
    assert entities == [{"type": "bold", "offset": 4, "length": 4}]


def test_what_is_no_reference_stays_as_it_was_written() -> None:
    assert parse_html("&lt;&amp;&nbsp;&#x41;&#66; &") == ("<&&nbsp;AB &", [])


def test_nested_styles_and_links_keep_their_places() -> None:
    text, entities = parse_html('<a href="https://x.example/a?b&amp;c">go <i>now</i></a> <a href="nodot">plain</a>')

    assert text == "go now plain"
    assert entities == [
        {"type": "text_link", "offset": 0, "length": 6, "url": "https://x.example/a?b&c"},
        {"type": "italic", "offset": 3, "length": 3},
    ]


def test_a_code_block_takes_the_language_of_its_inner_code() -> None:
    _, entities = parse_html('<pre><code class="language-python">x = 1</code></pre>')

    assert entities == [{"type": "pre", "offset": 0, "length": 5, "language": "python"}]


def test_a_date_is_an_entity_with_its_format() -> None:
    _, entities = parse_html("<tg-time unix='1800000000' format='wDT'>soon</tg-time>")

    assert entities == [
        {"type": "date_time", "offset": 0, "length": 4, "unix_time": 1800000000, "date_time_format": "wDT"}
    ]


def test_quotes_may_be_expandable() -> None:
    _, entities = parse_html("<blockquote expandable>long</blockquote>")

    assert entities == [{"type": "expandable_blockquote", "offset": 0, "length": 4}]


def test_ends_are_trimmed_and_entities_move_along() -> None:
    text, entities = formatted(World(), "\n  好 <b>的</b>  \n", "HTML")

    assert (text, entities) == ("好 的", [{"type": "bold", "offset": 2, "length": 1}])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/report 3号楼", [("bot_command", "/report")]),
        ("请看 @huying_sample_bot 谢谢", [("mention", "@huying_sample_bot")]),
        ("请@huying_sample_bot看", []),
        ("a/b and x@y.example", [("email", "x@y.example")]),
        ("见 https://example.com/a。", [("url", "https://example.com/a")]),
        ("#路灯 坏了", [("hashtag", "#路灯")]),
        ("/case@huying_sample_bot 12", [("bot_command", "/case@huying_sample_bot")]),
        ("/report see https://a.example", [("bot_command", "/report"), ("url", "https://a.example")]),
    ],
)
def test_telegram_finds_commands_mentions_and_links_by_itself(text: str, expected: list[tuple[str, str]]) -> None:
    found = find_entities(text, [])

    assert [(item["type"], text[item["offset"] : item["offset"] + item["length"]]) for item in found] == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_escaped_text_always_comes_through_unharmed(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert parse_html(f"<b>{escaped}</b>")[0] == text


@given(st.text(alphabet="<>/b&;a= '\"😀灯x", max_size=40))
def test_any_source_is_read_or_refused_and_entities_stay_inside(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except ApiError:
        return
    assert all(e["offset"] >= 0 and e["offset"] + e["length"] <= utf16_length(text) for e in entities)
