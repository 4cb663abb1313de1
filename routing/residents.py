"""People as residents: their home, what is stored about them, and being forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from routing import admission, desk, lifecycle, refusals, telling, tries
from routing.effects import Json
from routing.events import Withdrawn
from routing.model import Case, Household, PersonId, Status, Unit, UnitKind, Words
from routing.ports import Erasure, ErasureReason, UnitOfWork
from routing.refusals import Refusal

NOTICE: Final = "2026-11"
"""The version of the privacy notice; the draft of a person who saw an older one, or none, says where it is."""
PURPOSE: Final = "door"
GRIDS: Final = frozenset({UnitKind.BASIC, UnitKind.SPECIAL})
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Home:
    """The household that a door code stands for; ``moving`` when the person lives elsewhere until they confirm."""

    household: Household
    grid: Unit
    moving: bool = False


def register(uow: UnitOfWork, person: PersonId, door_code: str, at: datetime, *, moved: bool = False) -> Home | Refusal:
    """Bind *person* to the household behind *door_code*: the slip was handed over at that door.

    Args:
        uow: The transaction.
        person: Who typed or scanned it.
        door_code: As typed; case, spaces and dashes do not matter.
        at: Now.
        moved: They confirm to have left the home they had before.

    Returns:
        The home; nothing is written while ``moving``. Or `WrongCode`, returned so that the try is counted.

    Raises:
        TooManyTries: they have guessed too often.
    """
    tries.admit(uow, PURPOSE, person, at)
    household = uow.people.household_by_door_code("".join(filter(str.isalnum, door_code)).upper())
    grid = uow.units.find(household.grid) if household else None
    if household is None or grid is None:
        tries.wrong(uow, PURPOSE, person, at)
        return admission.WrongCode()
    tries.right(uow, PURPOSE, person)
    before = uow.people.household_of(person)
    if before is not None and before.code != household.code and not moved:
        return Home(household, grid, moving=True)
    uow.people.join_household(person, household.code, at)
    return Home(household, grid)


def grids_of(uow: UnitOfWork, person: PersonId) -> list[Unit]:
    """The grids that a person has to do with: of their home, of their posts, else of their last report."""
    home = uow.people.household_of(person)
    codes = [home.grid] if home else []
    codes += [unit.code for post in uow.people.posts_of(person) for unit in uow.units.path(post.unit)]
    grids = _grids(uow, codes)
    return grids or _grids(uow, [case.grid for case in uow.cases.reported_by(person, limit=1)])


def _grids(uow: UnitOfWork, codes: list[Any]) -> list[Unit]:
    units = (uow.units.find(code) for code in dict.fromkeys(codes))
    return [unit for unit in units if unit is not None and unit.kind in GRIDS]


def lives_in(uow: UnitOfWork, bot: int, person: int, chat: int) -> bool:
    """Whether the one with the Telegram id *person* has their home in the grid that *chat* serves."""
    theirs, group = uow.chats.find(bot, person), uow.chats.find(bot, chat)
    if theirs is None or theirs.person is None or group is None or group.unit is None:
        return False
    home = uow.people.household_of(theirs.person)
    return home is not None and home.grid == group.unit


def inform(uow: UnitOfWork, person: PersonId, at: datetime) -> bool:
    """Record that *person* is shown the privacy notice of today's version, or where it is; the first time stays.

    Returns:
        Whether it is the first time.
    """
    if (uow.notebook.setting(_notice(person)) or "").startswith(f"{NOTICE} "):
        return False
    uow.notebook.set_setting(_notice(person), f"{NOTICE} {at.isoformat()}")
    return True


def _notice(person: PersonId) -> str:
    return f"notice:{person}"


def stored_about(uow: UnitOfWork, person: PersonId) -> dict[str, Any]:
    """What is stored about *person*, ready for JSON. Times are ISO 8601 with zone.

    Of what they did in office only figures: it stands in the records of cases, broadcasts and roll-calls, with others'.
    """
    known, home = uow.people.get(person), uow.people.household_of(person)
    said = uow.words.by(person)
    cases = list(reported(uow, person))
    own = {case.id for case in cases}
    return {
        "profile": {"telegram_id": known.telegram_id, "name": known.name, "language": known.lang} if known else None,
        "privacy_notice_seen": uow.notebook.setting(_notice(person)),
        "household": home and {"grid": home.grid, "building": home.building, "unit": home.unit_no, "room": home.room},
        "posts": [
            {"unit": post.unit, "post": post.post.value, "name": post.name, "phone": post.phone}
            for post in uow.people.posts_of(person)
        ],
        "cases": [
            {**_case(case, [words for words in said if words.case == case.id]), "readings": _readings(uow, case)}
            for case in cases
        ],
        "texts_on_other_cases": [_words(words) for words in said if words.case not in own],
        "drafts": [{"at": draft.at.isoformat(), **draft.data} for draft in uow.notebook.drafts_of(person)],
        **uow.people.traces(person),
    }


def reported(uow: UnitOfWork, person: PersonId) -> Iterator[Case]:
    """Every case that *person* reported, newest first."""
    offset = 0
    while page := uow.cases.reported_by(person, limit=_PAGE, offset=offset):
        yield from page
        offset += len(page)


def _case(case: Case, said: list[Words]) -> dict[str, Any]:
    return {
        "number": case.number,
        "status": case.status.value,
        "grid": case.grid,
        "matter": case.matter,
        "building": case.place.building,
        "filed_at": case.filed_at.isoformat(),
        "archived_at": case.archived_at.isoformat() if case.archived_at else None,
        "rating_first": case.rating_first,
        "rating_final": case.rating_final,
        "texts": [_words(words) for words in said],
    }


def _readings(uow: UnitOfWork, case: Case) -> list[dict[str, Json]]:
    """Who opened it as an observer, or opened how its reporter can be reached: in which post, when and why."""
    return [
        {"at": one.at.isoformat(), "unit": one.unit, "post": one.post.value, "what": one.kind.value, "why": one.reason}
        for one in uow.readings.of(case.id)
    ]


def _words(words: Words) -> dict[str, Json]:
    return {
        "kind": words.kind.value,
        "at": words.at.isoformat(),
        "text": words.text,
        "attachments": len(words.media),
    }


def may_be_forgotten(uow: UnitOfWork, person: PersonId) -> int:
    """How many open cases of theirs go on without them.

    Raises:
        HoldsPosts: staff stay known while they hold a post.
    """
    posts = uow.people.posts_of(person)
    if posts:
        raise refusals.HoldsPosts(unit=posts[0].unit)
    return sum(case.open for case in reported(uow, person))


def forget(uow: UnitOfWork, person: PersonId, at: datetime, *, withdraw: bool) -> Erasure:
    """Erase *person*: name, Telegram id, home, texts, attachments, drafts. Their number stays and means nobody.

    Their cases stay, without words of theirs, and open ones go on; with *withdraw* those that still can be are taken
    back first. Cards are shown anew, so that the texts vanish from the chats, too. Returns the receipt.

    Raises:
        HoldsPosts: as `may_be_forgotten`.
    """
    may_be_forgotten(uow, person)
    cases = list(reported(uow, person))
    if withdraw:
        for case in cases:
            reviewed = case.status is Status.IN_REVIEW  # done, and not for the reporter to take back
            if case.open and not reviewed and Withdrawn in lifecycle.possible(case.status):
                desk.move(uow, case.id, Withdrawn(at=at, by=person))
    receipt = erase(uow, person, at, ErasureReason.ASKED)
    for case in cases:
        telling.show(uow, uow.cases.get(case.id), at, mark=f"forget:{at.isoformat()}")
    return receipt


def erase(uow: UnitOfWork, person: PersonId, at: datetime, why: ErasureReason) -> Erasure:
    """Erase everything that leads from the number of *person* to them, and write the receipt."""
    texts = uow.words.erase_of(person)
    uow.notebook.set_setting(_notice(person), None)
    return uow.erasures.add(at, why, person, {"words": texts, **uow.people.erase(person, at)})
