"""What Telegram does to the bot's chats is followed, and the unit above hears of it."""

from typing import Any

from bot.sandbox import Chat as Group
from routing.model import Chat, ChatKind, ChatState, UnitCode
from storage.stores import Stores
from tests.handlers.test_bind import a_code, answered, freed, serves
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
    assert any("📌" in text for text in town.said(supergroup))
    assert "春风二网格" in await answered(town, town.zhao, "/contacts", supergroup)
