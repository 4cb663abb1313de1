"""Long texts are cut without losing a letter, and nobody's words ever become markup."""

from html import escape

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.sandbox.html import parse_html
from bot.sandbox.text import formatted, utf16_length
from bot.sandbox.world import World
from handlers._kit import html, words
from handlers._kit.words import Html
from routing.masking import building_of, mask_text
from tests.handlers.kit.looking import look, texts_of

FOREIGN = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "<b>", "</b>", "&", "&amp;", "&lt;b&gt;", "&#60;b&#62;", "<a href='https://example.org'>x</a>", "<", ">", '"',
        "<tg-spoiler>", "{name}", "{0}", "%s", "</blockquote>", "]]>", "&quot", "&#x3c;i&#x3e;", "<tg-time unix='1'>",
    ]
)  # fmt: skip
OPENING = (
    "<b>", "<i>", "<u>", "<s>", "<code>", "<blockquote>", "<blockquote expandable>", "<tg-spoiler>",
    '<a href="https://example.org/?a=1&amp;b=2">', '<a href="tg://user?id=7">', '<tg-time unix="7" format="dt">',
)  # fmt: skip
PLAIN = st.sampled_from(["a", "word ", "你好，", "🚨", "👨‍👩‍👧", "&amp;", "&lt;", "&#39;", "\n", " ", "  \n"])


