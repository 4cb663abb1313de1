"""Doors taken back: what a worker noted at the wrong one, and what happened there meanwhile."""

from typing import Any

import pytest

from broadcasts.model import Door
from handlers._kit.presses import decode
from routing.model import PersonId
from storage.stores import Stores
from tests.handlers.broadcasting import figures, panel, sent, speaker
from tests.handlers.cast import zh
from tests.town import GRID, Persona, Town


async def _cancelled(town: Town, you: Persona) -> None:
    await you.presses(panel(town, "📊 第 1 号"), "⏹ 取消")
    await you.presses(panel(town, "第 1 号已经发出"), "✅ 确定取消")
    await town.tick()


async def _noted(town: Town, *found: str) -> tuple[Any, list[str]]:
    """Li's list, on which he noted those at the first doors of building 2; the names of the doors."""
    await sent(town)
    await town.passes(minutes=193)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await town.li.presses(doors, "2号楼 · 8 户")
    rows = town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"][: len(found)]
    for row, one in zip(rows, found, strict=True):
        await town.li.presses(doors, decode(row[1]["callback_data"]))
        await town.li.presses(doors, one)
    return doors, [f"2号楼 {row[0]['text'].removesuffix(' 已上门告知')}" for row in rows]


async def test_what_was_noted_at_the_wrong_door_is_taken_back(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "handlers.doorknock")
    doors, (told, moved, refused) = await _noted(town, "已上门告知", "已搬走", "拒绝接收")
    await town.li.presses(doors, zh("doors.noted"))
    latest = [f"↩️ {refused} · 拒绝接收", f"↩️ {moved} · 已搬走", f"↩️ {told} · 已上门告知"]
    assert town.buttons(town.now_of(town.li, doors)) == [*latest, zh("doors.back")]
    for door, missing, target in ((refused, 130, 131), (moved, 131, 132), (told, 132, 132)):
        await town.li.presses(doors, next(text for text in latest if door in text))
        assert town.toast(town.li) == zh("doors.taken_back", door=door)
        now = await figures(town)
        assert (now.missing, now.target, now.pressed + now.told + now.missing) == (missing, target, target)
        if door != told:
            await town.li.presses(doors, zh("doors.noted"))

    shown = town.buttons(town.now_of(town.li, doors))
    assert sum(text.endswith("已上门告知") and not text.startswith("（") for text in shown) == 8
    assert zh("doors.noted") not in shown
    said = [record for record in caplog.records if record.message == "door taken back"]
    assert [record.__dict__["was"] for record in said] == [Door.REFUSED, Door.MOVED, Door.TOLD]
    assert {record.__dict__["grid"] for record in said} == {GRID}


async def test_only_who_noted_it_and_still_may_takes_a_door_back(town: Town) -> None:
    doors, _ = await _noted(town, "已上门告知")
    await town.li.presses(doors, zh("doors.noted"))
    row = town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"][0]
    press = decode(row[0]["callback_data"])
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    await town.wang.presses(message, press, forged=True)
    assert town.toast(town.wang) == zh("refusal.not_broadcaster")
    await town.zhao.presses(panel(town, "🟠【暴雪橙色预警】", town.second_group), press, forged=True)
    assert town.toast(town.zhao) == zh("refusal.not_broadcaster")  # a worker, but of another grid
    await town.chen.writes_privately("/broadcasts")
    await town.chen.presses(panel(town, "通知列表", town.chen), press, forged=True)
    assert town.toast(town.chen) == zh("doors.stands")  # who may knock there, but did not note it
    assert (await figures(town)).told == 1


async def test_a_household_that_pressed_itself_meanwhile_stays_confirmed(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=193)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await town.li.presses(doors, "1号楼 · 8 户")
    await town.li.presses(doors, "1单元 101 已上门告知")
    await town.li.presses(doors, zh("doors.noted"))
    back = town.buttons(town.now_of(town.li, doors))[0]
    await town.wang.presses(panel(town, "🟠【暴雪橙色预警】", town.group), "✅ 收到")
    now = await figures(town)
    assert (now.pressed, now.told, now.missing) == (1, 0, 131)
    await town.li.presses(doors, back)

    assert town.toast(town.li) == zh("doors.stands")
    assert await figures(town) == now


async def test_when_it_is_over_no_door_is_taken_back(town: Town) -> None:
    doors, _ = await _noted(town, "已上门告知")
    await town.li.presses(doors, zh("doors.noted"))
    press = decode(town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    await _cancelled(town, speaker(town))
    await town.li.presses(doors, press, forged=True)

    assert town.toast(town.li) == zh("refusal.broadcast_over")
    assert (await figures(town)).told == 1


async def test_the_last_door_of_a_grid_taken_back_is_missing_again_everywhere(town: Town) -> None:
    await sent(town)
    await town.passes(minutes=73)
    nudge = panel(town, "🟠【暴雪橙色预警】\n还有 24 户", town.group)
    await town.passes(minutes=120)
    doors = panel(town, "🚪 敲门清单（第 1 号）", town.li)
    await town.li.presses(doors, "1号楼 · 8 户")
    await town.work(_tell_all_but_one, GRID)
    await town.li.presses(doors, zh("doors.again"))
    last = town.buttons(town.now_of(town.li, doors))[0]
    await town.li.presses(doors, last)
    await town.tick()
    assert "各户都已确认" in town.now_of(town.wang, nudge)["text"]
    await town.li.presses(doors, zh("doors.noted"))
    await town.li.presses(doors, town.buttons(town.now_of(town.li, doors))[0])
    await town.tick()

    assert "还有 1 户没有确认" in town.now_of(town.wang, nudge)["text"]
    assert last in town.buttons(town.now_of(town.li, doors))


def _tell_all_but_one(stores: Stores, grid: str) -> None:
    current = stores.broadcasts.by_number(1)
    for home, _ in list(stores.receipts.missing(current.id, grid))[1:]:
        stores.receipts.door(current.id, home.code, Door.TOLD, PersonId(1), current.drafted_at)
