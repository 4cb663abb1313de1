"""From an update to the feature that listens: who is answered how, and what becomes of what goes wrong."""

import logging
from typing import Any

import pytest

from bot import worker
from handlers._kit import words
from handlers._kit.case_presses import ClaimPressed, DetailsPressed, MeTooPressed, RatePressed
from handlers._kit.doors import HelpPressed
from handlers._kit.presses import encode
from handlers._kit.registry import registry
from routing.model import CaseId, Rating, Status
from storage.inbox import Received
from storage.stores import Stores
from tests.town import Message, Persona, Town

NOISE = "/report 楼下装修半夜施工，噪声太大"


def zh(key: str, **values: Any) -> str:
    return words.plain(key, "zh", **values)


async def filed(town: Town) -> Message:
    """A case, and its card in the group."""
    return town.answer_to(await town.wang.writes(NOISE))


async def poisoned(town: Town) -> list[Received]:
    def look(stores: Stores) -> list[Received]:
        return list(stores.inbox.poisoned())

    return await town.read(look)


async def presses_raw(town: Town, who: Persona, message: Message, data: str) -> str | None:
    """Press with any data, wherever the message is; what the presser is told."""
    answered = len(town.sandbox.toasts)
    await who.acts("press", chat=message["chat"]["id"], message=message["message_id"], data=data, forged=True)
    await town.sandbox.exchange.hub.until(lambda: len(town.sandbox.toasts) > answered, 30)
    await town.quiet()
    return town.toast(who)


async def test_a_command_for_another_bot_is_left_to_it_and_one_for_us_is_ours_however_it_is_spelt(town: Town) -> None:
    before = town.said(town.group)
    await town.wang.writes("/help@weather_bot")
    await town.wang.writes("/report@weather_bot 3号楼楼道灯坏了，谁管？")
    assert town.said(town.group) == before
    assert await town.cases() == 0

    asked = await town.wang.writes(f"/HELP@{str(town.sample.bot.username).upper()}")
    assert "/report" in town.answer_to(asked)["text"]


async def test_an_unknown_command_is_answered_in_private_and_ignored_in_a_group(town: Town) -> None:
    before = town.said(town.group)
    await town.wang.writes("/nonsense")
    await town.wang.writes("请看 /help 怎么用")  # a command counts only where a message begins
    await town.wang.writes_privately("/nonsense")

    assert town.said(town.group) == before
    assert town.last(town.wang)["text"] == zh("kit.unknown_command")


async def test_whoever_speaks_in_the_name_of_the_group_reports_nothing(town: Town) -> None:
    owner = Persona(town, town.sandbox.exchange.world.people[owner_of(town)], town.group)
    await owner.acts("anonymous", chat=town.group.id, on=True)
    before = town.said(town.group)
    await owner.writes(NOISE)
    await owner.writes("/todo")
    await owner.writes(f"@{town.sample.bot.username} 3号楼楼道灯坏了")

    assert await town.cases() == 0
    assert town.said(town.group) == before
    assert await poisoned(town) == []


def owner_of(town: Town) -> int:
    return next(number for number, member in town.group.members.items() if member.status == "creator")


async def test_a_stranger_who_is_no_member_may_press_and_gets_nothing(town: Town) -> None:
    card = await filed(town)
    town.group.username = "sample_grid"  # a public group shows its messages to everybody
    stranger = Persona(town, town.sandbox.add_person("路过的人", language_code="zh"), town.group)
    case = (await town.case()).id

    await stranger.presses(card, "接单")
    assert town.toast(stranger) == zh("refusal.not_yours")
    await stranger.presses(card, DetailsPressed(case), forged=True)
    assert (town.toast(stranger) or "").startswith("#1 ")
    assert "王" not in (town.toast(stranger) or "")
    await stranger.presses(card, RatePressed(case, Rating.SATISFIED), forged=True)
    assert town.toast(stranger) == zh("refusal.not_reporter")

    assert (await town.case()).status is Status.OFFERED
    assert town.private(stranger) == []


async def test_a_press_under_a_message_that_telegram_no_longer_shows_still_counts(town: Town) -> None:
    card = await filed(town)
    owner = Persona(town, town.sandbox.exchange.world.people[owner_of(town)], town.group)
    await owner.acts("delete", chat=town.group.id, message=card["message_id"])

    assert await presses_raw(town, town.li, card, encode(ClaimPressed((await town.case()).id))) == zh("claim.claimed")
    assert (await town.case()).status is Status.CLAIMED


