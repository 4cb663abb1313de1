"""What concerns the bot, told with updates as Telegram makes them; chatter is dropped before anything keeps it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.sandbox import Bot, Chat, Person, Sandbox
from bot.sandbox.posting import post
from bot.telegram import ALLOWED_UPDATES
from handlers import BotIdentity, Judge
from handlers._kit import judge as module

Update = dict[str, Any]
NAME = "huying_yard_bot"
CHATTER = "今晚谁去跳舞？"
LAMP = "3号楼楼道灯坏了，谁管？"


@dataclass
class Yard:
    """A group with two neighbours and two bots, in the local Telegram; nothing runs but the judge."""

    sandbox: Sandbox
    bot: Bot
    other: Bot
    wang: Person
    zhou: Person
    group: Chat
    judge: Judge

    async def hears(self, who: Person, action: str, **fields: Any) -> list[Update]:
        """What the bot is told when somebody does something."""
        recent = self.sandbox.exchange.queue(self.bot).recent
        before = len(recent)
        await self.sandbox.act(who, action, **{"chat": self.group.id, **fields})
        return list(recent)[before:]

    async def verdict(self, who: Person, action: str, **fields: Any) -> bool:
        """Whether that concerns the bot; exactly one update must come of it."""
        updates = await self.hears(who, action, **fields)
        assert len(updates) == 1
        return self.judge.judge(updates)[0]

    async def said(self, who: Person, text: str, **fields: Any) -> tuple[bool, int]:
        """The verdict about a text in the group, and the text's number."""
        (update,) = await self.hears(who, "send_text", text=text, **fields)
        return self.judge.judge([update])[0], update["message"]["message_id"]

    def speaks(self, text: str) -> int:
        """Let the bot itself write in the group; returns the message's number."""
        return post(self.sandbox.exchange, self.group, self.bot, {"text": text}).id


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    async with Sandbox() as sandbox:
        bot = sandbox.add_bot("呼应", NAME, "7001:YARD", privacy=False)
        other = sandbox.add_bot("别的", "weather_bot", "7002:WEATHER")
        wang, zhou = (sandbox.add_person(name, language_code="zh") for name in ("王秀兰", "周强"))
        group = sandbox.add_group("1号网格", wang, members=[zhou])
        sandbox.seat(group, bot, admin=True)
        sandbox.seat(group, other)
        sandbox.exchange.queue(bot).allow(list(ALLOWED_UPDATES))
        judge = Judge(BotIdentity(bot.id, NAME), lambda chat, text: chat == group.id and "灯坏了" in text)
        yield Yard(sandbox, bot, other, wang, zhou, group, judge)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (CHATTER, False),
        ("好的", False),
        (LAMP, True),
        ("/report 门坏了", True),
        ("/report", True),
        ("/report@huying_yard_bot 门坏了", True),
        ("/REPORT@Huying_Yard_Bot 门坏了", True),
        ("/weather@weather_bot 北京", False),
        ("/report@weather_bot 门坏了", False),
        ("请看 /report 怎么用", False),
        ("@huying_yard_bot 门坏了", True),
        ("门坏了，@HUYING_YARD_BOT看看", True),
        ("@huying_yard_bot_bot 你好", False),
        ("问问 @weather_bot", False),
        ("huying_yard_bot 是什么", False),
    ],
)
async def test_a_text_in_the_group_is_ours_when_it_speaks_to_us_or_reads_like_a_report(
    yard: Yard, text: str, ours: bool
) -> None:
    assert (await yard.said(yard.wang, text))[0] is ours


async def test_where_the_offer_is_off_a_report_that_names_nobody_is_chatter(yard: Yard) -> None:
    yard.judge = Judge(BotIdentity(yard.bot.id, NAME), lambda _chat, _text: False)

    assert (await yard.said(yard.wang, LAMP))[0] is False
    assert (await yard.said(yard.wang, "@huying_yard_bot 灯坏了"))[0] is True


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("send_photo", {}),
        ("send_photo", {"caption": CHATTER}),
        ("send_voice", {}),
        ("send_video", {}),
        ("send_location", {"latitude": 37.3, "longitude": 120.4}),
        ("send_sticker", {}),
        ("send_poll", {"question": "去吗", "options": ["去", "不去"]}),
        ("send_contact", {"phone_number": "13800000000", "first_name": "李"}),
        ("pin", {"message": 1}),
        ("rename", {"title": "一号网格"}),
    ],
)
async def test_what_neighbours_send_one_another_is_chatter(yard: Yard, action: str, fields: dict[str, Any]) -> None:
    _, number = await yard.said(yard.wang, CHATTER)
    if action == "pin":
        fields = {"message": number}

    assert await yard.verdict(yard.wang, action, **fields) is False


async def test_a_picture_with_a_caption_for_the_bot_is_ours(yard: Yard) -> None:
    assert await yard.verdict(yard.wang, "send_photo", caption="/report 门坏了") is True
    assert await yard.verdict(yard.wang, "send_photo", caption="@huying_yard_bot 门坏了") is True
    assert await yard.verdict(yard.wang, "send_photo", caption=LAMP) is True


async def test_all_parts_of_an_album_share_the_verdict_of_the_best(yard: Yard) -> None:
    ours = await yard.hears(yard.wang, "send_album", count=3, caption="/report 门坏了")
    chatter = await yard.hears(yard.wang, "send_album", count=3, caption=CHATTER)

    assert yard.judge.judge([*ours, *chatter]) == [True, True, True, False, False, False]


async def test_parts_of_an_album_that_come_before_its_caption_are_kept_in_the_same_batch(yard: Yard) -> None:
    first, *others = await yard.hears(yard.wang, "send_album", count=3, caption="/report 门坏了")

    assert yard.judge.judge([*others, first]) == [True, True, True]


