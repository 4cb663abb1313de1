"""Sheets that are printed: nothing of a slip is cut off, and ten of them fill a page."""

import re

import pytest
from playwright.async_api import Browser

from bot.cli._slip_page import Slip, page
from routing.model import Appointment, PersonId, Post, UnitCode

pytestmark = pytest.mark.browser

WORKERS = [
    Appointment(PersonId(number), UnitCode("g1"), Post.WORKER, name, "0535-0001001")
    for number, name in enumerate(("李安", "欧阳静怡"))
]
OVERFLOWING = """() => [...document.querySelectorAll('article')].filter(one =>
    one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth).length"""


async def test_nothing_of_a_slip_is_cut_off_and_ten_of_them_fill_a_sheet(browser: Browser) -> None:
    sheet = await browser.new_page(viewport={"width": 900, "height": 1200})
    doors = [Slip("12号楼 3单元 1701", "ABCD2345")] * 24
    await sheet.set_content(page("秋实市场专属网格", WORKERS, doors, "huying_of_a_long_named_town_bot"))

    assert await sheet.evaluate(OVERFLOWING) == 0
    printed = await sheet.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 3
