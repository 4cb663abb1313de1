"""Lines about a case, as the reader of a chat may see them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from handlers._kit.cards import ANSWERED, SHORT, masked_reporter
from handlers._kit.html import clean, tame
from handlers._kit.naming import (
    STATUS_ICON,
    matter_name,
    public_name,
    rulers,
    stage_name,
    status_name,
    unit_name,
    urgency_mark,
)
from handlers._kit.views import Look
from handlers._kit.words import Html
from routing import boards, casework, conflicts, rights, staffing
from routing.catalogue import TIP_OFF
from routing.events import Escalated, ReturnAsked
from routing.masking import building_of, mask_name, mask_names, mask_text
from routing.model import AssistState, Case, Channel, ChatKind, RulingKind, Status, TimerKind, WordsKind
from routing.stages import chain, reached

LONG: Final = 1500
"""How much of the report the card of staff and reporter shows, in characters; the details show all."""
RECORD: Final = 300
"""How much the card shows of what a level below did."""


class Side(StrEnum):
    """Who reads along, and so how much is shown."""

    PUBLIC = "public"
    REPORTER = "reporter"
    STAFF = "staff"


def side_of(look: Look, case: Case) -> Side:
    """On which side the reader of a chat stands to the case."""
    chat = look.chat
    if chat.kind is ChatKind.DESK and chat.unit is not None:
        if conflicts.barred(look.uow.units, case, chat.unit):
            return Side.PUBLIC
        reaching = {unit.code for unit in look.uow.units.path(case.unit)} | rights.around_it(look.uow, case)
        reaching |= {assist.unit for assist in case.assists} | rights.reach_of_whole(look.uow, case)
        return Side.STAFF if chat.unit in reaching else Side.PUBLIC
    if chat.kind is not ChatKind.PRIVATE or chat.person is None:
        return Side.PUBLIC
    if rights.may(look.uow, chat.person, case, rights.READING):
        return Side.STAFF
    return Side.REPORTER if chat.person == case.reporter else Side.PUBLIC


def title(look: Look, case: Case) -> Html:
    """Number, what, and the building."""
    place = building_of(case.place.building)
    what = matter_name(look.uow, case.matter, look.lang)
    line = look.t("card.title", mark=urgency_mark(case, look.lang), number=case.number, matter=what)
    return Html(f"{line} · {look.t('card.text', text=tame(place))}") if place else line


def standing(look: Look, case: Case) -> Html:
    """Icon, status and public stage."""
    icon = STATUS_ICON[case.status.value]
    return look.t(
        "card.standing", icon=icon, status=status_name(case, look.lang), stage=stage_name(look.uow, case, look.lang)
    )


def stages(look: Look, case: Case) -> Html:
    """受理 · 流转 · 反馈评价 · 归档, or the policy's other chain, the present one bold."""
    shown = look.uow.policy.public_stages
    present = reached(shown, case.status)
    names = [(stage, look.t(f"stage.{stage.value}")) for stage in chain(shown)]
    return Html(" · ".join(f"<b>{name}</b>" if stage is present else name for stage, name in names))


def whose(look: Look, case: Case) -> Html | None:
    """Who has it now."""
    unit = unit_name(look.uow, case.unit)
    match case.status:
        case Status.RECEIVED | Status.OFFERED:
            serving = _serving(look, case)
            return look.t("card.on_duty", unit=unit, who=serving) if serving else look.t("card.roster", unit=unit)
        case Status.CLAIMED | Status.SUSPENDED if case.holder is not None:
            key = "card.assigned" if case.pending else "card.holder"
            if staffing.holder_of(look.uow, case) is None:
                return look.t("card.roster", unit=unit)
            return look.t(key, who=public_name(look.uow, case.holder, look.lang), unit=unit)
        case Status.IN_REVIEW:
            office = unit_name(look.uow, boards.reviews(look.uow, case))
            return look.t("card.judging" if case.judged else "card.reviewing", unit=office)
        case _:
            return None


