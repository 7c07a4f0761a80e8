"""A Chromium for the browser tests: found, or else installed. `python -m tests.chromium` prints where it is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowser(RuntimeError):
    """There is no Chromium, and none could be installed; the text says what was tried."""


@cache
def find() -> str | None:
    """The path of a Chromium that starts, or None."""
    return next((path for path in _candidates() if _starts(path)), None)


def get() -> str:
    """The path of a Chromium that starts; installs one when there is none; raises `NoBrowser`."""
    if (found := find()) is not None:
        return found
    said = [_install(command) for command in _installers()]
    find.cache_clear()
    if (found := find()) is None:
        raise NoBrowser("The browser tests need a Chromium, and none could be installed:\n" + "\n".join(said))
    return found


def _candidates() -> Iterator[str]:
    yield from (path for name in NAMES if (path := shutil.which(name)))
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or _cache_home() / "ms-playwright")
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*", "chromium_headless_shell-*/*/*headless*shell"):
        yield from (str(path) for path in sorted(home.glob(pattern), reverse=True))


def _cache_home() -> Path:
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _starts(path: str) -> bool:
    """A package may only be a pointer to another package: ask it."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _installers() -> Iterator[list[str]]:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        yield ["sh", "-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-liberation"]
        find.cache_clear()
        if find() is not None:
            return
    yield [sys.executable, "-m", "playwright", "install", *(["--with-deps"] if root else []), "chromium"]


def _install(command: list[str]) -> str:
    print(f"Installing a Chromium for the browser tests: {command[-1]} ...", flush=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{' '.join(command)}: status {done.returncode}\n{(done.stdout + done.stderr)[-600:].strip()}"


if __name__ == "__main__":
    try:
        print(get())
    except NoBrowser as problem:
        sys.exit(str(problem))
