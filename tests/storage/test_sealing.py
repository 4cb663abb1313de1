"""Values that nobody can read without the key, nor carry to another place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import Unopened, Unusable
from storage.resealing import spots
from storage.sealing import Key, Ring, new_key, sealed_text, use
from storage.tables import metadata
from storage.types import Sealed, SealedBytes, SealedNested

OLD, NEW = Key.of(b"o" * 32), Key.of(b"n" * 32)
RING = Ring([NEW, OLD])
TEXTS = st.text(st.characters(), max_size=200)


@given(TEXTS)
def test_whatever_was_sealed_opens_again(text: str) -> None:
    for make in (RING.seal, RING.match):
        assert RING.open_text("people.name", sealed_text(make, "people.name", text)) == text


@given(st.binary(min_size=1, max_size=200), st.integers(min_value=0), st.integers(1, 255))
def test_a_value_of_which_one_byte_was_changed_does_not_open(plain: bytes, at: int, by: int) -> None:
    for make in (RING.seal, RING.match):
        sealed = bytearray(make("inbox.raw", plain))
        sealed[at % len(sealed)] ^= by
        with pytest.raises(Unopened):
            RING.open("inbox.raw", bytes(sealed))


def test_a_value_carried_to_another_column_does_not_open() -> None:
    for make in (RING.seal, RING.match):
        with pytest.raises(Unopened):
            RING.open("appointments.name", make("people.name", b"Wang"))


@pytest.mark.parametrize("value", [b"", b"x", b"Wang", NEW.name, NEW.name + bytes(12), NEW.name + bytes(40)])
def test_what_was_never_sealed_does_not_open(value: bytes) -> None:
    with pytest.raises(Unopened):
        RING.open("people.name", value)


@pytest.mark.parametrize("value", ["王小满", "Wang", "AAAA", "====", "a b", "\ud800"])
def test_a_text_that_was_never_sealed_does_not_open(value: str) -> None:
    with pytest.raises(Unopened):
        RING.open_text("people.name", value)


def test_the_same_text_is_sealed_differently_unless_it_must_be_found() -> None:
    assert RING.seal("people.name", b"Wang") != RING.seal("people.name", b"Wang")
    assert RING.match("households.door_code", b"ABCD2345") == RING.match("households.door_code", b"ABCD2345")


def test_an_older_key_opens_and_the_first_one_seals() -> None:
    old = Ring([OLD]).seal("people.name", b"Wang")

    assert RING.open("people.name", old) == b"Wang"
    assert RING.named(RING.seal("people.name", b"Wang")) == NEW.name.hex()
    assert RING.first(OLD.name.hex()).name == OLD.name.hex()
    with pytest.raises(KeyError):
        RING.first(new_key().name.hex())


def test_the_file_holds_what_it_takes_and_says_what_it_is() -> None:
    assert Ring.parse(RING.text()).keys == RING.keys
    assert "Keep a copy" in RING.text()
    assert b"n" * 32 not in repr(RING.keys).encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "huying-key-1:",
        "huying-key-1:AAAA",
        "huying-key-9:" + "A" * 43 + "=",
        "A" * 44,
        "huying-key-1:???",
    ],
)
def test_a_file_without_a_key_is_refused(text: str) -> None:
    with pytest.raises(Unusable, match="key"):
        Ring.parse(text)


def test_each_sealed_column_is_bound_to_its_own_place() -> None:
    places = {
        f"{table.name}.{column.name}": column.type.place
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed | SealedNested | SealedBytes)
    }

    assert {place: place for place in places} == places
    assert len(spots()) == len(places) == 11


def test_what_is_empty_stays_empty_so_that_everybody_sees_that_it_was_erased() -> None:
    use(RING)
    try:
        assert Sealed("words.text").shut("") == ""
        assert Sealed("words.text").shut(None) is None
    finally:
        use(None)
