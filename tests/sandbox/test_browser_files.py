"""What the page's files promise without a browser: both languages, nothing from outside, names that exist."""

import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.view import add_page

PAGE = Path(__file__).resolve().parents[2] / "bot" / "sandbox" / "page"
SCRIPTS = {file.name: file.read_text("utf-8") for file in sorted(PAGE.glob("*.js"))}
ENTRY = re.compile(r'^  "([\w.]+)": \[\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)",?\s*\],$', re.MULTILINE)
SENTENCES = {key: (zh, en) for key, zh, en in ENTRY.findall(SCRIPTS["i18n.js"])}
HAN = re.compile(r"[\u3400-\u9fff]")
OUTSIDE = re.compile(r"""["'(](?:https?:)?//(?!www\.w3\.org/2000/svg|\$)""")


@pytest.fixture
async def browserless() -> TestClient[web.Request, web.Application]:
    app = web.Application()
    add_page(app)
    return TestClient(TestServer(app))


def asked_for() -> tuple[set[str], set[str]]:
    """The sentences that the scripts name in full, and the beginnings of those that they compose."""
    others = "\n".join(text for name, text in SCRIPTS.items() if name != "i18n.js")
    whole = set(re.findall(r'"(\w+\.[\w.]+)"', others)) & SENTENCES.keys()
    called = set(re.findall(r'\bt\(\s*"([\w.]+)"', others))
    return whole | called, set(re.findall(r"\bt\(`([\w.]+)\$\{", others))


def test_every_sentence_that_a_script_names_is_in_the_table() -> None:
    whole, beginnings = asked_for()

    assert whole - SENTENCES.keys() == set()
    assert [start for start in beginnings if not any(key.startswith(start) for key in SENTENCES)] == []


def test_no_sentence_stays_behind_when_nobody_says_it_any_more() -> None:
    whole, beginnings = asked_for()

    assert [key for key in SENTENCES if key not in whole and not key.startswith(tuple(beginnings))] == []


def test_both_languages_have_the_same_placeholders_and_their_own_words() -> None:
    def holes(sentence: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", sentence))

    assert len(SENTENCES) == SCRIPTS["i18n.js"].count('": ['), "an entry is written in a way that this test can't read"
    assert [key for key, (zh, en) in SENTENCES.items() if holes(zh) != holes(en)] == []
    assert [key for key, (zh, en) in SENTENCES.items() if not zh.strip() or not en.strip()] == []
    switch = {"app.language", "app.language_short"}  # each names the other language, in that language
    assert [key for key, (_, en) in SENTENCES.items() if HAN.search(en) and key not in switch] == []


def test_no_sentence_for_people_hides_outside_the_table() -> None:
    without_comments = {name: re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL) for name, text in SCRIPTS.items()}

    assert [name for name, text in without_comments.items() if name != "i18n.js" and HAN.search(text)] == []


def test_foreign_text_can_only_become_text() -> None:
    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")

    assert [name for name, text in SCRIPTS.items() if markup.search(text)] == []


def test_the_page_asks_nothing_of_the_outside() -> None:
    texts = {file.name: file.read_text("utf-8") for file in PAGE.iterdir()}

    assert [f"{name}: {hit[0]}" for name, text in texts.items() for hit in OUTSIDE.finditer(text)] == []


def test_every_import_names_a_file_that_exists() -> None:
    named = {name for text in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', text)}

    assert named - SCRIPTS.keys() == set()
    assert SCRIPTS.keys() - named == {"app.js"}, "the others are reached from it"


async def test_the_page_comes_with_a_policy_that_lets_nothing_foreign_in(
    browserless: TestClient[web.Request, web.Application],
) -> None:
    async with browserless:
        index = await browserless.get("/")
        policy = index.headers["Content-Security-Policy"]
        named = re.findall(r'(?:href|src)="(/[^"]+)"', await index.text())
        answers = {name: await browserless.get(name) for name in named}
        missing = await browserless.get("/page/..%2fview.py")

    assert index.content_type == "text/html"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(named, 200)
    assert {answer.content_type for answer in answers.values()} == {"text/css", "text/javascript", "image/svg+xml"}
    assert missing.status == 404


async def test_a_sandbox_without_a_tour_says_so_and_shows_its_sample_pictures(
    browserless: TestClient[web.Request, web.Application],
) -> None:
    async with browserless:
        tour = await browserless.get("/page/tour.json")
        picture = await browserless.get("/page/sample/2")

        assert await tour.json() == {}
        assert picture.content_type == "image/jpeg"
        assert (await picture.read()).startswith(b"\xff\xd8\xff")
