"""Why something about a broadcast cannot be done; `handlers` turns the keys into words."""

from routing.refusals import Refusal


class NoSuchBroadcast(Refusal):
    """There is no such broadcast, or the asker may not know of it."""

    key = "refusal.no_such_broadcast"


class NotBroadcaster(Refusal):
    """They hold no post that may broadcast this in the name of ``unit``."""

    key = "refusal.not_broadcaster"


class NotThen(Refusal):
    """The broadcast stands at ``state``, which does not allow it."""

    key = "refusal.broadcast_state"


class ShownBefore(Refusal):
    """What they looked at when they said yes is not what would be let out now."""

    key = "refusal.shown_before"


class OwnApproval(Refusal):
    """Whoever wrote it cannot approve it, too."""

    key = "refusal.own_approval"


class NobodyThere(Refusal):
    """The audience has no chat and no household."""

    key = "refusal.empty_audience"


class OutOfScope(Refusal):
    """The audience named does not lie below the unit in whose name they broadcast."""

    key = "refusal.out_of_scope"


class PartsMissing(Refusal):
    """``count`` of the parts that it must state are missing."""

    key = "refusal.parts_missing"


class WindowPassed(Refusal):
    """It would expire before anybody could answer, or the time wanted lies behind."""

    key = "refusal.window_passed"


class EndsTooSoon(Refusal):
    """It would expire before that begins of which it warns."""

    key = "refusal.ends_too_soon"


class AlertRepeats(Refusal):
    """An alert is no series: each is what its issuer says at one time."""

    key = "refusal.alert_repeats"


class TooLong(Refusal):
    """The text has more than ``most`` characters."""

    key = "refusal.broadcast_too_long"


class NightTime(Refusal):
    """People are left alone at this hour; only red and orange may be chased."""

    key = "refusal.broadcast_night"


class BroadcastOver(Refusal):
    """It has ended; nothing is to be confirmed any more."""

    key = "refusal.broadcast_over"


class TaskWithdrawn(Refusal):
    """Nobody need do it any more."""

    key = "refusal.task_withdrawn"


class TaskUnclear(Refusal):
    """It says nothing to do, or more than ``most`` characters."""

    key = "refusal.task_unclear"


class FormUnclear(Refusal):
    """A roll-call needs a title, its minutes and one or two questions with their options."""

    key = "refusal.form_unclear"


class RollCallOver(Refusal):
    """It has closed; answers count no more."""

    key = "refusal.rollcall_over"


class NotOnRoster(Refusal):
    """They belong to no household that was asked."""

    key = "refusal.not_on_roster"


class EmergencyOn(Refusal):
    """The ``unit``, or one above it, is in emergency mode, or that has been asked for."""

    key = "refusal.emergency_on"


class EmergencyOff(Refusal):
    """The unit is not in emergency mode itself."""

    key = "refusal.emergency_off"


class NobodyApproves(Refusal):
    """There is no second person who may say yes."""

    key = "refusal.nobody_approves"


class PlanRunning(Refusal):
    """This plan waits for its approval, or runs, in ``unit`` or around it."""

    key = "refusal.plan_running"


class PlanUnreadable(Refusal):
    """The plan was loaded by an earlier program, and what is asked of plans now forbids it."""

    key = "refusal.plan_unreadable"


class PlanChanged(Refusal):
    """The plan was loaded anew after it was asked for: nobody has seen what would start."""

    key = "refusal.plan_changed"


class NoSuchPlan(Refusal):
    """There is no plan of that name."""

    key = "refusal.no_such_plan"


class NoDesk(Refusal):
    """No desk could show the draft."""

    key = "refusal.no_desk"


class UnknownFirst(Refusal):
    """An Update or a Cancel of a warning that never came."""

    key = "refusal.unknown_first"
