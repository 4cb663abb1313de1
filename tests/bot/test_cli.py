"""The command line: discovered commands, help from docstrings, and troubles told in one sentence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot import keys
from bot.cli import WRONG, commands, main
from storage import schema

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("HUYING_BOT_TOKEN", "HUYING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_commands_are_discovered_and_each_has_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"run", "migrate"} <= set(commands())
    assert not any(name.startswith("_") for name in commands())
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"huying {name}" in capsys.readouterr().out


def test_migrate_makes_the_database_and_says_so(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert "Made the database" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert "up to date" in capsys.readouterr().out
    assert schema.current(f"sqlite+aiosqlite:///{empty_folder / 'huying.db'}") == schema.head()


@pytest.mark.parametrize(
    ("dotenv", "said"),
    [
        ("", "BotFather"),
        ("HUYING_BOT_TOKEN=42:SANDBOX", "huying key new"),
        ("HUYING_BOT_TOKEN=42:SANDBOX\nHUYING_API_URL=http://127.0.0.1:9", "huying migrate"),
        ("HUYING_BOT_TOKEN=42:SANDBOX\nHUYING_API_URL=http://127.0.0.1:9\nHUYING_POLICY=nowhere.toml", "nowhere.toml"),
        (
            "HUYING_BOT_TOKEN=42:SANDBOX\nHUYING_API_URL=http://127.0.0.1:9\nHUYING_DATABASE_URL=sqlite+aiosqlite:////proc/nothing/x.db",
            "/proc/nothing",
        ),
        ("HUYING_LOCAL=en", "HUYING_LOCALE"),
    ],
)
def test_what_the_reader_can_mend_is_one_sentence_and_no_traceback(
    empty_folder: Path, capsys: pytest.CaptureFixture[str], dotenv: str, said: str
) -> None:
    file = empty_folder / "town.env"
    file.write_text(dotenv)
    assert main(["--env", str(file), "run"]) == WRONG
    printed = capsys.readouterr().err
    assert said in printed
    assert "Traceback" not in printed


def test_a_database_that_is_away_is_one_sentence_too(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`huying key check` opens no store, so the error is the driver's own."""
    keys.make(empty_folder / "k.key")
    url = "postgresql://huying:hunter2@127.0.0.1:1/huying"
    (empty_folder / ".env").write_text(f"HUYING_DATABASE_URL={url}\nHUYING_KEY_FILE={empty_folder / 'k.key'}")

    assert main(["--env", ".env", "key", "check"]) == WRONG
    said = capsys.readouterr().err
    assert said.startswith("huying: The database does not answer as it should: connection failed")
    assert "Traceback" not in said
    assert "hunter2" not in said


def test_a_file_that_is_no_database_is_one_sentence_too(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (empty_folder / "huying.db").write_bytes(b"no database " * 1000)
    assert main(["migrate"]) == WRONG
    assert capsys.readouterr().err == "huying: The database does not answer as it should: file is not a database\n"


def test_a_file_that_this_user_may_not_open_is_one_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As when somebody forgets `sudo`: the service's folder is for its own user alone."""

    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    for asked in ("exists", "is_file"):
        monkeypatch.setattr(Path, asked, closed)
    monkeypatch.setattr("bot.settings._dotenv", lambda _path: {})
    monkeypatch.setattr("bot.settings._toml", lambda _path: {})
    said = []
    for words in (["backup", "copy.db"], ["migrate"], ["policy", "check", "own.toml"]):
        assert main(words) == WRONG
        said.append(capsys.readouterr().err)

    assert said[0] == "huying: copy.db: Permission denied. Run it as the bot's user, or as root.\n"
    assert "huying.db cannot be looked at: Permission denied. Run this as the bot's user, or as root." in said[1]
    assert said[2].startswith("huying: own.toml: ")


def test_whoever_reads_the_first_lines_only_gets_no_traceback(empty_folder: Path) -> None:
    """As in ``huying policy show shinan | head -1``."""
    command = [sys.executable, "-m", "bot", "policy", "show", "shinan"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_settings_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--env", "nowhere.env", "migrate"])
    assert ended.value.code == WRONG
    assert "there is no file nowhere.env" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["99999999", None])
@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_a_port_where_nobody_can_listen_is_refused_with_advice(
    command: str, port: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main([command, "--port", port or str(taken.getsockname()[1])]) == WRONG

    said = capsys.readouterr().err
    assert said.startswith("huying: Nobody can listen on 127.0.0.1:")
    assert "--port" in said


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["policy", "check", "nowhere.toml"], WRONG, "There is no file nowhere.toml, and no policy of that name:"),
        (["audit", "--chain", "nowhere.jsonl"], WRONG, "nowhere.jsonl cannot be read: No such file or directory."),
        (["cap", "nowhere.xml"], 1, "nowhere.xml cannot be read: No such file or directory."),
        (["move", "--to", "sqlite:///new.db"], WRONG, "huying.db yet. Run `huying migrate`."),
    ],
)
def test_a_file_that_is_not_there_is_named(
    words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    said = capsys.readouterr().err
    assert told in said
    assert len(said.strip().splitlines()) == 1
