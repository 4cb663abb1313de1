import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers._kit.html import tame
from routing.masking import blur, building_of, mask_name, mask_names, mask_text

FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"}
PROSE = "小区门口路灯不亮晚上很黑请帮忙看看谢谢，。！？ \nThe lamp is broken, please help: thanks (again)."


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def spread(rng: random.Random, number: str, sizes: tuple[int, ...]) -> str:
    """The number as people write it: whole, spaced, dashed or in full-width digits."""
    style = rng.choice(["whole", " ", "-", "wide"])
    if style == "wide":
        return number.translate(FULL_WIDTH)
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return number if style == "whole" else style.join(parts)


def some(rng: random.Random, count: int, first: str = "123456789") -> str:
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def secrets(rng: random.Random) -> list[tuple[str, str]]:
    """Things to plant, each with the part that must not be seen afterwards."""
    mobile = "1" + some(rng, 10, "3456789")
    born = f"19{rng.randint(50, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    old, new = some(rng, 6) + born[2:] + some(rng, 3), some(rng, 6) + born + some(rng, 3) + rng.choice("0123456789X")
    card, area, line = "62" + some(rng, 17), rng.choice(["010", "0535", "0532"]), some(rng, 7, "2345678") + "1"
    house, unit, room = rng.randint(1, 40), rng.randint(1, 6), f"{rng.randint(1, 33)}{rng.randint(1, 12):02}"
    account = rng.choice(["zhang_san", "lihua", "wx"]) + some(rng, 5)
    plate, mail = "F" + some(rng, 5), f"user{some(rng, 3)}@example.com"
    doors = [
        f"{house}号楼{unit}单元{room}",
        f"{house}号楼{unit}单元{room}室",
        f"{house}栋{room}室",
        f"{house}幢{unit}单元 {room}户",
        f"{house}号楼{room}",
        f"{house}-{unit}-{room}",
        f"{house}#{unit}-{room}",
        f"{house}号楼{unit}-{room}",
        f"A座{room}",
        f"{unit}单元{room}",
        f"东单元{room}",
        f"{house}号楼西{room}",
        f"楼上{room}",
        f"{house}-{unit}-{room[:-2]}-{room[-2:]}",
        f"{room}室",
        f"Building {house}, Unit {unit}, Room {room}",
        f"apt {room}",
    ]
    return [
        (spread(rng, mobile, (3, 4, 4)), mobile[3:7]),
        ("+86 " + mobile, mobile[3:7]),
        (spread(rng, old, (6, 6, 3)), old[6:12]),
        (spread(rng, new, (6, 8, 4)), new[6:14]),
        (spread(rng, card, (4, 4, 4, 4, 3)), card[4:12]),
        (f"{area}-{line}", line),
        (f"({area}){line}", line),
        ("400-" + line[:3] + "-" + line[3:7], line[:7]),
        ("鲁" + plate, plate),
        ("鲁" + plate[0] + "·" + plate[1:], plate[1:4]),
        ("鲁FD" + plate[1:], "D" + plate[1:4]),
        (mail, mail),
        (f"微信{account}", account),
        (f"微信号：{account}", account),
        (f"QQ {some(rng, 9)}", "QQ 1234"),
        *((door.translate(FULL_WIDTH) if rng.random() < 0.2 else door, f"!{room}") for door in doors),
    ]


FRAMES = [
    "我家{}，楼上漏水没人管",
    "请联系{}，谢谢",
    "{}",
    "2026-11-21 10:30 {} 停水，水费1500元",
    "你好，{} 这里电梯坏了\n已经三天了",
    "case #9: {} is leaking",
    "网格员您好！{}。楼道灯不亮",
]


def corpus() -> list[tuple[str, list[str]]]:
    rng = random.Random(20261121)
    planted = [([secret], frame) for _ in range(4) for secret in secrets(rng) for frame in FRAMES[:3]]
    planted += [(rng.sample(secrets(rng), 3), rng.choice(FRAMES)) for _ in range(150)]
    return [(frame.format("，".join(text for text, _ in kept)), [part for _, part in kept]) for kept, frame in planted]


