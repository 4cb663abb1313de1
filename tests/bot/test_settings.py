"""Where settings come from, and that a wrong one is refused with what, where and how to mend it."""

from pathlib import Path

import pytest

from bot.rules import rules
from bot.settings import Secret, Settings, SettingsError, carry_proxies

TOKEN = "123456:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


def load(tmp_path: Path, environ: dict[str, str] | None = None, dotenv: str = "", toml: str = "") -> Settings:
    env_file, toml_file = tmp_path / ".env", tmp_path / "huying.toml"
    env_file.write_text(dotenv, encoding="utf-8")
    toml_file.write_text(toml, encoding="utf-8")
    return Settings.load(environ or {}, env_file=env_file, toml_file=toml_file)


def test_nothing_set_means_the_defaults(tmp_path: Path) -> None:
    settings = Settings.load({}, env_file=tmp_path / "no.env", toml_file=tmp_path / "no.toml")
    assert settings == Settings()
    assert settings.http_port == 8080
    assert settings.http_host == "127.0.0.1", "health and metrics are for this machine"
    assert settings.database_file == Path("huying.db")


def test_the_environment_beats_dotenv_which_beats_toml_which_beats_the_default(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {"HUYING_LOCALE": "en", "HOME": "/somewhere"},
        dotenv="HUYING_LOCALE=zh\nHUYING_POLICY=feicheng\nOTHER=1",
        toml="locale = 'zh'\npolicy = 'shinan'\nhttp_port = 0\nHUYING_LOG = 'json'",
    )
    assert (settings.locale, settings.policy, settings.http_port, settings.log) == ("en", "feicheng", 0, "json")


def test_an_empty_value_counts_as_not_set(tmp_path: Path) -> None:
    settings = load(tmp_path, {"HUYING_WEBHOOK_URL": " "}, dotenv="HUYING_TIMEZONE=")
    assert settings.webhook_url is None
    assert settings.timezone == "Asia/Shanghai"


def test_a_file_from_windows_is_read_as_it_looks(tmp_path: Path) -> None:
    lines = 'HUYING_LOCALE="en"\r\n\r\n# 注释\r\nexport HUYING_POLICY=shinan  # why\r\nHUYING_TIMEZONE=\r\n'
    (tmp_path / ".env").write_bytes(lines.encode("utf-8-sig"))
    settings = Settings.load({}, env_file=tmp_path / ".env", toml_file=tmp_path / "no.toml")
    assert (settings.locale, settings.policy, settings.timezone) == ("en", "shinan", "Asia/Shanghai")


def test_proxies_of_the_file_stand_in_the_environment_where_it_names_none(tmp_path: Path) -> None:
    file, environ = tmp_path / ".env", {"https_proxy": "http://mine:3128"}
    file.write_text("HTTPS_PROXY=http://theirs:3128\nNO_PROXY=localhost\nHTTP_PROXY=\nOTHER=1\n", encoding="utf-8")

    carry_proxies(file, environ)

    assert environ == {"https_proxy": "http://mine:3128", "NO_PROXY": "localhost"}


@pytest.mark.parametrize(("name", "opener"), [(".env", "open"), ("huying.toml", "read_text")])
def test_a_file_of_another_user_is_told_as_such(
    name: str, opener: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / name).touch()
    monkeypatch.setattr(Path, opener, closed)

    with pytest.raises(SettingsError) as refused:
        Settings.load({}, env_file=tmp_path / ".env", toml_file=tmp_path / "huying.toml")

    said = f"{tmp_path / name} can't be read: Permission denied. Run it as the bot's user, or as root."
    assert str(refused.value) == said


def test_several_tokens_are_several_bots(tmp_path: Path) -> None:
    settings = load(tmp_path, toml="bot_token = ['42:SANDBOX', '43:SANDBOX']")
    assert settings.bot_ids == (42, 43)


