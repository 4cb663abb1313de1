"""What an operator has to mend; the text is a whole sentence."""

import errno
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError


class SchemaError(Exception):
    """The database has another schema than this program."""


class Unusable(Exception):
    """The database cannot be opened the way it was asked for."""


class Closed(Exception):
    """The store has been closed; nothing was done."""

    def __init__(self) -> None:
        super().__init__("the store is closed")


class GroupLost(Exception):
    """The engine gave up the whole transaction (disk full, I/O error): no work of the group has left a trace."""


class CommitUnknown(Exception):
    """The connection to the server broke during a COMMIT: the work may have been done, or not."""

    def __init__(self) -> None:
        super().__init__("the connection broke during the COMMIT")


class Fenced(Exception):
    """The lease of this program has been dropped: it must not write any more."""

    def __init__(self, epoch: int) -> None:
        super().__init__(
            f"Other programs have taken over what this one did, because it gave no sign of life (lease {epoch}); "
            "it has stopped."
        )


UNANSWERED: Final = "while it waited for the database"
"""Noted on the end of a task that the database had not answered yet."""
_SERVER: Final = frozenset({"08", "40", "53", "55", "57", "58"})
"""Classes of errors that say nothing about what was asked: no connection, others in the way, no room, shut down."""
_OTHERS: Final = frozenset({"40", "55"})
"""Of these, the ones that others are to blame for, who hold what was needed."""
_CANCELED: Final = "57014"
"""A statement took too long: that may well be its own fault."""
_FILE: Final = frozenset({5, 6, 8, 10, 13, 14})
"""SQLite's codes for busy, locked, read-only, I/O error, full and cannot open."""


def is_trouble(error: BaseException) -> bool:
    """Whether the database is to blame, or its link, and not what was asked of it: later the same may go well."""
    if isinstance(error, GroupLost | CommitUnknown | Closed | Fenced):
        return True
    if isinstance(error, TimeoutError):
        return UNANSWERED in getattr(error.__cause__, "__notes__", ())
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _FILE
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # there was no server to say what is wrong: it is away, or it accepts and says nothing
        return isinstance(error, OperationalError)
    return state != _CANCELED and state[:2] in _SERVER


def in_the_way(error: BaseException) -> bool:
    """Whether the database is well, and others hold what was needed: a lock, or rows that they are changing."""
    return isinstance(error, DBAPIError) and (getattr(error.orig, "sqlstate", None) or "")[:2] in _OTHERS


_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_DISK: Final = frozenset({10, 13})
"""SQLite's codes for an I/O error, which is all that it tells of a quota, and for full."""
_DISK_FULL: Final = "53100"


def has_no_room(error: BaseException | None) -> bool:
    """Whether a disk took nothing more, the database's or another: it is full, or fails."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return True
        if isinstance(error, DBAPIError):
            code, state = getattr(error.orig, "sqlite_errorcode", 0), getattr(error.orig, "sqlstate", None)
            if code & 0xFF in _DISK or state == _DISK_FULL:
                return True
        error = error.__cause__
    return False


class Unopened(ValueError):
    """A value in *place* was not sealed with any of the keys here, or was changed since, or brought from elsewhere."""

    def __init__(self, place: str) -> None:
        super().__init__(f"a value of {place} does not open")
