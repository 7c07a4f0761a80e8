"""SIGKILL while 64 callers charge, to the app and to the database server: what was acknowledged is there, once, and the rest can be asked for again."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from credit_studio import settings
from credit_studio.core import ids
from credit_studio.db import durability, embedded, migrations
from credit_studio.settings import PROJECT_ROOT
from tests.ledger.charging import HELD, SPENT

CHARGES = 1_200
PATIENCE_S = 60
_START = "import sys, pathlib; from credit_studio.db import embedded; embedded.start(pathlib.Path(sys.argv[1]))"
_ENTRIES = text("SELECT e.kind, e.run_id FROM entry e JOIN account a ON a.id = e.account_id WHERE a.owner_id = :owner")
_ACCOUNT = text("SELECT posted, held FROM account WHERE owner_id = :owner")


@dataclass(frozen=True)
class Server:
    """A database server of these tests: its folder and its URL."""

    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use it."""
        return os.environ | {"DATABASE_URL": self.url}

    def start(self) -> None:
        """Start it again, from a process that has not seen it before."""
        subprocess.run([sys.executable, "-c", _START, self.folder], cwd=PROJECT_ROOT, check=True)

    def kill(self) -> None:
        """SIGKILL to the postmaster and to everything that it has started."""
        postmaster = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        everything = [postmaster, *postmaster.children(recursive=True)]
        for process in everything:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(everything, timeout=PATIENCE_S)

    def entries(self, owner_id: UUID) -> tuple[Counter[tuple[str, str]], tuple[int, int]]:
        """How often each kind of entry is there for each run of the owner; posted and held credits."""
        engine = create_engine(make_url(self.url).set(drivername="postgresql+psycopg"))
        with engine.connect() as conn:
            rows = [(row["kind"], str(row["run_id"])) for row in conn.execute(_ENTRIES, {"owner": owner_id}).mappings()]
            account = conn.execute(_ACCOUNT, {"owner": owner_id}).mappings().one()
        engine.dispose()
        return Counter(rows), (account["posted"], account["held"])

    def broken(self) -> list[str]:
        """The invariants that do not hold, as `doctor` tells."""
        said = subprocess.run(
            [sys.executable, "-m", "credit_studio", "doctor", "--json"], cwd=PROJECT_ROOT, env=self.environment, capture_output=True, check=False
        )
        checks = json.loads(said.stdout)["checks"]
        assert checks
        return [f"{check['name']}: {check['detail']}" for check in checks if not check["holds"]]


@pytest.fixture
def shared(database: None, postgres: str, data_dir: Path) -> Server:
    """The server of this session of tests."""
    return Server(data_dir / "pg", postgres)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may be killed."""
    folder = tmp_path_factory.mktemp("killed") / "pg"
    embedded.start(folder)
    made = Server(folder, embedded.running_url(folder))
    migrations.migrate(settings.get().model_copy(update={"database_url": made.url}))
    yield made
    subprocess.run([sys.executable, "-c", f"{_START}.stop()", folder], cwd=PROJECT_ROOT, check=True)


def _charging(server: Server, owner_id: UUID, file: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tests.ledger.charging", str(owner_id), str(CHARGES), str(file)]
    return subprocess.Popen(words, cwd=PROJECT_ROOT, env=server.environment, stderr=subprocess.PIPE)


def _acknowledged(file: Path) -> list[str]:
    """The runs of which a caller was told that they are charged; the last line may be torn."""
    return file.read_text().split("\n")[:-1] if file.exists() else []


def _until(charging: "subprocess.Popen[bytes]", file: Path, count: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while len(_acknowledged(file)) < count:
        assert charging.poll() is None, charging.communicate()[1].decode()
        assert time.monotonic() < until, f"{len(_acknowledged(file))} of {count} runs"
        time.sleep(0.002)
    time.sleep(secrets.randbelow(30) / 1_000)


def _killed_while_charging(server: Server, file: Path, *, the_server: bool) -> None:
    """One round: charge, kill, look, charge on to the end, look again."""
    owner = ids.new_id()
    charging = _charging(server, owner, file)
    _until(charging, file, 1 + secrets.randbelow(CHARGES * 3 // 4))
    if the_server:
        server.kill()
    charging.kill()
    charging.communicate()
    if the_server:
        server.start()
    entries, _ = server.entries(owner)
    assert max(entries.values()) == 1
    assert [run for run in _acknowledged(file) if ("capture", run) not in entries] == []
    assert server.broken() == []
    _charged_to_the_end(server, owner, file)


def _charged_to_the_end(server: Server, owner: UUID, file: Path) -> None:
    """The next life of the process asks for every run again; each is charged once."""
    charging = _charging(server, owner, file)
    said = charging.communicate(timeout=PATIENCE_S)[1]
    assert charging.returncode == 0, said.decode()
    entries, account = server.entries(owner)
    assert Counter(kind for kind, _ in entries.elements()) == {"grant": 1, "hold": CHARGES, "capture": CHARGES}
    assert account == (CHARGES * (HELD - SPENT), 0)
    assert server.broken() == []


@pytest.mark.parametrize("number", range(2))
def test_a_killed_process_has_charged_what_it_acknowledged_and_the_rest_once_later(shared: Server, tmp_path: Path, number: int) -> None:
    _killed_while_charging(shared, tmp_path / str(number), the_server=False)


@pytest.mark.parametrize("number", range(2))
def test_a_killed_server_keeps_what_was_acknowledged(own: Server, tmp_path: Path, number: int) -> None:
    assert durability.off(settings.get().model_copy(update={"database_url": own.url})) == []
    _killed_while_charging(own, tmp_path / str(number), the_server=True)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(20))
def test_processes_and_servers_are_killed_for_long(shared: Server, own: Server, tmp_path: Path, number: int) -> None:
    _killed_while_charging(shared, tmp_path / f"{number}-process", the_server=False)
    _killed_while_charging(own, tmp_path / f"{number}-server", the_server=True)
