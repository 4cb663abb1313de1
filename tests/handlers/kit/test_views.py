"""What a view makes of a promise: in whose language, with which buttons, how often repeated."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handlers import render
from handlers._kit.case_presses import ClaimPressed
from handlers._kit.views import MAIN, Button, Look
from handlers._kit.words import Html
from routing.calendar import Calendar
from routing.model import CaseId, Chat, ChatKind
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.handlers.kit.looking import look, texts_of
from tests.town import Persona, Town

KEY = {"key": "kit.nobody"}
"""无, or nobody."""


def test_a_message_is_html_without_previews() -> None:
    made = look().message(Html("<b>1</b>"))

    assert made.method == "sendMessage"
    assert made.params["parse_mode"] == "HTML"
    assert made.params["link_preview_options"] == {"is_disabled": True}
    assert "reply_markup" not in made.params


def test_buttons_stand_under_the_last_part_of_a_long_message() -> None:
    made = look().message(Html("字" * 9000), [[Button("act.claim", ClaimPressed(CaseId(1)), MAIN)]], disable=True)
    calls = (made, *made.more)

    assert ["reply_markup" in call.params for call in calls] == [False, False, True]
    assert all(call.params["disable"] for call in calls)
    assert "".join(texts_of(made)) == "字" * 9000


def test_a_button_carries_its_word_its_press_and_its_style() -> None:
    rows = [[Button("act.claim", ClaimPressed(CaseId(35)), MAIN)], [], [Button("door.private", url="https://t.me/x")]]

    assert look("en").keyboard(rows) == {
        "inline_keyboard": [
            [{"text": "✋ Claim", "callback_data": "claim:z", "style": "success"}],
            [{"text": "Open the private chat", "url": "https://t.me/x"}],
        ]
    }
    assert look().keyboard([[], []]) is None


def test_a_button_shows_foreign_words_as_they_are() -> None:
    (row,) = (
        look().keyboard([[Button("claim.name", ClaimPressed(CaseId(1)), values={"name": "<b>&"})]]) or {}
    ).values()

    assert row[0][0]["text"] == "<b>&"


def test_what_may_have_been_said_before_says_so() -> None:
    (text,) = texts_of(look(repeated=True).message(Html("到期")))

    assert text.startswith("（重复发送")
    assert text.endswith("\n到期")


async def rendered(town: Town, chat: Chat, locale: str = "zh", view: str = "say", **params: Any) -> str:
    made = await town.read(render, view, params or KEY, chat, locale=locale)
    assert made is not None
    return str(made.params["text"])


def found(stores: Stores, bot: int, telegram_id: int) -> Chat:
    chat = stores.chats.find(bot, telegram_id)
    assert chat is not None
    return chat


async def private_of(town: Town, who: Persona) -> Chat:
    return await town.read(found, town.sample.bot.id, who.id)


async def group_of(town: Town) -> Chat:
    return await town.read(found, town.sample.bot.id, town.group.id)


async def speak(town: Town, who: Persona, lang: str) -> None:
    """Choose a language with /lang."""
    await who.writes_privately("/lang")
    await who.presses(town.last(who), {"zh": "中文", "en": "English"}[lang])


async def test_a_promise_is_kept_in_the_language_of_its_chat(town: Town) -> None:
    """One's own in private; in a group the group's; where nobody has chosen, the town's."""
    group, chinese = await group_of(town), await private_of(town, town.wang)
    assert [await rendered(town, one) for one in (group, chinese)] == ["无", "无"]
    await town.emma.starts()  # her Telegram speaks English
    assert await rendered(town, await private_of(town, town.emma)) == "nobody"

    await speak(town, town.wang, "en")
    assert await rendered(town, await private_of(town, town.wang)) == "nobody"
    assert await rendered(town, await group_of(town)) == "无"

    await speak(town, town.wang, "zh")
    assert await rendered(town, await private_of(town, town.wang), locale="en") == "无"
    assert await rendered(town, await group_of(town), locale="en") == "nobody"

    def speak_english(stores: Stores) -> None:
        stores.chats.set_lang(found(stores, town.sample.bot.id, town.group.id).id, "en")

    await town.work(speak_english)
    assert await rendered(town, await group_of(town)) == "nobody"


def test_a_view_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(LookupError, match="no feature makes the view nonsense"):
        render(look().uow, "nonsense", KEY, look().chat, locale="zh")


def test_an_instant_is_shown_in_the_towns_time_and_as_a_time() -> None:
    at = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
    uow = cast("UnitOfWork", SimpleNamespace(calendar=Calendar.load("Asia/Shanghai")))

    shown = Look(uow, look().chat, "zh", {}).when(at)
    assert shown == f'<tg-time unix="{int(at.timestamp())}" format="dt">11月23日 09:05</tg-time>'


@pytest.mark.parametrize("kind", list(ChatKind))
def test_neighbours_read_along_in_every_group_that_is_no_desk(kind: ChatKind) -> None:
    seen = look()
    chat = Chat(seen.chat.id, seen.chat.bot, seen.chat.telegram_id, kind, seen.chat.state)

    assert Look(seen.uow, chat, "zh", {}).public is (kind in (ChatKind.RESIDENTS, ChatKind.UNBOUND))
