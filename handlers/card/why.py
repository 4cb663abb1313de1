"""为什么在这里: the stored names of the rules that brought a case to its unit, as sentences."""

import re
from collections.abc import Iterator
from typing import Final

from handlers._kit.naming import public_name, unit_name
from handlers._kit.views import Look
from handlers._kit.words import Html, has
from routing.events import Assigned, Dispatched
from routing.model import Case
from routing.records import Entry

_CLASS: Final = re.compile(r"class:(?P<top>\S+) starts at (?P<level>\S+)")


def lines(look: Look, case: Case) -> Iterator[Html]:
    """How its class was found, which rule chose the first unit, a later one, and the last move that brought it here.

    Nothing for a case that was never dispatched.
    """
    moves = [entry for entry in look.uow.log.of(case.id) if "unit" in entry.change or _by_rule(entry)]
    chosen = [entry.event.rule for entry in moves if isinstance(entry.event, Dispatched) and _by_rule(entry)]
    for rule in dict.fromkeys([*chosen[:1], *chosen[-1:]]):
        for token in re.split(r" > |, ", rule):
            yield look.t("why.line", text=_sentence(look, token))
    if moves and not _by_rule(moves[-1]):
        what = look.t(f"happened.{type(moves[-1].event).__name__}")
        yield look.t("why.moved", what=what, unit=unit_name(look.uow, case.unit), when=look.when(moves[-1].event.at))
    for event in _assigned(look, case):
        yield look.t("why.assigned", who=public_name(look.uow, event.to, look.lang), when=look.when(event.at))


def _assigned(look: Look, case: Case) -> list[Assigned]:
    """How its holder came to have it, if the clock gave it to them since its unit got it."""
    given = [entry.event for entry in look.uow.log.of(case.id) if isinstance(entry.event, Assigned)]
    return [one for one in given[-1:] if one.to == case.holder and one.to in case.assigned]


def _by_rule(entry: Entry) -> bool:
    """Whether no person chose the unit but a rule."""
    return isinstance(entry.event, Dispatched) and entry.event.by is None


def _sentence(look: Look, token: str) -> Html:
    """One name of a rule in words; a name that is not known stands for itself."""
    kind, _, value = token.partition(":")
    if found := _CLASS.fullmatch(token):
        return look.t("why.class", top=_top(look, found["top"]), level=_level(look, found["level"]))
    if kind == "policy":
        line = next((one for one in look.uow.policy.receivers if one.name == value), None)
        text = (line.zh if look.lang == "zh" else line.en) if line else ""
        return look.t("why.policy", name=text or value)
    if token == "place:grid":  # noqa: S105 - the name of a rule
        return look.t("why.grid")
    if kind in ("nobody", "conflict", "duty"):
        return look.t(f"why.{kind}", unit=unit_name(look.uow, value))
    return look.t(f"why.{kind}", value=value) if has(f"why.{kind}") else look.t("card.text", text=token)


def _top(look: Look, top: str) -> str:
    """The class in words, if it is one of the catalogue's."""
    return look.t(f"top.{top}") if has(f"top.{top}") else top


def _level(look: Look, level: str) -> str:
    """The level in words, if it is one that many towns have."""
    return look.t(f"level.{level}") if has(f"level.{level}") else level
