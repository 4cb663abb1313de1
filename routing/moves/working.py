"""While somebody works on it: notes, questions, extensions, suspensions, assists, supervision."""

from dataclasses import replace

from routing import conflicts, refusals
from routing.catalogue import PRAISE, TIP_OFF
from routing.effects import Arm, Disarm, Effect, Enter, Follow, Json, Pause, Tell, Unpause, Whom
from routing.events import (
    AssistDone,
    AssistStruck,
    CheckedIn,
    Conferred,
    ExtensionAsked,
    ExtensionRuled,
    Fault,
    Noted,
    NoteKind,
    Resumed,
    Split,
    Supervised,
    Suspended,
    Whistled,
)
from routing.limits import due_at
from routing.model import Assist, AssistState, Case, Post, RulingKind, Status, TimerKind, UnitCode
from routing.moves import conflict, danger, retiming, rulings
from routing.moves.step import Facts, Outcome, outcome
from routing.moves.waiting import WORK, hold, stop_waiting


def note(case: Case, event: Noted, facts: Facts) -> Outcome:
    """Add something. What the holder adds is a sign of life; see `_answers` for what stops the response clock."""
    if event.place is not None:
        case = outcome(case, place=event.place).case
    match event.kind:
        case NoteKind.NOTE:
            return outcome(case, *_sign_of_life(case, event, facts), **_responded(case, event))
        case NoteKind.QUESTION:
            return _ask(case, event, facts)
        case NoteKind.ANSWER:
            return _answer(case, event, facts)
        case NoteKind.CORRECTION:
            return _correct(case, event, facts)
        case NoteKind.ME_TOO:
            return outcome(case, me_too=case.me_too + 1)
        case NoteKind.MORE:
            more = danger.raise_urgency(case, event, facts)
            return Outcome(more.case, (*more.effects, Tell(Whom.HOLDER, "tell.more")))
        case NoteKind.EDITED:
            return danger.raise_urgency(case, event, facts)
        case NoteKind.CONFLICT:
            return conflict.mark(case, event, facts)
        case NoteKind.LIMITS:
            return retiming.count_anew(case, event, facts)


def _answers(case: Case, event: Noted) -> bool:
    """Whether it is the first answer: a question to the reporter, or a word of who has it; colleagues' talk is none."""
    said = event.kind is NoteKind.QUESTION or event.by == case.holder
    return said and event.by is not None and not case.responded_at


def _responded(case: Case, event: Noted) -> dict[str, object]:
    return {"responded_at": event.at} if _answers(case, event) else {}


def _sign_of_life(case: Case, event: Noted, facts: Facts) -> tuple[Effect, ...]:
    effects: tuple[Effect, ...] = ()
    if _answers(case, event):
        effects = (Disarm((TimerKind.RESPOND,)),)
    if case.status is Status.CLAIMED and event.by == case.holder and not case.waiting:
        effects = (*effects, facts.arm(TimerKind.SILENCE, case, event.at))
    return effects


def _ask(case: Case, event: Noted, facts: Facts) -> Outcome:
    if case.reporter is None:
        raise refusals.ReporterUnknown
    paused: tuple[Effect, ...] = ()
    if facts.policy.question_pauses and not case.waiting:
        paused = (Pause(WORK),)
    return outcome(
        case,
        *_sign_of_life(case, event, facts),
        *paused,
        facts.arm(TimerKind.REPLY, case, event.at),
        Tell(Whom.REPORTER, "tell.question"),
        waiting=True,
        **_responded(case, event),
    )


def _answer(case: Case, event: Noted, facts: Facts) -> Outcome:
    told = Tell(Whom.HOLDER, "tell.answered" if case.waiting else "tell.more")
    heard = danger.raise_urgency(case, event, facts)
    return outcome(heard.case, *stop_waiting(heard.case), *heard.effects, told, waiting=False)


