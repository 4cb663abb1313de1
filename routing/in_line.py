"""1+1+1: the contacts of a unit in their order, so that a reminder goes to one and the next one to the next in line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.checked import Checked
from routing.limit_lines import BESIDE
from routing.model import Appointment, Case, PersonId, Post


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom reminders go to, one after the other, in units of *levels*; no order: to all who may claim."""

    order: tuple[Post, ...] = ()
    levels: frozenset[str] = frozenset()


def read(toml: Checked, levels: Sequence[str]) -> Contacts:
    """The section `[contacts]`; without it every reminder goes to everybody.

    Raises:
        BadPolicy: a post or a level is unknown, or one is named twice.
    """
    if "contacts" not in toml:
        return Contacts()
    section = toml.section("contacts", {"order": list, "levels": list})
    for key, known in (("order", tuple(Post)), ("levels", (*levels, *BESIDE))):
        named = section[key]
        for name in named:
            if name not in known:
                raise section.bad(key, f"must be of {', '.join(known)}, and {name} is not")
        if not named or len(set(named)) != len(named):
            raise section.bad(key, "must name at least one, and none twice")
    return Contacts(tuple(map(Post, section["order"])), frozenset(section["levels"]))


def from_place(contacts: Contacts, staff: Sequence[Appointment], case: Case, place: int) -> Iterator[list[PersonId]]:
    """Those of *staff* whose turn it is at *place* (0: the first reminder), then whoever is next in line.

    Places beyond the last one are the last one's; whom *case* is about is never asked.
    """
    for post in contacts.order[min(place, len(contacts.order) - 1) :]:
        people = [one.person for one in staff if one.post is post and one.person not in case.accused_people]
        if people:
            yield list(dict.fromkeys(people))
