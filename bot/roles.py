"""What a program does of the whole: all of it, or on a server a part beside others."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from bot.settings import Settings, SettingsError


class Role(StrEnum):
    """A part of the work."""

    INGRESS = "ingress"  # takes updates in; by webhook many may, by polling one for each bot does
    WORKER = "worker"  # handles them; many share the chats
    COURIER = "courier"  # sends; one for each bot
    TICKER = "ticker"  # rings the clocks; one


EVERY: Final = frozenset(Role)


def roles_of(text: str) -> frozenset[Role]:
    """The roles in a list such as ``ingress,worker``.

    Raises:
        SettingsError: one is unknown, or there is none.
    """
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Role)]
    if unknown or not names:
        said = f"{unknown[0]!r} is no role" if unknown else "No role is named"
        raise SettingsError(f"{said}: give --roles one or more of {', '.join(Role)}, with commas between them.")
    return frozenset(map(Role, names))


def check_roles(roles: Collection[Role], settings: Settings) -> None:
    """See to it that these can be played apart.

    Raises:
        SettingsError: the database is a file, which one program writes, or a webhook would be nobody's.
    """
    missing = sorted(EVERY - set(roles))
    if missing and settings.database_file is not None:
        raise SettingsError(
            f"--roles leaves out {', '.join(missing)}, but an SQLite database is written by one program, so nobody "
            "could do that beside it. Leave --roles out, or share the work over PostgreSQL (HUYING_DATABASE_URL)."
        )


def alive_setting(role: Role) -> str:
    """Where the instant is kept at which some program last played *role*."""
    return f"alive.{role}"
