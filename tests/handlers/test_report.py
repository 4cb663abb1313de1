"""Reports in the group through the whole town: command, mention, reply, edits, additions."""

from datetime import datetime

from handlers._kit.words import plain
from routing.model import Channel, PersonId, Status, Urgency, WordsKind
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.town import GRID, Message, Town

LAMP = "3号楼楼道灯坏了，好几天没人修"


async def words(town: Town, number: int = 1, kind: WordsKind = WordsKind.REPORT) -> list[str]:
    """Texts of a case."""

    def question(stores: Stores) -> list[str]:
        return [one.text for one in stores.words.of(stores.cases.by_number(number).id, kind)]

    return await town.read(question)


async def media(town: Town, number: int = 1) -> list[str]:
    """Kinds of everything attached to a case."""

    def question(stores: Stores) -> list[str]:
        case = stores.cases.by_number(number)
        return [item.kind.value for one in stores.words.of(case.id) for item in one.media]

    return await town.read(question)


async def heard(town: Town) -> int:
    """How many updates were ever stored."""
    return await town.read(lambda s: int(s.connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one()))


def exhaust(uow: UnitOfWork, person: PersonId | None, at: datetime) -> None:
    """Let somebody have filed all that they may within this hour."""
    for _ in range(uow.policy.reports_per_hour):
        uow.notebook.count(f"reports:{person}", at.replace(minute=0, second=0, microsecond=0))


def mention(town: Town) -> str:
    return f"@{town.sample.bot.username}"


def reactions(town: Town) -> list[Message]:
    return [call.params for call in town.sandbox.calls if call.method == "setMessageReaction"]