def _serving(look: Look, case: Case) -> str:
    """Who was on duty when the card was promised, at night; empty in office hours."""
    at = look.params.get("night")
    if at is None:
        return ""
    shifts = staffing.on_duty(look.uow, case.unit, datetime.fromtimestamp(float(str(at)), UTC), case)
    return " / ".join(public_name(look.uow, shift.person, look.lang) for shift in shifts)


def due(look: Look, case: Case) -> Html | None:
    """By when, with its doubts; or who decides by law, when no date of ours would be true."""
    if not case.open:
        return None
    if case.due_at is None:
        body = look.uow.policy.legal.get(case.matter)
        return look.t("card.by_law", body=body) if body else None
    back = resumes_at(look, case)
    if back is not None:
        return look.t("card.suspended", when=look.when(back))
    if case.status is Status.AWAITING_RATING:
        return look.t("card.rate_by", when=look.due(case.due_at))
    if case.status is Status.IN_REVIEW:
        return look.t("card.judge_by" if case.judged else "card.review_by", when=look.due(case.due_at))
    key = "card.overdue" if case.overdue else "card.waiting" if case.waiting else "card.due"
    line = look.t(key, when=look.due(case.due_at))
    return Html(f"{line}{look.t('card.provisional')}") if case.provisional else line


def resumes_at(look: Look, case: Case) -> datetime | None:
    """When a suspended case comes back by itself."""
    if case.status is not Status.SUSPENDED:
        return None
    return next((one.due_at for one in look.uow.timers.of(case.id) if one.kind is TimerKind.RESUME), None)


def ruling(look: Look, case: Case) -> Html | None:
    """What a unit asks of whoever dispatched the case, or of the level above it, while they have not answered."""
    if case.ruling is None:
        return None
    asks, ruler = unit_name(look.uow, case.unit), rulers(look.uow, case)
    asked = [entry.event for entry in look.uow.log.of(case.id) if isinstance(entry.event, ReturnAsked)]
    if case.ruling is RulingKind.EXTENSION or not asked:
        return look.t("card.extension_waits", unit=asks, ruler=ruler)
    reason = look.t(f"return_reason.{asked[-1].reason.value}")
    proposed = unit_name(look.uow, case.proposed) or look.t("card.nobody_proposed")
    return look.t("card.return_waits", unit=asks, ruler=ruler, reason=reason, proposed=proposed)


def called(look: Look, case: Case) -> Html | None:
    """Who is to call its silent reporter; or what was heard, which is nobody's rating."""
    if case.calling is not None:
        return look.t("card.calling", unit=unit_name(look.uow, case.calling), count=case.calls)
    return look.t("card.told", told=look.t(f"told.{case.told.value}")) if case.told is not None else None


def assists(look: Look, case: Case, side: Side) -> Html | None:
    """The units called to help, each with how far it has come; the reporter hears nothing of those struck off."""
    called = [one for one in case.assists if side is Side.STAFF or one.state is not AssistState.STRUCK]
    if not called:
        return None
    lines = [
        look.t(f"assist.{one.state.value}", unit=unit_name(look.uow, one.unit), when=look.due(one.due_at))
        for one in called
    ]
    return Html("\n".join([look.t("card.assists"), *lines]))


def records(look: Look, case: Case) -> Html | None:
    """What each level below handed up with the case: what it did, and why that was not enough."""
    risen = [entry.event for entry in look.uow.log.of(case.id) if isinstance(entry.event, Escalated)]
    lines = []
    for event in risen:
        words = look.uow.words.get(event.words) if event.words is not None else None
        if words is not None and (words.text or words.media):
            unit = unit_name(look.uow, event.unit)
            lines.append(
                look.t("card.record", unit=unit, text=shortened(tame(guarded(look, case, words.text)), RECORD))
            )
    return Html("\n".join(lines)) if lines else None


