"""Why something cannot be done. A refusal carries a key and values; `handlers` turns it into words."""

from typing import ClassVar

from routing.model import CaseId, Status


class Refusal(Exception):
    """The base of every "no" that a person gets to read.

    ``key`` names the sentence in every language's strings; ``values`` fill its placeholders.
    """

    key: ClassVar[str] = "refusal.general"

    def __init__(self, **values: object) -> None:
        super().__init__(self.key, values)
        self.values = values


class Stale(Exception):
    """Another transaction wrote the case first; the unit of work is run again from the start."""

    def __init__(self, case: CaseId) -> None:
        super().__init__(f"case {case} moved since it was read")


class NoSuchCase(Refusal):
    """There is no such case, or the asker may not know of it."""

    key = "refusal.no_such_case"


class NotYours(Refusal):
    """The person has no right to do this."""

    key = "refusal.not_yours"


class GroupsLanguage(Refusal):
    """Staff choose what is spoken in a group; everybody chooses for themselves, in private."""

    key = "refusal.groups_language"


class NotNow(Refusal):
    """The status does not allow this event."""

    key = "refusal.not_now"

    def __init__(self, status: Status, event: str) -> None:
        super().__init__(status=status.value, event=event)


class AlreadyClaimed(Refusal):
    """Somebody else pressed Claim first; ``by`` is their public name."""

    key = "refusal.already_claimed"


class AlreadyDone(Refusal):
    """The same press came again; nothing changed and nothing is wrong."""

    key = "refusal.already_done"


class NotHolder(Refusal):
    """Only whoever holds the case may do this."""

    key = "refusal.not_holder"


class EvidenceNeeded(Refusal):
    """This class of case closes only with a photo."""

    key = "refusal.evidence_needed"


class PartsOpen(Refusal):
    """Split parts or assists are not finished yet; ``count`` of them."""

    key = "refusal.parts_open"


class NotReporter(NotYours):
    """Only the reporter (or the household) may rate or withdraw."""

    key = "refusal.not_reporter"


class AlreadyRated(Refusal):
    """This closing has been rated."""

    key = "refusal.already_rated"


class NotInUse(Refusal):
    """The policy of this town does without it."""

    key = "refusal.not_in_use"


class NothingAbove(Refusal):
    """The top of the tree has nobody above it."""

    key = "refusal.nothing_above"


class NotAbove(Refusal):
    """The unit named is not above the holder."""

    key = "refusal.not_above"


class RecordNeeded(Refusal):
    """What goes up takes a photo along of what was done below."""

    key = "refusal.record_needed"


class NoSkipping(Refusal):
    """Their post may not send a case up past a level."""

    key = "refusal.no_skipping"


class NotBelow(Refusal):
    """The unit named is neither below the dispatcher nor a department."""

    key = "refusal.not_below"


class NotBeside(Refusal):
    """No unit of the same rank, as meant, stands beside the holding one."""

    key = "refusal.not_beside"


class ReturnedOnce(Refusal):
    """This unit has returned the case before."""

    key = "refusal.returned_once"


class ReturnTooLate(Refusal):
    """A return is asked soon after dispatch or not at all."""

    key = "refusal.return_too_late"


class Designated(Refusal):
    """A designated unit can neither return the case nor pass it on."""

    key = "refusal.designated"


class RulingPending(Refusal):
    """A return or an extension already waits for its answer."""

    key = "refusal.ruling_pending"


class NothingToRule(Refusal):
    """Nobody asked for a ruling."""

    key = "refusal.nothing_to_rule"


class TooManyExtensions(Refusal):
    """The case has been extended as often as the policy allows."""

    key = "refusal.too_many_extensions"


class TooLate(Refusal):
    """The deadline has passed; an extension is asked before it."""

    key = "refusal.too_late"


class BadDate(Refusal):
    """The date is past or too far ahead."""

    key = "refusal.bad_date"


class SuspendedOnce(Refusal):
    """The case has been suspended as often as the policy allows."""

    key = "refusal.suspended_once"


