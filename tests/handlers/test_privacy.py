"""What is stored is said, shown to whom it is about, and erased when they want it."""

import json
from typing import Any

from routing.model import PersonId, Status
from routing.policy import Policy
from storage.stores import Stores
from tests.town import Town

SECRET = "我家漏水，电话13812345678"


async def test_the_notice_says_what_why_how_long_and_where(town: Town) -> None:
    await town.wang.writes_privately("/privacy")
    text = town.last(town.wang)["text"]

    for word in ("存什么", "为什么", "存多久", "谁能看", "境外", "/mydata", "/forget", "样例市"):
        assert word in text


async def test_the_notice_names_when_words_are_erased_by_themselves(town: Town) -> None:
    await town.wang.writes_privately("/privacy")
    kept = Policy.load("default").keeps_words.days

    assert f"诉求结束{kept}天后，其中您的文字、附件和身份自动删除" in town.last(town.wang)["text"]


async def test_the_notice_follows_the_settings_of_the_grid(town: Town) -> None:
    assert "像不像" in town.answer_to(await town.wang.writes("/privacy"))["text"]
    await town.li.writes("/offer off")

    assert "像不像" not in town.answer_to(await town.wang.writes("/privacy"))["text"]


def document(town: Town, who: Any) -> dict[str, Any]:
    whole = "".join(one["text"] for one in town.private(who) if one["from"]["id"] == town.sample.bot.id)
    start = whole.rindex('{\n  "profile"')
    loaded: dict[str, Any] = json.loads(whole[start : whole.rindex("}") + 1])
    return loaded


async def test_mydata_shows_everything_to_the_one_it_is_about(town: Town) -> None:
    await town.wang.writes(f"/report {SECRET}")
    await town.wang.writes_privately("/mydata")
    mine = document(town, town.wang)

    assert mine["profile"] == {"telegram_id": town.wang.id, "name": "王小满", "language": "zh"}
    assert mine["household"]["room"] == "101"
    assert mine["cases"][0]["number"] == 1
    assert mine["cases"][0]["texts"][0]["text"] == SECRET


async def test_mydata_longer_than_a_message_comes_whole(town: Town) -> None:
    for part in range(4):
        await town.wang.writes(f"/report 第{part}件：楼道灯坏了。" + "很黑，老人走路不方便。" * 60)
    await town.wang.writes_privately("/mydata")

    texts = [case["texts"][0]["text"] for case in document(town, town.wang)["cases"]]
    assert {text[:3] for text in texts} == {f"第{part}件" for part in range(4)}
    assert all(text.count("老人走路") == 60 for text in texts)


async def test_mydata_and_forget_are_not_for_groups(town: Town) -> None:
    for command in ("/mydata", "/forget"):
        answer = town.answer_to(await town.wang.writes(command))
        assert "私聊" in answer["text"]
        assert "13812345678" not in answer["text"]


async def test_mydata_of_staff_shows_what_they_wrote_on_others_cases(town: Town) -> None:
    report = await town.wang.writes("/report 3号楼楼道灯坏了")
    await town.li.presses(town.answer_to(report), "接单")
    await town.li.writes("明天去换灯泡", reply_to=town.answer_to(report))
    await town.li.writes_privately("/mydata")
    mine = document(town, town.li)

    assert mine["posts"][0]["post"] == "worker"
    assert [words["text"] for words in mine["texts_on_other_cases"]] == ["明天去换灯泡"]


def _traces(uow: Stores, telegram_id: int) -> dict[str, int]:
    """Rows that still know the person, by table."""
    run = uow.connection.exec_driver_sql
    return {
        table: run(f"SELECT count(*) FROM {table} WHERE {column} = ?", (telegram_id,)).scalar_one()  # noqa: S608 - names of ours
        for table, column in (("people", "telegram_id"), ("chats", "telegram_id"))
    }


def _texts(uow: Stores) -> list[str]:
    return [row[0] for row in uow.connection.exec_driver_sql("SELECT text FROM words")]


def _met(uow: Stores, telegram_id: int) -> PersonId:
    return uow.people.meet(telegram_id, "王小满", "zh").id


async def test_who_is_forgotten_leaves_cases_without_words_or_name(town: Town) -> None:
    report = await town.wang.writes(f"/report {SECRET}")
    before = await town.work(_met, town.wang.id)
    await town.wang.writes_privately("/forget")
    assert "1件没办完" in town.last(town.wang)["text"]
    await town.wang.presses(town.last(town.wang), "删除我的资料")

    assert "已删除" in str(town.toast(town.wang))
    assert await town.read(_traces, town.wang.id) == {"people": 0, "chats": 0}
    assert SECRET not in await town.read(_texts)
    case = await town.case(1)
    assert case.open
    assert "漏水，电话" not in town.answer_to(report)["text"]

    await town.wang.writes("/report 新的一件事：路灯不亮")
    assert (await town.case(2)).reporter != before
    assert (await town.case(1)).reporter == before


async def test_open_cases_can_be_taken_back_first(town: Town) -> None:
    await town.wang.writes("/report 3号楼楼道灯坏了")
    await town.wang.writes_privately("/forget")
    await town.wang.presses(town.last(town.wang), "先撤回未办结的，再删除")

    assert (await town.case(1)).status is Status.WITHDRAWN
    assert await town.read(_traces, town.wang.id) == {"people": 0, "chats": 0}


async def test_a_case_of_somebody_forgotten_can_still_be_finished(town: Town) -> None:
    report = await town.wang.writes("/report 3号楼楼道灯坏了")
    await town.wang.writes_privately("/forget")
    await town.wang.presses(town.last(town.wang), "删除我的资料")
    await town.li.presses(town.answer_to(report), "接单")
    await town.li.presses(town.answer_to(report), "办结")
    await town.li.sends_photo("已换灯泡", privately=True)

    assert (await town.case(1)).status is Status.AWAITING_RATING


async def test_whoever_thinks_again_keeps_everything(town: Town) -> None:
    await town.wang.writes_privately("/forget")
    await town.wang.presses(town.last(town.wang), "不用了")

    assert await town.read(_traces, town.wang.id) == {"people": 1, "chats": 1}
    assert town.buttons(town.last(town.wang)) == []


async def test_staff_cannot_be_forgotten_while_they_hold_a_post(town: Town) -> None:
    await town.li.writes_privately("/forget")

    assert "春风一网格" in town.last(town.li)["text"]
    assert await town.read(_traces, town.li.id) == {"people": 1, "chats": 1}
