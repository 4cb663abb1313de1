import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.catalogue import OTHER, Catalogue
from routing.dangers import Dangers
from routing.lexicon import Lexicon

CATALOGUE = Catalogue.load()


def data(name: str = "catalogue.toml") -> dict[str, Any]:
    return tomllib.loads((files("routing") / "data" / name).read_text(encoding="utf-8"))


DANGERS = Dangers(data("dangers.toml"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3号楼楼道灯坏了", "01037"),
        ("路灯不亮好几天了，晚上很黑", "01037"),
        ("二单元电梯又坏了，老人下不来", "01076"),
        ("楼上漏水，把我家天花板泡了", "L07"),
        ("小区门口垃圾桶满了没人清", "06042"),
        ("半夜还在跳广场舞，吵死了", "06028"),
        ("楼上噪音", "L20"),
        ("楼上太吵了睡不着", "L20"),
        ("楼上小孩跑跳太吵", "L20"),
        ("隔壁深夜唱歌太吵", "L20"),
        ("noise upstairs every night", "L20"),
        ("隔壁KTV深夜唱歌", "06028"),
        ("楼上KTV太吵", "06028"),
        ("高考报名", "L46"),
        ("中考报名", "L46"),
        ("公务员考试报名", "L46"),
        ("公务员考试", "L34"),
        ("夜间施工，凌晨两点还在打桩", "08001"),
        ("消防通道被一辆白车堵住了", "09012"),
        ("电动车推进楼里充电", "09010"),
        ("下水道堵了，污水往外冒", "L05"),
        ("今天停水到几点", "L01"),
        ("暖气不热，家里才十五度", "L04"),
        ("物业费涨了，没人通知过我们", "L11"),
        ("邻居家养狗不牵绳", "L21"),
        ("工地扬尘太大，开不了窗", "08004"),
        ("楼下饭店油烟直接往上排", "06027"),
        ("老板拖欠工资三个月", "L32"),
        ("孩子上小学学区怎么划片", "L40"),
        ("医保卡丢了在哪里补办", "L31"),
        ("一楼私搭乱建，把公共地方圈起来了", "06001"),
        ("门口路面破损，坑坑洼洼", "06013"),
        ("感谢社区的帮助，辛苦了", "L92"),
        ("请问居住证在哪里办", "L25"),
        ("雨水管断了，雨水漏进窗台", "L07"),
        ("楼上天天半夜吵", "L20"),
        ("有狗没牵绳", "L21"),
        ("水管爆了", "L07"),
        ("小区里有蛇", "06021"),
        ("围墙裂了", "L13"),
        ("儿童滑梯坏了", "01046"),
        ("工地夜里施工", "08001"),
        ("雪没人扫", "10001"),
        ("水黑臭", "06026"),
        ("天台门没锁", "L10"),
        ("有人群租，住了十几个", "L10"),
        ("社区食堂太贵", "L26"),
        ("早点摊一地油", "09001"),
        ("没地方充电", "01054"),
        ("下水返味", "L05"),
        ("居家养老上门打扫怎么约", "L24"),
        ("handrail wobbly between 3 and 4", "L10"),
        ("water is brown again", "L01"),
        ("basketball hoop bent", "01046"),
        ("The street light at gate 3 is broken", "01037"),
        ("Water is LEAKING from the ceiling", "L07"),
        ("the elevator in building 5 stopped again", "01076"),
        ("a pothole in front of the school gate", "06013"),
        ("construction noise at midnight", "08001"),
        ("My heating is off, radiators cold", "L04"),
        ("they dump garbage next to our door", "06010"),
        ("ＬＥＡＫ in the ﬂat", "L07"),
    ],
)
def test_a_report_is_known_by_its_words(text: str, code: str) -> None:
    verdict = CATALOGUE.classify(text)
    assert verdict.matter.code == code
    assert verdict.rule.startswith("word:")


