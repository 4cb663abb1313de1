"""找网格员: name, duty phone, services; of this group's grid, or of one's own in private."""

from handlers._kit.doors import ContactsPressed
from routing import residents
from routing.model import Appointment, Post, Unit, UnitCode, UnitKind
from storage.stores import Stores
from tests.town import GRID, Town


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