def _correct(case: Case, event: Noted, facts: Facts) -> Outcome:
    """It is another matter, and so another kind of report; but what was told in confidence stays a tip-off."""
    matter = facts.matters.get(event.matter or "")
    if matter is None:
        raise refusals.UnknownMatter
    if matter.code == case.matter:
        raise refusals.AlreadyDone
    kind = case.kind if case.kind == TIP_OFF else matter.kind
    if kind == PRAISE != case.kind and event.by is not None and not _may_praise(case, event, facts):
        raise refusals.PraiseFromAbove
    hushed = case.confidential or matter.hushed
    corrected = outcome(case, matter=matter.code, top=matter.top, kind=kind, confidential=hushed).case
    lawful = [one.matter in facts.policy.legal for one in (case, corrected)]
    if case.status not in (Status.OFFERED, Status.CLAIMED):
        return Outcome(corrected)
    known = replace(facts, same_day=matter.same_day)
    if lawful[0] != lawful[1]:
        return _promise_anew(corrected, event, known)
    return _promise_sooner(corrected, event, known) if matter.same_day and not facts.same_day else Outcome(corrected)


def _may_praise(case: Case, event: Noted, facts: Facts) -> bool:
    """Whether they may say it was a praise all along: somebody above; at the top a leader. Who has held it never."""
    above = [unit.code for unit in facts.tree.path(case.unit)][1:]
    if not (event.unit in above if above else event.post is Post.LEADER):
        return False
    return event.by != case.holder and all(entry.change.get("holder") != event.by for entry in facts.past())


def _promise_sooner(case: Case, event: Noted, facts: Facts) -> Outcome:
    """What turns out not to wait until tomorrow is due today, whatever it was taken for; never later than before."""
    due, provisional = facts.promised(case, event.at)
    before = facts.due_now(case, event.at)
    if due is None or before is None or due >= before:
        return Outcome(case)
    clock = facts.arm(TimerKind.HANDLE, case, event.at)
    return outcome(case, clock, *hold(case, facts), due_at=due, provisional=provisional)


def _promise_anew(case: Case, event: Noted, facts: Facts) -> Outcome:
    """What the law decides loses its due time; what it turns out not to decide gets one, from now."""
    due, provisional = facts.promised(case, event.at)
    clock = facts.arm(TimerKind.HANDLE, case, event.at)
    return outcome(case, clock, *hold(case, facts), due_at=due, provisional=provisional, overdue=False)


def ask_extension(case: Case, event: ExtensionAsked, facts: Facts) -> Outcome:
    """Ask for more time before the deadline; the level above rules (law 6)."""
    if case.ruling:
        raise refusals.RulingPending
    if case.extensions >= facts.policy.most_extensions:
        raise refusals.TooManyExtensions
    due = facts.due_now(case, event.at)
    if due is None:
        raise refusals.NotNow(case.status, type(event).__name__)
    if event.at >= due:
        raise refusals.TooLate
    ruler = rulings.ruler(case, RulingKind.EXTENSION, facts)
    if ruler is None:
        raise refusals.NothingAbove
    return outcome(
        case,
        facts.arm(TimerKind.RULING, case, event.at, ruler),
        Tell(Whom.DESK, "tell.extension_asked", ruler),
        ruling=RulingKind.EXTENSION,
        rulers=(ruler,),
    )


def rule_extension(case: Case, event: ExtensionRuled, facts: Facts) -> Outcome:
    """One more original limit on top of the current deadline, or none; the resident is told.

    What was waited for an answer until now is not lost, and the wait goes on.
    """
    before = facts.due_now(case, event.at)
    if case.ruling is not RulingKind.EXTENSION or before is None:
        raise refusals.NothingToRule
    if event.unit is not None and event.unit not in case.rulers:
        raise refusals.NotYours
    stop = Disarm((TimerKind.RULING,))
    if not event.approve:
        return outcome(case, stop, Tell(Whom.HOLDER, "tell.extension_refused"), ruling=None, rulers=())
    level = facts.tree.get(case.unit).level
    limit = facts.policy.limit_for(TimerKind.HANDLE, case, level, same_day=False)
    due = due_at(max(before, event.at), limit, facts.calendar)
    return outcome(
        case,
        stop,
        Arm(TimerKind.HANDLE, event.at, due.at),
        *hold(case, facts),
        Tell(Whom.HOLDER, "tell.extended"),
        Tell(Whom.REPORTER, "tell.extended_reporter"),
        ruling=None,
        rulers=(),
        due_at=due.at,
        provisional=due.provisional,
        overdue=False,
        extensions=case.extensions + 1,
    )


