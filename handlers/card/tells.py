"""Sentences about a case: one or two for every thing that somebody must hear of."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from handlers._kit.cards import masked_reporter, mention
from handlers._kit.case_presses import RateTold
from handlers._kit.html import tame
from handlers._kit.naming import matter_name, public_name, unit_name, urgency_mark
from handlers._kit.registry import view
from handlers._kit.views import Button, Look, Outgoing
from handlers._kit.words import Html, has
from handlers.card import buttons, phrases
from handlers.card.story import STAFF_ONLY
from handlers.card.views import case_of
from routing import casework, replies
from routing.effects import Json
from routing.events import RefusalReason
from routing.masking import building_of
from routing.model import Case, ChatKind, Status, WordsId, WordsKind

TO_REPORTER: Final = frozenset(
    {
        "tell.claimed", "tell.assigned_reporter", "tell.escalated_reporter", "tell.extended_reporter",
        "tell.handed_over_reporter", "tell.judge_reporter", "tell.judged_stands", "tell.merged",
        "tell.offered_reporter", "tell.judged_again", "tell.recounted_reporter",
        "tell.outcome", "tell.refused_follower", "tell.withdrawn_follower", "tell.reopened_follower",
        "tell.question", "tell.question_reminder",
        "tell.rate", "tell.rate_reminder", "tell.refused", "tell.reopened_reporter", "tell.resumed_reporter",
        "tell.split_reporter", "tell.suspended", "tell.transferred_reporter",
    }
)  # fmt: skip
"""What is said to the reporter; in a group it begins with their masked name, which notifies them."""
RATING: Final = frozenset({"tell.rate", "tell.rate_reminder", "tell.called_back"})
QUESTION: Final = frozenset({"tell.question", "tell.question_reminder"})
_UNANSWERED: Final = frozenset(
    {"tell.respond_reminder", "tell.respond_overdue", "tell.respond_overdue_above", "tell.still_unclaimed"}
)
_UNDONE: Final = frozenset(
    {"tell.reminder", "tell.overdue", "tell.overdue_above", "tell.still_overdue", "tell.silence_warning", "tell.urgent"}
)
_MOOT: Final[Mapping[frozenset[str], Callable[[Case], bool]]] = {
    RATING: lambda case: case.status is not Status.AWAITING_RATING,
    QUESTION: lambda case: not case.waiting,
    _UNANSWERED: lambda case: case.responded_at is not None or not case.open,
    _UNDONE: lambda case: case.status not in (Status.RECEIVED, Status.OFFERED, Status.CLAIMED, Status.SUSPENDED),
    frozenset({"tell.whistled"}): lambda case: not case.open,
    frozenset({"tell.call_back"}): lambda case: case.calling is None,
    frozenset({"tell.assigned", "tell.assigned_above"}): lambda case: not case.pending,
    frozenset({"tell.reminder"}): lambda case: case.overdue,
    frozenset({"tell.silence_warning"}): lambda case: case.status is not Status.CLAIMED,
    frozenset({"tell.review", "tell.review_reminder"}): lambda case: case.status is not Status.IN_REVIEW,
}
"""What need not be said any more when it could not be said in time."""
_ARRIVED: Final = frozenset({"tell.escalated", "tell.escalated_by_clock"})
"""What greets a case at a desk; once the case has gone on from there, it would name a unit that it never came to."""


@view("tell")
def tell(look: Look) -> Outgoing | None:
    """The sentence of the promise's key; nothing when it has become pointless or may not be said here."""
    case = case_of(look)
    key = str(look.params["key"])
    text = spoken(look, case, key, look.params)
    return None if text is None else look.message(text, _buttons(case, key))


def spoken(look: Look, case: Case, key: str, params: Mapping[str, Json]) -> Html | None:
    """The sentence as the chat may read it; ``None`` when it has become pointless or may not be said here."""
    hidden = look.public and case.confidential
    gone = key in _ARRIVED and look.chat.kind is ChatKind.DESK and look.chat.unit != case.unit
    if hidden or gone or any(key in keys and moot(case) for keys, moot in _MOOT.items()):
        return None
    text = look.t(key, **values(look, case, params))
    if look.public and key in TO_REPORTER:
        name = mention(look.uow, case.reporter, masked_reporter(look.uow, case))
        text = Html(f"{name} {text}")
    return text


