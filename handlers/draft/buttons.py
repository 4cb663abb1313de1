"""What the buttons of a draft carry. *serial* is the draft's, so that a button of an old one does nothing."""

from dataclasses import dataclass

from handlers._kit.presses import payload


@payload("dsend")
@dataclass(frozen=True, slots=True)
class SubmitPressed:
    """提交."""

    serial: int


@payload("danswer")
@dataclass(frozen=True, slots=True)
class AnswerPressed:
    """这是答复: the words were meant for the bot's question."""

    serial: int


@payload("dmore")
@dataclass(frozen=True, slots=True)
class AddMorePressed:
    """补充: the answer says how."""

    serial: int


@payload("dcancel")
@dataclass(frozen=True, slots=True)
class CancelPressed:
    """取消."""

    serial: int


@payload("dhush")
@dataclass(frozen=True, slots=True)
class HushPressed:
    """不公开我的信息, on or off."""

    serial: int


@payload("dpage")
@dataclass(frozen=True, slots=True)
class PagePressed:
    """A page of the choice of grids."""

    serial: int
    page: int


@payload("dback")
@dataclass(frozen=True, slots=True)
class BackPressed:
    """From the choice of grids back to the draft."""

    serial: int


@payload("dgrid")
@dataclass(frozen=True, slots=True)
class GridPressed:
    """A grid of the choice; *mark* is `routing.drafting.mark_of` its code."""

    serial: int
    mark: int
