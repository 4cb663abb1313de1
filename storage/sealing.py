"""Keys, and what they do to a value before it reaches the disk: AES-GCM, or AES-SIV where a value must be found again.

A sealed text is the base64 of six bytes that name the key, twelve that are used once, and the cipher with its tag. The
place, such as ``people.name``, has a key of its own (HKDF) and is authenticated besides: a value that somebody carried
into another column does not open. What is empty stays empty, so that everybody can see that something was erased.
"""

import base64
import os
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import Unopened, Unusable

KEY_BYTES: Final = 32
_NAME: Final = 6
_ONCE: Final = 12
_HEAD: Final = "huying-key-1:"
_EXPLAINED: Final = """\
# The keys of a Huying database. Whoever has this file and the database can read what people wrote; without it nobody
# can, and no backup either. Keep a copy apart from both. The first key seals; the others open what is older.
"""
_REMEMBERED: Final = 4096


class Key(NamedTuple):
    """A key with its public name, by which a value tells what it was sealed with."""

    name: bytes
    secret: bytes

    @classmethod
    def of(cls, secret: bytes) -> "Key":
        """The key made of 32 random bytes."""
        return cls(_derived(secret, "name", _NAME), secret)

    def __repr__(self) -> str:
        return f"Key({self.name.hex()})"


class Ring:
    """The keys of one database: the first one seals, all of them open."""

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("a ring needs a key")
        self.keys = tuple(keys)
        self._by_name = {key.name: key for key in keys}
        self._open_short = lru_cache(_REMEMBERED)(self._opened)
        self._gcm: dict[tuple[bytes, str], AESGCM] = {}
        self._siv: dict[tuple[bytes, str], AESSIV] = {}

    @classmethod
    def parse(cls, text: str) -> "Ring":
        """The keys of a key file.

        Raises:
            Unusable: a line is none, or there is none.
        """
        lines = [line.strip() for line in text.splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        if not lines:
            raise Unusable("The key file holds no key. Make one with `huying key new FILE`.")
        try:
            return cls([Key.of(_secret(line)) for line in lines])
        except ValueError as error:
            raise Unusable("A line of the key file is no key; restore the file from its copy.") from error

    @property
    def name(self) -> str:
        """The public name of the key that seals."""
        return self.keys[0].name.hex()

    @property
    def names(self) -> tuple[str, ...]:
        """The public names of all of them."""
        return tuple(key.name.hex() for key in self.keys)

    def text(self) -> str:
        """What stands in the key file."""
        lines = [_HEAD + base64.urlsafe_b64encode(key.secret).decode() for key in self.keys]
        return _EXPLAINED + "".join(f"{line}\n" for line in lines)

    def first(self, name: str) -> "Ring":
        """The same keys; the one of that name seals.

        Raises:
            KeyError: there is none.
        """
        chosen = self._by_name[bytes.fromhex(name)]
        return self if chosen is self.keys[0] else Ring([chosen, *(key for key in self.keys if key is not chosen)])

    def seal(self, place: str, plain: bytes) -> bytes:
        """Seal for *place*; twice the same gives two values that nobody can tell to be the same."""
        key = self.keys[0]
        once = os.urandom(_ONCE)
        return key.name + once + self._gcm_for(key, place).encrypt(once, plain, place.encode())

    def match(self, place: str, plain: bytes) -> bytes:
        """Seal for *place* so that the same gives the same, and can be looked for."""
        key = self.keys[0]
        return key.name + bytes(_ONCE) + self._siv_for(key, place).encrypt(plain, [place.encode()])

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for *place*.

        Raises:
            Unopened: it was sealed with a key that is not here, for another place, or not at all; or it was changed.
        """
        name, once, cipher = sealed[:_NAME], sealed[_NAME : _NAME + _ONCE], sealed[_NAME + _ONCE :]
        key = self._by_name.get(name)
        if key is None:
            raise Unopened(place)
        try:
            if any(once):
                return self._gcm_for(key, place).decrypt(once, cipher, place.encode())
            return self._siv_for(key, place).decrypt(cipher, [place.encode()])
        except (InvalidTag, ValueError) as error:
            raise Unopened(place) from error

    def named(self, sealed: bytes) -> str | None:
        """The name of the key here that *sealed* was sealed with; ``None`` for what none of them sealed."""
        name = sealed[:_NAME]
        return name.hex() if name in self._by_name and len(sealed) > _NAME + _ONCE else None

    def named_text(self, sealed: str) -> str | None:
        """The same of a text."""
        try:
            return self.named(a2b_base64(sealed, strict_mode=True))
        except ValueError:
            return None

    def open_text(self, place: str, sealed: str) -> str:
        """What was sealed for *place* and written as base64."""
        return self._opened(place, sealed)

    def open_again(self, place: str, sealed: str) -> str:
        """The same for what is short and read again and again: the last few thousand are remembered."""
        return self._open_short(place, sealed)

    def _opened(self, place: str, sealed: str) -> str:
        try:
            whole = a2b_base64(sealed, strict_mode=True)
        except ValueError as error:  # binascii's own kind, or a letter that is none of base64
            raise Unopened(place) from error
        return self.open(place, whole).decode("utf-8", "surrogatepass")

    def _gcm_for(self, key: Key, place: str) -> AESGCM:
        found = self._gcm.get((key.name, place))
        if found is None:
            found = self._gcm[key.name, place] = AESGCM(_derived(key.secret, f"gcm {place}", 32))
        return found

    def _siv_for(self, key: Key, place: str) -> AESSIV:
        found = self._siv.get((key.name, place))
        if found is None:
            found = self._siv[key.name, place] = AESSIV(_derived(key.secret, f"siv {place}", 64))
        return found


def new_key() -> Key:
    """A key that nobody has yet."""
    return Key.of(os.urandom(KEY_BYTES))


def sealed_text(make: Callable[[str, bytes], bytes], place: str, plain: str) -> str:
    """*plain* sealed by `Ring.seal` or `Ring.match`, as base64."""
    return b2a_base64(make(place, plain.encode("utf-8", "surrogatepass")), newline=False).decode()


def _secret(line: str) -> bytes:
    head, _, text = line.partition(":")
    secret = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    if f"{head}:" != _HEAD or len(secret) != KEY_BYTES:
        raise ValueError
    return secret


def _derived(secret: bytes, purpose: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=f"huying {purpose}".encode()).derive(secret)


_ring: ContextVar[Ring | None] = ContextVar("ring", default=None)


def use(ring: Ring | None) -> None:
    """From now on, in this thread or task, values are sealed and opened with *ring*; ``None`` for as they are."""
    _ring.set(ring)


def ring_in_use() -> Ring | None:
    """With what values are sealed and opened here and now."""
    return _ring.get()
