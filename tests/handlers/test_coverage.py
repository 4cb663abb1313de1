"""/coverage: figures by grid at a desk, doors in private only, and homes that change hands."""

from handlers.coverage.presses import HomePressed, HomesPressed, VacatePressed, Which
from routing.model import UnitCode
from tests.handlers.cast import zh
from tests.town import GRID, Message, Persona, Town


async def _board(town: Town, who: Persona) -> Message:
    await who.writes_privately("/coverage")
    return town.last(who)


async def _doors(town: Town, button: str) -> Message:
    """Li's list of the doors of the first grid."""
    board = await _board(town, town.li)
    label = next(one for one in town.buttons(board) if one.startswith(button))
    await town.li.presses(board, label)
    return town.now_of(town.li, board)


async def test_a_desk_sees_every_grid_of_its_subtree_worst_first(town: Town) -> None:
    await town.sun.writes("/coverage")
    board = town.last(town.street_desk)

    assert "示范街道" in board["text"]
    assert "/132 户已登记" in board["text"]
    lines = town.buttons(board)[:-1]
    missing = [int(line.split()[1].split("/")[1]) - int(line.split()[1].split("/")[0]) for line in lines]
    assert len(lines) == 6
    assert missing == sorted(missing, reverse=True)
    assert sum(missing) == int(board["text"].split("还差")[1].split("户")[0])


async def test_a_desk_sees_buildings_and_no_door(town: Town) -> None:
    await town.sun.writes("/coverage")
    board = town.last(town.street_desk)
    label = next(one for one in town.buttons(board) if one.startswith("春风一网格"))
    await town.sun.presses(board, label)

    shown = town.now_of(town.sun, board)
    assert "1号楼：" in shown["text"]
    assert town.buttons(shown) == [zh("coverage.again"), zh("coverage.up")]
    await town.sun.presses(shown, HomesPressed(UnitCode(GRID), Which.UNBOUND, 0), forged=True)
    assert town.toast(town.sun) == zh("refusal.not_yours")
    await town.sun.presses(shown, zh("coverage.up"))
    assert "春风社区" in town.now_of(town.sun, board)["text"]


async def test_a_special_grid_counts_registered_units(town: Town) -> None:
    await town.sun.writes("/coverage")
    board = town.last(town.street_desk)
    label = next(one for one in town.buttons(board) if one.startswith("秋实市场专属网格"))
    await town.sun.presses(board, label)

    assert "家单位已登记" in town.now_of(town.sun, board)["text"]


async def test_the_worker_sees_who_has_not_registered_and_hands_over_the_code(town: Town) -> None:
    doors = await _doors(town, "未登记")
    count = int(doors["text"].split("有")[2].split("户")[0])
    await town.li.presses(doors, town.buttons(doors)[0])
    home = town.now_of(town.li, doors)
    code = home["text"].split("门牌码：")[1][:9]
    newcomer = Persona(town, town.sandbox.add_person("新邻居", language_code="zh"), town.group)
    await newcomer.starts()
    await newcomer.writes_privately(f"/register {code}")
    await town.li.presses(home, zh("coverage.back"))

    assert f"有{count - 1}户" in town.now_of(town.li, home)["text"]


async def test_who_moved_away_is_told_and_the_old_code_opens_nothing(town: Town) -> None:
    doors = await _doors(town, "已登记")
    await town.li.presses(doors, "1号楼 1单元101")
    home = town.now_of(town.li, doors)
    old = home["text"].split("门牌码：")[1][:9]
    await town.li.presses(home, zh("coverage.vacate"))

    shown = town.now_of(town.li, home)
    assert "登记0人" in shown["text"]
    assert old not in shown["text"]
    assert zh("coverage.vacate") not in town.buttons(shown)
    assert town.last(town.wang)["text"] == zh("coverage.you_moved", building="1号楼")
    await town.wang.writes_privately(f"/register {old}")
    assert town.last(town.wang)["text"] == zh("refusal.wrong_code")
    await town.li.presses(home, VacatePressed(old.replace("-", "")), forged=True)
    assert town.toast(town.li) == zh("refusal.wrong_code")


async def test_another_grids_worker_learns_no_door(town: Town) -> None:
    doors = await _doors(town, "未登记")
    stolen = town.now_of(town.li, doors)["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1]
    await town.zhao.starts()
    board = await _board(town, town.zhao)
    assert "春风二网格" in board["text"]
    for press in (HomesPressed(UnitCode(GRID), Which.UNBOUND, 0), HomePressed(stolen), VacatePressed(stolen)):
        await town.zhao.presses(board, press, forged=True)
        assert town.toast(town.zhao) == zh("refusal.not_yours")


async def test_residents_see_nothing_of_it(town: Town) -> None:
    asked = await town.li.writes("/coverage")
    assert town.answer_to(asked)["text"] == zh("coverage.in_private")
    await town.wang.writes_privately("/coverage")
    assert town.last(town.wang)["text"] == zh("refusal.not_yours")


async def test_english_readers_read_english(town: Town) -> None:
    await town.sun.writes_privately("/lang")
    await town.sun.presses(town.last(town.sun), "English")
    await town.sun.writes_privately("/coverage")

    assert "households registered" in town.last(town.sun)["text"]
