"""Building the pages: only when something that they are made of has changed."""

import fcntl
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from credit_studio import settings
from credit_studio.operate import preflight, process
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import PROJECT_ROOT

WEB = PROJECT_ROOT / ".web"
STAMP = WEB / "built-from"
PAGES = WEB / "build" / "client" / "index.html"

_SOURCES = ("credit_studio/**/*", "assets/**/*")
_FILES = ("rxconfig.py", "requirements.txt")
_LOCKS = ("reflex.lock/*",)
_MADE = ("external", "local", "pyodide")
"""Folders of `assets/` that a build itself fills."""
_NPM_MARK = WEB / "reflex.install_frontend_packages.cached"
"""Reflex's note that the npm packages are there; with it, a missing `node_modules` would not be filled again."""
_SHOWN_LINES = 40
_STEP_STOPS_WITHIN_S = 2.0

QUIET = {
    "REFLEX_USE_NPM": "1",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
    "NPM_CONFIG_FUND": "false",
    "NPM_CONFIG_AUDIT": "false",
}
"""npm instead of bun (Node comes from PyPI, bun would be downloaded), and no calls home."""


def environment() -> dict[str, str]:
    """The environment of every Reflex process: this one's, the virtual environment's Node first on PATH."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return os.environ | QUIET | {"PATH": path}


def is_current() -> bool:
    """True when the built pages were made from the files as they are now."""
    return PAGES.exists() and STAMP.exists() and STAMP.read_text() == fingerprint(PROJECT_ROOT)


def ensure(log: Path) -> bool:
    """Build the pages when they are not current, one build at a time in this checkout; True when it was necessary."""
    if is_current():
        return False
    with (PROJECT_ROOT / ".stamp-build").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current():  # whoever held the lock has done it
            return False
        build(log)
    return True


def build(log: Path) -> None:
    """Build the pages into `.web/build/client`; raises `CannotStart` with the end of the log when a step fails."""
    preflight.disk_has_room(PROJECT_ROOT, preflight.BUILD_MB)
    STAMP.unlink(missing_ok=True)
    if not (WEB / "node_modules").exists():
        _NPM_MARK.unlink(missing_ok=True)
    sources = _hash(PROJECT_ROOT, _SOURCES + _FILES)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        for step in _steps():
            with process.session(step, env=environment(), patience_s=_STEP_STOPS_WITHIN_S, output=out) as running:
                status = running.wait()
            if status:
                _NPM_MARK.unlink(missing_ok=True)  # the next build starts with the packages, which may be what is broken
                raise CannotStart(f"The pages could not be built.\n{_end_of(log)}\nThe whole log: {log}")
    STAMP.write_text(_stamp(sources, PROJECT_ROOT))


def _steps() -> Iterator[list[str]]:
    yield [sys.executable, "-m", "credit_studio.ui.local_run.bundle"]
    yield [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]


def fingerprint(root: Path) -> str:
    """What the pages of the project at `root` are made of: every file's name and content, the catalogue, and PUBLIC_URL."""
    return _stamp(_hash(root, _SOURCES + _FILES), root)


def _stamp(sources: str, root: Path) -> str:
    """Sources as they were before the build, locks as they are after it: a build may complete the lock files.

    PUBLIC_URL is in the site map. The catalogue's plans, packs and rates stand on pages; its file may lie anywhere.
    """
    catalogue = hashlib.sha256(settings.get().catalog_file.read_bytes()).hexdigest()
    return f"{sources}\n{_hash(root, _LOCKS)}\n{os.environ.get('PUBLIC_URL', '')}\n{catalogue}\n"


def _hash(root: Path, patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()}):
        name = path.relative_to(root)
        if "__pycache__" in name.parts or (name.parts[0] == "assets" and name.parts[1] in _MADE):
            continue
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:])


if __name__ == "__main__":  # building an image: the pages are made before the first start
    ensure(Path(tempfile.gettempdir()) / "credit-studio-build.log")
