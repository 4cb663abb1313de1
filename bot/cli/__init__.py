"""The command line: one module per command, discovered. Its docstring is the command's help.

A command has ``async def main(args) -> int`` or ``def run(args) -> int``, and ``add_arguments(parser)`` when it takes
any. A module named ``import_`` is the command ``import``; one that begins with an underscore is none. Only the command
that is wanted is imported.
"""

import argparse
import ast
import asyncio
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Final

WRONG: Final = 2  # exit code of whatever the reader can mend
INTERRUPTED: Final = 130

Call = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command line *argv* (the process's own by default); returns the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    with _loading():
        args = _parser(words).parse_args(words)
        call = _call_of(args.command)
    try:
        code = call(args)
        sys.stdout.flush()
    except _mendable() as trouble:
        print(f"huying: {_sentence(trouble)}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has seen enough, as `head` has
        return WRONG
    except PermissionError as trouble:
        print(f"huying: {trouble.filename}: {trouble.strerror}. Run it as the bot's user, or as root.", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


@contextmanager
def _loading() -> Iterator[None]:
    """Look for no garbage while modules are loaded: there is none, and looking takes a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def commands() -> Mapping[str, Path]:
    """Every command and the file it stands in."""
    files = sorted(Path(__file__).parent.glob("[!_]*.py"))
    return {file.stem.rstrip("_"): file for file in files}


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for *words*: it knows the commands that are named there; with none, every one by its help."""
    parser = argparse.ArgumentParser(
        prog="huying", description="Huying 呼应: a Telegram group-chat bot for neighbourhood governance."
    )
    parser.add_argument(
        "--env", type=_file, metavar="FILE", default=Path(".env"), help="read settings from FILE instead of .env"
    )
    choices = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    known = commands()
    named = [name for name in known if name in words]
    for name in named or known:
        file = known[name]
        text = cleandoc(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "")
        chosen = choices.add_parser(
            name,
            help=text.partition("\n")[0].rstrip("."),
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in named:
            add_arguments = getattr(import_module(f"{__name__}.{file.stem}"), "add_arguments", None)
            if add_arguments is not None:
                add_arguments(chosen)
    return parser


def _call_of(name: str) -> Call:
    """How to carry out a command, whether it is sync or async."""
    module = import_module(f"{__name__}.{commands()[name].stem}")
    if hasattr(module, "run"):
        run: Call = module.run
        return run
    return lambda args: asyncio.run(module.main(args))


def _file(text: str) -> Path:
    path = Path(text)
    try:
        if not path.is_file():
            raise argparse.ArgumentTypeError(f"there is no file {text}")
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {error.strerror}") from error
    return path


def _mendable() -> tuple[type[Exception], ...]:
    """The errors whose text is a sentence for the reader."""
    from sqlalchemy.exc import DatabaseError

    from bot.settings import SettingsError
    from routing.checked import BadPolicy
    from storage.errors import Fenced, SchemaError, Unusable

    return SettingsError, BadPolicy, SchemaError, Unusable, Fenced, DatabaseError


def _sentence(trouble: Exception) -> str:
    """What to say of it; of what a database says not the statement, nor what it was asked with."""
    said = getattr(trouble, "orig", None)
    return str(trouble) if said is None else f"The database does not answer as it should: {said}"
