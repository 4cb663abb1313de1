"""Measure the catalogue on real messages: `python -m tests.tools.measure_catalogue FILE.csv [--urgent N] [--other N]`.

FILE has the columns `title` and `body`, or `text` and `label` (a first-level class of the petition tree). Printed
texts are for the eyes of whoever runs it; none of them belongs into the repository.
"""

import argparse
import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from routing.catalogue import Catalogue, Verdict

LABELS = {
    "城乡建设": (
        "01",
        "03",
        "04",
        "06",
        "07",
        "08",
        "09",
        "10",
        "L0",
        "L1",
        "L20",
        "L21",
        "L22",
        "L83",
        "L88",
        "L36",
        "L50",
        "L51",
        "L93",
        "L94",
        "02",
    ),
    "劳动和社会保障": ("L3",),
    "教育文体": ("L4",),
    "商贸旅游": ("L6", "01076", "09013", "09020", "L03"),
    "环境保护": ("L8", "06026", "06028", "06030", "08004", "0602", "01062"),
    "卫生计生": ("L7",),
    "交通运输": ("L5", "L65", "02", "09009"),
}


def report(rows: Sequence[dict[str, str]], urgent: int, other: int) -> Iterator[str]:
    """Lines with shares, the commonest matters, agreement with labels, and samples of *urgent* and *other* texts."""
    catalogue = Catalogue.load()
    texts = [row["text"] if "text" in row else f"{row['title']}\n{row['body']}" for row in rows]
    begun = time.perf_counter()
    verdicts = [catalogue.classify(text) for text in texts]
    spent_ms = (time.perf_counter() - begun) * 1e3
    total = len(texts)
    yield f"{total} texts of {sum(map(len, texts)) / total:.0f} characters, {spent_ms / total:.2f} ms each"
    yield f"classified {sum(v.rule != 'none' for v in verdicts) / total:.1%}"
    yield f"urgent {sum(v.urgent for v in verdicts) / total:.1%}"
    yield str(Counter(f"{v.matter.code} {v.matter.zh}" for v in verdicts).most_common(60))
    if "label" in rows[0]:
        yield from _agreement([row["label"] for row in rows], [v.matter.code for v in verdicts])
    yield from _samples(verdicts, texts, urgent, other)


def _agreement(labels: Sequence[str], codes: Sequence[str]) -> Iterator[str]:
    """The share of texts whose matter belongs to their label, and where the others went."""
    hits = [code.startswith(LABELS[label]) for label, code in zip(labels, codes, strict=True)]
    for label, number in Counter(labels).items():
        mine = [(code, hit) for lab, code, hit in zip(labels, codes, hits, strict=True) if lab == label]
        wrong = Counter(code for code, hit in mine if not hit).most_common(12)
        yield f"{label}: {sum(hit for _, hit in mine) / number:.1%} of {number}; else {wrong}"
    yield f"agreement {sum(hits) / len(hits):.1%}"


def _samples(verdicts: Sequence[Verdict], texts: Sequence[str], urgent: int, other: int) -> Iterator[str]:
    """Some urgent texts around their safety word, and some that no word knows."""
    pick = random.Random(7)
    alarms = [(v.danger, text) for v, text in zip(verdicts, texts, strict=True) if v.danger]
    for word, text in pick.sample(alarms, min(urgent, len(alarms))):
        at = max(0, text.lower().find(word) - 30)
        yield f"URGENT {word} | {text[:40]!r} | {text[at : at + 60]!r}"
    unknown = [text for v, text in zip(verdicts, texts, strict=True) if v.rule == "none"]
    for text in pick.sample(unknown, min(other, len(unknown))):
        yield f"NONE {text[:120]!r}"


def main() -> None:
    """Read the arguments and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--urgent", type=int, default=0)
    parser.add_argument("--other", type=int, default=0)
    chosen = parser.parse_args()
    with chosen.file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    sys.stdout.writelines(line + "\n" for line in report(rows, chosen.urgent, chosen.other))


if __name__ == "__main__":
    main()
