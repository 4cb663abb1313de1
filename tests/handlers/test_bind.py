"""Binding a chat to its unit by a one-time code, every refusal, and unbinding."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox import Chat as Group
from handlers.bind.issuing import BindCodePressed
from routing import binding
from routing.model import Chat, ChatKind, ChatState, Status, UnitCode
from storage.inbox import MOST_ATTEMPTS
from storage.stores import Stores
from tests.handlers.cast import claimed
from tests.town import COMMUNITY, GRID, PATIENCE_S, SECOND_GRID, Persona, Town


async def freed(town: Town, unit: str = SECOND_GRID) -> None:
    """Take the chat away from *unit* without a word."""
    await town.work(_free, UnitCode(unit))


def _free(uow: Stores, unit: UnitCode) -> None:
    chat = binding.chat_of(uow, uow.units.get(unit))
    assert chat is not None
    uow.chats.bind(chat.id, ChatKind.UNBOUND, None)


async def a_code(town: Town, *, by: str = "chen", button: str = "春风二网格") -> str:
    """Ask for a code in private, by the list."""
    leader: Persona = getattr(town, by)
    await leader.writes_privately("/bind")
    await leader.presses(town.last(leader), button)
    return code_in(town.last(leader)["text"])


def code_in(text: str) -> str:
    found = re.search(r"\b[A-HJKMNP-Z2-9]{8}\b", text)
    assert found, text
    return found[0]


async def answered(town: Town, who: Persona, text: str, chat: Group | None = None) -> str:
    """What the bot replies to a command in a group."""
    said = await who.writes(text, **({"chat": chat} if chat else {}))
    return str(town.answer_to(said, chat or who.home)["text"])


async def serves(town: Town, chat: Group) -> str | None:
    found = await town.read(_chat, town.sample.bot.id, chat.id)
    return found.unit


def _chat(uow: Stores, bot: int, telegram_id: int) -> Chat:
    found = uow.chats.find(bot, telegram_id)
    assert found is not None
    return found


async def test_a_code_from_above_and_a_worker_inside_open_a_chat_for_its_grid(town: Town) -> None:
    await freed(town)
    code = await a_code(town)

    assert "春风二网格" in await answered(town, town.zhao, f"/bind {code.lower()}")
    assert await serves(town, town.second_group) == SECOND_GRID
    board = [one for one in town.messages(town.second_group) if "📌" in one.get("text", "")][-1]
    assert [label.split()[-1] for label in town.buttons(board)][:4] == ["我要上报", "我的诉求", "找网格员", "帮助"]
    pinned = [one for one in town.messages(town.second_group) if "pinned_message" in one]
    assert pinned[-1]["pinned_message"]["message_id"] == board["message_id"]


async def test_when_telegram_cannot_be_asked_who_binds_the_chat_is_bound_as_soon_as_it_can(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    town.sandbox.fail_next("getChatMember", "drop", times=MOST_ATTEMPTS)

    assert "春风二网格" in await answered(town, town.zhao, f"/bind {code}")
    assert await serves(town, town.second_group) == SECOND_GRID
    assert len([text for text in town.said(town.second_group) if "春风二网格" in text and "绑定" in text]) == 1
    assert await town.read(lambda stores: stores.inbox.set_aside()) == 0
    assert not town.sandbox.exchange.faults.orders, "it was asked and not answered so often"


async def test_the_boards_link_opens_a_draft_for_that_grid(town: Town) -> None:
    await freed(town)
    await answered(town, town.zhao, f"/bind {await a_code(town)}")
    board = [one for one in town.messages(town.second_group) if "📌" in one.get("text", "")][-1]
    link = board["reply_markup"]["inline_keyboard"][0][0]["url"]

    await town.neighbour.starts(link.partition("start=")[2])
    assert "春风二网格" in town.last(town.neighbour)["text"]


async def test_the_startgroup_link_carries_the_code_into_the_group(town: Town) -> None:
    await freed(town)
    await a_code(town)
    link = town.last(town.chen)["reply_markup"]["inline_keyboard"][0][0]["url"]
    payload = re.search(r"startgroup=(b\w+)&admin=", link)
    assert payload

    await answered(town, town.zhao, f"/start@{town.sample.bot.username} {payload[1]}")
    assert await serves(town, town.second_group) == SECOND_GRID


async def test_whoever_only_guesses_is_told_so_and_then_has_to_wait(town: Town) -> None:
    await freed(town)
    code = await a_code(town)

    for _ in range(5):
        assert "没有这个码" in await answered(town, town.zhao, "/bind WRNGCDE2")
    assert "10分钟后" in await answered(town, town.zhao, f"/bind {code}")
    assert await serves(town, town.second_group) is None

    town.clock.advance(timedelta(minutes=10))
    assert "绑定成功" in await answered(town, town.zhao, f"/bind {code}")


async def test_a_code_works_once(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    await answered(town, town.zhao, f"/bind {code}")
    await freed(town)

    assert "已经用过" in await answered(town, town.zhao, f"/bind {code}")


async def test_the_same_chat_bound_again_is_no_error(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    await answered(town, town.zhao, f"/bind {code}")

    assert "已经办过了" in await answered(town, town.zhao, f"/bind {code}")


async def test_a_code_runs_out_after_a_day(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    town.clock.advance(timedelta(hours=24))

    assert "已过期" in await answered(town, town.zhao, f"/bind {code}")


async def test_a_worker_of_the_grid_who_is_no_chat_administrator_is_refused(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    colleague = Persona(town, town.sample.staff(SECOND_GRID)[1], town.second_group)

    assert "管理员" in await answered(town, colleague, f"/bind {code}")
    assert await serves(town, town.second_group) is None


async def test_a_chat_administrator_without_a_post_in_the_grid_is_refused(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    await town.zhao.acts("promote", chat=town.second_group.id, user=town.neighbour.id)

    assert "没有岗位" in await answered(town, town.neighbour, f"/bind {code}")
    assert await serves(town, town.second_group) is None


async def test_a_chat_that_serves_another_unit_stays_with_it(town: Town) -> None:
    await freed(town)
    code = await a_code(town)

    assert "已绑定春风一网格" in await answered(town, town.li, f"/bind {code}")
    assert await serves(town, town.group) == GRID


async def test_a_unit_that_got_a_chat_meanwhile_takes_no_second(town: Town) -> None:
    await freed(town)
    first, second = await a_code(town), await a_code(town)
    await answered(town, town.zhao, f"/bind {first}")
    other = town.sandbox.add_group("另一个群", town.zhao.person)
    town.sandbox.seat(other, town.sample.bot, admin=True)
    await town.quiet()

    assert "已经有群了" in await answered(town, town.zhao, f"/bind {second}", other)
    assert await serves(town, other) is None


async def test_a_code_has_no_use_in_private(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    await town.li.writes_privately(f"/bind {code}")

    assert "请到群里" in town.last(town.li)["text"]


async def test_an_anonymous_administrator_is_asked_to_write_as_oneself(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    await town.zhao.acts("anonymous", chat=town.second_group.id, on=True)
    await town.zhao.writes(f"/bind {code}")

    assert "匿名" in town.last(town.second_group)["text"]
    assert await serves(town, town.second_group) is None


async def test_an_answer_by_nobody_is_asked_for_again_and_talk_is_not(town: Town) -> None:
    await town.li.blocks()
    card = await claimed(town)
    await town.li.presses(card, "办结")
    question = town.last(town.group)
    town.group.members[town.li.id] = replace(town.group.members[town.li.id], status="administrator", anonymous=True)

    await town.li.writes("已上门劝导", reply_to=question)

    assert "匿名" in town.last(town.group)["text"]
    assert (await town.case()).status is Status.CLAIMED
    before = town.said(town.group)
    await town.li.writes("知道了", reply_to=card)
    assert town.said(town.group) == before


async def test_only_posts_above_a_unit_issue_its_code(town: Town) -> None:
    await freed(town)
    await town.li.writes_privately("/bind")
    assert "没有这项操作的权限" in town.last(town.li)["text"]

    await town.chen.writes_privately("/bind")
    listed = town.last(town.chen)
    assert [label for label in town.buttons(listed) if "网格" in label] == ["🏘 春风二网格"]


async def test_a_leader_of_another_community_gets_no_code_by_a_forged_press(town: Town) -> None:
    await freed(town)
    stranger = Persona(town, town.sample.staff("370001001002")[0], town.sample.chats["370001001002"])
    await stranger.starts()
    await stranger.presses(town.last(stranger), BindCodePressed(UnitCode(SECOND_GRID)), forged=True)

    assert "没有这项操作的权限" in str(town.toast(stranger))


async def test_a_street_looks_down_the_tree_for_what_is_missing(town: Town) -> None:
    await freed(town)
    await town.sun.writes_privately("/bind")
    assert "春风社区（缺1）›" in town.buttons(town.last(town.sun))
    await town.sun.presses(town.last(town.sun), "春风社区（缺1）›")

    assert "🏘 春风二网格" in town.buttons(town.last(town.sun))


async def test_a_desk_is_bound_the_same_way(town: Town) -> None:
    await freed(town, COMMUNITY)
    await town.sun.writes_privately("/bind")
    await town.sun.presses(town.last(town.sun), "春风社区（缺1）›")
    await town.sun.presses(town.last(town.sun), "春风社区工作台")
    code = code_in(town.last(town.sun)["text"])

    assert "春风社区" in await answered(town, town.chen, f"/bind {code}")
    assert await serves(town, town.community_desk) == COMMUNITY


async def test_a_bare_bind_in_a_group_says_how(town: Town) -> None:
    assert "绑定码" in await answered(town, town.wang, "/bind")


async def test_whoever_binds_hears_which_rights_the_bot_lacks(town: Town) -> None:
    await freed(town)
    code = await a_code(town)
    await town.zhao.starts()
    await town.zhao.acts("demote", chat=town.second_group.id, user=town.sample.bot.id)
    await town.quiet()
    await answered(town, town.zhao, f"/bind {code}")

    assert "置顶" in town.last(town.zhao)["text"]


async def test_unbinding_asks_first_and_tells_the_unit_above(town: Town) -> None:
    await answered(town, town.li, "/unbind")
    await town.li.presses(town.last(town.group), "解除绑定")

    assert await serves(town, town.group) is None
    assert "已解除" in town.last(town.group)["text"]
    assert "春风一网格" in town.last(town.community_desk)["text"]


async def test_a_neighbour_cannot_confirm_what_a_worker_asked(town: Town) -> None:
    await answered(town, town.li, "/unbind")
    await town.wang.presses(town.last(town.group), "解除绑定")

    assert "管理员" in str(town.toast(town.wang))
    assert await serves(town, town.group) == GRID


async def test_a_resident_cannot_unbind(town: Town) -> None:
    assert "管理员" in await answered(town, town.wang, "/unbind")


@pytest.mark.parametrize("command", ["/unbind", "/offer", "/offer off"])
async def test_what_is_about_a_group_is_said_there(town: Town, command: str) -> None:
    await town.li.writes_privately(command)

    assert town.last(town.li)["text"] == "请到群里使用这个命令。"


async def test_a_lost_chat_makes_room_for_a_new_one(town: Town) -> None:
    await town.zhao.acts("kick", chat=town.second_group.id, user=town.sample.bot.id)
    await town.quiet()
    assert (await town.read(_chat, town.sample.bot.id, town.second_group.id)).state is ChatState.KICKED
    code = await a_code(town)
    other = town.sandbox.add_group("新群", town.zhao.person)
    town.sandbox.seat(other, town.sample.bot, admin=True)
    await town.quiet()

    assert "绑定成功" in await answered(town, town.zhao, f"/bind {code}", other)
    assert await serves(town, town.second_group) is None


async def test_a_chat_that_an_import_brought_has_its_board_pinned_once_however_often_the_bot_starts(town: Town) -> None:
    def boards() -> list[int]:
        return [one["message_id"] for one in town.messages(town.market) if "📌" in one.get("text", "")]

    hub, market = town.sandbox.exchange.hub, town.sandbox.exchange.world.chats[town.market.id]
    await hub.until(lambda: bool(market.pinned), PATIENCE_S)
    assert market.pinned == boards()

    await town.restart()

    assert len(boards()) == 1