@pytest.mark.parametrize(
    ("environ", "dotenv", "toml", "said"),
    [
        ({"HUYING_LOCAL": "en"}, "", "", ["HUYING_LOCAL in the environment", "HUYING_LOCALE?"]),
        ({}, "HUYING_BOT_TOKENS=1", "", [".env", "HUYING_BOT_TOKEN?"]),
        ({}, "huying_policy=shinan", "", ["huying_policy in", ".env", "HUYING_POLICY?"]),
        ({}, "# one\nHUYING_POLICY='shinan\nHUYING_LOCALE=en", "", ["Line 2 of", ".env", "quotation mark"]),
        ({}, "HUYING_POLICY shinan", "", ["Line 1 of", ".env", "NAME=value"]),
        ({}, "HUYING_POLICY", "", ["Line 1 of", "NAME=value"]),
        ({"HUYING_DATABASE_URL": "postgresql://u:p[w@host/name"}, "", "", ["HUYING_DATABASE_URL", "%5B %5D"]),
        ({"HUYING_TIMEZONE": "Asia"}, "", "", ["HUYING_TIMEZONE", "Asia/Shanghai"]),
        ({"HUYING_CALENDAR": "x" * 5000}, "", "", ["HUYING_CALENDAR", ".toml"]),
        ({}, "", "pollicy = 'x'", ["huying.toml", "HUYING_POLICY?"]),
        ({}, "", "policy = ", ["huying.toml can't be read"]),
        ({}, "", "[http]\nport = 1", ["[http]", "table"]),
        ({"HUYING_ZZZZZZZZ": "1"}, "", "", ["Known are", "HUYING_LOCALE"]),
        ({"HUYING_HTTP_PORT": "8o80"}, "", "", ["HUYING_HTTP_PORT in the environment", "'8o80'", "65535"]),
        ({"HUYING_HTTP_PORT": "65536"}, "", "", ["65535"]),
        ({"HUYING_LOCALE": "fr"}, "", "", ["zh or en"]),
        ({"HUYING_TIMEZONE": "Asia/Beijing2"}, "", "", ["Asia/Shanghai"]),
        ({"HUYING_API_URL": "api.telegram.org"}, "", "", ["HUYING_API_URL", "https://api.telegram.org"]),
        ({"HUYING_DATABASE_URL": "sqlite+aiosqlite:///:memory:"}, "", "", ["loses everything"]),
        ({"HUYING_DATABASE_URL": "mysql://x/y"}, "", "", ["postgresql://"]),
        ({"HUYING_CLOCK_SPEED": "0"}, "", "", ["above 0"]),
        ({"HUYING_CLOCK_SPEED": "60"}, "", "", ["HUYING_CLOCK_SPEED=60", "loopback", "https://api.telegram.org"]),
        (
            {"HUYING_CLOCK_SPEED": "60", "HUYING_API_URL": "http://127.0.0.1.example.org"},
            "",
            "",
            ["loopback"],
        ),
        ({"HUYING_WEBHOOK_URL": "https://example.org"}, "", "", ["HUYING_WEBHOOK_SECRET", "openssl"]),
        ({"HUYING_WEBHOOK_URL": "http://example.org", "HUYING_WEBHOOK_SECRET": "s"}, "", "", ["https://"]),
        ({"HUYING_BOT_TOKEN": "42:SANDBOX,42:OTHER"}, "", "", ["twice"]),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(
    tmp_path: Path, environ: dict[str, str], dotenv: str, toml: str, said: list[str]
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, environ, dotenv, toml)
    for words in said:
        assert words in str(refused.value)


def test_a_faster_clock_is_allowed_on_this_machine_only(tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:8081", "http://localhost:1", "http://[::1]:5"):
        environ = {"HUYING_CLOCK_SPEED": "3600", "HUYING_API_URL": address}
        assert load(tmp_path, environ).clock_speed == 3600


def test_secrets_show_themselves_nowhere(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "HUYING_BOT_TOKEN": TOKEN,
            "HUYING_WEBHOOK_SECRET": "hush-hush-hush-hush-hush",
            "HUYING_HEARTBEAT_URL": "https://beat.example.org/uuid-1",
            "HUYING_DATABASE_URL": "postgresql://huying:pass-word@db/huying",
        },
    )
    shown = f"{settings!r} {settings} {settings.bot_token[0]}"
    for secret in (TOKEN, "hush-hush-hush-hush-hush", "uuid-1", "pass-word"):
        assert secret not in shown
    assert set(settings.secrets) == {TOKEN, "hush-hush-hush-hush-hush", "https://beat.example.org/uuid-1", "pass-word"}


def test_a_malformed_token_is_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, {"HUYING_BOT_TOKEN": TOKEN.replace(":", "")})
    assert "AbCdEf" not in str(refused.value)


def test_running_without_a_token_is_refused_with_the_way_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="BotFather"):
        load(tmp_path).with_tokens()
    assert load(tmp_path, {"HUYING_BOT_TOKEN": "42:SANDBOX"}).with_tokens().bot_token == (Secret("42:SANDBOX"),)


def test_a_calendar_that_cannot_be_used_is_refused_with_its_fault(tmp_path: Path) -> None:
    notice = tmp_path / "2027.toml"
    with pytest.raises(SettingsError, match=r"HUYING_CALENDAR .*expected the path of a \.toml file"):
        load(tmp_path, {"HUYING_CALENDAR": str(notice)})
    notice.write_text('holidays = ["2027-01-01"]', "utf-8")
    settings = load(tmp_path, {"HUYING_CALENDAR": str(notice)})

    with pytest.raises(SettingsError, match=r"HUYING_CALENDAR can't be used: 2027\.toml: 2027-10-01 must be listed"):
        rules(settings)
    notice.write_text('holidays = ["2027-01-01", "2027-10-01"]', "utf-8")
    assert rules(settings)[1].horizon.year == 2027


def test_quiet_hours_and_office_hours_are_the_policys(tmp_path: Path) -> None:
    policy, calendar = rules(load(tmp_path))
    assert policy.quiet is not None
    assert calendar.office == policy.office
    assert rules(load(tmp_path, {"HUYING_QUIET_HOURS": "off"}))[0].quiet is None


def test_a_forgotten_sign_of_equality_shows_no_token(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^HUYING_BOT_TOKEN in .*no setting.*HUYING_BOT_TOKEN\?") as refused:
        load(tmp_path, dotenv=f"HUYING_BOT_TOKEN:{TOKEN}")
    assert "AbCdEf" not in str(refused.value)