class NobodyChosen(Refusal):
    """A whistle that calls nobody."""

    key = "refusal.nobody_chosen"


class NobodyToWhistle(Refusal):
    """No department or partner stands beside the units that have to do with the case."""

    key = "refusal.nobody_to_whistle"


class BadMeeting(Refusal):
    """Place and time are wanted, and the time lies ahead."""

    key = "refusal.bad_meeting"


class NobodyForPart(Refusal):
    """There is no unit below and no department beside to which a part could be given."""

    key = "refusal.nobody_for_part"


class BadDecision(Refusal):
    """Line ``line`` of the minutes is marked as a decision and names no unit, no date ahead, or nothing to be done."""

    key = "refusal.bad_decision"


class NothingToEscalate(Refusal):
    """The unit holds no case that they may send up, or none was chosen."""

    key = "refusal.nothing_to_escalate"


class NotYoursToStrike(Refusal):
    """A called unit is struck off by a unit above its caller; by the caller only where the policy says so."""

    key = "refusal.not_yours_to_strike"


class NothingToStrike(Refusal):
    """Nobody waits for a called unit."""

    key = "refusal.nothing_to_strike"


class NotWhistled(Refusal):
    """That unit was not called."""

    key = "refusal.not_whistled"


class NotColleague(Refusal):
    """The person named holds no post in the unit that holds the case."""

    key = "refusal.not_colleague"


class SameCase(Refusal):
    """A case is merged only into another one of its grid that is worked on and no tip-off."""

    key = "refusal.same_case"


class PraiseApart(Refusal):
    """A praise counts in no figure; what is none would be hidden in it, and it would be lost in what is none."""

    key = "refusal.praise_apart"


class ConflictOfInterest(Refusal):
    """The case is about ``unit``, or about a unit above it."""

    key = "refusal.conflict_of_interest"


class NobodyClear(Refusal):
    """If all of them stayed out of it, nobody would be left to have the case."""

    key = "refusal.nobody_clear"


class UnknownMatter(Refusal):
    """The catalogue has no such class."""

    key = "refusal.unknown_matter"


class PraiseFromAbove(Refusal):
    """As a praise it would leave the figures, and that is not for the unit whose figures they are, nor who held it."""

    key = "refusal.praise_from_above"


class ReporterUnknown(Refusal):
    """The reporter is gone or cannot be reached; a question would wait for nobody."""

    key = "refusal.reporter_unknown"


class NothingSaid(Refusal):
    """The answer carries neither words nor an attachment that can be kept."""

    key = "refusal.nothing_said"


class NoGridHere(Refusal):
    """The chat belongs to no grid, so nobody there would get the report."""

    key = "refusal.no_grid_here"


class AtADesk(NoGridHere):
    """The chat is a desk: there is nothing to bind, reports are made elsewhere."""

    key = "refusal.at_a_desk"


class EmptyReport(Refusal):
    """Neither words nor a picture, voice or video: nobody could tell what happened."""

    key = "refusal.empty_report"


class TooManyReports(Refusal):
    """This person has filed ``limit`` reports within the hour."""

    key = "refusal.too_many_reports"


class OwnReport(Refusal):
    """The reporter has the problem anyway; "me too" is for neighbours."""

    key = "refusal.own_report"


class OfferOver(Refusal):
    """The offer to report a message was answered or ran out."""

    key = "refusal.offer_over"


class LinkOver(Refusal):
    """The link is unknown or no longer valid."""

    key = "refusal.link_over"


class DraftFull(Refusal):
    """One report holds ``most`` messages; it is sent, and the rest is added to it afterwards."""

    key = "refusal.draft_full"


class PrivateNeeded(Refusal):
    """What they ask for is for their eyes only, and they never opened a private chat."""

    key = "refusal.private_needed"


class GroupOnly(Refusal):
    """It makes sense in a group only."""

    key = "refusal.group_only"


class HoldsPosts(Refusal):
    """Staff cannot be forgotten while they hold a post; ``unit`` is to be asked."""

    key = "refusal.holds_posts"
