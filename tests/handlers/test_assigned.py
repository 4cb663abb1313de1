"""What nobody takes is given to somebody: they are told, their card says so, and they accept it or give it back."""

from importlib.resources import files
from pathlib import Path

from routing.model import Status
from tests.handlers.cast import NOISE, card_of, filed
from tests.town import town_in

BACKSTOP = '\n[contacts]\norder = ["worker"]\nlevels = ["grid"]\nassign = true\n'


async def test_who_is_given_a_case_accepts_it_and_who_gives_it_back_passes_it_on(tmp_path: Path) -> None:
    policy = tmp_path / "backstop.toml"
    default = (files("routing") / "policies" / "default.toml").read_text("utf-8")
    policy.write_text(default + BACKSTOP, "utf-8")
    async with town_in(tmp_path, policy=str(policy)) as town:
        card = await filed(town, NOISE)
        await town.passes(hours=4.1)
        first, second = sorted((town.li, town.zhang), key=lambda one: "📌" not in " ".join(town.said(one)))
        assert any("系统已指派给您" in text for text in town.said(first))
        assert not any("系统已指派给您" in text for text in town.said(second))
        assert "无人接单，已指派" in town.now_of(town.li, card)["text"]
        assert {"✋ 接单", "✅ 办结"} <= set(town.buttons(card_of(town, first)))

        await first.presses(card_of(town, first), "更多")
        await first.presses(card_of(town, first), "放回待接")
        await town.passes(hours=4.1)
        assert any("系统已指派给您" in text for text in town.said(second))
        await second.presses(card_of(town, second), "接单")

        case = await town.case()
        assert (case.status, case.pending) == (Status.CLAIMED, False)
        assert "已指派" not in town.now_of(town.li, card)["text"]
