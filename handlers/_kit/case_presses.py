"""What the buttons about a case carry: made by the card and the lists, heard by several features."""

from dataclasses import dataclass

from handlers._kit.presses import payload
from routing.model import CaseId, Rating, Told


@dataclass(frozen=True, slots=True)
class CardPress:
    """A button of the case's card. Made by the card only: pressed elsewhere, that message is a copy of the card."""

    case: CaseId


@payload("claim")
@dataclass(frozen=True, slots=True)
class ClaimPressed(CardPress):
    """接单: I take it."""


@payload("release")
@dataclass(frozen=True, slots=True)
class ReleasePressed(CardPress):
    """放回待接: back to the roster."""


@payload("hand")
@dataclass(frozen=True, slots=True)
class HandOverPressed(CardPress):
    """移交同事; then: which colleague."""


@payload("note")
@dataclass(frozen=True, slots=True)
class NotePressed(CardPress):
    """备注; then: what is there to note."""


@payload("ask")
@dataclass(frozen=True, slots=True)
class AskPressed(CardPress):
    """提问; then: what is the reporter to be asked."""


@payload("class")
@dataclass(frozen=True, slots=True)
class CorrectPressed(CardPress):
    """改分类; then: what is it about."""


@payload("resolve")
@dataclass(frozen=True, slots=True)
class ResolvePressed(CardPress):
    """办结; then: what was done."""


@payload("approve")
@dataclass(frozen=True, slots=True)
class ApprovePressed(CardPress):
    """同意: the reply may go out, or the closing stands."""


@payload("reject")
@dataclass(frozen=True, slots=True)
class RejectPressed(CardPress):
    """驳回; then: why not."""


@payload("send")
@dataclass(frozen=True, slots=True)
class DispatchPressed(CardPress):
    """派单; then: to whom."""


@payload("climb")
@dataclass(frozen=True, slots=True)
class EscalatePressed(CardPress):
    """上报; then: why."""


@payload("skip")
@dataclass(frozen=True, slots=True)
class SkipPressed(CardPress):
    """越级上报; then: to which level, and why."""


@payload("transfer")
@dataclass(frozen=True, slots=True)
class TransferPressed(CardPress):
    """转办; then: to which unit beside."""


@payload("whistle")
@dataclass(frozen=True, slots=True)
class WhistlePressed(CardPress):
    """吹哨; then: for whom, where and when."""


@payload("checkin")
@dataclass(frozen=True, slots=True)
class CheckInPressed(CardPress):
    """报到: a called unit is there."""


@payload("assisted")
@dataclass(frozen=True, slots=True)
class AssistDonePressed(CardPress):
    """协办完成: a called unit has done its part."""


@payload("strike")
@dataclass(frozen=True, slots=True)
class StrikePressed(CardPress):
    """取消协办; then: which called unit, and why."""


@payload("split")
@dataclass(frozen=True, slots=True)
class SplitPressed(CardPress):
    """拆分; then: who gets a part, and what it is."""


@payload("droppart")
@dataclass(frozen=True, slots=True)
class DropPartPressed(CardPress):
    """取消分办, on the card of a part; then: really."""


@payload("meet")
@dataclass(frozen=True, slots=True)
class MeetPressed(CardPress):
    """会商; then: the minutes."""


@payload("merge")
@dataclass(frozen=True, slots=True)
class MergePressed(CardPress):
    """并单; then: into which one."""


@payload("return")
@dataclass(frozen=True, slots=True)
class ReturnPressed(CardPress):
    """退回; then: for which reason, to whom, and a sentence."""


@payload("retyes")
@dataclass(frozen=True, slots=True)
class ReturnAccepted(CardPress):
    """同意 a return; then: who gets it."""


@payload("retno")
@dataclass(frozen=True, slots=True)
class ReturnRefused(CardPress):
    """驳回 a return; then: why."""


@payload("extend")
@dataclass(frozen=True, slots=True)
class ExtendPressed(CardPress):
    """延期; then: why."""


@payload("extyes")
@dataclass(frozen=True, slots=True)
class ExtensionGranted(CardPress):
    """同意 an extension."""


@payload("extno")
@dataclass(frozen=True, slots=True)
class ExtensionRefused(CardPress):
    """驳回 an extension; then: why."""


@payload("suspend")
@dataclass(frozen=True, slots=True)
class SuspendPressed(CardPress):
    """挂账; then: until when, and why."""


@payload("resume")
@dataclass(frozen=True, slots=True)
class ResumePressed(CardPress):
    """恢复办理, before the date has come."""


@payload("watch")
@dataclass(frozen=True, slots=True)
class SupervisePressed(CardPress):
    """督办; then: how, and a sentence."""


@payload("refuse")
@dataclass(frozen=True, slots=True)
class RefusePressed(CardPress):
    """不予受理; then: for which reason."""


@payload("metoo")
@dataclass(frozen=True, slots=True)
class MeTooPressed(CardPress):
    """我也遇到: a neighbour has the same trouble."""


@payload("more")
@dataclass(frozen=True, slots=True)
class MorePressed(CardPress):
    """补充; then: what is there to add."""


@payload("withdraw")
@dataclass(frozen=True, slots=True)
class WithdrawPressed(CardPress):
    """撤回; then: really."""


@payload("detail")
@dataclass(frozen=True, slots=True)
class DetailsPressed(CardPress):
    """详情: the whole story."""


@payload("conflict")
@dataclass(frozen=True, slots=True)
class ConflictPressed(CardPress):
    """回避; then: whom it is about."""


@payload("contact")
@dataclass(frozen=True, slots=True)
class ContactPressed(CardPress):
    """联系方式: who reported it, for whoever may know."""


@payload("media")
@dataclass(frozen=True, slots=True)
class MediaPressed(CardPress):
    """看附件: show what was sent."""


@payload("unfold")
@dataclass(frozen=True, slots=True)
class UnfoldPressed(CardPress):
    """更多: show the rare buttons too."""


@payload("fold")
@dataclass(frozen=True, slots=True)
class FoldPressed(CardPress):
    """收起: show the usual buttons only."""


@payload("rate")
@dataclass(frozen=True, slots=True)
class RatePressed(CardPress):
    """满意 · 基本满意 · 不满意, on the card."""

    rating: Rating


@payload("called")
@dataclass(frozen=True, slots=True)
class CalledPressed(CardPress):
    """回访 of a silent reporter: what they said; then: in whose words."""

    told: Told


@payload("rated")
@dataclass(frozen=True, slots=True)
class RateTold:
    """The same under the sentence that asks for it."""

    case: CaseId
    rating: Rating


@payload("open")
@dataclass(frozen=True, slots=True)
class CasePressed:
    """A line of a list: show that case."""

    case: CaseId


@payload("mine")
@dataclass(frozen=True, slots=True)
class MinePressed:
    """我的诉求: a page of what I reported; page 0 is the first."""

    page: int


@payload("batch")
@dataclass(frozen=True, slots=True)
class BatchPressed:
    """批量上报, under the list of a desk; then: which cases, and a covering note."""


@payload("todo")
@dataclass(frozen=True, slots=True)
class TodoPressed:
    """待办: a page of what I owe; page 0 is the first."""

    page: int
