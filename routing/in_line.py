"""1+1+1: the contacts of a unit in their order, so that a reminder goes to one and the next one to the next in line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from routing.checked import Checked
from routing.limit_lines import BESIDE
from routing.model import Appointment, Case, PersonId, Post

CLAIMING: Final = frozenset({Post.WORKER, Post.LEADER, Post.DISPATCHER, Post.HELPER})
"""The posts that may take a case."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom reminders go to, one after the other, in units of *levels*; no order: to all who may claim.

    With *assign* a case that nobody takes within the time to respond is given to them, in that order.
    """

    order: tuple[Post, ...] = ()
    levels: frozenset[str] = frozenset()
    assign: bool = False


def read(toml: Checked, levels: Sequence[str]) -> Contacts:
    """The section `[contacts]`; without it every reminder goes to everybody.

    Raises:
        BadPolicy: a post or a level is unknown, or one is named twice.
    """
    if "contacts" not in toml:
        return Contacts()
    section = toml.section("contacts", {"order": list, "levels": list, "assign": bool}, optional=("assign",))
    for key, known in (("order", tuple(Post)), ("levels", (*levels, *BESIDE))):
        named = section[key]
        for name in named:
            if name not in known:
                raise section.bad(key, f"must be of {', '.join(known)}, and {name} is not")
        if not named or len(set(named)) != len(named):
            raise section.bad(key, "must name at least one, and none twice")
    order = tuple(map(Post, section["order"]))
    if section.get("assign", False) and not CLAIMING.intersection(order):
        raise section.bad("assign", f"only {', '.join(sorted(CLAIMING))} may take a case, and none is in the order")
    return Contacts(order, frozenset(section["levels"]), section.get("assign", False))


def from_place(contacts: Contacts, staff: Sequence[Appointment], case: Case, place: int) -> Iterator[list[PersonId]]:
    """Those of *staff* whose turn it is at *place* (0: the first reminder), then whoever is next in line.

    Places beyond the last one are the last one's; whom *case* is about is never asked.
    """
    for post in contacts.order[min(place, len(contacts.order) - 1) :]:
        people = [one.person for one in staff if one.post is post and one.person not in case.accused_people]
        if people:
            yield list(dict.fromkeys(people))
