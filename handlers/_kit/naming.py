"""Names for people: of persons, units, statuses, matters. Residents are masked, staff go by their published name."""

from typing import Final

from handlers._kit import words
from routing import stages
from routing.masking import mask_name
from routing.model import Case, PersonId, Urgency
from routing.ports import UnitOfWork
from routing.refusals import Refusal

STATUS_ICON: Final = {
    "received": "📥", "offered": "🟡", "claimed": "🔵", "suspended": "⏸", "in_review": "🔎", "awaiting_rating": "⭐",
    "archived": "✅", "refused": "🚫", "merged": "🔗", "withdrawn": "↩️",
}  # fmt: skip


def public_name(uow: UnitOfWork, person: PersonId | None, lang: str) -> str:
    """How a person may be named in front of neighbours: staff by the name on their badge, residents masked."""
    if person is None:
        return words.plain("kit.nobody", lang)
    posts = uow.people.posts_of(person)
    if posts:
        return posts[0].name
    known = uow.people.get(person)
    return mask_name(known.name) if known else words.plain("kit.erased", lang)


def status_name(case: Case, lang: str) -> str:
    """The status in words."""
    return words.plain(f"status.{case.status.value}", lang)


def stage_name(uow: UnitOfWork, case: Case, lang: str) -> str:
    """The public stage in words, of the chain that the policy names: 受理 · 流转 · 反馈评价 · 归档, or six steps."""
    return words.plain(f"stage.{stages.reached(uow.policy.public_stages, case.status).value}", lang)


def matter_name(uow: UnitOfWork, code: str, lang: str) -> str:
    """The class of the case in words."""
    matter = uow.catalogue.matters.get(code)
    return code if matter is None else matter.en if lang == "en" else matter.zh


def unit_name(uow: UnitOfWork, code: str | None) -> str:
    """The unit's own name."""
    unit = uow.units.find(code) if code else None  # type: ignore[arg-type]  # a code is a code
    return unit.name if unit else (code or "")


def rulers(uow: UnitOfWork, case: Case) -> str:
    """The units that may rule on what is asked of *case*; empty when nothing is."""
    return " / ".join(unit_name(uow, unit) for unit in case.rulers)


def urgency_mark(case: Case, lang: str) -> str:
    """A mark in front of what is urgent, else nothing."""
    return words.plain("kit.urgent", lang) if case.urgency is Urgency.URGENT else ""


def readable_value(uow: UnitOfWork, name: str, value: object, lang: str) -> str | int:
    """A refusal's value as people may read it."""
    if name in ("by", "person") and (value is None or isinstance(value, int)):
        return public_name(uow, None if value is None else PersonId(value), lang)
    if name in ("status", "event") and words.has(f"{name}.{value}"):
        return words.plain(f"{name}.{value}", lang)
    if name == "state" and words.has(f"broadcast_state.{value}"):
        return words.plain(f"broadcast_state.{value}", lang)
    if name == "unit":
        return unit_name(uow, str(value))
    return value if isinstance(value, int) else str(value)


def readable(uow: UnitOfWork, refusal: Refusal, lang: str) -> dict[str, str | int]:
    """The refusal's values as people may read them: statuses and events by name, residents masked."""
    return {name: readable_value(uow, name, value, lang) for name, value in refusal.values.items()}
