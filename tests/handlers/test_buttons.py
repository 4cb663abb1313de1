"""What a town does without is neither shown nor done; what it wants at hand is never folded away."""

from pathlib import Path

import pytest

from handlers._kit.case_presses import MergePressed, SplitPressed
from handlers.card.buttons import ACTIONS, WIDE
from routing.buttons import OPTIONAL, RARE
from routing.checked import BadPolicy
from routing.policy import Policy
from tests.handlers.cast import card_at, claimed, offers, zh
from tests.town import Town, town_in

SECTION = '\n[buttons]\noff = ["split", "suspend"]\nfirst = ["meet"]\n'


def _file(folder: Path, section: str = SECTION) -> Path:
    usual = Path(__file__).parent.parent.parent / "routing" / "policies" / "default.toml"
    file = folder / "ours.toml"
    file.write_text(usual.read_text("utf-8") + section, "utf-8")
    return file


async def test_what_is_off_is_not_shown_and_refused_when_pressed_all_the_same(tmp_path: Path) -> None:
    async with town_in(tmp_path, policy=str(_file(tmp_path))) as town:
        card = await _at_the_desk(town)
        assert any("会商" in text for text in town.buttons(card)), "it stands on the card, although it is rare"
        assert not await offers(town, town.chen, card, "挂账")
        assert not await offers(town, town.chen, card, "拆分")
        assert await offers(town, town.chen, card, "并单")

        case = (await town.case()).id
        await town.chen.presses(card, SplitPressed(case), forged=True)
        assert town.toast(town.chen) == zh("refusal.not_in_use")
        await town.chen.presses(card, MergePressed(case), forged=True)
        assert town.toast(town.chen) != zh("refusal.not_in_use")


async def test_no_row_of_a_card_is_longer_than_a_phone_shows_whole(town: Town) -> None:
    await town.wang.sends_photo("/report 3号楼楼道灯坏了")
    await town.chen.writes("/case 1")
    card = card_at(town, town.community_desk)

    rows = card["reply_markup"]["inline_keyboard"]
    last = [one["text"].split()[-1] for row in rows[-2:] for one in row]
    assert last == ["看附件（1）", "联系方式", "详情", "更多"]
    assert max(map(len, rows)) <= WIDE


async def _at_the_desk(town: Town) -> dict[str, object]:
    await claimed(town)
    await town.chen.writes("/case 1")
    return card_at(town, town.community_desk)


@pytest.mark.parametrize(
    ("section", "why"),
    [
        ('off = ["resolve"]', "buttons.off: must be of .*, and resolve is not"),
        ('first = ["claim"]', "buttons.first: must be of .*, and claim is not"),
        ('off = ["meet"]\nfirst = ["meet"]', "buttons.first: meet is off"),
        ('hide = ["meet"]', "buttons.hide: unknown key"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_key(tmp_path: Path, section: str, why: str) -> None:
    with pytest.raises(BadPolicy, match=why):
        Policy.load(str(_file(tmp_path, f"\n[buttons]\n{section}\n")))


def test_the_names_are_those_of_the_cards_buttons() -> None:
    causes = {action.name: action.deed for action in ACTIONS}

    assert {name: causes[name] for name in OPTIONAL} == dict(OPTIONAL)
    assert {action.name for action in ACTIONS if action.rare} == set(RARE)
