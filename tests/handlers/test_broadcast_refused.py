"""What does not leave is refused with its reason: nobody there, too late, too long, out of reach, without a right."""

from dataclasses import replace
from datetime import timedelta

from broadcasts import rules
from broadcasts.model import Broadcast, Level, State
from handlers.broadcast.presses import Deed, DeedPressed, Field, SetPressed, ToPressed
from routing.model import UnitCode
from storage.stores import Stores
from tests.handlers.broadcasting import FORM, drafted, panel, sent, speaker, state
from tests.handlers.cast import zh
from tests.town import CITY, Persona, Town


async def _noticed(town: Town, text: str = "请检查燃气") -> tuple[Persona, Broadcast]:
    you = speaker(town)
    await you.writes(f"/broadcast {text}")
    return you, await state(town)


async def test_an_audience_of_nobody(town: Town) -> None:
    you, _ = await _noticed(town)
    await you.presses(panel(town, "📝 第 1 号"), "🎯 范围")
    await you.presses(town.last(town.street_desk), "春风社区")
    for _ in range(2):  # every kind of grid, then the basic ones, then the special ones, of which it has none
        label = next(text for text in town.buttons(panel(town, "📝 第 1 号")) if text.startswith("🏘"))
        await you.presses(panel(town, "📝 第 1 号"), label)
    assert "可送达 0 个群，共 0 户，已登记 0 人" in panel(town, "📝 第 1 号")["text"]
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")

    assert town.toast(you) == zh("refusal.empty_audience")
    assert (await state(town)).state is State.DRAFT


async def test_a_unit_that_is_not_below(town: Town) -> None:
    you, draft = await _noticed(town)
    await you.presses(panel(town, "📝 第 1 号"), ToPressed(draft.id, UnitCode(CITY)), forged=True)

    assert town.toast(you) == zh("refusal.out_of_scope")
    assert (await state(town)).audience == draft.audience


async def test_what_would_expire_before_anybody_could_answer(town: Town) -> None:
    you = await drafted(town, FORM.replace("有效期至：11-24 09:30", "有效期至：09:05"))
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")

    assert town.toast(you) == zh("refusal.window_passed")
    assert (await state(town)).state is State.DRAFT


async def test_what_would_expire_before_it_begins(town: Town) -> None:
    you = await drafted(town, FORM.replace("有效期至：11-24 09:30", "有效期至：11:30"))
    assert zh("broadcast.ends_too_soon") in panel(town, "📝 第 1 号")["text"]
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")

    assert town.toast(you) == zh("refusal.ends_too_soon")
    assert (await state(town)).state is State.DRAFT


async def test_what_has_begun_since_it_was_issued_began_today(town: Town) -> None:
    await drafted(town, FORM.replace("起始时间：12:00", "起始时间：08:45").replace("橙色", "橙"))

    alert, level = (await state(town)).alert, (await state(town)).level
    assert alert.issued_at is not None
    assert alert.starts_at == alert.issued_at + timedelta(minutes=15)
    assert level is Level.ORANGE


async def test_what_begins_before_the_time_at_which_it_was_issued_begins_tomorrow(town: Town) -> None:
    await drafted(town, FORM.replace("起始时间：12:00", "起始时间：08:15"))

    alert = (await state(town)).alert
    assert alert.issued_at is not None
    assert alert.starts_at == alert.issued_at + timedelta(hours=23, minutes=45)


async def test_a_time_that_has_passed_meanwhile(town: Town) -> None:
    you, _ = await _noticed(town)
    await you.presses(panel(town, "📝 第 1 号"), "🕗 定时")
    await you.writes("09:30", reply_to=town.last(town.street_desk))
    await town.passes(hours=1)
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")

    assert town.toast(you) == zh("refusal.window_passed")
    assert (await state(town)).state is State.DRAFT


async def test_a_text_that_does_not_fit_into_one_message(town: Town) -> None:
    you, _ = await _noticed(town)
    await you.presses(panel(town, "📝 第 1 号"), "✏️ 修改内容")
    await you.writes("长" * (rules.LONGEST_TEXT + 1), reply_to=town.last(town.street_desk))

    assert town.last(town.street_desk)["text"] == zh("refusal.broadcast_too_long", most=rules.LONGEST_TEXT)
    assert (await state(town)).text == "请检查燃气"


async def test_whoever_has_no_post_for_it(town: Town) -> None:
    await sent(town)
    number = (await state(town)).id
    message = panel(town, "🟠【暴雪橙色预警】", town.group)
    for who in (town.wang, town.li):
        for deed in (Deed.PAUSE, Deed.CANCEL, Deed.UPDATE, Deed.RETRY):
            await who.presses(message, DeedPressed(number, deed), forged=True)
            assert town.toast(who) == zh("refusal.not_broadcaster")
    assert (await state(town)).state is State.CHASING


async def test_nobody_lets_out_what_has_changed_since_they_looked(town: Town) -> None:
    you = await drafted(town)
    seen = await state(town)
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    asked = await state(town)
    await you.presses(panel(town, "📝 第 1 号"), zh("broadcast.recall"))
    await you.presses(panel(town, "📝 第 1 号"), "🔴 红")
    await you.presses(panel(town, "📝 第 1 号"), DeedPressed(seen.id, Deed.PUBLISH, seen.version), forged=True)
    assert town.toast(you) == zh("refusal.shown_before")
    assert (await state(town)).state is State.DRAFT

    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    request, calls = panel(town, "🖊 第 1 号"), len(town.sandbox.calls)
    await town.sun.presses(request, DeedPressed(seen.id, Deed.APPROVE, asked.version), forged=True)
    assert town.toast(town.sun) == zh("refusal.shown_before")
    assert (await state(town)).state is State.APPROVING
    shown = [str(one.params.get("text")) for one in town.sandbox.calls[calls:]]
    assert any(text.startswith("🖊 第 1 号") and "暴雪红色预警" in text for text in shown), "they see it anew"
    await town.sun.presses(request, "✅ 同意")
    assert (await state(town)).approver is not None


def _series(stores: Stores) -> None:
    stores.broadcasts.save(replace(stores.broadcasts.by_number(1), repeat_s=86_400))


async def test_an_alert_is_no_series(town: Town) -> None:
    you = await drafted(town)
    draft = panel(town, "📝 第 1 号")
    assert not any(text.startswith("🔁") for text in town.buttons(draft))
    await you.presses(draft, SetPressed((await state(town)).id, Field.REPEAT, "86400"), forged=True)
    assert town.toast(you) == zh("refusal.alert_repeats")
    assert (await state(town)).repeat_s is None

    await you.presses(draft, "📣 发布")
    await town.work(_series)
    asked = await state(town)
    await town.sun.presses(panel(town, "🖊 第 1 号"), DeedPressed(asked.id, Deed.APPROVE, asked.version), forged=True)
    assert town.toast(town.sun) == zh("refusal.alert_repeats")
    await you.presses(panel(town, "📝 第 1 号"), zh("broadcast.recall"))
    back = await state(town)
    await you.presses(panel(town, "📝 第 1 号"), DeedPressed(back.id, Deed.PUBLISH, back.version), forged=True)
    assert town.toast(you) == zh("refusal.alert_repeats")
    await you.presses(panel(town, "📝 第 1 号"), "🔁 每 24 小时")
    assert not any(text.startswith("🔁") for text in town.buttons(panel(town, "📝 第 1 号")))
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    assert ((await state(town)).state, (await state(town)).repeat_s) == (State.APPROVING, None)
