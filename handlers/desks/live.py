"""The list of a desk, kept up to date: the newest one of each chat is edited in place when something has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handlers._kit import panels
from routing import boards
from routing.boards import Board, Only
from routing.effects import Json
from routing.model import ChatId, PersonId, UnitCode
from routing.ports import Draft, Lane, Promise, UnitOfWork
from routing.refusals import NotYours

STEP: Final = "desk_list"
LIFE: Final = timedelta(hours=12)
"""So long after somebody looked at it a list follows what happens."""
AT_ONCE: Final = 200
"""So many lists are looked at in one go; where there are more, each has its turn."""
MOST: Final = 5_000


def remember(
    uow: UnitOfWork, chat: ChatId, person: PersonId, carrier: str, shown: Mapping[str, Json], at: datetime
) -> None:
    """From now on the list in that message is the one of its chat that is kept up to date."""
    one = Draft(panels.following(chat), person, chat, STEP, at, {"carrier": carrier, **shown})
    uow.notebook.keep_draft(_looked_at(uow, one, at))


def turn(uow: UnitOfWork, now: datetime, after: str = "") -> Sequence[Draft]:
    """The lists that are to be looked at now: those that follow the one with the key *after*, round and round."""
    lists = sorted(uow.notebook.drafts_due(STEP, now, MOST), key=lambda one: one.key)
    first = sum(one.key <= after for one in lists)
    return [*lists[first:], *lists[:first]][:AT_ONCE]


def stale(uow: UnitOfWork, lists: Sequence[Draft], now: datetime) -> Sequence[Draft]:
    """Those that no longer show what is so, with what they are to show; and those that need not be looked at."""
    found = [(one, _looked_at(uow, one, now)) for one in lists]
    return [new for old, new in found if new.data != old.data or now - old.at > LIFE]


def freshen(uow: UnitOfWork, lists: Sequence[Draft], now: datetime) -> None:
    """Edit those lists, as far as nobody turned them meanwhile, and let go of the old ones."""
    for new in lists:
        old = uow.notebook.draft(new.key)
        if old is None or old.data["carrier"] != new.data["carrier"] or old.at != new.at:
            continue
        if now - new.at > LIFE or not _may_look(uow, new):
            uow.notebook.drop_draft(new.key)
        elif new.chat in uow.outbox.carriers(carrier := str(new.data["carrier"])):
            uow.notebook.keep_draft(new)
            params: dict[str, Json] = {**_shown(new), "at": now.timestamp(), "live": carrier}
            key = f"{carrier}:live:{now.isoformat()}"
            uow.outbox.promise(Promise(key, new.chat, "desk", params, lane=Lane.DIGEST, carrier=carrier))


def gone(uow: UnitOfWork, chat: ChatId, params: Mapping[str, Json]) -> bool:
    """Whether the list was to be edited and somebody has deleted it: then it is not sent once more."""
    return "live" in params and chat not in uow.outbox.carriers(str(params["live"]))


def _may_look(uow: UnitOfWork, one: Draft) -> bool:
    """Whether whoever asked for the list may still see it where it stands."""
    try:
        return boards.desk_unit(uow, one.person, one.chat).code == one.data["unit"]
    except NotYours:
        return False


def _looked_at(uow: UnitOfWork, one: Draft, now: datetime) -> Draft:
    """The same list, with what it shows now."""
    return replace(one, data={**one.data, "seen": _seen(uow, one, now)})


def _seen(uow: UnitOfWork, one: Draft, now: datetime) -> str:
    """What the list would show now, in short."""
    shown = _shown(one)
    unit, only = UnitCode(str(shown["unit"])), Only(str(shown["only"]))
    page, person = int(str(shown["page"])), PersonId(int(str(shown["person"])))
    return digest(boards.desk(uow, unit, now, page, only, of=person), now)


def _shown(one: Draft) -> dict[str, Json]:
    """Which page of which part of the list, and whose."""
    return {name: str(one.data[name]) for name in ("unit", "only", "page", "person")}


def digest(board: Board, now: datetime) -> str:
    """The figures of a page and the cases on it, each with its version and whether it is late."""
    figures = (board.page, board.pages, board.held, board.offered, board.judging, board.late, board.returned)
    cases = ((case.number, case.version, boards.late(case, now)) for case in board.cases)
    return repr((*figures, board.disputed, board.calling, *cases))