def values(look: Look, case: Case, params: Mapping[str, Json]) -> dict[str, object]:
    """Everything that a sentence may name, as the reader of the chat may see it."""
    uow = look.uow
    place = case.place.building
    reason = f"refuse_reason.{params.get('reason', '')}"
    kind = f"supervision.{params.get('kind', '')}"
    return {
        "mark": urgency_mark(case, look.lang),
        "number": case.number,
        "matter": matter_name(uow, case.matter, look.lang),
        "who": public_name(uow, case.holder, look.lang),
        "unit": unit_name(uow, case.unit),
        "handler": unit_name(uow, case.handler or case.unit),
        "by": _by(look, case),
        "late": _late(look, case),
        "due": look.due(case.due_at) if case.due_at else look.t("tell.no_date"),
        "place": tame(building_of(place) if look.public else str(params.get("place") or place)),
        "count": case.reopened,
        "rating": look.t(f"rating.{case.rating_final.value}") if case.rating_final else look.t("tell.unrated"),
        "told": look.t(f"told.{case.told.value}") if case.told else "",
        "reason": look.t(reason) if has(reason) else "",
        "route": _route(look, case, params),
        "kind": look.t(kind) if has(kind) else "",
        "until": _until(look, case),
        "meet": _meeting(look, params),
        "assist": unit_name(uow, str(params.get("assist", ""))),
        "part": str(params.get("part", "")),
        "parts": _parts(look, case),
        "outcome": _outcome(look, case),
        "into": uow.cases.get(case.merged_into).number if case.merged_into is not None else "",
        "question": _words(look, case, WordsKind.QUESTION),
        "answer": _words(look, case, WordsKind.ANSWER),
        "more": _words(look, case, WordsKind.MORE),
        "danger": _seen(look, case, _said(look, params)),
        "minutes": _words(look, case, WordsKind.MINUTES),
        "why": _words(look, case, WordsKind.REASON),
        "solution": _seen(look, case, casework.solution(uow, case)),
    }


def _by(look: Look, case: Case) -> Html:
    """By when it is to be solved; of what the law decides, who decides it, for no date of ours would be true."""
    body = look.uow.policy.legal.get(case.matter)
    if case.due_at is None and body:
        return look.t("due.by_law", body=body)
    return look.t("due.by_date", when=look.due(case.due_at) if case.due_at else look.t("tell.no_date"))


def _late(look: Look, case: Case) -> Html:
    """The same of a case that was not solved in time."""
    body = look.uow.policy.legal.get(case.matter)
    if case.due_at is None and body:
        return look.t("due.late_law", body=body)
    return look.t("due.late_date", when=look.due(case.due_at) if case.due_at else look.t("tell.no_date"))


def _meeting(look: Look, params: Mapping[str, Json]) -> Html:
    at = params.get("meet_at")
    return look.when(datetime.fromtimestamp(float(at), UTC)) if at is not None else look.t("tell.no_date")


def _parts(look: Look, case: Case) -> str:
    """The units that have its open parts."""
    return " · ".join(dict.fromkeys(unit_name(look.uow, one.unit) for one in look.uow.cases.parts(case.id) if one.open))


def _route(look: Look, case: Case, params: Mapping[str, Json]) -> Html:
    """Where the reporter may turn instead; of matters that go by law, the body that decides them."""
    reason, body = str(params.get("reason", "")), look.uow.policy.legal.get(case.matter)
    if reason == RefusalReason.STATUTORY_ROUTE.value and body:
        return look.t("refuse_route.by_law", body=body)
    key = f"refuse_route.{reason}"
    return look.t(key) if has(key) else Html("")


def _outcome(look: Look, case: Case) -> str:
    """What was done about the case that this one was merged into, however many steps away; no reply before review."""
    if case.merged_into is None:
        return ""
    whole = case
    while (into := whole.merged_into) is not None:
        whole = look.uow.cases.get(into)
    return _seen(look, whole, replies.last_readable(look.uow, whole))


def _until(look: Look, case: Case) -> Html:
    back = phrases.resumes_at(look, case)
    return look.when(back) if back is not None else look.t("tell.no_date")


def _words(look: Look, case: Case, kind: WordsKind) -> str:
    """The last words of that kind. Neighbours read none that staff write for one another, and none said elsewhere.

    What the reporter is asked and told stands before them, masked, where no private chat can take it.
    """
    said = look.uow.words.of(case.id, kind)
    if look.public and kind is not WordsKind.QUESTION:
        kept = kind in STAFF_ONLY or not said or said[-1].chat != look.chat.id
        return "—" if kept else _seen(look, case, said[-1].text)
    return _seen(look, case, said[-1].text if said else "")


def _said(look: Look, params: Mapping[str, Json]) -> str:
    """The words that a promise names."""
    named = params.get("words")
    words = look.uow.words.get(WordsId(int(named))) if isinstance(named, int) else None
    return words.text if words else ""


def _seen(look: Look, case: Case, text: str) -> str:
    """Somebody's words, masked and short where neighbours read along; a dash when there are none."""
    if look.public:
        return phrases.hide(look, case, text).strip() or "—"
    shown = phrases.shortened(tame(phrases.guarded(look, case, text)), phrases.LONG)
    return shown.strip() or "—"


def _buttons(case: Case, key: str) -> list[list[Button]]:
    return [buttons.rating_row(lambda rating: RateTold(case.id, rating))] if key in RATING else []
