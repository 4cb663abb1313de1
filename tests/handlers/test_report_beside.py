"""What neighbours write below somebody else's report, and below what a channel has posted."""

from datetime import UTC, datetime

from telegram import Chat as TelegramChat
from telegram import Message, User

from handlers._kit.said import Said
from handlers.report.reading import material_of
from routing.model import ChatId, ChatKind, PersonId, Urgency
from tests.handlers.cast import zh
from tests.handlers.test_report import LAMP, mention
from tests.town import Town

SMOKE = "3号楼一楼电表箱着火了"


async def test_a_neighbour_who_tells_of_a_danger_below_a_report_is_heard(town: Town) -> None:
    said = await town.wang.writes(f"/report {LAMP}")

    await town.zhou.writes(f"{mention(town)} {SMOKE}", reply_to=said)

    first, second = await town.case(1), await town.case(2)
    assert (first.me_too, first.urgency) == (0, Urgency.ORDINARY)
    assert (second.me_too, second.urgency) == (0, Urgency.URGENT)


async def test_a_cry_below_a_report_gets_the_offer_that_it_would_get_anywhere(town: Town) -> None:
    said = await town.wang.writes(f"/report {LAMP}")

    cry = await town.zhou.writes(SMOKE, reply_to=said)

    assert zh("offer.line", evidence="着火") in town.answer_to(cry)["text"]


async def test_cries_below_a_report_of_that_danger_are_left_alone(town: Town) -> None:
    said = await town.wang.writes(f"/report {SMOKE}")
    before = town.said(town.group)

    await town.zhou.writes("着火了，快去看", reply_to=said)

    assert town.said(town.group) == before


def test_what_is_written_below_a_channels_post_is_no_word_about_the_post() -> None:
    posted = _message(7, "今晚停水检修")

    below = material_of(_said(_message(8, LAMP, posted)), LAMP)
    bare = material_of(_said(_message(9, "", posted)), "")

    assert below is not None
    assert (below.message_id, below.text, below.remark) == (8, LAMP, "")
    assert bare is not None
    assert (bare.message_id, bare.text) == (7, "今晚停水检修")


def _message(number: int, text: str, below: Message | None = None) -> Message:
    """A post that was forwarded into the group, or what somebody writes *below* it."""
    wang, group = User(1, "王", is_bot=False), TelegramChat(-100, TelegramChat.SUPERGROUP)
    return Message(
        number, datetime.now(UTC), group, from_user=wang, text=text, reply_to_message=below,
        is_automatic_forward=below is None,
    )  # fmt: skip


def _said(raw: Message) -> Said:
    replied = raw.reply_to_message
    return Said(
        bot=9, update=1, chat=ChatId(1), telegram_chat=-100, kind=ChatKind.UNBOUND, person=PersonId(1), lang="zh",
        at=raw.date, message_id=raw.message_id, text=raw.text or "", args="", media=(), location=None,
        reply_to=replied.message_id if replied else None, album=None, raw=raw,
    )  # fmt: skip
