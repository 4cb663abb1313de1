"""举报与回避: the reporter of a tip-off is hidden from whoever handles it, and whom it names is kept out."""

import json
import logging

import pytest

from bot.cli.case import describe
from bot.cli.export import export_cases, export_events
from handlers._kit.case_presses import ConflictPressed, ContactPressed
from handlers.conflict.presses import BarUnitPressed, Mark
from routing.model import Status, UnitCode
from storage.stores import Stores
from tests.handlers.cast import NOISE, card_at, card_of, claimed, filed, zh
from tests.town import COMMUNITY, GRID, STREET, Message, Persona, Town

NAME, PHONE, LINK = "王小满", "13512345678", "tg://user?id=2001"
TOLD = f"我是{NAME}，电话{PHONE}，举报隔壁超市卖过期食品"


async def _tipped_off(town: Town) -> None:
    """Wang tells it in private; the street desk gets it."""
    await town.wang.writes_privately(f"/report {TOLD}")
    if await town.cases() == 0:
        await town.wang.presses(town.last(town.wang), "提交")
    case = await town.case()
    assert (case.kind, case.unit, case.accepted) == ("tip_off", STREET, STREET)


async def _given_to_grid(town: Town) -> None:
    await _tipped_off(town)
    await town.sun.presses(card_at(town, town.street_desk), "派单")
    chooser = town.last(town.street_desk)
    await town.sun.presses(chooser, next(one for one in town.buttons(chooser) if "超市" in one or "所" in one or one))
    case = await town.case()
    assert case.unit != STREET


def _handler(town: Town, unit: str) -> Persona:
    return Persona(town, town.sample.staff(unit)[0], town.sample.chats[unit])


async def _everything_but_the_reporters(town: Town) -> str:
    """What every chat shows but the reporter's own, with buttons and links."""
    shown = [town.messages(chat) for chat in town.sample.chats.values()]
    shown += [
        town.sandbox.private(person, town.sample.bot) for person in town.sample.people.values() if person.id != 2001
    ]
    return json.dumps([one for messages in shown for one in messages if _by_bot(town, one)], ensure_ascii=False)


def _by_bot(town: Town, message: Message) -> bool:
    return bool(message.get("from", {}).get("id") == town.sample.bot.id)


async def test_the_grid_that_a_tip_off_went_past_finds_nothing_under_its_number(town: Town) -> None:
    await _tipped_off(town)

    for person in (town.li, town.chen):
        await person.writes_privately("/case 1")
        assert town.last(person)["text"] == zh("refusal.no_such_case")


async def test_whoever_handles_a_tip_off_learns_nothing_of_its_reporter(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await _given_to_grid(town)
    unit = (await town.case()).unit
    handler = _handler(town, unit)
    await handler.presses(card_at(town, handler.home), "接单")
    await handler.presses(card_at(town, handler.home), "详情")
    await handler.presses(card_at(town, handler.home), "提问")
    await handler.writes("过期食品是哪一天买的？", reply_to=town.last(handler.home))
    await town.wang.writes_privately(f"昨天买的，我叫{NAME}，请打{PHONE}")
    await town.sun.writes("/case 1")

    shown = await _everything_but_the_reporters(town)
    assert "过期食品" in shown
    for secret in (NAME, PHONE, LINK):
        assert secret not in shown
        assert secret not in caplog.text
        assert secret not in await town.read(_exported)


def _exported(stores: Stores) -> str:
    whole = [export_cases(stores, "jsonl"), export_events(stores, "jsonl"), json.dumps(describe(stores, 1))]
    events = [json.loads(line) for line in export_events(stores, "jsonl").splitlines()]
    assert all(one["by"] is None or one["post"] for one in events)
    assert not any("王" in str(one["by"]) for one in events)
    return "\n".join(whole)


async def test_only_the_desk_that_accepted_a_tip_off_may_open_who_it_was_and_it_is_written_down(town: Town) -> None:
    await _given_to_grid(town)
    handler = _handler(town, (await town.case()).unit)
    card = card_at(town, handler.home)
    assert "📇 联系方式" not in town.buttons(card)
    await handler.presses(card, ContactPressed((await town.case()).id), forged=True)
    assert NAME not in " ".join(town.said(handler))

    await town.sun.presses(card_at(town, town.street_desk), ContactPressed((await town.case()).id), forged=True)
    assert town.toast(town.sun) == zh("contact.in_private")
    assert TOLD in town.last(town.sun)["text"]
    assert NAME not in " ".join(town.said(town.street_desk))
    await town.wang.writes_privately("/mydata")
    assert '"what": "contact"' in town.last(town.wang)["text"]
    assert f'"unit": "{STREET}"' in town.last(town.wang)["text"]


async def test_staff_open_how_to_reach_a_reporter_and_the_reporter_can_see_it(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "联系方式")

    assert "1号楼 1单元 101" in town.last(town.li)["text"]
    await town.wang.writes_privately("/mydata")
    assert '"what": "contact"' in town.last(town.wang)["text"]


async def test_the_accused_grid_and_everything_above_it_up_to_the_clear_one_are_passed_by(town: Town) -> None:
    await town.wang.writes("/report 举报春风社区书记收红包")
    assert (await town.case()).confidential

    case = await town.case()
    assert (case.accused, case.unit) == ((COMMUNITY,), STREET)
    assert town.said(town.community_desk) == []
    assert [text for text in town.said(town.li) if "#1" in text] == []
    assert "春风社区应当回避" not in card_at(town, town.street_desk)["text"]


async def test_a_desk_keeps_a_unit_out_and_its_card_there_says_no_more(town: Town) -> None:
    await filed(town, NOISE)
    await town.sun.writes("/case 1")
    await town.chen.writes("/case 1")
    await town.sun.presses(card_at(town, town.street_desk), "回避")
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, "▫️ 春风社区")

    case = await town.case()
    assert (case.unit, case.status) == (STREET, Status.OFFERED)
    assert "🚷 春风社区" in town.buttons(town.now_of(town.sun, panel))
    assert "接单" not in " ".join(town.buttons(card_at(town, town.community_desk)))
    assert any("街道" in text for text in town.said(town.wang))
    await town.chen.presses(card_at(town, town.community_desk), ConflictPressed(case.id), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_yours")
    press = BarUnitPressed(case.id, UnitCode(COMMUNITY), Mark.OFF, 0)
    await town.chen.joins(town.street_desk)
    await town.chen.presses(panel, press, chat=town.street_desk, forged=True)
    assert (await town.case()).accused == (COMMUNITY,)
    await town.sun.presses(panel, "🚷 春风社区")
    assert (await town.case()).accused == ()


async def test_a_holder_who_is_kept_out_loses_it_to_the_colleagues(town: Town) -> None:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "回避")
    await town.chen.presses(town.last(town.community_desk), "▫️ 李安")

    case = await town.case()
    assert (case.unit, case.holder, case.status) == (GRID, None, Status.OFFERED)
    await town.zhang.presses(card_of(town, town.zhang), "接单")
    assert (await town.case()).status is Status.CLAIMED
