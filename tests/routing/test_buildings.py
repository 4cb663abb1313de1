"""The building of a grid that a text names."""

import pytest

from routing.buildings import building_in

BUILDINGS = ("1号楼", "3号楼", "12号楼", "13号楼", "A座", "综合楼")
TWO_ESTATES = ("和平里3号楼", "春风苑3号楼", "春风苑5号楼")


@pytest.mark.parametrize(
    ("text", "building"),
    [
        ("在3号楼2单元", "3号楼"),
        ("13号楼电梯坏了", "13号楼"),
        ("23号楼", ""),
        ("3栋灯坏了", "3号楼"),
        ("三号楼的灯坏了", "3号楼"),
        ("第三栋", "3号楼"),
        ("十三号楼没水", "13号楼"),
        ("十二幢漏水", "12号楼"),
        ("二十三号楼", ""),
        ("3#楼漏水", "3号楼"),
        ("3#602漏水", "3号楼"),
        ("3 号楼", "3号楼"),
        ("３号楼", "3号楼"),
        ("03栋", "3号楼"),
        ("12-2-501漏水", "12号楼"),
        ("3—501漏水", "3号楼"),
        ("a栋电梯坏了", "A座"),
        ("综合楼漏水", "综合楼"),
        ("3楼漏水", ""),
        ("case #3 is open", ""),
        ("电话 138-1234-5678", ""),
        ("2024-501", ""),
        ("先是3栋，后来1栋也停水", "3号楼"),
        ("5栋和3栋停水", "3号楼"),
        ("3号楼楼道灯坏了，我住1号楼", "3号楼"),
        ("我家住1号楼1单元，13号楼的电梯坏了", "13号楼"),
        ("三栋楼道灯坏了，我是1号楼的", "3号楼"),
        ("我住1号楼，家里没水", "1号楼"),
        ("I live in building 1, the lift of building 3 is stuck", "3号楼"),
        ("The lamp in Building 3, unit 1 is broken", "3号楼"),
        ("building No. 13: lift stuck", "13号楼"),
        ("No. 3 building, second floor", "3号楼"),
        ("Bldg. 3 has no water", "3号楼"),
        ("smoke in block A", "A座"),
        ("they block a lane near building 23", ""),
        ("Building 3a", ""),
        ("3 lamps in the building", ""),
    ],
)
def test_a_building_is_known_however_its_number_is_written(text: str, building: str) -> None:
    assert building_in(text, BUILDINGS) == building


@pytest.mark.parametrize(
    ("text", "building"),
    [
        ("和平里3号楼停电", "和平里3号楼"),
        ("春风苑3栋停电", "春风苑3号楼"),
        ("5栋停电", "春风苑5号楼"),
        ("3栋停电", ""),
    ],
)
def test_of_two_with_the_same_number_the_estate_decides(text: str, building: str) -> None:
    assert building_in(text, TWO_ESTATES) == building


def test_a_name_that_begins_with_a_numeral_is_no_number() -> None:
    assert building_in("十号楼停电", ("十里香居",)) == ""
