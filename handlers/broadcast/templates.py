"""Ready-made texts, by kind of message: the policy's own, and those that come with the program.

The sentences of the latter stand in the strings as ``template.<code>.…``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from broadcasts.model import Alert, Class
from handlers._kit import words
from routing.broadcast_lines import Broadcasting, Template

TEMPLATES: Final[Mapping[Class, tuple[str, ...]]] = {
    Class.ALERT: ("snow", "rain", "gale", "cold", "heat", "fog", "ice", "forestfire"),
    Class.NOTICE: ("water", "power", "gas", "meeting", "vaccine"),
    Class.REMINDER: ("straw", "epidemic", "fire", "fraud", "elderly"),
    Class.EXERCISE: ("evacuation", "callout"),
}


def offered(policy: Broadcasting, kind: Class, *, emergency: bool) -> Sequence[Template | str]:
    """What is ready for *kind*, the town's own first; those for the *emergency* mode before all, and only in it.

    Those that come with the program are named by their code; one of the town's own takes the place of its namesake.
    """
    own = [one for one in policy.templates if one.kind == kind.value and (emergency or not one.emergency)]
    taken = {one.code for one in own}
    usual = [code for code in TEMPLATES[kind] if code not in taken]
    return [*sorted(own, key=lambda one: not one.emergency), *usual]


def filled(policy: Broadcasting, kind: Class, code: str, lang: str) -> dict[str, Any]:
    """The parts of a draft that a template brings, in *lang*; nothing for a code that *kind* does not have."""
    own = next((one for one in policy.templates if (one.kind, one.code) == (kind.value, code)), None)
    if own is not None:
        return {"template": code, **_parts(kind, {key: getattr(own, key).get(lang, "") for key in _PARTS})}
    if code not in TEMPLATES[kind]:
        return {}
    wanted = ("name", "matter", "action") if kind is Class.ALERT else ("name", "text")
    return {"template": code, **_parts(kind, {key: words.plain(f"template.{code}.{key}", lang) for key in wanted})}


_PARTS: Final = ("name", "text", "matter", "action")


def _parts(kind: Class, said: Mapping[str, str]) -> dict[str, Any]:
    if kind is Class.ALERT:
        return {"alert": Alert(hazard=said["name"], matter=said["matter"], action=said["action"])}
    return {"text": said["text"]}
