"""What is fuzzed: a name, a strategy, and what must hold for everything that it makes."""
# ruff: noqa: PT017 - a refusal is one of two good ends, so there is nothing to expect

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from bot.sandbox.html import parse_html
from bot.settings import Settings, SettingsError
from bot.sheets import BadSheet
from bot.sheets import read as read_sheet
from bot.tables import write
from bot.webhook import _update
from broadcasts.cap.faults import BadCap
from broadcasts.cap.reading import read as read_cap
from broadcasts.cap.writing import write as write_cap
from broadcasts.plan_files import BadPlan
from broadcasts.plan_files import read as read_plan
from handlers._kit import html, words
from handlers._kit.presses import BadPress, decode, encode
from routing.calendar import read_notice
from routing.catalogue import Catalogue
from routing.checked import BadPolicy
from routing.hints import reads_like_report, small_talk
from routing.loading import BadTown
from routing.masking import mask_name, mask_text
from routing.policy import Policy
from routing.town import load
from tests.broadcasts.cap.samples import message
from tests.fuzz import updates
from tests.fuzz.hostile import texts
from tests.fuzz.town import BOT, GROUPS, town


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is fuzzed.

    Args:
        inputs: What it is given.
        check: Raises when something does not hold.
        examples: How many inputs the suite tries.
    """

    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]
    examples: int


def _updates(given: list[dict[str, Any]]) -> None:
    """What Telegram may send is done, not set aside, and every press under a message is answered."""
    here = town()
    here.answered.clear()
    aside = here.feed(given)
    assert [(one.error, one.raw) for one in aside] == []
    presses = [update["callback_query"] for update in given if "callback_query" in update]
    unanswered = {query["id"] for query in presses if "message" in query} - here.answered
    assert unanswered == set()


def _shapes(given: list[Any]) -> None:
    """What is no update is refused or set aside, and the chats that it names go on."""
    taken = [update for one in given if (update := _update(orjson.dumps(one))) is not None]
    here = town()
    here.feed(taken, numbered=False)
    here.feed([one if isinstance(one, dict) else {"x": one} for one in given])
    here.answered.clear()
    sane = {"message_id": 1, "date": 1, "from": {"id": 1001, "is_bot": False, "first_name": "x"}}
    entities = [{"type": "bot_command", "offset": 0, "length": 5}]
    chats = [{"id": 1001, "type": "private"}, {"id": GROUPS[0], "type": "supergroup", "title": "x"}]
    assert (
        here.feed([{"message": {**sane, "chat": chat, "text": "/help", "entities": entities}} for chat in chats]) == []
    )


def _bodies(body: bytes) -> None:
    """Bytes are an update or none."""
    update = _update(body)
    assert update is None or isinstance(update["update_id"], int)


def _callbacks(data: str) -> None:
    """Data is refused, or is a press that comes back as it was."""
    try:
        press = decode(data)
    except BadPress:
        return
    again = encode(press)
    assert decode(again) == press


def _in_file(name: str, content: bytes, read: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory(prefix="huying-fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read(path)


def _import(name: str, content: bytes) -> None:
    """A table is refused with a place and a reason, or loaded whole; a refused one leaves no trace."""
    try:
        sheet = _in_file(name, content, read_sheet)
    except BadSheet as bad:
        assert name in str(bad)
        return
    here = town()
    before = here.read(_tally)
    try:
        here.loop.run_until_complete(here.stand.store.work(load, [sheet], bot=BOT))
    except BadTown as bad:
        assert bad.problems
        assert all(str(one) for one in bad.problems)
        assert here.read(_tally) == before


def _tally(stores: Any) -> list[int]:
    tables = ("units", "people", "appointments", "households", "members", "chats", "shifts")
    return [stores.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in tables]  # noqa: S608 - names of ours


_HEADERS: Final = (
    (
        "code",
        "name",
        "level",
        "parent",
        "kind",
        "residents_chat",
        "desk_chat",
        "households",
        "buildings",
        "bounds",
        "phone",
    ),
    ("telegram_id", "name", "unit", "post", "phone", "stationed_at"),
    ("code", "grid", "building", "unit_no", "room", "telegram_ids"),
    ("unit", "telegram_id", "from", "to"),
)  # fmt: skip
_CELLS: Final = (
    "370001", "370001001", "370001001001", "370001001001001", "grid", "community", "street", "city", "department",
    "partner", "basic", "special", "worker", "leader", "1001", "1001;1002", "-1001", "2026-11-23 17:30", "1号楼",
)  # fmt: skip


def tables() -> st.SearchStrategy[list[list[str]]]:
    """A header that is known, nearly known or neither, and rows of cells likely and unlikely."""
    cells = st.sampled_from(_CELLS) | texts(20)
    header = st.sampled_from(_HEADERS).map(list) | st.lists(texts(8), max_size=6)
    return st.tuples(header, st.lists(st.lists(cells, max_size=11), max_size=4)).map(lambda pair: [pair[0], *pair[1]])


def _csv(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    _import("town.csv", out.getvalue().encode("utf-8", "surrogatepass"))


def _xlsx(rows: list[list[Any]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        try:
            sheet.append(row)
        except (ValueError, IllegalCharacterError):
            return  # no workbook can hold such a letter
    out = io.BytesIO()
    try:
        book.save(out)
    except ValueError:
        return
    _import("town.xlsx", out.getvalue())


def _xlsx_bytes(given: tuple[bytes, int, bytes]) -> None:
    """A workbook of which a part was exchanged or cut, or that is none."""
    content, at, other = given
    bent = content[: at % (len(content) + 1)] + other + content[at % (len(content) + 1) + len(other) :]
    _import("town.xlsx", bent)


@cache
def _workbooks() -> list[bytes]:
    """A sound workbook, one of stored parts so that changes reach the XML, and an archive of something else."""
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(list(_HEADERS[3]))
    book.active.append(["370001001001001", 1001, "2026-11-23 17:30", "2026-11-23 20:30"])
    book.save(out)
    stored, other = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as packed, zipfile.ZipFile(stored, "w") as flat:
        for name in packed.namelist():
            flat.writestr(name, packed.read(name))
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../x", b"x")
    return [out.getvalue(), stored.getvalue(), other.getvalue(), b""]


def bent_texts(sound: list[str]) -> st.SearchStrategy[str]:
    """Sound documents with a span exchanged for something hostile, a line twice or missing; and anything else."""

    def bend(parts: tuple[str, int, int, str, int]) -> str:
        text, start, length, other, what = parts
        if what < 2:
            start %= len(text) + 1
            return text[:start] + other + text[start + length :]
        lines = text.splitlines()
        at = start % max(len(lines), 1)
        lines[at : at + 1] = [lines[at]] * 2 if what == 2 else []
        return "\n".join(lines)

    values = st.sampled_from(
        ["0", "-1", "1e999", "inf", "nan", "[]", "{}", '""', "true", "2026-01-01", "[[[", "9" * 30]
    )
    spans = st.tuples(
        st.sampled_from(sound), st.integers(0, 20_000), st.integers(0, 30), texts(12) | values, st.integers(0, 3)
    )
    return spans.map(bend) | texts()


def _policies() -> list[str]:
    folder = Path(__file__).resolve().parents[2] / "routing/policies"
    return [path.read_text("utf-8") for path in sorted(folder.glob("*.toml"))]


def _policy(text: str) -> None:
    try:
        _in_file("p.toml", text.encode("utf-8", "surrogatepass"), lambda path: Policy.load(str(path)))
    except BadPolicy as bad:
        assert "p.toml" in str(bad)


_PLAN: Final = """\
code = "flood"
name = "防汛"
[[broadcasts]]
class = "notice"
text = "请转移"
[[tasks]]
text = "巡查"
minutes = 30
[[rollcalls]]
title = "安全"
minutes = 60
[[rollcalls.questions]]
text = "安全吗"
options = ["是", "否"]
"""


_NOTICE: Final = 'source = "x"\nholidays = ["2027-01-01/2027-01-03"]\nworkdays = [2027-02-06]\n'
_PLANTED: Final = "1234567890:PLANTEDplantedPLANTEDplantedPLANTED"
_TOML: Final = f'''\
HUYING_BOT_TOKEN = "{_PLANTED}"
HUYING_HTTP_PORT = 8080
HUYING_CLOCK_SPEED = 1.0
HUYING_TIMEZONE = "Asia/Shanghai"
'''
_DOTENV: Final = f"""\
HUYING_BOT_TOKEN={_PLANTED}
HUYING_DATABASE_URL="sqlite+aiosqlite:///town.db"
HUYING_WEBHOOK_URL=https://bot.example.cn
HUYING_WEBHOOK_SECRET=a-secret-of-twenty-two-or-more
HUYING_LOG=json
"""


def _plan(text: str) -> None:
    try:
        read_plan("plan.toml", text)
    except BadPlan as bad:
        assert "plan.toml" in str(bad)


def _calendar(text: str) -> None:
    try:
        read_notice("2027.toml", text)
    except ValueError as bad:
        assert "2027.toml" in str(bad)


def _settings(given: tuple[str, str]) -> None:
    """Settings are read, or refused with a sentence; neither shows a token."""
    with tempfile.TemporaryDirectory(prefix="huying-fuzz-") as folder:
        files = [Path(folder) / name for name in ("huying.toml", ".env")]
        for path, text in zip(files, given, strict=True):
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            said = repr(Settings.load({}, toml_file=files[0], env_file=files[1]))
        except SettingsError as bad:
            said = str(bad)
    assert said
    assert _PLANTED not in said


def _cap(text: str) -> None:
    for content in (text.encode("utf-8", "surrogatepass"), text.encode("utf-16", "surrogatepass")):
        try:
            read_cap(content)
        except BadCap as bad:
            assert bad.faults
            assert all(one.what and one.mend for one in bad.faults)


def _html(given: tuple[str, int]) -> None:
    """Foreign words show as they are, bear no mark, and every piece is valid and short enough."""
    text, most = given
    tamed = html.tame(text)
    said = words.Html(words._safe(tamed))
    shown = ""
    for piece in html.split(said, most):
        seen, marks = parse_html(piece)
        assert marks == []
        assert html.length(seen) <= most
        shown += seen
    assert "".join(shown.split()) == "".join(tamed.split())


def _masks(text: str) -> None:
    """Masking ends, takes nothing twice and leaves no number; hints and the catalogue take everything."""
    catalogue = _catalogue()
    once = mask_text(text)
    assert "13812345678" not in once
    assert "370685199003072415" not in once
    mask_name(text)
    reads_like_report(text, catalogue)
    small_talk(text, catalogue)
    catalogue.classify(text)


@cache
def _catalogue() -> Catalogue:
    return Catalogue.load()


def _cells(values: list[str]) -> None:
    """What is exported comes back, and no spreadsheet takes a cell for a formula."""
    row = {str(number): value for number, value in enumerate(values)}
    out = io.StringIO()
    write([row], list(row), "csv", out)
    read = list(csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True))
    if values:
        ends = [value.replace("\r\n", "\n").replace("\r", "\n") for value in values]
        assert len(read) == 2
        assert [cell.lstrip("'") for cell in read[1]] == [value.lstrip("'") for value in ends]
        assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} for cell in read[1])
    lines = io.StringIO()
    write([row], list(row), "jsonl", lines)
    assert json.loads(lines.getvalue()) == row


TARGETS: Final = {
    "updates": Target(st.lists(updates.updates(GROUPS), min_size=1, max_size=8), _updates, 60),
    "shapes": Target(st.lists(updates.shapes(GROUPS), min_size=1, max_size=4), _shapes, 40),
    "bodies": Target(st.binary(max_size=200) | texts().map(lambda text: text.encode("utf-8", "replace")), _bodies, 100),
    "callbacks": Target(updates.pressed(), _callbacks, 300),
    "csv": Target(tables(), _csv, 60),
    "xlsx": Target(st.one_of(tables()), _xlsx, 20),
    "archives": Target(
        st.tuples(st.sampled_from(_workbooks()), st.integers(0, 10_000), st.binary(max_size=40)), _xlsx_bytes, 60
    ),
    "policies": Target(bent_texts(_policies()), _policy, 60),
    "plans": Target(bent_texts([_PLAN]), _plan, 150),
    "calendars": Target(bent_texts([_NOTICE]), _calendar, 150),
    "settings": Target(st.tuples(bent_texts([_TOML]), bent_texts([_DOTENV])), _settings, 100),
    "cap": Target(bent_texts([write_cap(message()).decode()]), _cap, 150),
    "html": Target(st.tuples(texts(300, surrogates=False), st.integers(64, 4096)), _html, 150),
    "masks": Target(texts(300), _masks, 100),
    "cells": Target(st.lists(texts(), max_size=4), _cells, 200),
}
"""Every target by its name."""
