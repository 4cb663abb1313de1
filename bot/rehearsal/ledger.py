"""What the database says afterwards: which case each report became, by which rule, and whether the laws hold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, select

from bot.rehearsal.figures import Sent
from bot.rehearsal.levels import by_level
from routing.hints import small_talk
from routing.model import Case
from storage.audit import findings
from storage.reports import Reports
from storage.stores import Stores
from storage.tables import chats, words

TOP: Final = 15
UNKNOWN: Final = "none"
"""The rule of a case whose text held no word that the catalogue knows."""
_SAID = select(chats.c.telegram_id, words.c.message_id, words.c.case_id).join(
    chats, and_(chats.c.city_id == words.c.city_id, chats.c.id == words.c.chat)
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The database's side of a rehearsal.

    Args:
        stats: The figures of `storage.reports`.
        classes: How many cases of each class.
        rules: How many cases were classed by each rule.
        confidential: How many cases are kept from the neighbours' eyes.
        lost: Reports that were taken and have no case, and parts of long ones that are not in theirs; a last part
            of mere thanks may be missing, since the bot takes thanks under a case for what they are.
        doubled: Reports that have more than one case.
        unasked: Cases beyond the reports that were sent.
        findings: Laws that are broken.
        levels: What each level did, as `bot.rehearsal.levels` tells.
    """

    stats: dict[str, int | float | None]
    classes: Counter[str]
    rules: Counter[str]
    confidential: int
    lost: int
    doubled: int
    unasked: int
    findings: list[str]
    levels: dict[str, Any]

    def summary(self) -> dict[str, Any]:
        """As plain data."""
        filed = sum(self.rules.values())
        return {
            **self.stats,
            "by_class": dict(self.classes.most_common()),
            "by_rule": dict(self.rules.most_common(TOP)),
            "unclassified": self.rules[UNKNOWN],
            "unclassified_share": round(self.rules[UNKNOWN] / filed, 4) if filed else None,
            "confidential": self.confidential,
            "lost": self.lost,
            "doubled": self.doubled,
            "unasked": self.unasked,
            "findings": self.findings,
            **self.levels,
        }


def settle(stores: Stores, sent: Sequence[Sent], now: datetime) -> Ledger:
    """Compare what was sent with what is there, and audit the whole database."""
    reports = Reports(stores.connection, stores.city)
    every = [case for case, _ in reports.cases()]
    lost, doubled, unasked = _compare(stores, sent, every)
    return Ledger(
        stats=reports.stats(),
        classes=Counter(case.matter for case in every),
        rules=Counter(case.rule.partition(" > ")[0] for case in every),
        confidential=sum(case.confidential for case in every),
        lost=lost,
        doubled=doubled,
        unasked=unasked,
        findings=[f"{one.law}: case {one.case}: {one.detail}" for one in findings(stores)],
        levels=by_level(stores, now),
    )


def _compare(stores: Stores, sent: Sequence[Sent], every: Sequence[Case]) -> tuple[int, int, int]:
    """Count what was lost, doubled, and is there though nobody sent it."""
    becoming: dict[tuple[int, int], set[int]] = {}
    for chat, message, case in stores.connection.execute(_SAID):
        becoming.setdefault((chat, message), set()).add(case)
    lost = doubled = taken = 0
    for one in sent:
        cases = becoming.get((one.chat, one.message), set())
        taken += len(cases) == 1
        doubled += len(cases) > 1
        if one.refused is None:
            lost += not cases
            lost += sum(
                becoming.get((one.chat, part), set()) != cases and not small_talk(text, stores.catalogue)
                for part, text in one.more.items()
                if one.chat < 0
            )
    return lost, doubled, len(every) - taken
