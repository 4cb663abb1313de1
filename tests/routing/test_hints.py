import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.catalogue import Catalogue
from routing.hints import HintReason, reads_like_report

CATALOGUE = Catalogue.load()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3号楼楼道灯坏了", HintReason.PLACE),
        ("二单元门口下水道又堵了", HintReason.PLACE),
        ("楼上天天半夜吵得睡不着", HintReason.PLACE),
        ("垃圾桶满了没人清", HintReason.PLACE),
        ("电梯又坏了，老人下不来", HintReason.PLACE),
        ("小区北门路灯不亮好几天了", HintReason.PLACE),
        ("谁家的车挡住大门了", HintReason.PLACE),
        ("我家天花板渗水了", HintReason.PLACE),
        ("楼道里堆满纸箱子", HintReason.PLACE),
        ("有人把电动车推进楼里充电", HintReason.THING),
        ("路灯不亮两天了", HintReason.THING),
        ("健身设施松动了，孩子玩着不安全", HintReason.THING),
        ("快递柜打不开啊", HintReason.THING),
        ("又停水了，怎么回事", HintReason.REQUEST),
        ("狗屎到处都是，谁管啊", HintReason.REQUEST),
        ("狗屎到处都是没人管", HintReason.REQUEST),
        ("太吵了，能不能管管", HintReason.REQUEST),
        ("停电了，麻烦问一下", HintReason.REQUEST),
        ("停电了请看一下", HintReason.REQUEST),
        ("5号楼有煤气味", HintReason.DANGER),
        ("车棚着火了快来人", HintReason.DANGER),
        ("有人被困电梯里了", HintReason.DANGER),
        ("门口井盖没了", HintReason.DANGER),
        ("the stairwell light is broken", HintReason.PLACE),
        ("Water is leaking from the ceiling in our hallway", HintReason.PLACE),
        ("the lift is stuck on the third floor again", HintReason.PLACE),
        ("感应灯一闪一闪的晃眼", HintReason.THING),
        ("自来水发黄，放了十分钟还是黄", HintReason.THING),
        ("小区北门路灯瞎了一排", HintReason.PLACE),
        ("共享单车堆成山，人行道走不了", HintReason.PLACE),
        ("人行道砖翘了，一踩一脚水", HintReason.PLACE),
        ("车位被垃圾占了，没地方停", HintReason.THING),
        ("楼上天天拖椅子", HintReason.PLACE),
        ("handrail wobbly on the stairs", HintReason.PLACE),
        ("a van is blocking the gate", HintReason.PLACE),
        ("bins are overflowing for days", HintReason.PLACE),
        ("traffic light not working", HintReason.THING),
        ("no water again, when will it come back", HintReason.REQUEST),
        ("still no heating, can someone check", HintReason.REQUEST),
        ("I smell gas near unit 2", HintReason.DANGER),
        ("two kids trapped in the lift!", HintReason.DANGER),
    ],
)
def test_a_message_about_trouble_reads_like_a_report(text: str, reason: HintReason) -> None:
    hint = reads_like_report(text, CATALOGUE)
    assert hint is not None
    assert hint.reason is reason
    assert all(word in text.lower() for word in hint.evidence.split("+"))


@pytest.mark.parametrize(
    "text",
    [
        "收到",
        "谢谢",
        "坏了",
        "好的好的，知道了",
        "谢谢网格员，路灯修好了",
        "楼下那户吵架的和好了",
        "走丢的奶奶回家了，大家放心",
        "井盖今天换好了",
        "明天几点开会",
        "大家早上好",
        "今天天气真好啊",
        "晚上一起去公园吃烧烤吗",
        "有人团购西瓜吗，5号楼门口自提",
        "谁家有多余的鸡蛋",
        "孩子作业写完了吗",
        "我手机坏了，谁会修",
        "电脑不能用了，求助",
        "昨晚的球太难看了",
        "【通知】明天上午停水，请各户储水",
        "通知：3号楼明天停电检修",
        "各位业主，楼道禁止堆放杂物，请清理",
        "转发：小区门口修路，请绕行",
        "3号楼的灯已经修好了，辛苦了",
        "电梯来人修了，没事了",
        "5号楼出租两室一厅",
        "生日快乐🎂🎂🎂",
        "哈哈哈哈笑死我了",
        "物业费什么时候交",
        "哪里能办居住证",
        "请问谁家装修队好",
        "周末请客，大家都来",
        "https://example.com/news 路灯坏了",
        "3号楼" + "路灯坏了没人管" * 80,
        "明天消防演练，请大家参加",
        "注意防火防盗",
        "thanks, the lift is fixed now",
        "good morning everyone",
        "who wants to play football tonight",
        "my phone is broken, lol",
        "meeting at gate 3 tomorrow",
        "happy birthday to you",
        "Notice: no water tomorrow in building 5",
        "what time does the market open",
        "fireworks tonight at the square",
        "",
        "     ",
        "12345678",
    ],
)
def test_chatter_thanks_and_notices_are_no_report(text: str) -> None:
    assert reads_like_report(text, CATALOGUE) is None


def test_the_evidence_names_the_words_that_decided() -> None:
    hint = reads_like_report("3号楼楼道灯坏了", CATALOGUE)
    assert hint is not None
    assert hint.evidence == "坏了+号楼"


@given(st.text(max_size=120))
def test_any_text_can_be_judged(text: str) -> None:
    hint = reads_like_report(text, CATALOGUE)
    assert hint is None or hint.evidence
