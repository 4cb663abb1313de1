"""A small town evening through the command itself: real processes, real HTTP, ten invented messages."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_store
from bot.cli import main
from bot.clock import Clock
from bot.rehearsal.figures import Sent
from bot.rehearsal.ledger import Ledger, settle
from bot.settings import Settings
from handlers import menus

LONG = "楼下的水管一直在滴水，地面结了冰，老人走路很危险。\n" * 200
MESSAGES = [
    ("1", "周晓", "楼道灯不亮", "3号楼2单元三楼的灯坏了一周，晚上看不见台阶"),
    ("2", "Ann Example", "Broken street lamp", "The lamp at the north gate has been out since Monday evening."),
    ("3", "周晓", "垃圾没人清", "5号楼门口的垃圾桶满了三天，味道很大"),
    ("4", "林一", "夜间施工", "工地半夜还在施工，噪声太大，孩子睡不着"),
    ("5", "Bo Example", "Pothole", "Deep pothole on the lane behind building 4, two bicycles have fallen."),
    ("6", "吴二", "停水通知", "昨晚突然停水，没有任何通知，什么时候来水"),
    ("7", "林一", "井盖松动", "小区东门外的井盖松动，车压过去会翘起来"),
    ("8", "郑三", "举报乱收费", "物业多收停车费，不给发票"),
    ("9", "冯四", "水管漏水", LONG),
    ("10", "Cy Example", "Noise", "The restaurant downstairs plays loud music every night until two."),
]
OUTGOING = ("send", "edit", "deletemessage", "setmessagereaction", "setmycommands")
ENDS = ("archived", "refused", "merged", "withdrawn")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], int]:
    """The folder that was kept, the figures, and the exit code."""
    folder = tmp_path_factory.mktemp("evening")
    file = folder / "messages.csv"
    lines = [
        f'{number},{author},{title},2026-01-{int(number):02} 08:00,"{body}"' for number, author, title, body in MESSAGES
    ]
    file.write_text("\n".join(["id,author,title,posted_at,body", *lines]), encoding="utf-8")
    kept, printed = folder / "kept", folder / "figures.json"
    with pytest.MonkeyPatch.context() as patch, printed.open("w", encoding="utf-8") as out:
        patch.setattr("sys.stdout", out)
        options = ["--keep", str(kept), "--json", "--speed", "300", "--seed", "5", "--at-once", "5"]
        code = main(["rehearse", str(file), *options])
    return kept, json.loads(printed.read_text(encoding="utf-8")), code


def test_nothing_is_lost_and_every_law_holds(evening: tuple[Path, dict[str, Any], int]) -> None:
    _, figures, code = evening

    assert code == 0
    assert {name: figures[name] for name in ("lost", "doubled", "unasked", "poison")} == {
        "lost": 0, "doubled": 0, "unasked": 0, "poison": 0,
    }  # fmt: skip
    assert figures["findings"] == []
    assert figures["stuck"] == []


def test_the_figures_agree_with_one_another(evening: tuple[Path, dict[str, Any], int]) -> None:
    _, figures, _ = evening

    assert figures["filed"] == figures["reports"] == len(MESSAGES)
    assert figures["filed"] == figures["open"] + sum(figures[end] for end in ENDS)
    assert figures["filed"] == sum(figures["by_road"].values()) == sum(figures["by_class"].values())
    assert figures["carried"] == len(MESSAGES)
    assert figures["rated"] <= figures["filed"]
    at_the_start = len(list(menus()))  # everybody's menus; somebody's own are promised like a message
    calls = sum(count for name, count in figures["calls"].items() if name.startswith(OUTGOING))
    assert figures["sent"] == calls - at_the_start
    assert figures["messages"] + figures["edits"] <= figures["sent"]


def test_every_second_of_a_case_is_somebodys(evening: tuple[Path, dict[str, Any], int]) -> None:
    _, figures, _ = evening

    levels = figures["levels"].values()
    assert figures["held_s"] == figures["age_s"] > 0
    assert abs(sum(level["held_s"] for level in levels) - figures["held_s"]) <= len(figures["levels"])
    assert sum(level["reopened"] for level in levels) >= figures["reopened"]
    assert sum(level["resolved"] for level in levels) >= figures["archived"]
    assert sum(level["rated"] for level in levels) == figures["rated"]


def test_a_lost_report_would_be_noticed(evening: tuple[Path, dict[str, Any], int]) -> None:
    kept, figures, _ = evening
    settings = Settings(database_url=f"sqlite+aiosqlite:///{kept / 'rehearsal.db'}")

    sent = [Sent(chat=-1, message=1), Sent(chat=-1, message=2, refused="refusal.x")]

    async def look() -> Ledger:
        store = await open_store(settings, Clock(), read_only=True)
        try:
            return await store.read(settle, sent, datetime.now(UTC))
        finally:
            await store.close()

    ledger = asyncio.run(look())
    assert ledger.lost == 1
    assert ledger.unasked == figures["filed"]


def test_a_bad_file_is_refused_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "messages.csv"
    file.write_text("id,author,title,posted_at,body\n1,,T,2026-01-01,B\n", encoding="utf-8")

    assert main(["rehearse", str(file)]) == 1
    assert f"{file}, row 2, column author: is empty" in capsys.readouterr().err


def test_a_folder_with_something_in_it_is_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "messages.csv"
    file.write_text("id,author,title,posted_at,body\n1,Ann,T,2026-01-01,B\n", encoding="utf-8")

    assert main(["rehearse", str(file), "--keep", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
