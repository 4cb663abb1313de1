"""What the public calls the parts of a case's life. Every chain is drawn over the same statuses; none adds one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal

from routing.model import Status


class Stage(StrEnum):
    """What the public sees of a status: 受理 · 流转 · 反馈评价 · 归档."""

    ACCEPTANCE = "acceptance"
    CIRCULATION = "circulation"
    FEEDBACK = "feedback"
    ARCHIVE = "archive"


STAGE_OF: Final[Mapping[Status, Stage]] = {
    Status.RECEIVED: Stage.ACCEPTANCE,
    Status.OFFERED: Stage.CIRCULATION,
    Status.CLAIMED: Stage.CIRCULATION,
    Status.SUSPENDED: Stage.CIRCULATION,
    Status.IN_REVIEW: Stage.FEEDBACK,
    Status.AWAITING_RATING: Stage.FEEDBACK,
    Status.ARCHIVED: Stage.ARCHIVE,
    Status.REFUSED: Stage.ARCHIVE,
    Status.MERGED: Stage.ARCHIVE,
    Status.WITHDRAWN: Stage.ARCHIVE,
}


class Step(StrEnum):
    """The chain of six: 信息收集 · 源头发现 · 分流交办 · 分级办理 · 结果反馈 · 督查考核."""

    COLLECTION = "collection"  # where a draft stands: there is no case yet
    DISCOVERY = "discovery"
    ASSIGNMENT = "assignment"
    HANDLING = "handling"
    RESULT = "result"
    APPRAISAL = "appraisal"


STEP_OF: Final[Mapping[Status, Step]] = {
    Status.RECEIVED: Step.DISCOVERY,
    Status.OFFERED: Step.ASSIGNMENT,
    Status.CLAIMED: Step.HANDLING,
    Status.SUSPENDED: Step.HANDLING,
    Status.IN_REVIEW: Step.RESULT,
    Status.AWAITING_RATING: Step.RESULT,
    Status.ARCHIVED: Step.APPRAISAL,
    Status.REFUSED: Step.APPRAISAL,
    Status.MERGED: Step.APPRAISAL,
    Status.WITHDRAWN: Step.APPRAISAL,
}
Chain = Literal["four", "six"]


def chain(name: Chain) -> tuple[Stage | Step, ...]:
    """All parts of the chain, in their order."""
    return tuple(Step) if name == "six" else tuple(Stage)


def reached(name: Chain, status: Status) -> Stage | Step:
    """The part of the chain in which a case of that status is."""
    return STEP_OF[status] if name == "six" else STAGE_OF[status]