@pytest.mark.parametrize("text", ["", "。", "……", "3", "嗯嗯", "hello there", "a" * 9000, "leaky", "unpets"])
def test_what_no_word_knows_is_other(text: str) -> None:
    verdict = CATALOGUE.classify(text)
    assert (verdict.matter.code, verdict.rule, verdict.urgent) == (OTHER, "none", False)


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("5号楼有煤气味，快来人", "煤气味"),
        ("怀疑燃气泄漏，可能燃气泄漏了", "燃气泄漏"),
        ("厨房管道漏气", "漏气"),
        ("车棚着火了！", "着火"),
        ("好像着火了", "着火"),
        ("电表箱冒烟", "冒烟"),
        ("有人触电了", "触电"),
        ("小区门口井盖没了，晚上太危险", "井盖没了"),
        ("雨水井盖已经破损", "雨水井"),
        ("3号楼电梯里被困了两个人", "被困"),
        ("我可能被困在电梯里了", "被困"),
        ("路面塌陷一个大坑", "路面塌陷"),
        ("有人高空抛物，砸坏我的车", "高空抛物"),
        ("外墙瓷砖掉下来了", "外墙"),
        ("电线垂下来了，就在幼儿园门口", "电线"),
        ("消防通道着火了", "着火"),
        ("老人晕倒在楼下", "晕倒"),
        ("孩子走失了，帮忙找找", "走失"),
        ("I smell gas in the stairwell", "smell gas"),
        ("Fire in the kitchen of flat 3, help!", "fire"),
        ("the transformer is sparking", "sparking"),
        ("two people trapped in the lift", "trapped"),
        ("the manhole cover is missing near the gate", "manhole"),
        ("wires hanging down over the playground", "wires"),
    ],
)
def test_a_safety_word_makes_it_urgent(text: str, danger: str) -> None:
    verdict = CATALOGUE.classify(text)
    assert verdict.urgent
    assert verdict.danger == danger


@pytest.mark.parametrize(
    "text",
    [
        "小区防火门关不上",
        "消防通道被占用",
        "建议给井盖刷上颜色",
        "明天下午消防演练，假装着火不要慌",
        "担心以后着火，建议清理楼道杂物",
        "电动车进楼，一旦着火后果严重",
        "请宣传防触电知识",
        "楼道堆放杂物有起火隐患",
        "被困扰很久了，求解决噪音",
        "我们贫困人家申请低保",
        "周末一起吃火锅",
        "看着火车过去",
        "火灾保险怎么买",
        "天气太热，要爆炸的可能性不大",
        "fireworks tonight at the square",
        "fire drill tomorrow at ten",
        "please repaint the manhole",
        "the fire lane is blocked by a van",
        "in case of fire use the stairs",
        "no smoking in the building please",
    ],
)
def test_a_feared_taught_or_harmless_word_is_not_urgent(text: str) -> None:
    verdict = CATALOGUE.classify(text)
    assert verdict.danger is None
    assert not verdict.urgent


def test_a_story_told_late_in_a_long_text_is_not_urgent_unless_it_is_now() -> None:
    story = "我们小区物业服务一直不到位，门禁常年失修。" * 10
    assert not CATALOGUE.classify(story + "那回三栋着火的时候也没人管。").urgent
    assert CATALOGUE.classify(story + "刚刚三栋着火了！").urgent


def test_the_longer_word_weighs_more_than_the_shorter_one_inside_it() -> None:
    assert [word for word, _ in CATALOGUE.found("消防通道")] == ["消防通道"]
    assert CATALOGUE.classify("垃圾桶满").matter.code == "06042"


def test_the_title_weighs_more_than_the_body() -> None:
    assert CATALOGUE.classify("电梯坏了\n另外路灯也不亮，" + "还有一些小事。" * 10 + "路灯路灯").matter.code == "01076"
    assert CATALOGUE.classify("路灯不亮\n另外电梯也坏过，" + "还有一些小事。" * 10 + "电梯电梯").matter.code == "01037"


@given(st.text(max_size=300))
def test_classifying_never_fails_and_is_always_the_same(text: str) -> None:
    assert CATALOGUE.classify(text) == CATALOGUE.classify(text)


def is_cut(pair: str) -> bool:
    return len(pair) == 2 and pair.isascii() and pair.isalnum()


