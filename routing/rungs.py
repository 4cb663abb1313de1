"""What one level owes another: who may skip one, what goes up with a case, who strikes off whoever does not come."""

from dataclasses import dataclass, field
from typing import Literal

from routing.checked import Checked
from routing.model import Post


@dataclass(frozen=True, slots=True)
class Rungs:
    """The section `[rungs]`.

    Args:
        skip_by: The posts that may send a case up past a level, with a reason (law 3); empty: nobody may.
        record: What the level below hands up with a case: its words, or words and a photo of what it did.
        caller_strikes: Whether the unit that called another one to help may itself strike it off; else only a unit
            above the caller may.
    """

    skip_by: frozenset[Post] = field(default_factory=lambda: frozenset({Post.LEADER}))
    record: Literal["words", "evidence"] = "words"
    caller_strikes: bool = False


def read(toml: Checked) -> Rungs:
    """The section, or what holds when the file has none.

    Raises:
        BadPolicy: a post or a kind of record is unknown.
    """
    if "rungs" not in toml:
        return Rungs()
    section = toml.section("rungs", {"skip_by": list, "record": str, "caller_strikes": bool})
    posts = {post.value: post for post in Post}
    for name in section["skip_by"]:
        if name not in posts:
            raise section.bad("skip_by", f"{name} is no post (there are: {', '.join(posts)})")
    return Rungs(
        skip_by=frozenset(posts[name] for name in section["skip_by"]),
        record=section.choice("record", ("words", "evidence")),
        caller_strikes=section["caller_strikes"],
    )
