"""Reports, additions, edits and me-too on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from routing import filing
from routing.events import Noted, NoteKind, Withdrawn
from routing.model import Appointment, Channel, ChatKind, Media, MediaKind, Post, Status, TimerKind, Urgency, WordsKind
from routing.parcels import BIG, pack, too_big, unpack
from routing.refusals import (
    AlreadyDone,
    EmptyReport,
    NoGridHere,
    NoSuchCase,
    NotNow,
    NotYours,
    OwnReport,
    PraiseFromAbove,
    TooManyReports,
)
from storage.stores import Stores
from tests.routing.reporting import (
    GAS,
    LAMP,
    NOISE,
    TIP,
    adds,
    cases,
    edits,
    photo,
    promised,
    reports,
    texts,
)
from tests.routing.village import BOT, CHEN, COMMUNITY, GRID, LI, WANG, ZHANG, ZHOU, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def test_a_report_is_classified_by_a_named_rule_and_offered_to_the_grid(town: Village) -> None:
    case = await reports(town)

    assert (case.number, case.status, case.unit, case.channel) == (1, Status.OFFERED, GRID, Channel.GROUP)
    assert case.rule.startswith("word:")
    assert case.urgency is Urgency.ORDINARY
    assert await texts(town, case) == [LAMP]
    assert -101 in await promised(town, "card")


async def test_the_same_message_filed_twice_is_one_case(town: Village) -> None:
    first, second = await reports(town), await reports(town, "something else")

    assert first.id == second.id
    assert len(await cases(town)) == 1


async def test_a_danger_makes_it_urgent(town: Village) -> None:
    assert (await reports(town, GAS)).urgency is Urgency.URGENT


async def test_the_building_is_read_from_the_text(town: Village) -> None:
    await town.store.work(
        lambda stores: stores.units.put(replace(stores.units.get(GRID), buildings=("3号楼", "13号楼")))
    )

    assert (await reports(town, "13栋电梯坏了")).place.building == "13号楼"


async def test_nothing_said_and_nothing_sent_is_no_report(town: Village) -> None:
    with pytest.raises(EmptyReport):
        await reports(town, "  ")
    assert (await reports(town, "", media=(photo(1),))).status is Status.OFFERED


async def test_a_flood_is_refused_until_the_next_hour_and_loses_nothing_before(town: Village) -> None:
    for number in range(20):
        await reports(town, message=number)
    with pytest.raises(TooManyReports) as refused:
        await reports(town, message=99)
    assert refused.value.values == {"limit": 20}
    assert (await reports(town, message=98, who=ZHOU)).number == 21

    town.now += timedelta(hours=1)
    assert (await reports(town, message=99)).number == 22


async def test_a_chat_without_a_grid_takes_no_reports(town: Village) -> None:
    desk = await town.store.read(lambda stores: stores.chats.of_unit(COMMUNITY, ChatKind.DESK).id)  # type: ignore[union-attr]  # bound in the village
    with pytest.raises(NoGridHere):
        await town.work(filing.grid_of_chat, desk)


async def test_a_tip_off_never_shows_in_the_residents_chat(town: Village) -> None:
    case = await reports(town, TIP)

    assert case.confidential
    assert -101 not in await promised(town, "card")
    with pytest.raises(NoSuchCase):
        await town.work(filing.me_too, case.id, town.people[ZHOU], town.now)


async def test_a_report_corrected_to_a_tip_off_is_hushed(town: Village) -> None:
    case = await reports(town)
    assert not case.confidential

    corrected = await town.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L23")

    assert corrected.confidential
    again = await town.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L01")
    assert (corrected.kind, again.kind, again.confidential) == ("tip_off", "tip_off", True)


async def test_only_those_above_take_a_report_for_praise_and_who_held_it_never(town: Village) -> None:
    case = await town.claims(await town.files(matter="L02", kind="complaint"))

    def promoted(stores: Stores) -> None:
        stores.people.appoint(Appointment(town.people[LI], COMMUNITY, Post.LEADER, "李安"))

    for by in (LI, ZHANG):
        with pytest.raises(PraiseFromAbove):
            await town.moves(case, Noted, by, kind=NoteKind.CORRECTION, matter="L92")
    await town.work(promoted)
    with pytest.raises(PraiseFromAbove):
        await town.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L92")
    assert await town.events(case) == ["Filed", "Dispatched", "Claimed"]

    case = await town.moves(case, Noted, CHEN, kind=NoteKind.CORRECTION, matter="L92")
    assert (case.matter, case.kind) == ("L92", "praise")
    case = await town.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L02")
    assert case.kind == "help", "what was taken for praise its holder may put right"


async def test_a_reporters_home_stands_neither_in_the_case_nor_in_its_log(town: Village) -> None:
    def moves_in(stores: Stores) -> str:
        home = stores.people.households_in(GRID)[0].code
        stores.people.join_household(town.people[WANG], home, town.now)
        return home

    home = await town.work(moves_in)
    await reports(town)

    def everything_about_cases(stores: Stores) -> str:
        run = stores.connection.exec_driver_sql
        return repr([*run("SELECT * FROM cases"), *run("SELECT * FROM log")])

    assert home not in await town.store.read(everything_about_cases)


async def test_a_neighbour_counts_once_and_the_reporter_never(town: Village) -> None:
    case = await reports(town)

    assert (await town.work(filing.me_too, case.id, town.people[ZHOU], town.now)).me_too == 1
    with pytest.raises(AlreadyDone):
        await town.work(filing.me_too, case.id, town.people[ZHOU], town.now)
    with pytest.raises(OwnReport):
        await town.work(filing.me_too, case.id, town.people[WANG], town.now)
    assert (await town.case(case)).me_too == 1


async def test_what_the_reporter_adds_staff_note_and_strangers_say_is_told_apart(town: Village) -> None:
    case = await reports(town)

    await adds(town, case, "还有四楼", message=51)
    await adds(town, case, "已联系电工", who=LI, message=52)
    with pytest.raises(NotYours):
        await adds(town, case, "我也觉得", who=ZHOU, message=53)

    assert await texts(town, case, WordsKind.MORE) == ["还有四楼"]
    assert await texts(town, case, WordsKind.NOTE) == ["已联系电工"]


async def test_the_same_addition_is_added_once(town: Village) -> None:
    case = await reports(town)
    await adds(town, case, "还有四楼")
    await adds(town, case, "还有四楼")

    assert await texts(town, case, WordsKind.MORE) == ["还有四楼"]


async def test_the_reporters_words_answer_a_waiting_question(town: Village) -> None:
    case = await town.claims(await reports(town))
    await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)

    assert not (await adds(town, case, "三楼")).waiting
    assert await texts(town, case, WordsKind.ANSWER) == ["三楼"]


async def test_a_location_gives_the_case_its_place(town: Village) -> None:
    case = await reports(town)
    place = (await adds(town, case, "", location=(37.36, 120.4))).place

    assert (place.latitude, place.longitude) == (37.36, 120.4)
    assert place.building == case.place.building


async def test_a_danger_named_later_shortens_the_clocks(town: Village) -> None:
    case = await reports(town)
    urgent = await adds(town, case, "电线短路冒烟着火了")

    assert urgent.urgency is Urgency.URGENT
    assert urgent.due_at is not None
    assert case.due_at is not None
    assert urgent.due_at < case.due_at


async def test_nothing_is_added_to_a_case_at_its_end(town: Village) -> None:
    case = await town.moves(await reports(town), Withdrawn, WANG)
    with pytest.raises(NotNow):
        await adds(town, case, "还有四楼")


async def test_an_edit_rewrites_the_report_and_its_class_while_nobody_has_it(town: Village) -> None:
    case = await reports(town)
    edited = await edits(town, NOISE)

    assert edited is not None
    assert edited.matter != case.matter
    assert await texts(town, case) == [NOISE]
    assert await town.events(case) == ["Filed", "Dispatched", "Noted", "Noted"]


async def test_an_edit_leaves_the_class_once_somebody_claimed(town: Village) -> None:
    case = await town.claims(await reports(town))
    edited = await edits(town, NOISE)

    assert edited is not None
    assert edited.matter == case.matter
    assert await texts(town, case) == [NOISE]


async def test_an_edit_leaves_the_class_that_staff_chose(town: Village) -> None:
    case = await reports(town)
    await town.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L99")

    edited = await edits(town, NOISE)

    assert edited is not None
    assert edited.matter == "L99"


async def test_an_edit_that_names_a_danger_makes_it_urgent(town: Village) -> None:
    await reports(town)
    edited = await edits(town, GAS)

    assert edited is not None
    assert edited.urgency is Urgency.URGENT


async def test_edits_of_others_of_the_same_text_and_of_ended_cases_change_nothing(town: Village) -> None:
    case = await reports(town)

    assert await edits(town, NOISE, who=ZHOU) is None
    assert await edits(town, LAMP) is None
    assert await edits(town, NOISE, message=77) is None
    await town.moves(case, Withdrawn, WANG)
    assert await edits(town, NOISE) is None
    assert await texts(town, case) == [LAMP]


async def test_every_open_report_has_a_clock(town: Village) -> None:
    case = await reports(town)
    await edits(town, GAS)
    assert set(await town.timers(case)) == {TimerKind.RESPOND, TimerKind.HANDLE}


def test_attachments_survive_being_kept_in_a_row_and_big_ones_are_noticed() -> None:
    video = Media(MediaKind.VIDEO, BOT, "file:id:with:colons", "u1", BIG + 1)
    voice = Media(MediaKind.VOICE, BOT, "f2", "u2", None)

    assert unpack(pack([video, voice])) == (video, voice)
    assert too_big([voice, video])
    assert not too_big([voice, photo(1)])
