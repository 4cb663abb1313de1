"""docs/sandbox.md names what there is, and nothing that there is not."""

import re
from pathlib import Path

from bot.sandbox.exchange import ACTIONS, METHODS
from bot.sandbox.updates import KINDS
from tests.sandbox.conftest import Cast

MANUAL = (Path(__file__).resolve().parents[2] / "docs/sandbox.md").read_text("utf-8")


def _listed(begin: str, end: str) -> set[str]:
    """The words in code marks between two sentences of the manual."""
    part = MANUAL[MANUAL.index(begin) : MANUAL.index(end)]
    return {word for marked in re.findall(r"`([^`]+)`", part) for word in marked.split()}


def test_the_manual_lists_every_method_action_and_kind_of_update() -> None:
    methods = _listed("`attach://`.", "**Updates.**") - {"attach://"}

    assert {name.lower() for name in methods} == set(METHODS)
    assert _listed("What a person can do:", "Pictures and files") == set(ACTIONS)
    assert _listed("**Updates.**", ", with Telegram's default") == set(KINDS)


async def test_every_order_in_the_manual_can_be_given(cast: Cast) -> None:
    orders = set(re.findall(r'^(?:\| `|/sandbox/world  )\{"do": "(\w+)"', MANUAL, re.MULTILINE)) | {"restore"}
    answers = []
    for order in sorted(orders):
        for address in ("world", "control"):
            async with cast.session.post(f"{cast.sandbox.url}/sandbox/{address}", json={"do": order}) as response:
                answers.append((order, (await response.json()).get("error", "")))

    unknown = [order for order, error in answers if error.startswith("there is no order called")]
    assert len(orders) == 15
    assert sorted(unknown) == sorted(orders), "each is known at one of the two addresses"
