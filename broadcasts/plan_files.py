"""Plan files (预案): the broadcasts, tasks and roll-calls that one word starts, as TOML. Every fault is named."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from broadcasts.model import Class, Level
from broadcasts.plan_model import Question
from broadcasts.rollcalls import LONGEST_LIFE, LONGEST_OPTION, MOST_OPTIONS, MOST_QUESTIONS, SHORTEST, Form
from routing.checked import BadPolicy, Checked, Shape

_TOP: Final[Shape] = {"code": str, "name": str, "emergency": bool, "broadcasts": list, "tasks": list, "rollcalls": list}
_OPTIONAL: Final = ("emergency", "broadcasts", "tasks", "rollcalls")
_BROADCAST: Final[Shape] = {
    "class": str, "level": str, "text": str, "hazard": str, "issuer": str, "area": str, "matter": str, "action": str,
    "receipts": bool, "window_minutes": int, "holds_minutes": int,
}  # fmt: skip
_TASK: Final[Shape] = {"text": str, "minutes": int}
_ROLLCALL: Final[Shape] = {"title": str, "minutes": int, "questions": list}
_QUESTION: Final[Shape] = {"text": str, "options": list}
_CODE_LENGTH: Final = 24
_MOST_MINUTES: Final = 7 * 24 * 60


class BadPlan(ValueError):
    """The file is no plan; the text says which key, why, and what would be right."""


@dataclass(frozen=True, slots=True)
class PlannedBroadcast:
    """A broadcast of a plan; an empty part is filled in when it starts, or missing; *holds* is for no alert."""

    kind: Class
    level: Level | None
    text: str
    hazard: str
    issuer: str
    area: str
    matter: str
    action: str
    receipts: bool
    window: timedelta
    holds: timedelta


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task of a plan, and how long there is for it."""

    text: str
    life: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan."""

    code: str
    name: str
    emergency: bool  # whether it needs the emergency mode, and asks for it
    broadcasts: tuple[PlannedBroadcast, ...]
    tasks: tuple[PlannedTask, ...]
    rollcalls: tuple[Form, ...]


def read(source: str, text: str) -> Plan:
    """Read a plan.

    Args:
        source: The file's name, for sentences.
        text: What is in it.

    Raises:
        BadPlan: no TOML, an unknown or missing key, a value that can't be meant, or nothing to start.
    """
    try:
        return _plan(Checked(source, tomllib.loads(text), _TOP, optional=_OPTIONAL))
    except tomllib.TOMLDecodeError as error:
        raise BadPlan(f"{source}: this is no TOML: {error}") from error
    except BadPolicy as error:
        raise BadPlan(str(error)) from error


def _plan(toml: Checked) -> Plan:
    code = toml.word("code")
    if len(code) > _CODE_LENGTH or ":" in code or not code.isascii():
        raise toml.bad("code", f"must be up to {_CODE_LENGTH} ASCII characters without a colon: buttons carry it")
    optional = [key for key in _BROADCAST if key not in ("class", "text")]
    plan = Plan(
        code,
        _said(toml, "name"),
        bool(toml.get("emergency", False)),
        tuple(_broadcast(one) for one in toml.entries("broadcasts", _BROADCAST, optional=optional)),
        tuple(PlannedTask(_said(one, "text"), _minutes(one, "minutes")) for one in toml.entries("tasks", _TASK)),
        tuple(_rollcall(one) for one in toml.entries("rollcalls", _ROLLCALL)),
    )
    if not (plan.broadcasts or plan.tasks or plan.rollcalls):
        raise toml.bad("broadcasts", "is missing, and so are tasks and rollcalls: such a plan would start nothing")
    return plan


def _broadcast(one: Checked) -> PlannedBroadcast:
    kind = Class(one.choice("class", tuple(Class)))
    level = Level(one.choice("level", tuple(Level))) if "level" in one else None
    if kind is Class.ALERT and level is None:
        raise one.bad("level", f"is missing: an alert has one of {', '.join(Level)}")
    if kind is Class.ALERT and not str(one.get("issuer", "")).strip():
        raise one.bad("issuer", "is missing: an alert is relayed, and names the authority that issues it")
    if kind is Class.ALERT and "holds_minutes" in one:
        raise one.bad("holds_minutes", "is none of an alert's: until when it holds is for its issuer to say")
    window = _minutes(one, "window_minutes", 240)
    return PlannedBroadcast(
        kind=kind,
        level=level,
        text=_said(one, "text"),
        hazard=str(one.get("hazard", "")),
        issuer=str(one.get("issuer", "")),
        area=str(one.get("area", "")),
        matter=str(one.get("matter", "")),
        action=str(one.get("action", "")),
        receipts=bool(one.get("receipts", True)),
        window=window,
        holds=_minutes(one, "holds_minutes", 24 * 60),
    )


def _rollcall(one: Checked) -> Form:
    life = _minutes(one, "minutes")
    if not SHORTEST <= life <= LONGEST_LIFE:
        raise one.bad("minutes", f"must be between {SHORTEST} and {LONGEST_LIFE}")
    entries = one.entries("questions", _QUESTION)
    if not 0 < len(entries) <= MOST_QUESTIONS:
        raise one.bad("questions", f"must be one to {MOST_QUESTIONS}")
    return Form(_said(one, "title"), tuple(_question(entry) for entry in entries), life)


def _question(entry: Checked) -> Question:
    options = tuple(str(option).strip() for option in entry["options"])
    fitting = all(0 < len(option) <= LONGEST_OPTION for option in options)
    if not 1 < len(options) <= MOST_OPTIONS or not fitting or len(set(options)) < len(options):
        raise entry.bad("options", f"must be 2 to {MOST_OPTIONS} different texts of up to {LONGEST_OPTION} characters")
    return Question(_said(entry, "text"), options)


def _said(one: Checked, key: str) -> str:
    text = str(one[key]).strip()
    if not text:
        raise one.bad(key, "is empty")
    return text


def _minutes(one: Checked, key: str, default: int | None = None) -> timedelta:
    value = int(one[key]) if default is None else int(one.get(key, default))
    if not 0 < value <= _MOST_MINUTES:
        raise one.bad(key, f"must be between 1 and {_MOST_MINUTES} minutes")
    return timedelta(minutes=value)
