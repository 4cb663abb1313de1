"""Telegram HTML: lengths as Telegram counts them, and splitting a text that is too long without losing a letter."""

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Final

from handlers._kit.words import Html
from routing.masking import JOINER

MOST: Final = 4096
_TOKEN: Final = re.compile(r"<(/?)([a-z-]+)((?:\s[^<>]*)?)>|&(?:lt|gt|amp|quot|#\d+);|[^<&]|[<&]", re.DOTALL)
_BIDI: Final = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
_UNSHOWN: Final = dict.fromkeys([*_BIDI, 0x2028, 0x2029, 0x030A, 0x0333, 0x033F])  # the last five Telegram drops itself
_LINKING: Final = re.compile(rf":(?=/)|[@/#$]+(?![@/#${JOINER}])|\.(?![ \n\t.{JOINER}]|\Z)")


def tame(text: str) -> str:
    """Foreign text as the bot may repeat it: it reads the same, and Telegram finds nothing in it to press.

    An invisible word joiner follows each sign that could begin or join a link, a mention, a command or a tag; so mask
    and look for what you seek before, and never tame what is stored or exported.
    """
    return _LINKING.sub(rf"\g<0>{JOINER}", clean(text))


def clean(text: str) -> str:
    """Text without the marks that turn writing around and without control characters.

    Its links stay links: for broadcasts of offices, which may lead to official pages, and for what stands in `<pre>`.
    """
    return "".join(c for c in text.translate(_UNSHOWN) if c in "\n\t" or unicodedata.category(c) != "Cc")


def length(text: str) -> int:
    """How long Telegram counts it: UTF-16 units after parsing, the stricter of the two ways it is counted."""
    return len(unescape(re.sub(r"</?[a-z-]+(?:\s[^<>]*)?>", "", text)).encode("utf-16-le")) // 2


def split(text: Html, most: int = MOST) -> list[Html]:
    """*text* in pieces of at most *most* units, cut at line ends where possible; open tags are closed and opened again.

    Joined without the tags that were added, the pieces are the text.
    """
    if length(text) <= most:
        return [text]
    return list(_pieces(text, most))


def _pieces(text: str, most: int) -> Iterator[Html]:
    opened: list[str] = []  # whole opening tags, as "<b>"
    piece, size = "", 0
    for line in text.splitlines(keepends=True):
        if size and size + length(line) > most:
            yield Html(piece + _closing(opened))
            piece, size = "".join(opened), 0
        for token in _TOKEN.finditer(line):
            whole = token.group(0)
            if token.group(2):
                _follow(opened, token)
                piece += whole
                continue
            weight = length(whole)
            if size + weight > most:
                yield Html(piece + _closing(opened))
                piece, size = "".join(opened), 0
            piece += whole
            size += weight
    if size:
        yield Html(piece)


def _follow(opened: list[str], tag: re.Match[str]) -> None:
    if tag.group(1):
        if opened:
            opened.pop()
    else:
        opened.append(tag.group(0))


def _closing(opened: list[str]) -> str:
    return "".join(f"</{tag[1:-1].split()[0]}>" for tag in reversed(opened))