@st.composite
def marked_up(draw: st.DrawFn, depth: int = 3) -> str:
    """Valid Telegram HTML of any length, with tags inside tags."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        if depth and draw(st.booleans()):
            tag = draw(st.sampled_from(OPENING))
            made.append(f"{tag}{draw(marked_up(depth - 1))}</{tag[1:-1].split()[0]}>")
        else:
            made.append(draw(PLAIN) * draw(st.integers(1, 30)))
    return "".join(made)


def shown(source: str) -> str:
    return parse_html(source)[0]


def marks(source: str) -> list[tuple[str, int, int]]:
    return [(one["type"], one["offset"], one["length"]) for one in parse_html(source)[1]]


def lit(pieces: list[Html]) -> list[set[str]]:
    """For every UTF-16 unit of the whole text, which marks it bears."""
    units: list[set[str]] = []
    for piece in pieces:
        text, entities = parse_html(piece)
        here: list[set[str]] = [set() for _ in range(utf16_length(text))]
        for entity in entities:
            for unit in here[entity["offset"] : entity["offset"] + entity["length"]]:
                unit.add(entity["type"])
        units += here
    return units


@given(marked_up(), st.integers(2, 80))
@example("<b>" + "a" * 10 + "</b>", 10)
@example("\n\n\n", 2)
def test_every_piece_is_valid_and_short_enough_and_nothing_is_lost(source: str, most: int) -> None:
    pieces = html.split(Html(source), most)

    assert all(utf16_length(shown(piece)) <= most for piece in pieces)
    assert "".join(shown(piece) for piece in pieces) == shown(source)


@given(marked_up(), st.integers(2, 80))
def test_what_was_bold_is_bold_in_every_piece(source: str, most: int) -> None:
    assert lit(html.split(Html(source), most)) == lit([Html(source)])


@given(marked_up())
def test_its_length_is_what_telegram_counts(source: str) -> None:
    assert html.length(source) == utf16_length(shown(source))


def test_a_text_that_fits_stays_whole() -> None:
    assert html.split(Html("<b>" + "你" * 4096 + "</b>")) == ["<b>" + "你" * 4096 + "</b>"]
    assert html.split(Html("")) == [""]


def test_an_emoji_counts_twice_and_is_never_cut_in_half() -> None:
    pieces = html.split(Html("🚨" * 2048 + "a"))

    assert [html.length(piece) for piece in pieces] == [4096, 1]
    assert html.split(Html("a" + "🚨" * 2048))[0] == "a" + "🚨" * 2047


def test_a_cut_falls_at_the_end_of_a_line_where_there_is_one() -> None:
    lines = [f"{n:04} " + "字" * 90 + "\n" for n in range(100)]
    pieces = html.split(Html("".join(lines)))

    assert len(pieces) == 3
    assert all(piece.endswith("\n") for piece in pieces)


def test_a_list_of_four_thousand_marked_lines_is_cut_into_valid_pieces() -> None:
    source = "<blockquote>" + "".join(f"<b>{n}</b> &lt;灯&gt; 🚨\n" for n in range(4000)) + "</blockquote>"
    pieces = html.split(Html(source))

    assert "".join(shown(piece) for piece in pieces) == shown(source)
    assert max(utf16_length(shown(piece)) for piece in pieces) <= html.MOST


@given(FOREIGN)
@example("\u202e\u2066abc\u200f\u061c")
@example("a\x00b\x7fc\x85d\r")
def test_tamed_text_neither_turns_writing_around_nor_controls_anything(text: str) -> None:
    tamed = html.tame(text)

    assert not set(tamed) & {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    assert not set(tamed) & {"\u200e", "\u200f", "\u061c"}
    assert not [c for c in tamed if c not in "\n\t" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)]
    assert html.tame(tamed) == tamed


@pytest.mark.parametrize("text", ["3号楼\t灯坏了\n快来", "👨‍👩‍👧 family", "Ünïcödé", "पानी नहीं", "a\u200bb"])
def test_taming_leaves_everything_else_as_it_is(text: str) -> None:
    assert html.tame(text) == text


BAIT = st.sampled_from(
    [
        "https://", "http://", "tg://", "t.me/evilbot?start=x", "evil.com", "1.1.1.1", "a@evil.cn", "@admin", "/forget",
        "/start@evilbot", "#tag", "$TON", "http://evil.org/a#b?c=@d", "..com", "@", "/", "#", "$", ".", "//", " ", "\n",
        "\u2028", "\u200f", "\u030a", "\u2060", "evil", "com", "13812345678", "3.5 km", "<b>", "&amp;", "灯坏了",
    ]
)  # fmt: skip


@given(st.lists(BAIT, max_size=9).map("".join) | FOREIGN, st.integers(2, 60))
@example("登录 https://evil.com/x @admin /forget #tag $TON t.me/evilbot?start=x", 40)
@example("@\u2028admin /\u2028forget evil.\u2028com", 60)
def test_telegram_finds_nothing_to_press_in_foreign_words(text: str, most: int) -> None:
    tamed = html.tame(text)
    pieces = html.split(words.say("card.quote", "zh", text=tamed), most)

    assert {one["type"] for piece in pieces for one in formatted(World(), piece, "HTML")[1]} <= {"blockquote"}
    assert tamed.replace("\u2060", "") == html.clean(text).replace("\u2060", "")
    assert html.tame(tamed) == tamed


@given(FOREIGN, st.sampled_from(["card.quote", "bind.done", "bind.unbind_ask", "card.title", "members.welcome"]))
def test_a_sentence_shows_foreign_words_and_nothing_more(text: str, key: str) -> None:
    assume(text.strip())
    names = words.placeholders(words.sentences("zh")[key])
    filled = words.say(key, "zh", **dict.fromkeys(names, text))
    harmless = words.say(key, "zh", **dict.fromkeys(names, "\ue000"))

    assert shown(filled) == shown(harmless).replace("\ue000", text)
    assert [kind for kind, _, _ in marks(filled)] == [kind for kind, _, _ in marks(harmless)]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=300), st.integers(1, 40))
@example("<b>&amp;</b>", 40)
def test_a_message_shows_foreign_words_without_a_mark_however_long(text: str, times: int) -> None:
    whole = text * times
    pieces = texts_of(look().message(words.say("card.text", "en", text=whole)))

    assert "".join(shown(piece) for piece in pieces) == whole
    assert [mark for piece in pieces for mark in marks(piece)] == []


def test_a_value_that_is_html_already_is_not_escaped_again() -> None:
    assert words.say("card.text", "zh", text=Html("<b>1</b>")) == "<b>1</b>"
    assert words.say("card.text", "zh", text="<b>1</b>") == escape("<b>1</b>", quote=False)


@given(st.text(alphabet="3栋/2单元501室#-楼.@aq1 com", max_size=40))
@example("3栋/2单元/501")
@example("12#501室")
@example("3#-2-501 zhang@example.com")
def test_what_is_copied_from_a_card_is_masked_like_what_stood_there(text: str) -> None:
    assert mask_text(html.tame(text)) == mask_text(html.clean(text))
    assert building_of(html.tame(text)) == building_of(html.clean(text))
