"""What the buttons of this feature carry."""

from dataclasses import dataclass
from enum import StrEnum

from broadcasts.model import BroadcastId, Class
from handlers._kit.presses import payload
from routing.model import UnitCode


@payload("bcnew")
@dataclass(frozen=True, slots=True)
class KindPressed:
    """A new draft of that kind; then: from which template."""

    kind: Class


@payload("bctpl")
@dataclass(frozen=True, slots=True)
class TemplatePressed:
    """From that template; an empty one is a blank sheet."""

    kind: Class
    code: str


class Field(StrEnum):
    """Parts of a draft that a press sets."""

    LEVEL = "level"
    RECEIPTS = "receipts"
    WINDOW = "window"
    EXPIRY = "expiry"
    REPEAT = "repeat"
    KINDS = "kinds"
    POST = "post"
    MEDIA = "media"


@payload("bcset")
@dataclass(frozen=True, slots=True)
class SetPressed:
    """That part becomes that; said outright, so that a press that comes twice changes nothing."""

    broadcast: BroadcastId
    field: Field
    value: str


class Wanted(StrEnum):
    """What a draft asks its author to write."""

    TEXT = "text"
    PARTS = "parts"
    SEND_AT = "send_at"


@payload("bcask")
@dataclass(frozen=True, slots=True)
class WritePressed:
    """修改; then: what it should say."""

    broadcast: BroadcastId
    wanted: Wanted


@payload("bcwho")
@dataclass(frozen=True, slots=True)
class AudiencePressed:
    """A page of the units below one, to choose whom it is for."""

    broadcast: BroadcastId
    unit: UnitCode
    page: int


@payload("bcto")
@dataclass(frozen=True, slots=True)
class ToPressed:
    """It is for everybody below that unit."""

    broadcast: BroadcastId
    unit: UnitCode


class Deed(StrEnum):
    """What is done to a broadcast as a whole."""

    PUBLISH = "publish"
    APPROVE = "approve"
    REJECT = "reject"
    RECALL = "recall"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    UPDATE = "update"
    RETRY = "retry"


@payload("bcdo")
@dataclass(frozen=True, slots=True)
class DeedPressed:
    """发布, 取消, 同意, 驳回 and the others; *seen* is the version shown above what lets it out."""

    broadcast: BroadcastId
    deed: Deed
    seen: int = 0


@payload("bcchase")
@dataclass(frozen=True, slots=True)
class ChasePressed:
    """催收: that step of the chase, now."""

    broadcast: BroadcastId
    step: int


@payload("bcsure")
@dataclass(frozen=True, slots=True)
class CancelPressed:
    """取消 of what people have already; then it is asked once more."""

    broadcast: BroadcastId


@payload("bcgrids")
@dataclass(frozen=True, slots=True)
class GridsPressed:
    """A page of the grids where somebody is missing."""

    broadcast: BroadcastId
    page: int


@payload("bcfiles")
@dataclass(frozen=True, slots=True)
class FilesPressed:
    """名单: the chart and the list of households as they are now."""

    broadcast: BroadcastId


@payload("bclist")
@dataclass(frozen=True, slots=True)
class ListPressed:
    """A page of the list."""

    page: int
