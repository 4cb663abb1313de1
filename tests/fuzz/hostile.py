"""Texts that break careless programs, and the made-up ones between them."""

import re
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

EMOJI: Final = "👨‍👩‍👧‍👦"
KNOWN: Final = (
    "", " ", "\n", "0", "-1", "null", "None", "nan", "true", "[]", "{}", "/", "/start", "@", "#1", "¼", "١٢", "１２",
    "9" * 30, "-" + "9" * 30, "1e999", "0x10", "1 2 3", "a" * 64, "A" * 5000, "请" * 4096, "👍" * 2048, EMOJI * 600,
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", '"', "'", "','", "a,b;c\td",
    "<b>", "</b>", "<b><i></b></i>", "<a href='x'>", "&lt;", "&#x202e;", "&", "<![CDATA[", "<!DOCTYPE x>", "]]>",
    "\u202e反\u202c", "\u2066a\u2069", "\u200b\u200d\u2060\ufeff", "e\u0301" * 100, "\ufe0f", "\u0000", "a\u0000b",
    "\ud800", "a\udfffb", "\x1b[31m", "\r\nSet-Cookie: x", "%s%n", "{0}", "{__class__}", "${jndi:ldap://x}", "../../x",
    "..\\x", "C:\\x", "file:///etc/passwd", "http://169.254.169.254/", "' OR 1=1 --", "\\", "\\u0000", "_" * 300,
    "*" * 300, "`" * 300, "[x](tg://user?id=1)", "tg://user?id=1", "3号楼2单元301楼道灯坏了",
    "身份证370685199003072415",
    "电话13812345678", "鲁F8K23Q", "明天 下午三点", "2026-02-30", "24:61", "-3天", "99999999天", "第0条", "是", "不",
)  # fmt: skip


@cache
def texts(most: int = 60, *, surrogates: bool = True) -> st.SearchStrategy[str]:
    """Known troublemakers, made-up texts, and both together."""
    letters = st.characters() if surrogates else st.characters(exclude_categories=["Cs"])
    sound = [text for text in KNOWN if surrogates or not _LONE.search(text)]
    known = st.integers(0, len(sound) - 1).map(
        lambda number: sound[number]
    )  # the texts themselves would make a huge repr
    made = st.text(letters, max_size=most)
    return known | made | st.tuples(known, made).map("".join)


_LONE: Final = re.compile("[\ud800-\udfff]")


@cache
def json_values(leaves: int = 12) -> st.SearchStrategy[Any]:
    """Whatever can stand in a JSON document that came over the network."""
    words = texts(20, surrogates=False)
    numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    leaf = st.none() | st.booleans() | numbers | words
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=leaves
    )
