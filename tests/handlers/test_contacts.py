"""找网格员: name, duty phone, services; of this group's grid, or of one's own in private."""

from handlers._kit.doors import ContactsPressed
from tests.town import Town


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