def suspend(case: Case, event: Suspended, facts: Facts) -> Outcome:
    """Park it until a date, once; handling is blocked and the resident is told (law 6)."""
    if case.suspensions >= facts.policy.most_suspensions:
        raise refusals.SuspendedOnce
    if case.ruling:
        raise refusals.RulingPending
    if not event.at < event.until <= due_at(event.at, facts.policy.longest_suspension, facts.calendar).at:
        raise refusals.BadDate
    return outcome(
        case,
        *stop_waiting(case),
        Pause((*WORK, TimerKind.RESPOND)),
        Arm(TimerKind.RESUME, event.at, event.until),
        Tell(Whom.REPORTER, "tell.suspended"),
        status=Status.SUSPENDED,
        waiting=False,
        suspensions=case.suspensions + 1,
    )


def resume(case: Case, event: Resumed, facts: Facts) -> Outcome:
    """Work goes on where it stopped; what was left of the limit is left still.

    Where a question is still open its clocks go on waiting, as they would have without the suspension. Where the holder
    has lost their post meanwhile, it is the unit's again: somebody takes it, and nobody waits for an answer any more.
    Where the emergency mode was switched meanwhile its clocks follow now.
    """
    if case.holder is not None and case.holder not in facts.colleagues:
        freed = outcome(case, holder=None, waiting=False, responded_at=None).case
        respond = facts.arm(TimerKind.RESPOND, freed, event.at)
        resumed = resume(freed, event, facts)
        clocks = (Disarm((TimerKind.SILENCE, TimerKind.REPLY)), respond)
        return outcome(resumed.case, *resumed.effects, *clocks, respond_due_at=respond.due_at)
    return outcome(
        case,
        Disarm((TimerKind.RESUME,)),
        Unpause((*WORK, TimerKind.RESPOND)),
        *([Pause(WORK)] if facts.held(case) else []),
        Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.resumed", case.unit),
        Tell(Whom.REPORTER, "tell.resumed_reporter"),
        *([] if retiming.in_step(case, facts) else [Follow(Noted(at=event.at, kind=NoteKind.LIMITS))]),
        status=Status.CLAIMED if case.holder else Status.OFFERED,
    )


def whistle(case: Case, event: Whistled, facts: Facts) -> Outcome:
    """Call departments to a place at a time; each has its own check-in clock."""
    before = {assist.unit for assist in case.assists if assist.state is not AssistState.STRUCK}
    fresh = [unit for unit in dict.fromkeys(event.units) if unit not in before]
    if not fresh:
        raise refusals.AlreadyDone
    for unit in fresh:
        conflicts.admit(facts.tree, case, unit)
    dues = {unit: max(event.meet_at, facts.due(TimerKind.CHECK_IN, case, event.at, unit)[0]) for unit in fresh}
    assists = tuple(Assist(unit, AssistState.WHISTLED, due, event.unit) for unit, due in dues.items())
    called: dict[str, Json] = {"place": event.place, "meet_at": event.meet_at.timestamp()}
    return outcome(
        case,
        *(Arm(TimerKind.CHECK_IN, event.at, due, unit) for unit, due in dues.items()),
        *(Tell(Whom.DESK, "tell.whistled", unit, called) for unit in fresh),
        assists=(*(one for one in case.assists if one.unit not in dues), *assists),
    )


def check_in(case: Case, event: CheckedIn, _facts: Facts) -> Outcome:
    """A called unit is there; late if its clock had run out."""
    assist = _own(case, event)
    if assist.over or assist.state in (AssistState.CHECKED_IN, AssistState.LATE):
        raise refusals.AlreadyDone
    state = AssistState.CHECKED_IN if event.at <= assist.due_at else AssistState.LATE
    stop = Disarm((TimerKind.CHECK_IN,), event.assist)
    tell = Tell(Whom.HOLDER, "tell.checked_in", values={"assist": event.assist})
    return outcome(case, stop, tell, assists=_with(case, event.assist, state))