@given(st.lists(st.sampled_from(["漏", "漏水", "水管", "水", "x", "leak", " ", "leaks"]), max_size=12))
def test_the_lexicon_finds_what_a_slow_search_finds(parts: list[str]) -> None:
    words = ["漏水", "水管", "水管漏水", "leak", "leaks"]
    text = "".join(parts)
    found = {(hit.at, hit.word) for hit in Lexicon(words).find(text)}
    everywhere = {(at, w) for w in words for at in range(len(text)) if text.startswith(w, at)}
    everywhere = {
        (at, w)
        for at, w in everywhere
        if not is_cut(text[:at][-1:] + w[:1]) and not is_cut(w[-1:] + text[at + len(w) :][:1])
    }
    outermost = {
        (at, w)
        for at, w in everywhere
        if not any((b, v) != (at, w) and b <= at and at + len(w) <= b + len(v) for b, v in everywhere)
    }
    assert found == outermost


def test_every_matter_has_names_a_kind_and_words() -> None:
    entries = data()["matters"]
    assert all(matter.zh and matter.en.isascii() for matter in CATALOGUE.matters.values())
    assert [c for c, e in entries.items() if c != OTHER and not (e.get("zh_words") or e.get("en_words"))] == []
    kinds = {matter.kind for matter in CATALOGUE.matters.values()}
    assert kinds == {"enquiry", "help", "complaint", "tip_off", "suggestion", "praise"}
    assert {matter.top for matter in CATALOGUE.matters.values()} == {"livelihood", "enforcement", "development"}
    assert CATALOGUE.matters["L01"].same_day
    assert CATALOGUE.matters["01037"].evidence
    assert not CATALOGUE.matters["L20"].evidence


def test_every_word_alone_leads_to_its_own_matter() -> None:
    lost = [
        word
        for code, entry in data()["matters"].items()
        for word in (*entry.get("zh_words", ()), *entry.get("en_words", ()))
        if CATALOGUE.classify(word).matter.code != code
    ]
    assert lost == []


def test_a_word_under_two_matters_is_refused() -> None:
    twice = data()
    twice["matters"]["L99"]["zh_words"] = ["漏水"]
    with pytest.raises(ValueError, match=r"漏水.*L07.*L99"):
        Catalogue(twice, DANGERS)


def test_an_incomplete_matter_is_refused() -> None:
    broken = data()
    broken["matters"]["L99"]["kind"] = "rant"
    with pytest.raises(ValueError, match="L99"):
        Catalogue(broken, DANGERS)


@pytest.mark.parametrize(
    "text",
    [
        "隔壁邻居天天吵架",
        "my neighbour upstairs and a quarrel every night",
        "楼上男的打老婆，像是家暴",
        "domestic violence next door",
        "婆媳矛盾闹到楼道里",
        "有人聚众赌博",
        "村干部挪用公款",
        "小卖部卖过期食品",
    ],
)
def test_tip_offs_and_quarrels_never_show_to_neighbours(text: str) -> None:
    assert CATALOGUE.classify(text).matter.hushed


def test_an_ordinary_matter_shows_to_neighbours() -> None:
    assert not CATALOGUE.classify("3号楼楼道灯坏了").matter.hushed


def test_a_tip_off_that_would_show_to_neighbours_is_refused() -> None:
    loud = data()
    loud["matters"]["L23"]["hushed"] = False
    with pytest.raises(ValueError, match=r"L23.*hushed"):
        Catalogue(loud, DANGERS)


@pytest.mark.parametrize(
    ("text", "tips_off"),
    [
        ("我要举报楼下烧烤店", True),
        ("检举某人", True),
        ("举报电话是多少", False),
        ("请问怎么举报", False),
        ("灯坏了", False),
    ],
)
def test_who_says_that_they_tip_off_does(text: str, tips_off: bool) -> None:
    assert Catalogue.load().tips_off(text) is tips_off


@pytest.mark.parametrize(("text", "word"), [("整栋楼停水", "整栋"), ("全小区都没暖气", "全小区"), ("我家没暖气", None)])
def test_what_many_have_is_heard(text: str, word: str | None) -> None:
    assert Catalogue.load().large(text) == word
