"""A door code binds a person to their home; only the building is ever said."""

from collections.abc import Sequence
from datetime import timedelta

from routing.model import Household, UnitCode
from storage.stores import Stores
from tests.town import GRID, Persona, Town


async def home(town: Town, index: int) -> Household:
    """A home of the first grid, by its place in the table."""
    return (await town.read(_homes))[index]


def _homes(uow: Stores) -> Sequence[Household]:
    return uow.people.households_in(UnitCode(GRID))


async def home_of(town: Town, who: Persona) -> str | None:
    found = await town.read(_home_of, town.sample.bot.id, who.id)
    return found.code if found else None


def _home_of(uow: Stores, bot: int, telegram_id: int) -> Household | None:
    chat = uow.chats.find(bot, telegram_id)
    assert chat is not None
    assert chat.person is not None
    return uow.people.household_of(chat.person)


def a_newcomer(town: Town) -> Persona:
    return Persona(town, town.sandbox.add_person("新邻居", language_code="zh"), town.group)


async def test_a_typed_code_binds_and_names_the_building_only(town: Town) -> None:
    newcomer, where = a_newcomer(town), await home(town, 3)
    await newcomer.starts()
    await newcomer.writes_privately("/register")
    code = where.door_code
    await newcomer.writes_privately(f" {code[:4].lower()}-{code[4:]} ")

    answer = town.last(newcomer)["text"]
    assert await home_of(town, newcomer) == where.code
    assert where.building in answer
    assert where.room not in answer


async def test_the_slips_link_binds_at_once(town: Town) -> None:
    newcomer, where = a_newcomer(town), await home(town, 3)
    await newcomer.starts(f"h{where.door_code}")

    assert await home_of(town, newcomer) == where.code


async def test_several_people_share_a_home(town: Town) -> None:
    where = await home(town, 3)
    for _ in range(2):
        newcomer = a_newcomer(town)
        await newcomer.starts(f"h{where.door_code}")
        assert await home_of(town, newcomer) == where.code


async def test_moving_house_is_asked_before_it_is_done(town: Town) -> None:
    newcomer, before, after = a_newcomer(town), await home(town, 3), await home(town, 9)
    await newcomer.starts(f"h{before.door_code}")
    await newcomer.starts(f"h{after.door_code}")
    assert await home_of(town, newcomer) == before.code

    await newcomer.presses(town.last(newcomer), "搬家了")
    assert await home_of(town, newcomer) == after.code
    assert after.building in town.last(newcomer)["text"]


async def test_who_did_not_move_stays_where_they_are(town: Town) -> None:
    newcomer, before, after = a_newcomer(town), await home(town, 3), await home(town, 9)
    await newcomer.starts(f"h{before.door_code}")
    await newcomer.starts(f"h{after.door_code}")
    await newcomer.presses(town.last(newcomer), "没有搬")

    assert await home_of(town, newcomer) == before.code
    assert town.buttons(town.last(newcomer)) == []


async def test_guessing_door_codes_is_slow(town: Town) -> None:
    newcomer, where = a_newcomer(town), await home(town, 3)
    await newcomer.starts()
    for _ in range(5):
        await newcomer.writes_privately("/register WRNGCDE2")
        assert "没有这个码" in town.last(newcomer)["text"]
    await newcomer.writes_privately(f"/register {where.door_code}")
    assert await home_of(town, newcomer) is None
    assert "10分钟后" in town.last(newcomer)["text"]

    town.clock.advance(timedelta(minutes=10))
    await newcomer.writes_privately(f"/register {where.door_code}")
    assert await home_of(town, newcomer) == where.code


async def test_what_cannot_be_a_code_is_no_guess_and_can_be_cancelled(town: Town) -> None:
    newcomer = a_newcomer(town)
    await newcomer.starts()
    await newcomer.writes_privately("/register")
    question = town.last(newcomer)
    for _ in range(6):
        await newcomer.writes_privately("三号楼的路灯已经坏了两个星期了请派人来看看")
    assert "不像门牌码" in town.last(newcomer)["text"]

    await newcomer.presses(question, "取消")
    await newcomer.writes_privately("三号楼的路灯已经坏了两个星期了请派人来看看")
    assert "提交" in town.buttons(town.last(newcomer))[0]


async def test_a_danger_is_a_report_though_a_code_was_asked_for(town: Town) -> None:
    newcomer = a_newcomer(town)
    await newcomer.starts()
    await newcomer.writes_privately("/register")

    await newcomer.writes_privately("我家着火了")

    draft = town.last(newcomer)
    assert "我家着火了" in draft["text"]
    assert "119" in draft["text"]
    assert "提交" in " ".join(town.buttons(draft))


async def test_a_few_words_are_no_guess_and_a_code_may_be_written_wide(town: Town) -> None:
    newcomer, where = a_newcomer(town), await home(town, 3)
    await newcomer.starts()
    await newcomer.writes_privately("/register")
    for _ in range(6):
        await newcomer.writes_privately("小条找不到了")
    assert "不像门牌码" in town.last(newcomer)["text"]

    await newcomer.writes_privately("".join(chr(ord(sign) + 0xFEE0) for sign in where.door_code))
    assert await home_of(town, newcomer) == where.code


async def test_a_code_has_no_place_in_a_group(town: Town) -> None:
    where = await home(town, 3)
    answer = town.answer_to(await town.zhou.writes(f"/register {where.door_code}"))

    assert "不要发在群里" in answer["text"]
    assert answer["reply_markup"]["inline_keyboard"][0][0]["url"].endswith("?start=register")


async def test_the_button_in_the_group_leads_to_the_question(town: Town) -> None:
    await town.zhou.starts("register")

    assert "门牌码" in town.last(town.zhou)["text"]
