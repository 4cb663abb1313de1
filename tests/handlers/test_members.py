"""People who come in are welcomed together, by masked names, and the group never fills."""

from typing import Any

from tests.town import SECOND_GRID, Town


def welcomes(town: Town) -> list[dict[str, Any]]:
    return [one for one in town.messages(town.group) if "欢迎" in one.get("text", "")]


async def join(town: Town, *names: str) -> None:
    for name in names:
        person = town.sandbox.add_person(name, language_code="zh")
        await town.sandbox.act(person, "join", chat=town.group.id)
    await town.quiet()


async def test_those_who_join_within_a_minute_are_welcomed_once_by_masked_names(town: Town) -> None:
    await join(town, "刘大海", "欧阳小河")
    await town.passes(seconds=30)
    await join(town, "马山")
    assert welcomes(town) == []

    await town.passes(seconds=31)
    assert len(welcomes(town)) == 1
    text = welcomes(town)[0]["text"]
    assert "刘**、欧阳**、马**" in text
    assert "大海" not in text


async def test_joining_is_told_twice_and_welcomed_once(town: Town) -> None:
    """The bot is an administrator here, so both the service message and the member update come."""
    await join(town, "刘大海")
    await town.passes(seconds=61)

    assert welcomes(town)[0]["text"].count("刘**") == 1


async def test_the_next_welcome_takes_the_last_one_away(town: Town) -> None:
    await join(town, "刘大海")
    await town.passes(seconds=61)
    first = welcomes(town)[0]["message_id"]
    await join(town, "马山")
    await town.passes(seconds=61)

    assert len(welcomes(town)) == 1
    assert welcomes(town)[0]["message_id"] != first


async def test_a_crowd_is_counted_rather_than_listed(town: Town) -> None:
    await join(town, *(f"赵{n}号" for n in range(8)))
    await town.passes(seconds=61)

    assert "8位" in welcomes(town)[0]["text"]
    assert welcomes(town)[0]["text"].count("赵**") == 5


async def test_a_welcome_survives_a_restart(town: Town) -> None:
    await join(town, "刘大海")
    await town.restart()
    await town.passes(seconds=61)

    assert len(welcomes(town)) == 1


async def test_bots_leavers_and_desks_get_no_welcome(town: Town) -> None:
    other = town.sandbox.add_bot("别的机器人", "other_sample_bot", "7000000002:OTHER")
    await town.sandbox.act(town.li.person, "add_member", chat=town.group.id, user=other.id)
    await town.zhou.leaves(town.group)
    newcomer = town.sandbox.add_person("新同事", language_code="zh")
    await town.sandbox.act(newcomer, "join", chat=town.community_desk.id)
    await town.quiet()
    before = (town.said(town.group), town.said(town.community_desk))
    await town.passes(seconds=61)

    assert (town.said(town.group), town.said(town.community_desk)) == before


async def test_the_welcome_leads_to_privacy_and_registration(town: Town) -> None:
    await join(town, "刘大海")
    await town.passes(seconds=61)

    links = [button["url"] for row in welcomes(town)[0]["reply_markup"]["inline_keyboard"] for button in row]
    assert [link.partition("?start=")[2] for link in links] == ["privacy", "register"]


async def test_only_who_lives_in_the_grid_is_let_in_unasked(town: Town) -> None:
    town.second_group.by_request = True
    stranger = town.sandbox.add_person("路过", language_code="zh")
    resident = town.sample.residents(SECOND_GRID)[0]
    await town.neighbour.starts()
    await town.neighbour.leaves(town.second_group)

    for person in (stranger, resident):
        await town.sandbox.act(person, "join", chat=town.second_group.id)
    await town.quiet()

    assert town.second_group.member(resident.id).present
    assert not town.second_group.member(stranger.id).present
