"""我也遇到."""

from tests.handlers.cast import filed, zh
from tests.town import Town


async def test_a_neighbour_counts_once_and_the_reporter_never(town: Town) -> None:
    card = await filed(town)
    await town.zhou.presses(card, "我也遇到")
    assert town.toast(town.zhou) == zh("me_too.counted", count=1)
    await town.zhou.presses(card, "我也遇到")
    assert town.toast(town.zhou) == zh("refusal.already_done")
    await town.wang.presses(card, "我也遇到")
    assert town.toast(town.wang) == zh("refusal.own_report")
    await town.emma.presses(card, "我也遇到")

    assert (await town.case()).me_too == 2
    assert "🙋 2 位邻居也遇到" in town.now_of(town.wang, card)["text"]
