"""What Telegram does to the bot's chats is followed, and the unit above hears of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox import Chat as Group
from routing import desk, membership, offers
from routing.events import Withdrawn
from routing.model import Chat, ChatKind, ChatState, Status, UnitCode, Words
from storage.stores import Stores
from tests.handlers.cast import card_of, filed
from tests.handlers.test_bind import a_code, answered, freed, serves
from tests.handlers.test_offer import TROUBLE
from tests.town import GRID, SECOND_GRID, Persona, Town


async def does(town: Town, who: Persona, action: str, chat: Group, **fields: Any) -> dict[str, Any]:
    done = await who.acts(action, chat=chat.id, **fields)
    await town.quiet()
    return done


async def state(town: Town, chat: int) -> ChatState:
    return (await town.read(_find, town.sample.bot.id, chat)).state


def _find(uow: Stores, bot: int, chat: int) -> Chat:
    found = uow.chats.find(bot, chat)
    assert found is not None
    return found


async def test_being_put_out_of_a_group_is_told_above(town: Town) -> None:
    await does(town, town.li, "kick", town.group, user=town.sample.bot.id)

    assert await state(town, town.group.id) is ChatState.KICKED
    assert "移出了春风一网格" in town.last(town.community_desk)["text"]


async def test_being_added_again_opens_the_chat_and_is_told_above(town: Town) -> None:
    await does(town, town.li, "kick", town.group, user=town.sample.bot.id)
    await does(town, town.li, "add_member", town.group, user=town.sample.bot.id, admin=True)

    assert await state(town, town.group.id) is ChatState.OK
    assert await serves(town, town.group) == GRID
    assert "恢复" in town.last(town.community_desk)["text"]


async def test_being_muted_is_told_above_and_nothing_is_said_into_the_wall(town: Town) -> None:
    await does(town, town.li, "restrict", town.group, user=town.sample.bot.id, rights=[])

    assert await state(town, town.group.id) is ChatState.MUTED
    assert "禁言" in town.last(town.community_desk)["text"]


async def test_a_closed_general_topic_is_told_above_once_and_the_group_is_not_given_up(town: Town) -> None:
    await does(town, town.li, "demote", town.group, user=town.sample.bot.id)
    town.group.forum = town.group.general["closed"] = True
    await town.li.writes("/report 3号楼楼道灯坏了")
    await town.li.writes("/report 4号楼下水道堵了")

    assert await state(town, town.group.id) is ChatState.OK
    assert sum("话题" in text for text in town.said(town.community_desk)) == 1


async def test_losing_admin_rights_matters_only_under_privacy_mode(town: Town) -> None:
    before = town.said(town.community_desk)
    await does(town, town.li, "demote", town.group, user=town.sample.bot.id)

    assert town.said(town.community_desk) == before
    assert await state(town, town.group.id) is ChatState.OK


async def test_a_desk_that_is_lost_is_told_one_level_higher(town: Town) -> None:
    await does(town, town.chen, "kick", town.community_desk, user=town.sample.bot.id)

    assert "春风社区" in town.last(town.street_desk)["text"]


async def test_an_unbound_group_gets_one_line_and_nothing_more(town: Town) -> None:
    group = town.sandbox.add_group("牌友群", town.zhou.person)
    await does(town, town.zhou, "add_member", group, user=town.sample.bot.id)
    await town.zhou.writes("今晚三缺一", chat=group)

    assert len(town.said(group)) == 1
    assert "/bind" in town.said(group)[0]


async def test_blocking_and_unblocking_in_private_is_followed(town: Town) -> None:
    await town.wang.blocks()
    assert await state(town, town.wang.id) is ChatState.BLOCKED

    await town.wang.acts("unblock", bot=town.sample.bot.username)
    await town.quiet()
    assert await state(town, town.wang.id) is ChatState.OK


async def test_whoever_unblocks_the_bot_sees_on_their_cards_what_changed_meanwhile(town: Town) -> None:
    card = await filed(town)
    before = card_of(town, town.li)["text"]
    await town.li.blocks()
    await town.zhang.presses(card, "接单")
    assert card_of(town, town.li)["text"] == before

    await town.li.acts("unblock", bot=town.sample.bot.username)
    await town.quiet()
    assert card_of(town, town.li)["text"] != before
    assert "待接单" not in card_of(town, town.li)["text"]


async def test_whoever_writes_before_telegram_tells_of_the_unblocking_sees_it_too(town: Town) -> None:
    card = await filed(town)
    await town.li.blocks()
    await town.zhang.presses(card, "接单")
    town.sandbox.deliver_swapped()

    await town.li.acts("unblock", bot=town.sample.bot.username)
    await town.li.writes_privately("/help")

    assert "待接单" not in card_of(town, town.li)["text"]


async def test_a_group_that_was_closed_without_news_is_told_above_once_and_comes_back_when_it_is_open(
    town: Town,
) -> None:
    await does(town, town.li, "demote", town.group, user=town.sample.bot.id)
    open_to_all, town.group.permissions = town.group.permissions, frozenset()
    before = await town.read(lambda uow: uow.notebook.unlearned())
    await town.li.writes("/report 3号楼楼道灯坏了")
    await town.li.writes("/report 4号楼下水道堵了")

    assert await state(town, town.group.id) is ChatState.MUTED
    assert sum("禁言" in text for text in town.said(town.community_desk)) == 1
    assert await town.read(lambda uow: uow.notebook.unlearned()) > before
    for minutes in (5, 55):  # it is tried in vain: once in this hour, once in the next
        town.app._forget()  # as every program does that sees that number grow
        town.clock.advance(timedelta(minutes=minutes))
        await town.li.writes("大家好")
        await town.li.writes("/report 6号楼路灯不亮")
        assert await state(town, town.group.id) is ChatState.MUTED
    assert sum("禁言" in text for text in town.said(town.community_desk)) == 1

    town.group.permissions = open_to_all
    town.app._forget()
    town.clock.advance(timedelta(hours=1))
    await town.li.writes("/report 5号楼垃圾桶满了")

    assert await state(town, town.group.id) is ChatState.OK
    assert "5号楼" in town.last(town.group)["text"]


async def test_a_group_that_becomes_a_supergroup_keeps_its_binding_and_the_unit_above_hears_once(town: Town) -> None:
    await freed(town)
    basic = town.sandbox.add_group("二网格", town.zhao.person, supergroup=False)
    town.sandbox.seat(basic, town.sample.bot, admin=True)
    await town.quiet()
    assert "绑定成功" in await answered(town, town.zhao, f"/bind {await a_code(town)}", basic)

    new = (await does(town, town.zhao, "migrate", basic))["chat"]

    moved = await town.read(_find, town.sample.bot.id, new)
    assert (moved.telegram_id, moved.kind, moved.unit) == (new, ChatKind.RESIDENTS, UnitCode(SECOND_GRID))
    assert sum("超级群" in text for text in town.said(town.community_desk)) == 1
    supergroup = town.sandbox.exchange.world.chats[new]
    assert any("📌" in message.get("text", "") for message in town.messages(supergroup))
    assert "春风二网格" in await answered(town, town.zhao, "/contacts", supergroup)


async def a_basic_group(town: Town) -> Group:
    """The second grid's chat, a basic group with many messages."""
    await freed(town)
    basic = town.sandbox.add_group("二网格", town.zhao.person, supergroup=False)
    town.sandbox.seat(basic, town.sample.bot, admin=True)
    for someone in (town.neighbour, town.zhou):
        town.sandbox.seat(basic, someone.person)
    await town.quiet()
    await answered(town, town.zhao, f"/bind {await a_code(town)}", basic)
    for number in range(25):
        await town.neighbour.acts("send_text", chat=basic.id, text=f"早{number}")
    await town.quiet()
    return basic


