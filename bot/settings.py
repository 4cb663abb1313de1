"""The settings: environment over ``.env`` over ``huying.toml`` over defaults, checked before anything starts."""

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv.parser import parse_stream

PREFIX: Final = "HUYING_"
TELEGRAM: Final = "https://api.telegram.org"
IN_THE_CLEAR: Final = Path("none")
"""What `Settings.key_file` is when the operator wants nothing sealed."""
_TOKEN: Final = re.compile(r"[0-9]{1,19}:[A-Za-z0-9_-]{3,}")
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{22,256}")
"""At least 128 bits where every character is drawn by lot; Telegram takes no other characters and no more."""
_PROXIES: Final = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"})


class SettingsError(Exception):
    """A setting is unknown, unreadable or contradicts another; the message says which, where and how to mend it."""


class Secret:
    """A text that never shows itself: `reveal` is the one way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that must send it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a deployment can choose. Field *x* is the setting ``HUYING_X``."""

    bot_token: tuple[Secret, ...] = ()
    api_url: str = TELEGRAM
    database_url: str = field(default="sqlite+aiosqlite:///huying.db", repr=False)  # may hold a password
    policy: str = "default"
    locale: str = "zh"
    timezone: str = "Asia/Shanghai"
    calendar: Path | None = None
    quiet_hours: str = "on"
    webhook_url: str | None = None
    webhook_secret: Secret | None = None
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    clock_speed: float = 1.0
    log: str = "text"
    heartbeat_url: Secret | None = None
    cap_token: Secret | None = None
    key_file: Path | None = None

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        env_file: Path = Path(".env"),
        toml_file: Path = Path("huying.toml"),
    ) -> "Settings":
        """Read all sources; files that do not exist are passed over. An empty value counts as not set.

        Raises:
            SettingsError: a name nobody knows, a value that can't be used, or two that contradict each other.
        """
        found: dict[str, tuple[str, str]] = {}
        for where, values in (
            (str(toml_file), _toml(toml_file)),
            (str(env_file), _dotenv(env_file)),
            ("the environment", dict(os.environ if environ is None else environ)),
        ):
            for name, value in values.items():
                if not name.upper().startswith(PREFIX):
                    continue
                if name not in _READERS:
                    shown = _shown(name)
                    raise SettingsError(f"{shown} in {where} is no setting of Huying.{_did_you_mean(shown)}")
                if value.strip():
                    found[name] = (value.strip(), where)
        settings = cls(**{_field(name): _read(name, *source) for name, source in found.items()})
        _check(settings)
        return settings

    @property
    def bot_ids(self) -> tuple[int, ...]:
        """The bots' Telegram ids: what stands before the colon of each token."""
        return tuple(int(token.reveal().partition(":")[0]) for token in self.bot_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not appear in a log."""
        kept = [*self.bot_token, self.webhook_secret, self.heartbeat_url, self.cap_token]
        password = urlsplit(self.database_url).password
        return tuple(secret.reveal() for secret in kept if secret) + ((password,) if password else ())

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; ``None`` for a server."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path.partition("?")[0]) if scheme.startswith("sqlite") and path else None

    def with_tokens(self) -> "Settings":
        """These settings, seen to hold a token.

        Raises:
            SettingsError: there is none.
        """
        if not self.bot_token:
            raise SettingsError(
                "HUYING_BOT_TOKEN is not set. Ask @BotFather for a token and put HUYING_BOT_TOKEN=… into .env, "
                "or run `huying demo` to try Huying without Telegram."
            )
        return self


def _check(settings: Settings) -> None:
    """Refuse settings that contradict each other."""
    if settings.clock_speed != 1.0 and not is_loopback(settings.api_url):
        raise SettingsError(
            f"HUYING_CLOCK_SPEED={settings.clock_speed:g} is for rehearsals only: HUYING_API_URL must then be a "
            f"loopback address such as http://127.0.0.1:8081, and it is {settings.api_url}."
        )
    if settings.webhook_url and not settings.webhook_secret:
        raise SettingsError(
            "HUYING_WEBHOOK_URL is set without HUYING_WEBHOOK_SECRET, so anybody could pretend to be Telegram. "
            "Set it to 22-256 characters of A-Z a-z 0-9 _ -, for instance the output of `openssl rand -hex 24`."
        )
    if len(set(settings.bot_ids)) != len(settings.bot_ids):
        raise SettingsError("HUYING_BOT_TOKEN names the same bot twice. Give each bot's token once.")


def carry_proxies(env_file: Path, environ: MutableMapping[str, str]) -> None:
    """Let *environ*, where HTTP libraries look for them, name the proxies of *env_file*; what it names already stays.

    Raises:
        SettingsError: the file can't be read.
    """
    known = {name.upper() for name in environ}
    for name, value in _dotenv(env_file).items():
        if name.upper() in _PROXIES - known and value.strip():
            environ[name] = value.strip()


def is_loopback(url: str) -> bool:
    """Whether *url* stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _field(name: str) -> str:
    return name.removeprefix(PREFIX).lower()


def _shown(name: str) -> str:
    """*name* as it may be repeated: with the sign of equality forgotten, a token stands in it."""
    return re.split(r"[^A-Za-z0-9_]", name, maxsplit=1)[0]


def _did_you_mean(name: str) -> str:
    close = difflib.get_close_matches(name.upper(), _READERS, n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else f" Known are {', '.join(_READERS)}."


def _toml(path: Path) -> dict[str, str]:
    """The file's keys as setting names; a list becomes a comma list."""
    try:
        if not path.exists():
            return {}
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except PermissionError as error:
        raise _closed(path, error) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} can't be read: {error}. Mend that line or remove the file.") from error
    values = {}
    for key, value in table.items():
        if isinstance(value, dict):
            raise SettingsError(f"[{key}] in {path} is a table; settings are plain lines such as policy = 'default'.")
        upper = key.upper()
        name = upper if upper.startswith(PREFIX) else PREFIX + upper
        values[name] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return values


def _dotenv(path: Path) -> dict[str, str]:
    """The file's lines; one that says nothing is refused, because what it was meant to say would be left out."""
    try:
        if not path.exists():
            return {}
        with path.open(encoding="utf-8-sig") as file:
            lines = list(parse_stream(file))
    except PermissionError as error:
        raise _closed(path, error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} can't be read: {error}. Save it as UTF-8, mend it or remove it.") from error
    for line in lines:
        if line.error or (line.key and line.key in _READERS and line.value is None):
            raise SettingsError(
                f"Line {line.original.line} of {path} can't be read. Write NAME=value; what begins with a quotation "
                "mark ends with one."
            )
    return {line.key: line.value or "" for line in lines if line.key}


def _closed(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"{path} can't be read: {error.strerror}. Run it as the bot's user, or as root.")


def _read(name: str, text: str, where: str) -> Any:
    """Read one value by its reader.

    Raises:
        SettingsError: says what was expected and shows an example; a secret's value is not repeated.
    """
    reader, expected, secret = _READERS[name]
    try:
        return reader(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        shown = "has a value" if secret else f"is {text!r}"
        raise SettingsError(f"{name} in {where} {shown} that can't be used: expected {expected}.") from None


def _tokens(text: str) -> tuple[Secret, ...]:
    tokens = [part.strip() for part in text.split(",") if part.strip()]
    if not tokens or not all(_TOKEN.fullmatch(token) for token in tokens):
        raise ValueError
    return tuple(map(Secret, tokens))


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return text.rstrip("/")


def _webhook_url(text: str) -> str:
    if urlsplit(text).scheme != "https" and not is_loopback(text):
        raise ValueError
    return _url(text)


def _database_url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if scheme.partition("+")[0] not in {"sqlite", "postgresql"} or not separator or not rest or ":memory:" in rest:
        raise ValueError
    urlsplit(text)  # refuses brackets, which a password may have as %5B and %5D
    return text


def _timezone(text: str) -> str:
    return ZoneInfo(text).key


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ValueError
    return path


def _key_file(text: str) -> Path:
    return IN_THE_CLEAR if text.lower() == str(IN_THE_CLEAR) else Path(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise ValueError
    return int(text)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 1_000_000:
        raise ValueError
    return speed


def _webhook_secret(text: str) -> Secret:
    if not _WEBHOOK_SECRET.fullmatch(text):
        raise ValueError
    return Secret(text)


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError
        return text.lower()

    return read


_UNGUESSABLE: Final = "22-256 characters of A-Z a-z 0-9 _ - drawn by lot, such as `openssl rand -hex 24` prints"

Reader = tuple[Callable[[str], object], str, bool]

# name: how to read it, what was expected (said when it can't be), whether the value must not be repeated
_READERS: Final[Mapping[str, Reader]] = {
    "HUYING_BOT_TOKEN": (_tokens, "a token from @BotFather such as 123456:ABC-DEF, several with commas", True),
    "HUYING_API_URL": (_url, "an address such as https://api.telegram.org or http://127.0.0.1:8081", False),
    "HUYING_DATABASE_URL": (
        _database_url,
        "sqlite+aiosqlite:///huying.db or postgresql://user:password@host/name (signs such as [ ] in a password as "
        "%5B %5D; a database in memory loses everything)",
        True,
    ),
    "HUYING_POLICY": (str, "the name of a policy or the path of a .toml file", False),
    "HUYING_LOCALE": (_one_of("zh", "en"), "zh or en", False),
    "HUYING_TIMEZONE": (_timezone, "a time zone such as Asia/Shanghai", False),
    "HUYING_CALENDAR": (_file, "the path of a .toml file with the holidays of a later year", False),
    "HUYING_QUIET_HOURS": (_one_of("on", "off"), "on or off", False),
    "HUYING_WEBHOOK_URL": (_webhook_url, "an address that starts with https://", False),
    "HUYING_WEBHOOK_SECRET": (_webhook_secret, _UNGUESSABLE, True),
    "HUYING_HTTP_HOST": (str, "an address to listen on such as 127.0.0.1", False),
    "HUYING_HTTP_PORT": (_port, "a port from 0 (any free one) to 65535", False),
    "HUYING_CLOCK_SPEED": (_speed, "a number above 0 such as 60", False),
    "HUYING_LOG": (_one_of("text", "json"), "text or json", False),
    "HUYING_CAP_TOKEN": (_webhook_secret, _UNGUESSABLE, True),
    "HUYING_KEY_FILE": (_key_file, "the path of a file that `huying key new` made, or none", False),
    "HUYING_HEARTBEAT_URL": (lambda text: Secret(_url(text)), "an address that starts with https://", True),
}