def parts(look: Look, case: Case, side: Side) -> Html | None:
    """Its parts, each with who has it and how far it has come; of a part, whose it is.

    Staff read numbers and dates, residents only which units are at it.
    """
    if case.parent is not None:
        return look.t("card.part_of", number=look.uow.cases.get(case.parent).number)
    found = look.uow.cases.parts(case.id)
    if not found:
        return None
    key = "card.part" if side is Side.STAFF else "card.part_public"
    lines = [
        look.t(
            key,
            number=one.number,
            unit=unit_name(look.uow, one.unit),
            status=status_name(one, look.lang),
            when=look.due(one.due_at) if one.due_at is not None and one.open else look.t("tell.no_date"),
        )
        for one in found
        if side is Side.STAFF or one.status is not Status.WITHDRAWN
    ]
    return Html("\n".join([look.t("card.parts"), *lines])) if lines else None


def counts(look: Look, case: Case) -> Html | None:
    """How often it was reopened, and how many neighbours have the same trouble."""
    lines = []
    if case.reopened:
        lines.append(look.t("card.reopened", count=case.reopened))
    if case.me_too:
        lines.append(look.t("card.me_too", count=case.me_too))
    return Html(" · ".join(lines)) if lines else None


def quoted(look: Look, text: str, most: int) -> Html | None:
    """Somebody's words as a quotation, cut after *most* characters."""
    text = tame(text).strip()
    if not text:
        return None
    return look.t("card.quote", text=shortened(text, most))


def shortened(text: str, most: int) -> str:
    """At most *most* characters and a sign that there was more."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def report_text(look: Look, case: Case) -> str:
    """What was reported, later additions excluded."""
    said = "\n".join(words.text for words in look.uow.words.of(case.id, WordsKind.REPORT) if words.text)
    return guarded(look, case, said)


def guarded(look: Look, case: Case, text: str) -> str:
    """*text* as it stands; of a tip-off, for everybody but its reporter, without what leads to them."""
    if case.kind != TIP_OFF or (look.chat.person is not None and look.chat.person == case.reporter):
        return text
    known = look.uow.people.get(case.reporter) if case.reporter is not None else None
    return mask_text(mask_names(text, [known.name] if known else []))


def public_report(look: Look, case: Case) -> str:
    """What neighbours may read of the report: only what was written before their eyes, masked."""
    said = look.uow.words.of(case.id, WordsKind.REPORT)
    return hide(look, case, "\n".join(one.text for one in said if one.text and one.chat == look.chat.id))


def hide(look: Look, case: Case, text: str) -> str:
    """*text* for a residents' chat: masked and short; nothing at all of what was reported in private."""
    if case.confidential or case.channel is not Channel.GROUP:
        return ""
    known = look.uow.people.get(case.reporter) if case.reporter is not None else None
    return shortened(tame(mask_text(mask_names(clean(text), [known.name] if known else []))), SHORT)


def reporter_line(look: Look, case: Case, side: Side, *, masked: bool = False) -> Html | None:
    """Who reported it, and how staff can answer them; with *masked* nobody's whole name. Of a tip-off, nobody."""
    if case.reporter is None:
        return None
    if side is Side.PUBLIC:
        return look.t("card.reporter", name=masked_reporter(look.uow, case))
    known = look.uow.people.get(case.reporter)
    private = look.uow.chats.private(case.reporter) is not None
    way = "card.way_private" if private else "card.way_group" if case.channel is Channel.GROUP else "card.way_none"
    if known is None:
        return None
    if case.kind == TIP_OFF:
        return look.t("card.reporter_hidden", way=look.t(way))
    name = mask_name(known.name) if case.confidential or masked else tame(known.name)
    return look.t("card.reporter_staff", name=name, way=look.t(way))


def answered(look: Look, case: Case) -> Html | None:
    """What was done about it, once it may be known (law 8)."""
    if case.status not in ANSWERED and not case.judged:
        return None
    text = casework.solution(look.uow, case)
    return look.t("card.answer", text=shortened(tame(text), LONG)) if text else None
