"""The clerk's page explains every button of a card by the words that stand on it, and no button that is gone."""

import re
from pathlib import Path

import pytest

from handlers._kit import words
from handlers.card.buttons import ACTIONS

ROOT = Path(__file__).resolve().parent.parent.parent.parent
ELSEWHERE = ("batch.button",)
"""Buttons of a desk that stand on no card."""


def _page(lang: str) -> str:
    return (ROOT / "docs" / f"desk.{lang}.md").read_text("utf-8")


def _label(key: str, lang: str) -> str:
    """The words of a button without its emoji and its number."""
    return re.sub(r"[（(].*|^\W+", "", words.sentences(lang)[key]).strip()


def _labels(lang: str) -> set[str]:
    keys = {key for key in words.sentences(lang) if key.startswith("act.")} | set(ELSEWHERE)
    return {_label(key, lang) for key in keys}


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_button_of_a_card_is_explained(lang: str) -> None:
    page = _page(lang)
    explained = set(re.findall(r"^\| ([^|]+?) \|", page, re.MULTILINE)) | set(re.findall(r"\*\*(.+?)\*\*", page))

    assert len(ACTIONS) > 25
    assert sorted(_labels(lang) - explained) == []


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_button_is_explained_that_is_gone(lang: str) -> None:
    rows = set(re.findall(r"^\| ([^|]+?) \|", _page(lang), re.MULTILINE)) - {"---", "按钮", "Button"}

    assert sorted(rows - _labels(lang)) == []


def test_both_pages_explain_the_same_buttons_in_the_same_order() -> None:
    by_label = {
        lang: {_label(key, lang): key for key in words.sentences(lang) if key.startswith("act.")}
        for lang in words.LANGUAGES
    }
    rows = {
        lang: [by_label[lang].get(row, row) for row in re.findall(r"^\| ([^|]+?) \|", _page(lang), re.MULTILINE)]
        for lang in words.LANGUAGES
    }

    assert [one for one in rows["zh"] if one.startswith("act.")] == [
        one for one in rows["en"] if one.startswith("act.")
    ]


def test_the_page_is_linked_where_people_begin() -> None:
    assert "docs/desk.zh.md" in (ROOT / "README.md").read_text("utf-8")
    assert "docs/desk.en.md" in (ROOT / "README.md").read_text("utf-8")
