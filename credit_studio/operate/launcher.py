"""What `make run` does: check, database, migrations, pages, web server; and all of it away again when asked to stop."""

import http.client
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from credit_studio.catalog import service as catalog
from credit_studio.db import embedded, migrations
from credit_studio.operate import frontend, preflight, process, signals
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import Settings

_READY_WITHIN_S = 60.0
_WEB_STOPS_WITHIN_S = 8.0
_TILL_STOPS_WITHIN_S = 2.0
_SOCKET_BYTES = 3_000_000
"""Largest message that a page may send over its socket: a pasted file of 1 MB with room for its escapes, and more."""


def run(settings: Settings) -> int:
    """Serve the studio until somebody asks it to stop (status 0) or the web process dies (status 1); raises `CannotStart`."""
    with signals.stopping() as stop, suppress(signals.Stopped), ExitStack() as owned:
        try:
            _check(settings)
            owned.enter_context(preflight.only_one(settings.data_dir))
            with stop.held(), _said_when_slow("Starting the database"):
                url = owned.enter_context(_database(settings))
            with _said_when_slow("Bringing the schema up to date"):
                _migrate(settings, url)
            with _said_when_slow("Building the pages (a minute or two the first time)"):
                frontend.ensure(settings.data_dir / "build.log")
            with stop.held():
                till = owned.enter_context(_till(settings))
                web = owned.enter_context(_web(settings, till))
            return _serve(settings, web, has_till=bool(till))
        except OSError as problem:
            raise CannotStart(preflight.disk_line(settings.data_dir, problem)) from problem
    _say("Stopped.")
    return 0


def _check(settings: Settings) -> None:
    try:
        catalog.load(settings.catalog_file)
    except catalog.BadCatalog as problem:
        raise CannotStart(f"The catalogue cannot be used: {problem}") from problem
    preflight.port_is_free(settings.host, settings.port)
    preflight.data_dir_is_writable(settings.data_dir)
    preflight.disk_has_room(settings.data_dir, preflight.DATA_MB)


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The database's URL: the operator's own, or the embedded server's, which is stopped at the end."""
    if settings.database_url:
        yield settings.database_url
        return
    home = settings.data_dir / "pg"
    with ExitStack() as owned:
        try:
            url = owned.enter_context(embedded.owned(home))
        except subprocess.SubprocessError as problem:
            raise CannotStart(
                f"The embedded database did not start; its log is {home / 'log'}. Or name a server of your own: DATABASE_URL=... make run"
            ) from problem
        yield url


def _migrate(settings: Settings, url: str) -> None:
    reached = settings.model_copy(update={"database_url": url})
    try:
        preflight.commits_are_kept(reached)
        migrations.migrate(reached)
    except OperationalError as problem:
        shown = make_url(url).render_as_string(hide_password=True)
        raise CannotStart(f"Cannot use the database {shown}: {str(problem.orig).splitlines()[0]}") from problem


@contextmanager
def _till(settings: Settings) -> Iterator[dict[str, str]]:
    """Where the built-in Stripe sandbox is, as settings for the web process: nothing beside a Stripe key, and nothing in production."""
    if settings.sells or settings.environment == "production":
        yield {}
        return
    port, secret = preflight.free_port(), f"whsec_{secrets.token_hex(24)}"
    door = f"http://{_reached_at(settings)}:{settings.port}/api/billing/webhook"
    words = ["--port", str(port), "--data", str(settings.data_dir.resolve()), "--webhook", door, "--secret", secret]
    argv = [sys.executable, "-m", "credit_studio.operate.till", *words]
    with process.session(argv, env=frontend.environment(), patience_s=_TILL_STOPS_WITHIN_S):
        yield {"STRIPE_SANDBOX_URL": f"http://127.0.0.1:{port}", "STRIPE_SANDBOX_SECRET": secret}


def _web(settings: Settings, till: Mapping[str, str]) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """The web server, ended with everything that it started."""
    env = frontend.environment() | {
        **till,
        "DATA_DIR": str(settings.data_dir.resolve()),
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(_SOCKET_BYTES),
    }
    return process.session([sys.executable, "-m", "credit_studio.operate.web"], env=env, patience_s=_WEB_STOPS_WITHIN_S)


def _serve(settings: Settings, web: subprocess.Popen[bytes], *, has_till: bool) -> int:
    until = time.monotonic() + _READY_WITHIN_S
    with _said_when_slow("Starting the studio"):
        while web.poll() is None and not _is_ready(settings):
            if time.monotonic() > until:
                raise CannotStart(
                    f"The studio did not become ready within {_READY_WITHIN_S:.0f} s. Its messages stand above; `python -m credit_studio doctor` may say more."
                )
            time.sleep(0.05)
    if web.poll() is None:
        address = settings.public_url or f"http://localhost:{settings.port}"
        _say(f"Credit Studio is at {address}")
        if has_till:
            _say(f"No Stripe key is set: credits are sold in a sandbox, where no money moves ({address}/sandbox/).")
        _say("Ctrl-C stops it.")
    status = web.wait()
    _say(f"The web process ended by itself (status {status}). Everything is stopped.")
    return 1


def _is_ready(settings: Settings) -> bool:
    """True when `/readyz` answers 200: migrated, database and worker there."""
    asked = http.client.HTTPConnection(_reached_at(settings).strip("[]"), settings.port, timeout=2)
    try:
        asked.request("GET", "/readyz")
        return asked.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _reached_at(settings: Settings) -> str:
    """The host by which this machine itself reaches the web server, as a URL spells it."""
    if settings.host in ("", "0.0.0.0"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    host = "::1" if settings.host == "::" else settings.host
    return f"[{host}]" if ":" in host else host


@contextmanager
def _said_when_slow(what: str) -> Iterator[None]:
    """Say what goes on once it takes more than a second, and how long it took."""
    began = time.monotonic()
    timer = threading.Timer(1.0, _say, (f"{what} ...",))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if (took_s := time.monotonic() - began) > 1:
        _say(f"  done in {took_s:.1f} s")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the terminal is where the launcher speaks