async def test_a_forged_press_is_told_to_use_the_newest_card(town: Town) -> None:
    card = await filed(town)

    for data in ("nobody:1", "claim", "claim:-1", "claim:zzzzzzzzzzzzz", "claim:١", "rate:1:so_so", ":"):
        assert await presses_raw(town, town.zhou, card, data) == zh("refusal.stale_button"), data
        assert town.sandbox.toasts[-1]["alert"] is True
    assert await poisoned(town) == []


async def test_a_press_about_a_case_that_is_not_there_is_refused(town: Town) -> None:
    card = await filed(town)

    for press in (ClaimPressed(CaseId(2**63 - 1)), MeTooPressed(CaseId(0)), DetailsPressed(CaseId(1))):
        await town.zhou.presses(card, press, forged=True)
        assert town.toast(town.zhou) == zh("refusal.no_such_case")
    assert await poisoned(town) == []


async def test_a_refusal_of_what_was_written_is_answered_where_it_was_written(town: Town) -> None:
    in_group = await town.wang.writes("/case 999")
    await town.wang.writes_privately("/case 999")

    assert town.answer_to(in_group)["text"] == zh("refusal.no_such_case")
    assert town.last(town.wang)["text"] == zh("refusal.no_such_case")


async def test_a_refusal_of_a_press_is_told_to_the_presser_only_and_in_their_language(town: Town) -> None:
    card = await filed(town)
    before = town.said(town.group)
    await town.emma.presses(card, "接单")
    assert town.toast(town.emma) == words.plain("refusal.not_yours", "en")
    assert town.said(town.group) == before

    assert len(words.plain("refusal.not_yours", "en")) < 40
    assert town.sandbox.toasts[-1]["alert"] is False


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker tries again at once instead of after seconds."""
    monkeypatch.setattr(worker, "RETRIES_S", (0.001, 0.001))


async def broken(*_: Any) -> None:
    raise RuntimeError("王秀兰住3号楼2单元501室")


async def test_what_goes_wrong_in_a_press_is_set_aside_and_the_press_is_answered(
    town: Town, monkeypatch: pytest.MonkeyPatch, hasty: None, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(registry.presses, HelpPressed, broken)
    await town.wang.starts()
    await town.wang.presses(town.last(town.wang), "帮助")

    (left,) = await poisoned(town)
    assert b"callback_query" in left.raw
    assert left.attempts == 3
    assert town.toast(town.wang) == ""
    assert [one.levelno for one in caplog.records if "poison" in one.message] == [logging.ERROR]


async def test_what_goes_wrong_keeps_nobody_waiting_and_its_words_out_of_the_database(
    town: Town, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    """The kind of error is kept for whoever looks into it; what the error quotes is not."""
    whole = registry.commands["help"]
    monkeypatch.setitem(registry.commands, "help", type(whole)("help", broken, whole.menus))
    await town.wang.writes_privately("/help")
    await town.wang.writes_privately("/contacts")

    assert len(await poisoned(town)) == 1
    assert "网格员" in town.last(town.wang)["text"]
    assert await errors(town) == ["RuntimeError"]


async def errors(town: Town) -> list[str]:
    def look(stores: Stores) -> list[str]:
        rows = stores.connection.exec_driver_sql("SELECT error FROM inbox WHERE error IS NOT NULL")
        return [str(one) for one in rows.scalars()]

    return await town.read(look)


async def test_what_went_wrong_once_leaves_nothing_half_done(
    town: Town, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    """The second try does the whole; nothing is answered twice."""
    whole, tries = registry.commands["help"], []

    async def stumbling(said: Any, ctx: Any) -> None:
        tries.append(said.update)
        if len(tries) == 1:
            raise RuntimeError("once")
        await whole.call(said, ctx)

    monkeypatch.setitem(registry.commands, "help", type(whole)("help", stumbling, whole.menus))
    before = len(town.private(town.wang))
    await town.wang.writes_privately("/help")

    assert len(tries) == 2
    assert len(town.private(town.wang)) == before + 2  # the command and one answer
    assert await poisoned(town) == []


async def test_what_is_marked_done_is_passed_on_to_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one's work would be a second transaction, and lost if the program died in between."""
    seen: list[str] = []

    async def settles(said: Any, ctx: Any) -> bool:
        seen.append(f"settled {said.text}")
        await ctx.work(lambda _: None)
        return False

    async def follows(said: Any, _: Any) -> bool:
        seen.append(f"followed {said.text}")
        return True

    monkeypatch.setattr(registry, "messages", [(1, settles), (2, follows)])
    await town.wang.writes_privately("楼下有噪声")

    assert seen == ["settled 楼下有噪声"]
