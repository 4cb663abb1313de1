"""The policy's lines on first receivers: read from top to bottom, the first line that fits and finds a unit decides."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from routing.catalogue import KINDS, Matter
from routing.checked import Checked, Shape
from routing.limit_lines import BESIDE
from routing.model import Case, Post, Unit, UnitKind, Urgency, Venue

OWNER: Final = "owner"
"""What ``to`` says for the department that owns the matter."""
GRIDS: Final = ("basic", "special", *Venue)
CLAIMING: Final = (Post.WORKER, Post.LEADER, Post.DISPATCHER, Post.HELPER)
_LINE: Final[Shape] = {
    "name": str, "to": str, "class": str, "kind": str, "matter": str, "grid": str, "urgency": str, "same_day": bool,
    "large": bool, "zh": str, "en": str,
}  # fmt: skip
_NEEDED: Final = ("name", "to")


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    """One line; ``None`` fits everything.

    Args:
        name: Stored with the dispatch, and shown where people ask why the case is there.
        to: A level of the tree, or `OWNER`.
        top: The class.
        kind: enquiry, help, complaint, tip_off, suggestion or praise.
        matter: How the matter's code begins.
        grid: basic, special, or what the special grid is made of.
        urgency: Of the case.
        same_day: Only what the catalogue marks as not waiting until tomorrow.
        large: Only what concerns many households at once.
        zh: Why, for people who read Chinese; empty: the name has to do.
        en: The same in English.
    """

    name: str
    to: str
    top: str | None = None
    kind: str | None = None
    matter: str = ""
    grid: str | None = None
    urgency: Urgency | None = None
    same_day: bool = False
    large: bool = False
    zh: str = ""
    en: str = ""

    def fits(self, case: Case, grid: Unit, matter: Matter | None, *, large: bool) -> bool:
        """Whether this line speaks of *case*, which arose in *grid*."""
        return (
            self.top in (None, case.top)
            and self.kind in (None, case.kind)
            and case.matter.startswith(self.matter)
            and (self.grid is None or self.grid in _sorts(grid))
            and self.urgency in (None, case.urgency)
            and (not self.same_day or bool(matter and matter.same_day))
            and (large or not self.large)
        )


def _sorts(grid: Unit) -> Collection[str]:
    """The words of a policy that fit *grid*."""
    return {"special", *([grid.venue] if grid.venue else [])} if grid.kind is UnitKind.SPECIAL else {"basic"}


def read(
    toml: Checked, levels: Sequence[str], classes: Iterable[str], matters: Iterable[str]
) -> tuple[ReceiverLine, ...]:
    """The lines of `[[receivers]]`.

    Raises:
        BadPolicy: a line can't be read, or two have the same name.
    """
    entries = toml.entries("receivers", _LINE, optional=tuple(key for key in _LINE if key not in _NEEDED))
    lines = tuple(_line(entry, levels, sorted(classes), list(matters)) for entry in entries)
    for line, entry in zip(lines, entries, strict=True):
        if sum(other.name == line.name for other in lines) > 1:
            raise entry.bad("name", f"{line.name} stands in two lines; a stored decision has to mean one of them")
    return lines


def _line(entry: Checked, levels: Sequence[str], classes: Sequence[str], matters: Sequence[str]) -> ReceiverLine:
    matter = str(entry.get("matter", ""))
    if not any(code.startswith(matter) for code in matters):
        raise entry.bad("matter", f"no matter of the catalogue begins with {matter}")
    return ReceiverLine(
        name=entry.word("name"),
        to=entry.choice("to", (*levels, OWNER)),
        top=entry.choice("class", classes) if "class" in entry else None,
        kind=entry.choice("kind", sorted(KINDS)) if "kind" in entry else None,
        matter=matter,
        grid=entry.choice("grid", GRIDS) if "grid" in entry else None,
        urgency=Urgency(entry.choice("urgency", tuple(Urgency))) if "urgency" in entry else None,
        same_day=entry.get("same_day", False),
        large=entry.get("large", False),
        zh=entry.get("zh", ""),
        en=entry.get("en", ""),
    )


def asked(toml: Checked, levels: Sequence[str]) -> Mapping[str, tuple[Post, ...]]:
    """The posts of `[asked]` that are asked first, by sort of grid or by level.

    Raises:
        BadPolicy: the key is neither, or a post is none that may claim.
    """
    known = (*GRIDS, *levels, *BESIDE)
    section = toml.section("asked", dict.fromkeys(known, list), optional=known)
    found = {key: section[key] for key in known if key in section}
    for key, posts in found.items():
        if not posts or any(post not in CLAIMING for post in posts):
            raise section.bad(key, f"must be a list of posts that may claim: {', '.join(CLAIMING)}")
    return {key: tuple(Post(post) for post in posts) for key, posts in found.items()}
