"""Telegram's MarkdownV2 and the older Markdown, turned into the HTML that `html` reads.

The complaints are Telegram's, with offsets in bytes of the UTF-8 source.
"""

import re
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs

from bot.sandbox.errors import bad_request
from bot.sandbox.html import parse_html

_RESERVED: Final = frozenset("_*[]()~`>#+-=|{}.!")
_STYLES: Final = {"*": "b", "_": "i", "__": "u", "~": "s", "||": "tg-spoiler"}
_ESCAPED: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;"}
_LEGACY_STYLES: Final = {"*": "b", "_": "i"}
_TIME: Final = re.compile(r"tg://time\?(.*)")
_EMOJI: Final = re.compile(r"tg://emoji\?id=(\d+)")


def parse_markdown_v2(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text of *source* and its entities.

    Raises:
        ApiError: with the description that Telegram gives for the first mistake.
    """
    return parse_html(_Converter(source).convert())


def parse_markdown(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The same for the older Markdown, which has no nesting.

    Raises:
        ApiError: an entity never ends.
    """
    out: list[str] = []
    at = 0
    while at < len(source):
        char = source[at]
        if char == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.append(_escape(source[at + 1]))
            at += 2
        elif char in "_*`[":
            html, at = _legacy_entity(source, at)
            out.append(html)
        else:
            out.append(_escape(char))
            at += 1
    return parse_html("".join(out))


def _legacy_entity(source: str, begin: int) -> tuple[str, int]:
    """The HTML of the entity that begins at *begin*, and where the text goes on."""
    char = source[begin]
    mark = "```" if source.startswith("```", begin) else char
    close = "]" if char == "[" else mark
    end = source.find(close, begin + len(mark))
    if end < 0:
        _fail(f"Can't find end of the entity starting at byte offset {_byte(source, begin)}")
    inside, after = _escape(source[begin + len(mark) : end]), end + len(close)
    if char == "[":
        link_end = source.find(")", after) if source.startswith("(", after) else -1
        if link_end < 0:
            return f"[{inside}]", after
        return f'<a href="{_escape(source[after + 1 : link_end])}">{inside}</a>', link_end + 1
    if not inside:
        return "", after
    if mark == "```":
        return f"<pre>{inside.removeprefix(chr(10))}</pre>", after
    tag = "code" if char == "`" else _LEGACY_STYLES[char]
    return f"<{tag}>{inside}</{tag}>", after


class _Converter:
    """Walks over MarkdownV2 once, writing HTML; *open* holds the marks that wait for their end."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._out: list[str] = []
        self._open: list[tuple[str, int, int]] = []
        self._quote = ""

    def convert(self) -> str:
        while self._at < len(self._source):
            if self._at == 0 or self._source[self._at - 1] == "\n":
                self._line_begins()
            if self._at < len(self._source):
                self._step()
        if self._open:
            mark, begin, _ = self._open[-1]
            _fail(f"Can't find end of {_title(mark)} entity at byte offset {_byte(self._source, begin)}")
        self._end_quote()
        return "".join(self._out)

    def _line_begins(self) -> None:
        source = self._source
        quoted = not self._open and (source.startswith((">", "**>"), self._at))
        if quoted and source.startswith("**>", self._at):
            self._end_quote()
            self._at += 2
        if not quoted:
            self._end_quote()
            return
        self._at += 1
        if not self._quote:
            stop = re.compile(r"(\n(?!>)|\Z)").search(source, self._at)
            last = source[self._at : stop.start() if stop else None]
            self._quote = "blockquote"
            self._out.append("<blockquote expandable>" if last.endswith("||") else "<blockquote>")

    def _end_quote(self) -> None:
        if self._quote:
            newline = bool(self._out) and self._out[-1] == "\n"
            if newline:
                self._out.pop()
            self._out.append("</blockquote>" + ("\n" if newline else ""))
            self._quote = ""

    def _step(self) -> None:
        source, at = self._source, self._at
        char = source[at]
        if char == "\\" and 0 < ord(source[at + 1 : at + 2] or "\0") <= 126:
            self._out.append(_escape(source[at + 1]))
            self._at += 2
        elif char == "`":
            self._code()
        elif char == "[" or source.startswith("![", at):
            self._open_mark("![" if char == "!" else "[")
        elif char == "]" and self._open and self._open[-1][0] in ("[", "!["):
            self._close_link()
        elif char in "*_~|" and (char != "|" or source.startswith("||", at)):
            self._style(char)
        elif char in _RESERVED:
            _fail(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
        else:
            self._out.append(_escape(char))
            self._at += 1

    def _style(self, char: str) -> None:
        source, at = self._source, self._at
        mark = char * 2 if char == "|" or (char == "_" and source.startswith("__", at)) else char
        ends_quote = mark == "||" and self._quote and not any(item[0] == "||" for item in self._open)
        if ends_quote and source[at + 2 : at + 3] in ("", "\n"):
            self._at += 2
        elif self._open and self._open[-1][0] == mark:
            self._open.pop()
            self._out.append(f"</{_STYLES[mark]}>")
            self._at += len(mark)
        elif any(item[0] == mark for item in self._open):
            name, begin, _ = self._open[-1]
            _fail(f"Can't find end of {_title(name)} entity at byte offset {_byte(source, begin)}")
        else:
            self._out.append(f"<{_STYLES[mark]}>")
            self._open.append((mark, at, len(self._out)))
            self._at += len(mark)

    def _open_mark(self, mark: str) -> None:
        self._out.append("")
        self._open.append((mark, self._at, len(self._out) - 1))
        self._at += len(mark)

    def _close_link(self) -> None:
        mark, _, place = self._open.pop()
        address, self._at = self._address(self._at + 1)
        if mark == "[":
            opening, closing = f'<a href="{_escape(address)}">', "</a>"
        elif emoji := _EMOJI.fullmatch(address):
            opening, closing = f'<tg-emoji emoji-id="{emoji[1]}">', "</tg-emoji>"
        elif time := _TIME.fullmatch(address):
            given = {name: values[0] for name, values in parse_qs(time[1]).items()}
            shape = f' format="{_escape(given["format"])}"' if "format" in given else ""
            opening, closing = f'<tg-time unix="{_escape(given.get("unix", ""))}"{shape}>', "</tg-time>"
        else:
            _fail("Custom emoji URL must have scheme tg")
        self._out[place] = opening
        self._out.append(closing)

    def _address(self, at: int) -> tuple[str, int]:
        """The address in the parentheses at *at*, if there are any, and where the text goes on."""
        if not self._source.startswith("(", at):
            return "", at
        match = re.compile(r"\(((?:\\.|[^)\\])*)\)").match(self._source, at)
        if match is None:
            _fail(f"Can't find end of a URL at byte offset {_byte(self._source, at)}")
        return re.sub(r"\\(.)", r"\1", match[1]), match.end()

    def _code(self) -> None:
        source, begin = self._source, self._at
        mark = "```" if source.startswith("```", begin) else "`"
        match = re.compile(rf"((?:\\.|[^\\`]|{'`(?!``)' if mark == '```' else '(?!)'})*){mark}", re.DOTALL).match(
            source, begin + len(mark)
        )
        if match is None:
            name = "PreCode" if mark == "```" else "Code"
            _fail(f"Can't find end of {name} entity at byte offset {_byte(source, begin)}")
        inside = re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)
        self._at = match.end()
        if mark == "`":
            self._out.append(f"<code>{_escape(inside)}</code>")
            return
        language, newline, code = inside.partition("\n")
        if newline and re.fullmatch(r"[!-~]+", language):
            self._out.append(f'<pre><code class="language-{_escape(language)}">{_escape(code)}</code></pre>')
        else:
            self._out.append(f"<pre>{_escape(inside.removeprefix(chr(10)))}</pre>")


def _title(mark: str) -> str:
    return {"*": "Bold", "_": "Italic", "__": "Underline", "~": "Strikethrough", "||": "Spoiler"}.get(mark, "TextUrl")


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(char, char) for char in text)


def _byte(source: str, position: int) -> int:
    return len(source[:position].encode())


def _fail(text: str) -> NoReturn:
    raise bad_request(f"can't parse entities: {text}")