def test_a_corpus_with_planted_items_leaks_nothing() -> None:
    messages = corpus()
    leaks = []
    for message, hidden in messages:
        masked = mask_text(message)
        for part in hidden:
            door = part.startswith("!") and re.search(rf"(?<!\d){part[1:]}(?!\d)", masked)
            number = part.isdigit() and part in digits(masked)
            if door or number or part in masked:
                leaks.append((message, masked))
    assert len(messages) >= 200
    assert leaks == []


@given(st.integers(0, 2**32), st.text(alphabet=PROSE, max_size=30), st.text(alphabet=PROSE, max_size=30))
def test_whatever_prose_stands_around_it_nothing_leaks(seed: int, before: str, after: str) -> None:
    rng = random.Random(seed)
    text, part = rng.choice(secrets(rng)[:8])
    assert part not in digits(mask_text(f"{before} {text} {after}"))


@given(st.text(alphabet=PROSE.replace("谢", ""), max_size=200))
def test_ordinary_prose_without_digits_and_surnames_is_untouched(text: str) -> None:
    assert mask_text(text) == text


@given(st.text(alphabet=PROSE + "0123456789-#@X号楼单元室栋鲁FA微信QQ:：１２３", max_size=80))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


def test_masking_the_corpus_twice_changes_nothing_more() -> None:
    assert [text for text, _ in corpus() if mask_text(mask_text(text)) != mask_text(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 10:30",
        "2026年11月21日",
        "2026/11/21 到 2026/12/01",
        "20261121",
        "15.11.2026, 9:05",
        "08:00-12:00 13:30-17:30",
        "1500元，12,345.67元，3.5%",
        "#123 和 #100045",
        "停水3小时，影响200户",
        "5号楼21号停水",
        "3号楼2026年改造",
        "5号楼300米外",
        "5号楼2单元楼道灯坏了",
        "3号楼东边的路灯",
        "5路公交车晚点20分钟",
        "2019 2020 2021 2022",
        "微信支付坏了",
        "building 5 has no water since 8:00",
        "拨打12345或119",
        "110有人接吗，119门口排队，120一直占线",
        "305路公交没人管",
        "业主向物业反映",
        "全体业主谢谢您。",
        "谢谢，门口的灯亮了。谢谢大家 谢谢！",
        "本人曾举报过",
        "我是三楼的，我叫他别吵",
        "unit6I'm going",
        "10-1国庆放假",
        "802、147路公交都不停",
        "物业费涨了320元，共1203户",
        "编号1203的路灯杆",
        "王科长答应过，石家庄来的，方便吗，高兴的很",
        "this is Not good",
    ],
)
def test_dates_times_amounts_and_case_numbers_stay(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13512345678", "135****5678"),
        ("１３５ １２３４ ５６７８", "135****5678"),
        ("5号楼2单元501", "5号楼"),
        ("3栋1202室漏水", "3栋漏水"),
        ("5栋105号门面", "5栋门面"),
        ("五号楼二单元五零一", "五号楼"),
        ("5号楼501、502都漏", "5号楼都漏"),
        ("5号楼3楼东户", "5号楼"),
        ("12-3-401", "12-***"),
        ("3号楼501家里没人", "3号楼家里没人"),
        ("我家501", "我家***"),
        ("我家135 1234 5678", "我家135****5678"),
        ("3号楼501 135 1234 5678", "3号楼 135****5678"),
        ("2单元1202 0535-8123456", "2单元***"),
        ("5号楼 6222 0212 3456 7890", "5号楼 ***"),
        ("501的业主", "***的业主"),
        ("鲁F12345", "鲁F***45"),
        ("鲁FD12345", "鲁F***45"),
        ("0535-8123456", "0535***"),
        ("370685199001011234", "***"),
        ("37068519900101123x", "***"),
        ("Building 5, Unit 2, Room 501 leaks", "Building 5 leaks"),
        ("加微信lihua88", "加微信***"),
        ("WeChat id: zhangsan", "WeChat id: ***"),
        ("车牌号F12345", "车牌号***"),
        ("5000元转给13512345678", "5000元转给135****5678"),
        ("8-1402漏水了", "8-***漏水了"),
        ("12/1101没水", "12/***没水"),
        ("302那个女孩一直在哭", "***那个女孩一直在哭"),
        ("203漏水", "***漏水"),
        ("楼上1201漏到我家1101", "楼上***漏到我家***"),
        ("东单元601", "***"),
        ("四楼东户太吵", "***太吵"),
        ("1103业主和1003业主", "***业主和***业主"),
        ("手机一三八一二三四五六七八", "手机***"),
        ("一三八 一二三四 五六七八", "***"),
        ("我是张建国，家里没暖气", "我是张**，家里没暖气"),
        ("我叫欧阳强军，住在河边", "我叫欧阳**，住在河边"),
        ("孩子叫王子轩在实验小学", "孩子叫王**在实验小学"),
        ("姓名：李秀英，女", "姓名:李**，女"),
        ("住户李秀英投诉楼上", "住户李**投诉楼上"),
        ("flat 12-03 leaks", "*** leaks"),
        ("Building 3 Unit 2 501 leaks", "Building 3 leaks"),
        ("visiting Tower A 2708", "visiting Tower A"),
        ("8座12D漏水", "8座漏水"),
        ("我v:zhoujie-7749", "我v:***"),
        ("孙玉梅阿姨的钥匙", "孙**阿姨的钥匙"),
        ("叫石磊，30岁", "叫石**，30岁"),
        ("802，9号楼的，马桶堵了", "***，9号楼的，马桶堵了"),
        ("不同意的就是501康庆华，他不签", "不同意的就是***康**，他不签"),
        ("二楼203传出煤气味", "二楼***传出煤气味"),
        ("甲单元601", "***"),
        ("我妈戚桂香、周桂兰，都是独居", "我妈戚**、周**，都是独居"),
        ("吴子轩 打疫苗登记", "吴** 打疫苗登记"),
        ("车主刘海涛，请挪车", "车主刘**，请挪车"),
        ("幺三八 零二七四 六六九一 打这个", "*** 打这个"),
        ("13八六四七二9零15也行", "***也行"),
        ("1️⃣3️⃣5️⃣0️⃣7️⃣2️⃣8️⃣6️⃣4️⃣1️⃣9️⃣ 打我", "135****6419️⃣ 打我"),
        ("湘A-Q397M车窗没关", "湘A***7M车窗没关"),
        ("发到 zhou(at)example.com", "发到 ***"),
        ("the toddler in 603 cries", "the toddler in *** cries"),
        ("My name is Emily Carter, hi", "My name is E**, hi"),
        ("unit 12B leaks", "*** leaks"),
    ],
)
def test_a_thing_is_masked_as_agreed(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王连风", "王**"),
        ("王伟", "王**"),
        ("欧阳娜娜", "欧阳**"),
        ("诸葛亮", "诸葛**"),
        ("Li Wei", "L**"),
        (" Anna ", "A**"),
        ("", "**"),
        ("  ", "**"),
        ("阿卜杜拉·买买提", "阿**"),
        ("王**", "王**"),
        ("\u202e\u200b 王小满", "王**"),
        ("\u2067Li Wei\u2069", "L**"),
    ],
)
def test_a_name_keeps_its_surname_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_known_names_are_masked_wherever_they_stand() -> None:
    text = "王连风说Li Wei和王连风水都在，Liang Li Weiss没来"
    assert mask_names(text, ["王连风", "王连风水", "Li Wei", "王", ""]) == "王**说L**和王**都在，Liang Li Weiss没来"
    assert mask_names("no names", []) == "no names"
    assert mask_names(f"{tame('li.wei')} said", ["li.wei"]) == "l** said", "as who copies a card writes it"


@pytest.mark.parametrize(
    ("address", "building"),
    [
        ("清泉小区5号楼2单元501", "清泉小区5号楼"),
        ("清泉小区3栋2单元", "清泉小区3栋"),
        ("A座1201", "A座"),
        ("12-3-401", "12"),
        ("Building 5, Unit 2, Room 501", "Building 5"),
        ("清泉路菜市场门口", "清泉路菜市场门口"),
        ("2单元501", "***"),
        ("", ""),
    ],
)
def test_an_address_ends_at_its_building(address: str, building: str) -> None:
    assert building_of(address) == building


def test_a_place_is_blurred_to_three_decimals() -> None:
    assert blur(37.355512, 120.400149) == (37.356, 120.4)
