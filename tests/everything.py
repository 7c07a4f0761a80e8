"""What `make test` does, step by step: each says what it is and what it took. Status 0 only when every step passed.

Every step runs, also after one has failed, so that one run tells everything. pytest is the last, and its summary the last words.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from credit_studio.operate import frontend
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import PROJECT_ROOT
from tests import chromium

_FLOORS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
_PROCESSES = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile")
"""Each process has a database, a studio and a browser of its own: more than four would be in each other's way."""
_HOUSE = ("-m", "pytest", "tests/house", "--numprocesses=logical", "--maxprocesses=4")
_TESTS = ("-m", "pytest", "-p", "tests.suites", "-m", "not soak", *_PROCESSES, "--ignore=tests/house", "--cov", "--cov-report=", "--durations=10")

Step = Callable[[], bool]


def python(*argv: str) -> bool:
    """Run this environment's Python; True when it says that all is well."""
    return subprocess.run([sys.executable, *argv], cwd=PROJECT_ROOT, env=frontend.environment(), check=False).returncode == 0


def browser() -> bool:
    """Find or install a Chromium."""
    try:
        print(chromium.get())
    except chromium.NoBrowser as problem:
        print(problem)
        return False
    return True


def pages() -> bool:
    """Build the pages that the browser tests open, when they are not built yet."""
    try:
        frontend.ensure(PROJECT_ROOT / "data" / "build.log")
    except CannotStart as problem:
        print(problem)
        return False
    return True


LINT: tuple[tuple[str, Step], ...] = (
    ("style: ruff check", partial(python, "-m", "ruff", "check", ".")),
    ("format: ruff format --check", partial(python, "-m", "ruff", "format", "--check", ".")),
    ("types: pyright", partial(python, "-m", "pyright")),
    ("floors: import-linter", partial(python, "-c", _FLOORS, "--no-logo")),
    ("house: its own rules", partial(python, *_HOUSE)),
)
TESTS: tuple[tuple[str, Step], ...] = (
    ("browser: a Chromium", browser),
    ("pages: built once for the tests", pages),
    ("tests: pytest with coverage", partial(python, *_TESTS)),
)


def main() -> int:
    """Do the steps; the exit status."""
    words = argparse.ArgumentParser(description="Check everything that `make test` checks.")
    words.add_argument("--lint", action="store_true", help="style, types and floors only")
    steps = LINT if words.parse_args().lint else (*LINT, *TESTS)
    failed = [name for name, step in steps if not _done(name, step)]
    if failed:
        print("FAILED: " + "; ".join(failed))
    return 1 if failed else 0


def _done(name: str, step: Step) -> bool:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    passed = step()
    if step is not TESTS[-1][1]:
        print(f"   {'ok' if passed else 'FAILED'}, {time.monotonic() - began:.1f} s", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