async def moved(town: Town, basic: Group) -> Group:
    return town.sandbox.exchange.world.chats[(await does(town, town.zhao, "migrate", basic))["chat"]]


async def test_open_cases_get_fresh_cards_in_the_supergroup_and_finished_ones_none(town: Town) -> None:
    basic = await a_basic_group(town)
    await town.neighbour.writes("/report 5号楼楼道灯坏了", chat=basic)
    await town.neighbour.writes("/report 5号楼门口垃圾桶满了", chat=basic)
    await town.neighbour.writes("/case 2", chat=basic)
    await town.work(_withdraw, 2, town.now)
    await town.quiet()

    supergroup = await moved(town, basic)

    (card,) = [message for message in town.messages(supergroup) if "#1" in message.get("text", "")]
    assert not any("#2" in text for text in town.said(supergroup))
    await town.zhao.presses(card, "接单", chat=supergroup)
    assert (await town.case(1)).status is Status.CLAIMED
    assert "办理中" in town.now_of(town.zhao, card)["text"]


async def test_a_new_message_is_never_taken_for_an_old_report_of_the_same_number(town: Town) -> None:
    basic = await a_basic_group(town)
    old = await town.neighbour.writes("/report 5号楼楼道灯坏了", chat=basic)
    supergroup = await moved(town, basic)

    while town.messages(supergroup)[-1]["message_id"] < old["message_id"] - 1:
        await town.neighbour.acts("send_text", chat=supergroup.id, text="嗯")
    new = await town.neighbour.writes("/report 5号楼门口垃圾桶满了", chat=supergroup)

    assert new["message_id"] == old["message_id"]
    assert await town.cases() == 2
    assert [one.text for one in await town.read(_words, 1)] == ["5号楼楼道灯坏了"]


async def test_an_offer_under_an_old_message_is_over(town: Town) -> None:
    basic = await a_basic_group(town)
    await town.app._listening.refresh(town.app.store)
    old = await town.neighbour.writes(TROUBLE, chat=basic)
    chat = await town.read(_find, town.sample.bot.id, basic.id)
    assert await town.read(_offered, chat, old["message_id"])

    await moved(town, basic)

    assert not await town.read(_offered, chat, old["message_id"])


async def test_a_report_that_comes_late_from_the_old_group_is_filed_and_keeps_no_number(town: Town) -> None:
    basic = await a_basic_group(town)
    await town.work(membership.renumber, town.sample.bot.id, basic.id, -1009)
    report = await town.neighbour.writes("/report 5号楼楼道灯坏了", chat=basic)

    case = await town.case(1)
    (words,) = await town.read(_words, 1)
    chat = await town.read(_find, town.sample.bot.id, -1009)
    assert case.grid == SECOND_GRID
    assert words.message_id == -report["message_id"]
    assert await town.read(lambda stores: stores.cases.by_message(chat.id, report["message_id"])) is None


def _withdraw(uow: Stores, number: int, at: datetime) -> None:
    case = uow.cases.by_number(number)
    desk.move(uow, case.id, Withdrawn(at=at, by=case.reporter))


def _words(uow: Stores, number: int) -> Sequence[Words]:
    return uow.words.of(uow.cases.by_number(number).id)


def _offered(uow: Stores, chat: Chat, message_id: int) -> bool:
    return uow.notebook.draft(offers.key_of(chat.id, message_id)) is not None
