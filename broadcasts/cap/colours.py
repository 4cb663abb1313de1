"""Warning levels by colour, as China issues them, and the severities of CAP that stand for them abroad."""

import re
from collections.abc import Iterable
from typing import Final

from broadcasts.cap.model import Named, Severity
from broadcasts.model import Level

PARAMETER: Final = "ColourLevel"
"""The parameter under which we write the colour, so that nothing is lost in the severity."""
SEVERITY: Final = {
    Level.RED: Severity.EXTREME,
    Level.ORANGE: Severity.SEVERE,
    Level.YELLOW: Severity.MODERATE,
    Level.BLUE: Severity.MINOR,
}
_LEVELS: Final = {severity: level for level, severity in SEVERITY.items()}
_ASKED: Final = re.compile("colou?r|level|预警级别|颜色|等级", re.IGNORECASE)
_WORDS: Final = {
    "red": Level.RED, "红": Level.RED, "orange": Level.ORANGE, "橙": Level.ORANGE,
    "yellow": Level.YELLOW, "黄": Level.YELLOW, "blue": Level.BLUE, "蓝": Level.BLUE,
}  # fmt: skip


def level_of(severity: Severity, parameters: Iterable[Named]) -> Level | None:
    """The colour that a parameter names, else the one that stands for the severity; ``None`` for an unknown one."""
    for parameter in parameters:
        if _ASKED.search(parameter.value_name):
            said = parameter.value.strip().lower()
            for word, level in _WORDS.items():
                if said.startswith(word):
                    return level
    return _LEVELS.get(severity)
