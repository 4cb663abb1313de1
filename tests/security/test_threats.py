"""Every attack of docs/security.md names tests that exist, or says why there is none."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(\S+?)::(\w+)`")


def test_every_attack_names_tests_that_exist_or_says_why_there_is_none() -> None:
    rows = ROW.findall((ROOT / "docs/security.md").read_text("utf-8"))
    named = [(file, name) for _, _, _, held in rows for file, name in NAMED.findall(held)]

    assert [int(number) for number, *_ in rows] == list(range(1, 27))
    assert [number for number, _, _, held in rows if not NAMED.search(held) and not held.startswith("No test: ")] == []
    assert [f"{file}::{name}" for file, name in named if f"def {name}(" not in _source(file)] == []


def _source(file: str) -> str:
    path = ROOT / "tests" / file
    return path.read_text("utf-8") if path.exists() else ""
