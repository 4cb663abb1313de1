"""A newcomer at the page: the whole loop with the mouse and the keyboard, against the running bot."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, expect

from tests.browser.stage import PHONE, card, opened, pane, press, report_with_photo, write
from tests.town import Town

pytestmark = pytest.mark.browser


async def test_a_photo_is_reported_claimed_solved_found_wanting_and_comes_back_to_the_superior(
    browser: Browser, town: Town
) -> None:
    group, desk, bot = town.group.id, town.community_desk.id, town.sample.bot.username
    page = await opened(browser, town, f"{town.wang.id}@{group},{town.li.id}@{group},{town.chen.id}@{desk}")

    await report_with_photo(page, town.wang, "/report 3号楼2单元楼道灯坏了")
    await expect(card(page, town.wang)).to_contain_text("#1")
    await press(page, town.li, "接单")
    await expect(card(page, town.wang)).to_contain_text("办理中")
    await press(page, town.li, "办结")
    await town.quiet()
    await page.goto(f"{town.sandbox.url}/#{town.wang.id}@{group},{town.li.id}@{bot},{town.chen.id}@{desk}")
    await expect(pane(page, town.li).get_by_test_id("message").last).to_contain_text("#1")
    await report_with_photo(page, town.li, "灯泡已换好")
    await expect(card(page, town.wang)).to_contain_text("待评价")
    await press(page, town.wang, "不满意")

    await expect(card(page, town.chen)).to_contain_text("#1")
    await expect(card(page, town.chen).get_by_test_id("key").first).to_contain_text("接单")
    case = await town.case()
    assert (case.status, case.unit, case.reopened) == ("offered", "370001001001", 1)


async def test_two_workers_race_and_the_slower_one_is_told_who(browser: Browser, town: Town) -> None:
    group = town.group.id
    page = await opened(browser, town, f"{town.li.id}@{group},{town.zhang.id}@{group}")
    await town.wang.writes("/report 2号楼电梯异响")
    claims = page.get_by_test_id("key").filter(has_text="接单")
    await expect(claims).to_have_count(2)

    await claims.evaluate_all("keys => keys.forEach((key) => key.click())")

    await expect(card(page, town.li)).to_contain_text("办理中")
    claimed = await card(page, town.li).inner_text()
    first, second = (town.li, town.zhang) if town.li.person.name in claimed else (town.zhang, town.li)
    await expect(pane(page, first).get_by_test_id("toast")).to_contain_text("已接单")
    await expect(pane(page, second).get_by_test_id("toast")).to_contain_text(first.person.name)


async def test_on_a_phone_a_picture_from_the_camera_roll_is_a_report(
    browser: Browser, town: Town, tmp_path: Path
) -> None:
    picture = tmp_path / "lamp.jpg"
    Image.new("RGB", (3000, 2000), "navy").save(picture)
    page = await opened(browser, town, f"{town.wang.id}@{town.group.id}", PHONE)
    wang = pane(page, town.wang)

    await wang.get_by_test_id("file-input").set_input_files(picture)
    await expect(wang.get_by_test_id("picture")).to_have_count(1)
    await write(page, town.wang, "/report 3号楼楼道灯坏了")

    await expect(card(page, town.wang)).to_contain_text("#1")
    await expect(wang.get_by_test_id("photo")).to_have_count(1)
    overhang = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overhang <= 0, "nothing sticks out of the screen"
    assert await town.cases() == 1


async def test_on_a_phone_in_english_a_resident_reports_in_three_actions(browser: Browser, town: Town) -> None:
    page = await opened(browser, town, f"{town.emma.id}@{town.group.id}", PHONE, "en-GB")

    await write(page, town.emma, "/report The street lamp at building 2 is broken")

    await expect(card(page, town.emma)).to_contain_text("#1")


async def test_the_bot_restarts_in_the_middle_and_the_card_still_works(browser: Browser, town: Town) -> None:
    group = town.group.id
    page = await opened(browser, town, f"{town.wang.id}@{group},{town.li.id}@{group}")
    await write(page, town.wang, "/report 1号楼门口积水")
    await expect(card(page, town.li)).to_contain_text("#1")

    await town.restart()
    await press(page, town.li, "接单")

    await expect(card(page, town.wang)).to_contain_text("李安")