async def test_a_command_in_one_line_is_answered_by_a_card_with_number_and_deadline(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")

    case = await town.case()
    card = town.answer_to(message)
    assert (case.number, case.grid, case.status, case.channel) == (1, GRID, Status.OFFERED, Channel.GROUP)
    assert await words(town) == [LAMP]
    assert "#1" in card["text"]
    assert "date_time" in {entity["type"] for entity in card["entities"]}
    assert any("接单" in button for button in town.buttons(card))


async def test_a_mention_anywhere_in_the_message_is_a_report(town: Town) -> None:
    await town.wang.writes(f"{LAMP} {mention(town)}")
    await town.zhou.writes(f"{mention(town)}东门井盖松动")  # Chinese needs no space

    assert await words(town, 1) == [LAMP]
    assert await words(town, 2) == ["东门井盖松动"]


async def test_a_command_meant_for_another_bot_is_left_alone(town: Town) -> None:
    await town.wang.writes(f"/report@other_bot {LAMP}")
    assert await town.cases() == 0


async def test_a_bare_command_says_how_and_a_reply_to_that_is_a_report(town: Town) -> None:
    message = await town.zhou.writes("/report")
    howto = town.answer_to(message)

    assert await town.cases() == 0
    [button] = howto["reply_markup"]["inline_keyboard"][0]
    assert button["url"].startswith(f"https://t.me/{town.sample.bot.username}?start=r")

    await town.zhou.writes(LAMP, reply_to=howto)
    assert await words(town) == [LAMP]


async def test_the_link_under_how_to_opens_a_draft_with_the_grid_filled_in(town: Town) -> None:
    howto = town.answer_to(await town.zhou.writes("/report"))
    url = howto["reply_markup"]["inline_keyboard"][0][0]["url"]

    await town.zhou.starts(url.partition("start=")[2])
    await town.zhou.writes_privately(LAMP)
    await town.zhou.presses(town.last(town.zhou), "提交")

    assert (await town.case()).grid == GRID


async def test_a_reply_to_ones_own_message_reports_that_message(town: Town) -> None:
    said = await town.wang.writes("路灯的事有人知道吗")
    await town.wang.writes("/report", reply_to=said)

    case = await town.case()
    assert await words(town) == ["路灯的事有人知道吗"]
    assert case.beneficiary is None
    assert "#1" in town.answer_to(said)["text"]


async def test_a_bare_mention_in_reply_to_a_neighbour_reports_for_them(town: Town) -> None:
    said = await town.zhou.writes("路灯的事有人知道吗")
    await town.wang.writes(mention(town), reply_to=said)

    case = await town.case()
    wang = await town.read(lambda stores: stores.people.get(case.reporter).telegram_id)
    assert wang == town.wang.id
    assert case.beneficiary == f"{town.zhou.person.first_name[0]}**"


async def test_staff_who_point_at_a_message_report_in_the_residents_name(town: Town) -> None:
    said = await town.zhou.writes("路灯的事有人知道吗")
    await town.li.writes("/report", reply_to=said)

    case = await town.case()
    assert await town.read(lambda stores: stores.people.get(case.reporter).telegram_id) == town.zhou.id


async def test_a_message_reported_twice_is_one_case_and_the_second_person_counts_as_me_too(town: Town) -> None:
    said = await town.wang.writes(f"/report {LAMP}")
    await town.zhou.writes("/report", reply_to=said)

    assert await town.cases() == 1
    assert (await town.case()).me_too == 1
    assert plain("report.joined", "zh", number=1, count=1) in town.said(town.group)


async def test_a_remark_beside_a_report_by_reply_is_kept_and_can_be_edited(town: Town) -> None:
    said = await town.wang.writes("路灯的事有人知道吗")
    remark = await town.wang.writes("/report 就在3号楼门口", reply_to=said)
    assert await words(town) == ["路灯的事有人知道吗\n就在3号楼门口"]

    await town.wang.edits(remark, "/report 就在2号楼门口")
    await town.wang.edits(said, "路灯不亮的事有人知道吗")
    assert await words(town) == ["路灯不亮的事有人知道吗\n就在2号楼门口"]


async def test_thanks_to_the_bot_are_no_report(town: Town) -> None:
    await town.wang.writes(f"{mention(town)} 谢谢")
    assert await town.cases() == 0


async def test_chatter_is_neither_answered_nor_stored(town: Town) -> None:
    before = await heard(town)
    await town.wang.writes("明天几点开会")

    assert town.said(town.group) == []
    assert await heard(town) == before


async def test_an_edit_updates_the_report_and_its_class(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    before = await town.case()

    await town.wang.edits(message, "/report 楼下广场舞音响噪音太大，睡不着")

    after = await town.case()
    assert await words(town) == ["楼下广场舞音响噪音太大，睡不着"]
    assert after.matter != before.matter
    assert len([one for one in town.said(town.group) if "#1" in one]) == 1


async def test_an_edit_after_a_restart_is_heard(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    await town.restart()
    await town.wang.edits(message, "/report 3号楼电梯坏了，有人被困")

    assert await words(town) == ["3号楼电梯坏了，有人被困"]
    assert (await town.case()).urgency is Urgency.URGENT


async def test_a_mistyped_command_edited_into_a_report_is_filed(town: Town) -> None:
    message = await town.wang.writes("/report")
    await town.wang.edits(message, f"/report {LAMP}")

    assert await words(town) == [LAMP]


async def test_the_reporters_reply_to_the_card_is_added_with_a_sign_and_no_line(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    said = len(town.said(town.group))
    more = await town.wang.writes("四楼和五楼都不亮", reply_to=town.answer_to(message))

    assert await words(town, kind=WordsKind.MORE) == ["四楼和五楼都不亮"]
    assert len(town.said(town.group)) == said
    assert str(more["message_id"]) in {str(one["message_id"]) for one in reactions(town)}


async def test_staffs_reply_to_the_card_is_a_note_and_a_strangers_is_nothing(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    card = town.answer_to(message)
    await town.li.writes("已约电工明早来", reply_to=card)
    await town.zhou.writes("真希望快点修", reply_to=card)

    assert await words(town, kind=WordsKind.NOTE) == ["已约电工明早来"]
    assert await words(town, kind=WordsKind.MORE) == []


async def test_thanks_under_the_card_add_nothing(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    await town.wang.writes("谢谢", reply_to=town.answer_to(message))

    assert await words(town, kind=WordsKind.MORE) == []


async def test_a_location_in_reply_to_ones_own_report_gives_the_place(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    await town.wang.sends_location(reply_to=message)

    assert (await town.case()).place.latitude == 37.36


async def test_a_tip_off_in_the_group_is_answered_with_a_number_and_nothing_else(town: Town) -> None:
    message = await town.zhou.writes("/report 有人在地下室聚众赌博")
    answer = town.answer_to(message)

    assert (await town.case()).confidential
    assert "#1" in answer["text"]
    assert "赌博" not in answer["text"]
    url = answer["reply_markup"]["inline_keyboard"][0][0]["url"]
    await town.zhou.starts(url.partition("start=")[2])
    assert "#1" in town.last(town.zhou)["text"]


async def test_a_strangers_link_to_a_case_opens_nothing(town: Town) -> None:
    await town.zhou.writes("/report 有人在地下室聚众赌博")
    await town.wang.starts("c1")

    assert town.said(town.wang)[-1] == plain("refusal.no_such_case", "zh")


async def test_five_reports_in_a_row_lose_none(town: Town) -> None:
    for number in range(5):
        await town.wang.acts("send_text", chat=town.group.id, text=f"/report {number}号楼楼道灯坏了")
    await town.quiet()

    assert [await words(town, number + 1) for number in range(5)] == [[f"{n}号楼楼道灯坏了"] for n in range(5)]


async def test_a_report_of_4096_characters_is_kept_whole(town: Town) -> None:
    text = ("楼道灯坏了" + "很久" * 2048)[: 4096 - len("/report ")]
    await town.wang.writes(f"/report {text}")

    assert await words(town) == [text]


async def test_a_group_without_a_grid_is_told_how_to_get_one(town: Town) -> None:
    other = town.sandbox.add_group("Choir", owner=town.wang.person, supergroup=True)
    town.sandbox.seat(other, town.sample.bot)
    await town.quiet()
    message = await town.wang.writes(f"/report {LAMP}", chat=other)

    assert town.answer_to(message, other)["text"] == plain("refusal.no_grid_here", "zh")


async def test_a_desk_is_told_that_reports_are_made_elsewhere(town: Town) -> None:
    message = await town.chen.writes(f"/report {LAMP}")

    assert town.answer_to(message, town.community_desk)["text"] == plain("refusal.at_a_desk", "zh")


async def test_a_flood_is_refused_with_the_emergency_numbers(town: Town) -> None:
    await town.wang.writes(f"/report {LAMP}")
    await town.work(exhaust, (await town.case()).reporter, town.now)
    message = await town.wang.writes(f"/report {LAMP}")

    assert await town.cases() == 1
    answer = town.answer_to(message)["text"]
    assert "110" in answer
    assert "20" in answer
