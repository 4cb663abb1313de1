"""The key file: where it stands, how it is made and read, and that nobody else on the machine can read it."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.settings import IN_THE_CLEAR, Settings, SettingsError, is_loopback
from storage.sealing import Ring, new_key

CREDENTIAL: Final = "huying.key"
"""The name of the systemd credential that is used when HUYING_KEY_FILE is not set."""
_OTHERS: Final = stat.S_IWGRP | stat.S_IRWXO


def key_file(settings: Settings) -> Path | None:
    """Where the keys stand; ``None`` where nothing is to be sealed."""
    if settings.key_file == IN_THE_CLEAR:
        return None
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if settings.key_file is None and folder and (Path(folder) / CREDENTIAL).is_file():
        return Path(folder) / CREDENTIAL
    return settings.key_file


def ring_of(settings: Settings) -> Ring | None:
    """The keys of the database; ``None`` where nothing is to be sealed.

    Raises:
        SettingsError: the file is not there, or others can read it.
        Unusable: what stands in it is no key.
    """
    path = key_file(settings)
    return None if path is None else read(path)


def read(path: Path) -> Ring:
    """The keys in *path*.

    Raises:
        SettingsError: it is not there, or others can read it.
        Unusable: what stands in it is no key.
    """
    try:
        with path.open(encoding="ascii") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(100_000)
    except FileNotFoundError:
        raise SettingsError(
            f"HUYING_KEY_FILE names {path}, and there is no such file. For a new database make it with `huying key "
            "new`; for one that is sealed put the copy back that you kept."
        ) from None
    except PermissionError:
        raise SettingsError(
            f"This user may not read the key file {path}. Run this as root, or as the user to whom the file belongs."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The key file {path} can't be read: {type(error).__name__}. Mend or restore it.") from None
    if os.name == "posix" and mode & _OTHERS:
        raise SettingsError(f"The key file {path} is open to other users of this machine. Run `chmod 600 {path}`.")
    return Ring.parse(text)


def make(path: Path) -> Ring:
    """Write a new key to *path*, which must not exist.

    Raises:
        SettingsError: it does, or can't be written.
    """
    ring = Ring([new_key()])
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            try:
                _write(file.fileno(), ring)
            except OSError:
                path.unlink()  # half a key would be in the way of a whole one
                raise
    except FileExistsError:
        raise SettingsError(f"{path} exists already; a key is never overwritten.") from None
    except OSError as error:
        raise SettingsError(f"{path} can't be written ({error.strerror}).") from None
    _keep_names(path.parent)
    return ring


def replace(path: Path, ring: Ring) -> None:
    """Put *ring* in the place of what stands in *path*: the whole of it, or nothing. Its owner stays.

    It is on the disk before this returns: what is sealed with a key that a power cut takes away is lost.

    Raises:
        SettingsError: it can't be written.
    """
    path = path.resolve()  # a link stays one
    draft = path.with_name(path.name + ".part")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            if os.name == "posix" and os.geteuid() == 0:
                owner = path.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            _write(file.fileno(), ring)
        draft.replace(path)
    except OSError as error:
        raise SettingsError(f"{path} can't be written ({error.strerror}); nothing was changed.") from None
    _keep_names(path.parent)


def _write(file: int, ring: Ring) -> None:
    os.write(file, ring.text().encode("ascii"))
    os.fsync(file)


def _keep_names(folder: Path) -> None:
    """Let the disk keep which file has which name there, too, where it can."""
    if os.name == "posix":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def refuse_without(settings: Settings) -> None:
    """Refuse to serve real people without a key, unless the operator has said that it shall be so.

    Raises:
        SettingsError: how to make one.
    """
    if settings.key_file is None and key_file(settings) is None and not is_loopback(settings.api_url):
        raise SettingsError(
            "HUYING_KEY_FILE is not set, so names, phones and what people write would stand in the clear in the "
            "database. Run `huying key new FILE` and set it to that file, on another disk than the backups; or set "
            "HUYING_KEY_FILE=none to have it so."
        )