async def test_parts_that_come_in_a_later_batch_follow_too(yard: Yard) -> None:
    first, *others = await yard.hears(yard.wang, "send_album", count=3, caption="/report 门坏了")
    yard.judge.judge([first])

    assert yard.judge.judge(others) == [True, True]


async def test_an_answer_to_the_bot_is_ours_and_an_answer_to_a_neighbour_is_not(yard: Yard) -> None:
    card = yard.speaks("#1 已受理")
    _, chatter = await yard.said(yard.zhou, CHATTER)

    assert (await yard.said(yard.wang, "还在漏", reply_to=card))[0] is True
    assert (await yard.said(yard.wang, "我去", reply_to=chatter))[0] is False


async def test_whoever_adds_to_their_own_report_is_heard_and_others_are_not(yard: Yard) -> None:
    _, report = await yard.said(yard.wang, "/report 门坏了")

    assert (await yard.said(yard.wang, "是东门", reply_to=report))[0] is True
    assert (await yard.said(yard.zhou, "是啊", reply_to=report))[0] is False
    assert await yard.verdict(yard.wang, "send_photo", reply_to=report) is True


async def test_an_edit_is_ours_when_its_message_was_or_when_it_now_speaks_to_the_bot(yard: Yard) -> None:
    _, report = await yard.said(yard.wang, "/report 门坏了")
    _, chatter = await yard.said(yard.wang, CHATTER)

    assert await yard.verdict(yard.wang, "edit_text", message=report, text="东门坏了") is True
    assert await yard.verdict(yard.wang, "edit_text", message=chatter, text="明晚谁去跳舞？") is False
    assert await yard.verdict(yard.wang, "edit_text", message=chatter, text="/report 东门坏了") is True


async def test_a_place_that_moves_is_no_edit(yard: Yard) -> None:
    (update,) = await yard.hears(yard.wang, "send_location", latitude=37.3, longitude=120.4)
    live = {**update["message"], "location": {**update["message"]["location"], "live_period": 900}, "edit_date": 2}
    in_private = {**live, "chat": {"id": yard.wang.id, "type": "private"}}

    assert yard.judge.judge([{"update_id": 1, "edited_message": live}]) == [False]
    assert yard.judge.judge([{"update_id": 2, "edited_message": in_private}]) == [False]
    assert yard.judge.judge([{"update_id": 3, "message": in_private}]) == [True]


async def test_a_forwarded_text_counts_like_any_other(yard: Yard) -> None:
    (update,) = await yard.hears(yard.wang, "send_text", text=CHATTER)
    origin = {"type": "hidden_user", "sender_user_name": "某人", "date": 1}
    lamp = {**update["message"], "text": LAMP, "forward_origin": origin}

    assert yard.judge.judge([{"update_id": 1, "message": {**update["message"], "forward_origin": origin}}]) == [False]
    assert yard.judge.judge([{"update_id": 2, "message": lamp}]) == [True]


@pytest.mark.parametrize("kind", ["channel_post", "edited_channel_post", "message_reaction", "poll", "inline_query"])
async def test_what_the_bot_never_asked_for_is_none_of_its_business(yard: Yard, kind: str) -> None:
    (update,) = await yard.hears(yard.wang, "send_text", text="/report 门坏了")
    in_channel = {**update["message"], "chat": {"id": -100, "type": "channel", "title": "通知"}}

    assert yard.judge.judge([{"update_id": 1, kind: in_channel}]) == [False]
    assert yard.judge.judge([{"update_id": 2, "message": in_channel}]) == [False]


async def test_in_private_everything_is_ours(yard: Yard) -> None:
    private = f"private:{NAME}"

    for action, fields in [("send_text", {"text": CHATTER}), ("send_sticker", {}), ("send_voice", {})]:
        assert await yard.verdict(yard.wang, action, chat=private, **fields) is True


async def test_who_comes_and_goes_is_ours_and_a_mere_change_of_rights_is_not(yard: Yard) -> None:
    new = yard.sandbox.add_person("刘大海", language_code="zh")

    assert all(yard.judge.judge(await yard.hears(new, "join")))
    promoted = await yard.hears(yard.wang, "promote", user=new.id)
    assert promoted
    assert not any(yard.judge.judge(promoted))
    assert all(yard.judge.judge(await yard.hears(new, "leave")))


async def test_a_press_and_what_becomes_of_the_bot_itself_are_ours() -> None:
    judge = Judge(BotIdentity(7, NAME), lambda _chat, _text: False)

    assert judge.judge([{"update_id": 1, kind: {}} for kind in ("callback_query", "my_chat_member")]) == [True, True]
    assert judge.judge([{"update_id": 2, "chat_join_request": {}}]) == [True]


async def test_in_a_topic_that_the_bot_began_chatter_stays_chatter(yard: Yard) -> None:
    """Telegram lets every message of a topic answer the topic's first one."""
    (update,) = await yard.hears(yard.wang, "send_text", text=CHATTER)
    begun = {"message_id": 2, "from": {"id": yard.bot.id}, "forum_topic_created": {"name": "报修"}}

    assert yard.judge.judge([{"update_id": 1, "message": {**update["message"], "reply_to_message": begun}}]) == [False]


async def test_the_memory_of_the_judge_is_bounded(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    numbers = [(await yard.said(yard.wang, f"/report 第{n}件"))[1] for n in range(5)]

    assert len(yard.judge._ours) == 3
    assert await yard.verdict(yard.wang, "edit_text", message=numbers[0], text="改一下") is False
    assert await yard.verdict(yard.wang, "edit_text", message=numbers[4], text="改一下") is True
