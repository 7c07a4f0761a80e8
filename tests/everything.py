"""What `make test` does, step by step: each says what it is and what it took. Status 0 only when every step passed.

Every step runs, also after one has failed, so that one run tells everything. What takes one core is done two at a time, and told in order.
pytest is the last, and its summary the last words.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO

from credit_studio.operate import frontend
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import PROJECT_ROOT
from tests import chromium

_FLOORS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
_PROCESSES = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
"""Each process has a database, a studio and a browser of its own: more than there are cores would be in each other's way, and so would more than four.
Files go out in the order of their names, since the few long ones would else be the last, and one process would wait for the other."""
_TESTS = ("-m", "pytest", "-p", "tests.suites", "-m", "not soak", *_PROCESSES, "--ignore=tests/house", "--cov", "--cov-report=", "--durations=10")

Said = IO[str]
Step = Callable[..., bool]
"""Does something, says what there is to say of it, and returns whether all is well."""


def python(*argv: str, said: Said) -> bool:
    """Run this environment's Python; True when it says that all is well."""
    return subprocess.run([sys.executable, *argv], cwd=PROJECT_ROOT, env=frontend.environment(), stdout=said, stderr=said, check=False).returncode == 0


def browser(*, said: Said) -> bool:
    """Find or install a Chromium."""
    try:
        print(chromium.get(), file=said)
    except chromium.NoBrowser as problem:
        print(problem, file=said)
        return False
    return True


def pages(*, said: Said) -> bool:
    """Build the pages that the browser tests open, when they are not built yet."""
    try:
        frontend.ensure(PROJECT_ROOT / "data" / "build.log")
    except CannotStart as problem:
        print(problem, file=said)
        return False
    return True


Steps = tuple[tuple[str, Step], ...]
LINT: Steps = (
    ("types: pyright", partial(python, "-m", "pyright")),
    ("style: ruff check", partial(python, "-m", "ruff", "check", ".")),
    ("format: ruff format --check", partial(python, "-m", "ruff", "format", "--check", ".")),
    ("floors: import-linter", partial(python, "-c", _FLOORS, "--no-logo")),
    ("house: its own rules", partial(python, "-m", "pytest", "tests/house")),
)
BEFORE: Steps = (
    ("browser: a Chromium", browser),
    ("pages: built once for the tests", pages),
)
"""What the tests need: beside the checks of the code, which take one core."""
TESTS: Steps = (("tests: pytest with coverage", partial(python, *_TESTS)),)


def main() -> int:
    """Do the steps; the exit status."""
    words = argparse.ArgumentParser(description="Check everything that `make test` checks.")
    words.add_argument("--lint", action="store_true", help="style, types and floors only")
    only_lint = words.parse_args().lint
    told = [*_together(LINT if only_lint else BEFORE + LINT), *map(_alone, () if only_lint else TESTS)]
    failed = [name for name, passed in told if not passed]
    if failed:
        print("FAILED: " + "; ".join(failed))
    return 1 if failed else 0


def _together(steps: Steps) -> Iterator[tuple[str, bool]]:
    """Do steps two at a time; each is told whole, in order."""
    with ThreadPoolExecutor(max_workers=2) as threads:
        for name, doing in [(name, threads.submit(_quietly, step)) for name, step in steps]:
            passed, took_s, said = doing.result()
            print(f"== {name}\n{said}   {'ok' if passed else 'FAILED'}, {took_s:.1f} s", flush=True)
            yield name, passed


def _quietly(step: Step) -> tuple[bool, float, str]:
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        passed = step(said=said)
        said.seek(0)
        return passed, time.monotonic() - began, said.read()


def _alone(named: tuple[str, Step]) -> tuple[str, bool]:
    """Do a step that takes every core, and tell it as it goes."""
    name, step = named
    print(f"== {name}", flush=True)
    return name, step(said=sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
