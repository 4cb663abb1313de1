"""What a button carries: there and back unharmed, short enough for Telegram, and never trusted on its return."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers._kit import presses
from handlers._kit.case_presses import ClaimPressed, RatePressed
from handlers._kit.presses import LARGEST, MOST_BYTES, BadPress, decode, encode, name_of, payload
from handlers._kit.registry import discover
from routing.model import CaseId, Rating

PAYLOADS = sorted(discover().presses, key=name_of)
NUMBERS = st.integers(0, LARGEST)
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=20) | st.sampled_from(
    ["", "L1-02", "a b"]
)
"""Codes of units and classes, door codes."""


def kind_of(cls: type[Any], name: str) -> Any:
    """What a field holds; a NewType stands for what it wraps."""
    hint = get_type_hints(cls)[name]
    return getattr(hint, "__supertype__", hint)


def values(kind: Any) -> st.SearchStrategy[Any]:
    if kind is int:
        return NUMBERS
    return st.sampled_from(list(kind)) if issubclass(kind, StrEnum) else WORDS


def pressed(cls: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(cls, **{field.name: values(kind_of(cls, field.name)) for field in fields(cls)})


def parts_of(press: Any) -> Iterator[tuple[Any, Any]]:
    for field in fields(press):
        yield kind_of(type(press), field.name), getattr(press, field.name)


def test_a_payload_holds_only_numbers_words_and_choices() -> None:
    odd = [
        f"{cls.__name__}.{field.name}"
        for cls in PAYLOADS
        for field in fields(cls)
        if kind_of(cls, field.name) not in (int, str) and not issubclass(kind_of(cls, field.name), StrEnum)
    ]

    assert len(PAYLOADS) > 40
    assert odd == []


@given(st.one_of([pressed(cls) for cls in PAYLOADS]))
def test_what_was_pressed_is_what_was_made(press: Any) -> None:
    assert decode(encode(press)) == press


@pytest.mark.parametrize("cls", PAYLOADS, ids=name_of)
def test_the_largest_numbers_and_the_longest_words_fit_into_a_button(cls: type[Any]) -> None:
    """A grid's national code has 15 digits, a class's at most 20 signs, a door code 8."""
    largest: dict[str, Any] = {}
    for field in fields(cls):
        kind = kind_of(cls, field.name)
        largest[field.name] = LARGEST if kind is int else "9" * 20 if kind is str else max(kind, key=len)

    assert len(encode(cls(**largest)).encode()) <= MOST_BYTES


@given(st.text(max_size=80) | st.binary(max_size=64).map(lambda raw: raw.decode("utf-8", "replace")))
@example("")
@example(":")
@example("claim")
@example("\x00")
def test_whatever_comes_in_is_a_press_or_no_press_and_never_an_accident(data: str) -> None:
    try:
        found = decode(data)
    except BadPress:
        return
    assert type(found) in PAYLOADS


@given(st.sampled_from(PAYLOADS), st.lists(st.text(max_size=14), max_size=4))
def test_a_known_name_with_foreign_parts_is_no_accident_either(cls: type[Any], parts: list[str]) -> None:
    try:
        found = decode(":".join([name_of(cls), *parts]))
    except BadPress:
        return
    assert all(0 <= value <= LARGEST for kind, value in parts_of(found) if kind is int)


@pytest.mark.parametrize(
    "data",
    [
        "nobody:1",
        "claim:1:2",
        "claim:-1",
        "claim:+1",
        "claim: 1",
        "claim:1_0",
        "claim:١٢",
        "claim:１２",
        "claim:²",
        "claim:",
        "claim:1.5",
        "claim:1y2p0ij32e8e8",
        "claim:zzzzzzzzzzzzz",
        "claim:" + "9" * 60,
        "rate:1",
        "rate:1:splendid",
        "rate:1:",
        "CLAIM:1",
        "claim:\ud800",
    ],
)
def test_what_no_button_of_ours_says_is_a_bad_press(data: str) -> None:
    with pytest.raises(BadPress):
        decode(data)


def test_the_largest_number_is_as_large_as_the_database_can_ask_for() -> None:
    assert decode("claim:1y2p0ij32e8e7") == ClaimPressed(CaseId(LARGEST))


def test_a_choice_travels_as_its_word() -> None:
    assert encode(RatePressed(CaseId(35), Rating.NOT_SATISFIED)) == "rate:z:not_satisfied"


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_number_that_would_not_come_back_is_not_sent(number: int) -> None:
    with pytest.raises(ValueError, match="neither negative nor larger"):
        encode(ClaimPressed(CaseId(number)))


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    """A payload with a free word, known to this test only."""
    monkeypatch.setattr(presses, "_PAYLOADS", dict(presses._PAYLOADS))
    monkeypatch.setattr(presses, "_NAMES", dict(presses._NAMES))

    @payload("wordtest")
    @dataclass(frozen=True, slots=True)
    class Wordy:
        word: str

    return Wordy


def test_a_word_that_would_divide_the_data_is_not_sent(words: type[Any]) -> None:
    with pytest.raises(ValueError, match="colon"):
        encode(words("a:b"))


def test_a_word_that_is_too_long_is_not_sent(words: type[Any]) -> None:
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        encode(words("呼" * 19))


def test_a_name_belongs_to_one_payload(words: type[Any]) -> None:
    with pytest.raises(ValueError, match="is taken"):
        payload("wordtest")(words)


@pytest.mark.parametrize("name", ["", "a:b", "has space", "ninechars", "呼应"])
def test_a_payload_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(ValueError, match="up to 8 letters or digits"):
        payload(name)(ClaimPressed)
