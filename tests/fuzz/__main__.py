"""Fuzz one target for as long as you like, guided by coverage: ``python -m tests.fuzz NAME --seconds 600``."""

import argparse
import os
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

PROGRAM: Final = ("bot", "broadcasts", "handlers", "routing", "storage")


def main() -> int:
    """Run it; the process ends with another code than 0 when something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("name", nargs="?", help="the target; without one they are listed")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder that keeps inputs which reached something new")
    args = parser.parse_args()
    if find_spec("atheris") is None:
        say("atheris is not installed here: it comes for Linux on x86-64 and Python before 3.14.")
        return 2
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=list(PROGRAM), enable_loader_override=False):
        targets = import_module("tests.fuzz.targets").TARGETS
    if args.name not in targets:
        say("\n".join(targets))
        return 0 if args.name is None else 2
    fuzz(atheris, args.name, targets[args.name], args.seconds, args.corpus)
    return 0


def fuzz(atheris: Any, name: str, target: Any, seconds: int, corpus: Path | None) -> None:
    """Let atheris choose the bytes from which Hypothesis makes inputs."""
    from hypothesis import HealthCheck, given, settings

    runs, begun = [0], time.monotonic()

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def holds(made: Any) -> None:
        runs[0] += 1
        target.check(made)

    def one(data: bytes) -> None:
        if time.monotonic() - begun > seconds:
            say(f"{name}: {runs[0]} inputs in {seconds} s")
            os._exit(0)  # libFuzzer would end by itself without a word
        try:
            holds.hypothesis.fuzz_one_input(data)
        except Exception:
            say(f"{name}: does not hold after {runs[0]} inputs")
            raise

    kept = f"-artifact_prefix={tempfile.gettempdir()}/huying-fuzz-{name}-"
    options = ["-max_len=8192", "-len_control=0", "-verbosity=0", "-rss_limit_mb=4096", kept]
    atheris.Setup([sys.argv[0], *options, *([str(corpus)] if corpus else [])], one, enable_python_coverage=True)
    atheris.Fuzz()


def say(sentence: str) -> None:
    """Tell whoever watches."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
