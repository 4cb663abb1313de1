"""Ready-made texts, by kind of message; the sentences stand in the strings as ``template.<code>.…``."""

from collections.abc import Mapping
from typing import Any, Final

from broadcasts.model import Alert, Class
from handlers._kit import words

TEMPLATES: Final[Mapping[Class, tuple[str, ...]]] = {
    Class.ALERT: ("snow", "rain", "gale", "cold", "heat", "fog", "ice", "forestfire"),
    Class.NOTICE: ("water", "power", "gas", "meeting", "vaccine"),
    Class.REMINDER: ("straw", "epidemic", "fire", "fraud", "elderly"),
    Class.EXERCISE: ("evacuation", "callout"),
}


def filled(kind: Class, code: str, lang: str) -> dict[str, Any]:
    """The parts of a draft that a template brings, in *lang*; nothing for a code that *kind* does not have."""
    if code not in TEMPLATES[kind]:
        return {}
    if kind is Class.ALERT:
        alert = Alert(
            hazard=words.plain(f"template.{code}.name", lang),
            matter=words.plain(f"template.{code}.matter", lang),
            action=words.plain(f"template.{code}.action", lang),
        )
        return {"template": code, "alert": alert}
    return {"template": code, "text": words.plain(f"template.{code}.text", lang)}
