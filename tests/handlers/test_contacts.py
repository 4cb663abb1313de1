"""找网格员: name, duty phone, services; of this group's grid, or of one's own in private."""

from pathlib import Path

from handlers._kit.doors import ContactsPressed
from routing import residents
from routing.model import Appointment, Post, Unit, UnitCode, UnitKind
from storage.stores import Stores
from tests.handlers.cast import zh
from tests.town import GRID, Persona, Town, town_in


async def test_a_group_reads_the_three_disclosures_of_its_grid(town: Town) -> None:
    text = town.answer_to(await town.wang.writes("/contacts"))["text"]

    assert "春风一网格" in text
    assert "李安" in text
    assert "0535-0001001" in text
    assert "服务事项" in text
    assert "东至样例路" in text
    assert "春风社区电话：0535-0000011" in text


async def test_the_board_button_tells_only_the_presser(town: Town) -> None:
    asked = await town.li.writes("/unbind")
    before = len(town.messages(town.group))
    await town.zhou.presses(town.answer_to(asked), ContactsPressed(), forged=True)

    assert "李安 0535-0001001" in str(town.toast(town.zhou))
    assert len(str(town.toast(town.zhou))) <= 200
    assert len(town.messages(town.group)) == before


async def test_a_registered_resident_finds_their_grid_in_private(town: Town) -> None:
    await town.wang.writes_privately("/contacts")

    assert "春风一网格" in town.last(town.wang)["text"]
    assert "李安" in town.last(town.wang)["text"]


async def test_a_stranger_is_told_how_to_be_known(town: Town) -> None:
    stranger = town.sandbox.add_person("路过", language_code="zh")
    await town.sandbox.act(stranger, "start", bot=town.sample.bot.username)
    await town.sandbox.act(stranger, "send_text", chat=town.bot_chat, text="/contacts")
    await town.quiet()

    assert "/register" in town.sandbox.private(stranger, town.sample.bot)[-1]["text"]


async def test_who_has_a_micro_grid_is_named_and_to_its_residents_first(town: Town) -> None:
    def staffed(stores: Stores) -> None:
        for building, number in (("1号楼", 1), ("2号楼", 2)):
            code = UnitCode(f"{GRID}00{number}")
            name = f"{building}微网格"
            stores.units.put(Unit(code, name, "microgrid", UnitCode(GRID), UnitKind.MICRO, buildings=(building,)))
            person = stores.people.meet(9000 + number, "", None).id
            stores.people.appoint(Appointment(person, code, Post.WORKER, f"楼长{number}", f"0535-000900{number}"))

    await town.work(staffed)
    text = town.answer_to(await town.wang.writes("/contacts"))["text"]
    assert "1号楼微网格网格员：楼长1，值班电话 0535-0009001" in text
    assert "2号楼微网格网格员：楼长2" in text
    await town.wang.writes_privately("/contacts")  # who lives in the first building
    assert "楼长1" in town.last(town.wang)["text"]
    assert "楼长2" not in town.last(town.wang)["text"]
    asked = await town.li.writes("/unbind")
    await town.wang.presses(town.answer_to(asked), ContactsPressed(), forged=True)

    assert "楼长1 0535-0009001\n李安 0535-0001001" in str(town.toast(town.wang))


async def test_who_serves_in_a_micro_grid_has_to_do_with_its_grid(town: Town) -> None:
    def serves(stores: Stores) -> list[str]:
        person, code = stores.people.meet(9001, "", None).id, UnitCode(f"{GRID}001")
        stores.units.put(Unit(code, "1号楼微网格", "microgrid", UnitCode(GRID), UnitKind.MICRO))
        stores.people.appoint(Appointment(person, code, Post.WORKER, "楼长1"))
        return [unit.code for unit in residents.grids_of(stores, person)]

    assert await town.work(serves) == [GRID]


async def test_who_has_a_micro_grid_and_never_started_the_bot_claims_in_the_chat_of_its_grid(tmp_path: Path) -> None:
    async with town_in(tmp_path, policy="feicheng") as town:
        head = Persona(town, town.sandbox.add_person("楼长1", language_code="zh"), town.group)

        def staffed(stores: Stores) -> None:
            code = UnitCode(f"{GRID}001")
            micro = Unit(code, "3号楼微网格", "microgrid", UnitCode(GRID), UnitKind.MICRO, buildings=("3号楼",))
            stores.units.put(micro)
            stores.people.appoint(
                Appointment(stores.people.meet(head.person.id, "", None).id, code, Post.WORKER, "楼长1")
            )

        await town.work(staffed)
        await head.joins(town.group)
        card = town.answer_to(await town.wang.writes("/report 3号楼楼道灯坏了"))
        assert "等待3号楼微网格接单" in card["text"]

        await town.zhou.presses(card, "接单")
        assert town.toast(town.zhou) == zh("refusal.not_yours")
        await head.presses(card, "接单")

        assert "楼长1（3号楼微网格）办理" in town.now_of(town.wang, card)["text"]
        assert not [text for text in town.said(town.community_desk) if "楼道灯" in text]
