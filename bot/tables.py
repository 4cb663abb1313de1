"""Writing tables that a spreadsheet can open without running anything that a resident wrote."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from routing.cells import defuse


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str, out: TextIO) -> int:
    """Write *rows* as ``jsonl`` or ``csv``; returns how many."""
    count = 0
    table = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    if form == "csv":
        table.writeheader()
    for row in rows:
        if form == "csv":
            table.writerow({name: defuse(row.get(name)) for name in columns})
        else:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count