def finish_assist(case: Case, event: AssistDone, _facts: Facts) -> Outcome:
    """A called unit finished its part."""
    if _own(case, event).over:
        raise refusals.AlreadyDone
    return outcome(
        case,
        Disarm((TimerKind.CHECK_IN,), event.assist),
        Tell(Whom.HOLDER, "tell.assist_done", values={"assist": event.assist}),
        assists=_with(case, event.assist, AssistState.DONE),
    )


def _own(case: Case, event: CheckedIn | AssistDone) -> Assist:
    """What the unit was called for; no other one answers for it."""
    if event.unit not in (None, event.assist):
        raise refusals.NotYours
    return _assist(case, event.assist)


def _assist(case: Case, unit: str) -> Assist:
    for assist in case.assists:
        if assist.unit == unit:
            return assist
    raise refusals.NotWhistled


def _with(case: Case, unit: str, state: AssistState) -> tuple[Assist, ...]:
    return tuple(replace(assist, state=state) if assist.unit == unit else assist for assist in case.assists)


def may_strike(case: Case, assist: Assist, unit: UnitCode, facts: Facts) -> bool:
    """Whether *unit* may strike *assist* off: one above its caller, the caller where the policy or the tree says so."""
    path = [one.code for one in facts.tree.path(assist.by or case.unit)]
    itself = facts.policy.rungs.caller_strikes or len(path) == 1
    return unit in (path if itself else path[1:])


def strike(case: Case, event: AssistStruck, facts: Facts) -> Outcome:
    """Nobody waits any more for a unit; it hears so, and whoever called it, and the holder.

    One that never came stands on the bulletin for it.
    """
    assist = _assist(case, event.assist)
    if assist.over:
        raise refusals.AlreadyDone
    if event.unit is not None and not may_strike(case, assist, event.unit, facts):
        raise refusals.NotYoursToStrike
    named: dict[str, Json] = {"assist": event.assist}
    caller = {assist.by or case.unit} - {event.unit}
    absent = (Enter(Fault.ABSENT, event.assist, assist.due_at),) if assist.state is AssistState.ABSENT else ()
    return outcome(
        case,
        Disarm((TimerKind.CHECK_IN,), event.assist),
        Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.assist_struck", case.unit, named),
        Tell(Whom.DESK, "tell.assist_struck", event.assist, named),
        *(Tell(Whom.DESK, "tell.assist_struck", unit, named) for unit in caller),
        *absent,
        assists=_with(case, event.assist, AssistState.STRUCK),
    )


def mark_absent(case: Case, unit: str) -> tuple[Assist, ...]:
    """The assists after *unit*'s check-in clock ran out."""
    return _with(case, unit, AssistState.ABSENT)


def split(case: Case, event: Split, _facts: Facts) -> Outcome:
    """Parts become cases of their own; this one waits for them (law 7). The reporter learns who is at it."""
    if not event.parts:
        raise refusals.NothingSaid
    told = () if event.by == case.holder else (Tell(Whom.HOLDER, "tell.split"),)
    return outcome(case, *told, Tell(Whom.REPORTER, "tell.split_reporter"))


def confer(case: Case, event: Conferred, facts: Facts) -> Outcome:
    """The minutes of a meeting are kept; whoever holds the case reads them, and of the holder it is a sign of life."""
    holder = Whom.HOLDER if case.holder else Whom.ROSTER
    told = () if event.by == case.holder else (Tell(holder, "tell.conferred", case.unit),)
    if case.status is Status.CLAIMED and event.by == case.holder and not case.waiting:
        return outcome(case, facts.arm(TimerKind.SILENCE, case, event.at), *told)
    return outcome(case, *told)


def supervise(case: Case, event: Supervised, facts: Facts) -> Outcome:
    """A superior looks into it; whoever holds the case learns how, and so does the desk that answers for them."""
    how: dict[str, Json] = {"kind": event.kind.value}
    office = danger.office(case, facts)
    desks = () if office == event.unit else (Tell(Whom.DESK, "tell.supervised_desk", office, how),)
    return outcome(case, Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.supervised", case.unit, how), *desks)
