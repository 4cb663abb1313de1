"""Every sentence in every language, as people will read it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.html import parse_html
from handlers._kit import menus, words
from handlers._kit.registry import MENUS, discover
from routing.catalogue import Catalogue
from tests.handlers.kit import scan
from tests.handlers.kit.test_keys import FAMILIES, all_refusals

REGISTRY = discover()
SECTIONS = sorted({key.partition(".")[0] for key in words.sentences("zh")})
HOSTILE = "<b>&\"' 🚨 你好</b>{who}&lt;" + "长" * 5000
MATTERS = [name for matter in Catalogue.load().matters.values() for name in (matter.zh, matter.en)]
LONG_BUT_REAL = {
    "number": "999999", "matter": max(MATTERS, key=len), "unit": "莱州市文昌路街道办事处社会治安综合治理中心",
    "by": "欧阳**", "who": "Bartholomew Featherstonehaugh", "due": "11-23 09:00", "count": "9999", "minutes": "1440",
    "limit": "999", "most": "999", "status": "waiting for a rating", "event": "ask for an extension",
    "state": "waits for approval", "line": "99", "option": "一切正常，家里老人孩子都平安",
    "grid": "文昌路街道光华社区第十二综合网格", "people": "欧阳建国 0535-8210001\n司徒美玲 13800000001",
    "receipt": "1234567-0123abcd", "door": "12号楼3单元1502室",
}  # fmt: skip
LONGEST_LABEL, LONGEST_TOAST = 40, 200

LABELS = {
    "door.report": ("我要上报", "Report"), "door.mine": ("我的诉求", "My cases"),
    "door.contacts": ("找网格员", "Contacts"),
    "door.help": ("帮助", "Help"), "button.draft_submit": ("提交", "Submit"), "button.draft_more": ("补充", "Add more"),
    "button.draft_cancel": ("取消", "Cancel"), "button.offer_yes": ("上报给网格员", "Tell the grid worker"),
    "button.offer_no": ("不用", "No"), "act.claim": ("接单", "Claim"), "act.resolve": ("办结", "Resolve"),
    "act.details": ("详情", "Details"), "act.dispatch": ("派单", "Dispatch"), "act.supervise": ("督办", "Supervise"),
    "act.refuse": ("不予受理", "Refuse"), "act.approve": ("同意", "Approve"), "act.reject": ("驳回", "Reject"),
    "act.satisfied": ("满意", "Satisfied"), "act.fair": ("基本满意", "Fairly satisfied"),
    "act.not_satisfied": ("不满意", "Not satisfied"), "act.me_too": ("我也遇到", "Me too"),
    "ask.cancel": ("取消", "Cancel"),
}  # fmt: skip
"""What people were promised to find on the buttons; an emoji may stand before it."""

ALIKE = {
    "template.rain.action": ("不要推上楼", "take them upstairs"),
    "refuse_route.emergency_line": ("如果危险还在", "While the danger lasts"),
    "broadcast.grids": ("未确认", "Not confirmed"),
}
"""What a sentence must not leave out in one of its languages."""

STAGES = {
    "acceptance": "受理", "circulation": "流转", "feedback": "反馈评价", "archive": "归档",
    "collection": "信息收集", "discovery": "源头发现", "assignment": "分流交办", "handling": "分级办理",
    "result": "结果反馈", "appraisal": "督查考核",
}  # fmt: skip
BILINGUAL = frozenset({"lang.ask", "lang.zh", "lang.en", "menu.lang"})
"""Read by somebody who may not know the other language."""
NAMES = re.compile(r"Telegram|ABCD-2345|(?<=/offer )(?:on|off)\b")
MARKUP = re.compile(r"</?[a-z-]+>|\{\w+\}|/[a-z]+(?:@\w+)?")


def shown(lang: str, key: str, filling: str) -> tuple[str, list[str]]:
    """The text and the kinds of mark of a sentence whose every placeholder holds *filling*."""
    names = words.placeholders(words.sentences(lang)[key])
    text, entities = parse_html(words.say(key, lang, **dict.fromkeys(names, filling)))
    return text, [entity["type"] for entity in entities]


def keys_of(section: str, lang: str = "zh") -> list[str]:
    """The keys of a section; there is at least one."""
    keys = sorted(key for key in words.sentences(lang) if key.partition(".")[0] == section)
    assert keys
    return keys


def test_every_sentence_is_in_a_section_that_is_read() -> None:
    for lang in words.LANGUAGES:
        assert {key for section in SECTIONS for key in keys_of(section, lang)} == words.sentences(lang).keys()


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_sentence_shows_what_it_is_given_and_stays_what_it_is(lang: str, section: str) -> None:
    for key in keys_of(section, lang):
        text, marks = shown(lang, key, HOSTILE)
        harmless, harmless_marks = shown(lang, key, "\ue000")

        assert text == harmless.replace("\ue000", HOSTILE), key
        assert marks == harmless_marks, key
        assert harmless.strip(), key


def test_plain_words_are_not_escaped() -> None:
    assert words.plain("claim.name", "zh", name="<b>&") == "<b>&"


def plain_keys() -> Iterator[str]:
    """What is shown where Telegram knows no markup: labels, lines for the presser, menus, refusals."""
    yield from (use.key for use in scan.calls() if use.call in ("Button", "toast"))
    yield from (f"rating.thanks_{end}" for end in FAMILIES["rating.thanks_"])
    yield from (f"refuse_reason.{end}" for end in FAMILIES["refuse_reason."])
    yield from (f"act.{end}" for end in FAMILIES["act."])
    yield from (f"menu.{end}" for end in FAMILIES["menu."])
    yield from (one.key for one in all_refusals())
    yield from ("details.short", "contacts.line", "help.short", "refusal.stale_button", "ask.in_private")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_where_no_markup_is_known_none_is_used(lang: str) -> None:
    keys = set(plain_keys())

    assert len(keys) > 120
    assert [key for key in sorted(keys) if re.search(r"<[a-z/]|&[a-z]+;", words.sentences(lang)[key])] == []


def toasts() -> set[str]:
    return {
        *(use.key for use in scan.calls() if use.call == "toast"),
        *(f"rating.thanks_{end}" for end in FAMILIES["rating.thanks_"]),
        *(one.key for one in all_refusals()),
        *(key for key in words.sentences("zh") if key.startswith(("draft.toast_", "offer.toast_", "details."))),
        *("contacts.line", "contacts.unknown_grid", "help.short", "ask.over", "ask.cancelled", "refusal.stale_button"),
    } - {key for key in words.sentences("zh") if key.startswith("details.") and not key.endswith("short")}


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_answer_to_a_press_is_longer_than_telegram_takes(lang: str) -> None:
    def said(key: str) -> str:
        names = words.placeholders(words.sentences(lang)[key])
        return words.plain(key, lang, **{name: LONG_BUT_REAL[name] for name in names})

    assert len(toasts()) > 60
    assert {key: len(said(key)) for key in sorted(toasts()) if len(said(key)) > LONGEST_TOAST} == {}


def labels() -> set[str]:
    found = {use.key for use in scan.calls() if use.call == "Button"}
    found |= {f"act.{end}" for end in FAMILIES["act."]} | {f"refuse_reason.{end}" for end in FAMILIES["refuse_reason."]}
    return found | {
        key for key in words.sentences("zh") if key.startswith(("button.", "act.", "door.", "class_group."))
    }


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_no_button_says_more_than_it_can_hold(lang: str) -> None:
    """Names of units, people and classes come on top; what is written here is short."""
    texts = {key: re.sub(r"\{\w+\}", "", words.sentences(lang)[key]) for key in labels()}
    reasons = {key for key in texts if key.startswith("refuse_reason.")}  # a button each, under one another

    assert len(texts) > 80
    assert {key: text for key, text in texts.items() if len(text) > LONGEST_LABEL and key not in reasons} == {}
    assert {key: text for key, text in texts.items() if len(text) > 2 * LONGEST_LABEL} == {}


@pytest.mark.parametrize("key", LABELS)
def test_the_buttons_bear_the_words_that_people_know(key: str) -> None:
    for lang, word in zip(("zh", "en"), LABELS[key], strict=True):
        icon, _, label = words.plain(key, lang).rpartition(word)
        assert label == ""
        assert not re.search(r"\w", icon), "only an emoji may stand before it"


def test_the_public_stages_bear_their_names() -> None:
    assert {end: words.plain(f"stage.{end}", "zh") for end in STAGES} == STAGES
    assert STAGES.keys() == set(FAMILIES["stage."])


@pytest.mark.parametrize("key", ["refused", "withdrawn", "reopened"])
def test_what_became_of_another_case_is_not_said_of_the_readers_own(key: str) -> None:
    said = words.plain(f"tell.{key}_follower", "zh", number=2, into=1, reason="…", route="")

    assert said.startswith("您的 #2 已并入 #1；#1 ")


@pytest.mark.parametrize("key", ALIKE)
def test_what_matters_is_said_in_both_languages(key: str) -> None:
    for lang, part in zip(("zh", "en"), ALIKE[key], strict=True):
        assert part in words.plain(key, lang)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_language_shows_through_the_other(section: str) -> None:
    for key in keys_of(section):
        if key in BILINGUAL:
            continue
        chinese = MARKUP.sub("", NAMES.sub("", words.sentences("zh")[key]))
        english = words.sentences("en")[key]

        assert re.findall(r"[A-Za-z]+", chinese) == [], key
        assert re.findall(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]", english) == [], key


def test_every_menu_is_described_in_every_language() -> None:
    made = list(menus.menus())

    own: list[tuple[dict[str, Any], str, list[tuple[str, str]]]] = [
        ({}, code, menus.listed(MENUS, code)) for code in ("zh", "en")
    ]
    assert len(made) == len(menus.SCOPES) * 3
    for _, code, shown_commands in (*made, *own):
        assert shown_commands
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) for name, _ in shown_commands)
        assert all(1 <= len(said) <= 256 for _, said in shown_commands)
        assert all(
            bool(re.search(r"[\u4e00-\u9fff]", said)) is (code != "en") for _, said in shown_commands if "/" not in said
        )


def test_a_language_that_nobody_speaks_here_is_answered_in_chinese() -> None:
    wishes = [(), (None, ""), ("fr",), ("fr", "en"), ("EN-gb",), ("zh-hans",)]

    assert [words.language(*one) for one in wishes] == ["zh", "zh", "zh", "en", "en", "zh"]
