"""`make bench`: what the studio adds to a run, beside the floor that the machine sets, in one go and on a database of its own.

The floor of a run is a bare fork of a process of this size that answers over a pipe; the gate is the design's: 60 ms at the median.
"""
# ruff: noqa: T201 - the terminal is this door's page

import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from credit_studio import settings, wiring
from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.db import embedded, listen, migrations
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.engine import service as engine
from credit_studio.identity import service as identity
from credit_studio.jobs.worker import working_here
from credit_studio.ledger import service as ledger
from credit_studio.runs import flow
from credit_studio.subscriptions import service as subscriptions
from credit_studio.tools import registry, validation

RUNS = 60
GATE_MS = 60.0
_TOOL = "cyber-studio-risk-register"


@dataclass(frozen=True)
class Measure:
    """One measurement in ms; `gate_ms` is what the median may be, None when it is told for comparison only."""

    name: str
    p50_ms: float
    p95_ms: float
    gate_ms: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the median is within its gate."""
        return self.gate_ms is None or self.p50_ms <= self.gate_ms


def main(*, as_json: bool) -> int:
    """Measure and print; 0 when every gate is met, else 1."""
    with tempfile.TemporaryDirectory(prefix="credit-studio-bench-") as folder:
        Path(folder).chmod(0o755)
        os.environ |= {"DATA_DIR": folder, "DATABASE_URL": "", "RATE_LIMIT_SCALE": "0"}
        measures = _measure(Path(folder))
        shutil.rmtree(Path(folder) / "pg", ignore_errors=True)
    print(json.dumps([asdict(one) | {"holds": one.holds} for one in measures], indent=2) if as_json else _table(measures))
    return 0 if all(one.holds for one in measures) else 1


def _measure(folder: Path) -> list[Measure]:
    settings.get.cache_clear()
    wiring.install()
    with embedded.owned(folder / "pg"):
        migrations.migrate(settings.get())
        return asyncio.run(_all())


async def _all() -> list[Measure]:

    await listen.hub().start()
    async with working_here(2):
        person = await _person()
        measures = [
            _summary("bare fork that answers (the floor)", [_fork_ms() for _ in range(RUNS)]),
            _summary("a run, beyond the time inside the tool", await _times(RUNS, lambda: _overhead_ms(person)), GATE_MS),
            _summary("an estimate", await _times(RUNS * 5, _estimate_ms)),
            _summary("a hold and its release", await _times(RUNS, lambda: _hold_ms(person))),
            _summary("a balance read", await _times(RUNS * 2, lambda: _balance_ms(person))),
        ]
    await listen.hub().stop()
    await db.dispose()
    return measures


def _fork_ms() -> float:
    begun = time.perf_counter()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"x")
        os._exit(0)
    os.read(read, 1)
    os.waitpid(child, 0)
    taken = (time.perf_counter() - begun) * 1_000
    os.close(read)
    os.close(write)
    return taken


async def _person() -> Actor:
    async with transaction() as tx:
        person = await identity.create_person(tx, email="bench@example.com", password_hash="none", display_name="Bench", time_zone="UTC")  # noqa: S106 - nobody signs in
        await subscriptions.start_plan(tx, person_id=person.id, plan=subscriptions.get_plan("pro"), zone="UTC")
        await ledger.grant(tx, owner_id=person.id, source="purchase", source_ref=str(ids.new_id()), amount=1_000_000)
    return Actor(user_id=person.id, door="bench")


async def _overhead_ms(actor: Actor) -> float:
    begun = time.perf_counter()
    ran = await flow.run_tool(actor, tool_id=_TOOL, inputs=_inputs())
    taken = (time.perf_counter() - begun) * 1_000
    if ran.view.inside_ms is None:
        raise RuntimeError(f"a run of the benchmark did not succeed: {ran.view.failure}")
    return taken - ran.view.inside_ms


async def _estimate_ms() -> float:
    tool = registry.get_tool(_TOOL)
    begun = time.perf_counter()
    engine.estimate(tool, validation.parse(tool, _inputs()))
    return (time.perf_counter() - begun) * 1_000


async def _hold_ms(actor: Actor) -> float:

    run_id, begun = ids.new_id(), time.perf_counter()
    async with transaction() as tx:
        await ledger.hold(tx, owner_id=actor.require_user(), run_id=run_id, amount=5, lasts=timedelta(minutes=1), zone="UTC")
    async with transaction() as tx:
        await ledger.release(tx, owner_id=actor.require_user(), run_id=run_id, reason="bench")
    return (time.perf_counter() - begun) * 1_000


async def _balance_ms(actor: Actor) -> float:
    begun = time.perf_counter()
    async with transaction() as tx:
        await ledger.balance(tx, owner_id=actor.require_user())
    return (time.perf_counter() - begun) * 1_000


def _inputs() -> dict[str, Any]:
    return validation.example_json(registry.get_tool(_TOOL)) | {"iterations": 1_000}


async def _times(count: int, once: Callable[[], Awaitable[float]]) -> list[float]:
    for _ in range(3):
        await once()
    return [await once() for _ in range(count)]


def _summary(name: str, times: list[float], gate_ms: float | None = None) -> Measure:
    ordered = sorted(times)
    return Measure(name, round(statistics.median(ordered), 2), round(ordered[int(0.95 * (len(ordered) - 1))], 2), gate_ms)


def _table(measures: list[Measure]) -> str:
    floor = measures[0].p50_ms
    rows = [f"{'':44}{'p50 ms':>9}{'p95 ms':>9}{'x floor':>9}{'gate ms':>9}"]
    for one in measures:
        gate = "" if one.gate_ms is None else f"{one.gate_ms:.0f} {'ok' if one.holds else 'MISSED'}"
        rows.append(f"{one.name:44}{one.p50_ms:>9.2f}{one.p95_ms:>9.2f}{one.p50_ms / floor:>9.1f}{gate:>9}")
    return "\n".join(rows)
