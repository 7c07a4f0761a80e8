"""What people ask of their limits, each in a transaction of its own."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Unpack

from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.db.session import snapshot, transaction
from credit_studio.engine import gate
from credit_studio.ledger import service as ledger
from credit_studio.ledger.writing import CHANNEL
from credit_studio.limits import service, simulating
from credit_studio.limits.events import LimitsChanged
from credit_studio.limits.simulating import Caps
from credit_studio.limits.views import CreditSettings, Part, Simulation, Standing
from credit_studio.runs.past import spending

SPAN = timedelta(days=30)
SHOWN = 10
MOST_RUNS = 10_000
"""A simulation goes through the newest runs of a month and thirty days, and through no more than these."""

_PERSONAL = ("sms", "webhook_url")


async def settings(actor: Actor) -> CreditSettings:
    """The caller's settings. Raises `NotSignedIn`."""
    async with snapshot() as tx:
        return await service.settings_of(tx, person_id=actor.require_user())


async def standing(actor: Actor) -> Standing:
    """The caller's settings and how far they are, at one instant. Raises `NotSignedIn`."""
    person_id, now = actor.require_user(), clock.now()
    async with snapshot() as tx:
        found, bounds = await service.settings_of(tx, person_id=person_id), await service.bounds_of(tx, person_id=person_id)
        own = {cap.window: cap for cap in await gate.cap_states(tx, person_id=person_id) if cap.scope == "own"}
        runs = await spending.since(tx, person_id=person_id, start=simulating.first_instant(now, found.time_zone), most=MOST_RUNS)
    taken = {label: simulating.spent_now(runs, label, zone=found.time_zone, now=now) for label in ("day", "month")}
    counted = {label: (cap.used, cap.resets_at) for label, cap in own.items() if cap.resets_at is not None}
    return Standing(found, bounds, day=counted.get("day", taken["day"]), month=counted.get("month", taken["month"]))


async def change(actor: Actor, **part: Unpack[Part]) -> CreditSettings:
    """Change what `part` names, all or nothing; how all settings stand then. What is as it was is left alone, and nothing is told of it.

    Raises `InvalidInputs` naming every field that does not fit (`autoRecharge.consent` among them), `Conflict` (no_card), `NotSignedIn`.
    """
    person_id = actor.require_user()
    async with transaction() as tx:
        await ledger.lock(tx, owner_id=person_id)
        before = await service.settings_of(tx, person_id=person_id)
        await service.put(tx, actor, before=before, part=part)
        after = await service.settings_of(tx, person_id=person_id)
        if changes := _changes(before, after):
            await tx.emit(LimitsChanged(actor=actor, person_id=person_id, changes=changes))
            await tx.notify(CHANNEL, {"key": str(person_id)})
        return after


async def simulate(actor: Actor, *, daily: int | None, monthly: int | None, per_run: int | None) -> Simulation:
    """What these caps would have stopped in the last 30 days. Raises `NotSignedIn`."""
    person_id, now = actor.require_user(), clock.now()
    since = now - SPAN
    async with snapshot() as tx:
        zone = await gate.zone_of(tx, person_id)
        runs = await spending.since(tx, person_id=person_id, start=simulating.first_instant(since, zone), most=MOST_RUNS)
    stopped = simulating.replay(runs, Caps(daily, monthly, per_run), zone=zone, since=since)
    seen_from = max(since, runs[0].at) if len(runs) == MOST_RUNS else since
    return Simulation(since=seen_from, runs=sum(run.at >= since for run in runs), count=len(stopped), blocked=tuple(reversed(stopped[-SHOWN:])))


def _changes(before: CreditSettings, after: CreditSettings) -> dict[str, list[Any]]:
    """What differs, flat; of a telephone number or an address only whether there is one."""
    pairs = zip(_flat(before).items(), _flat(after).values(), strict=True)
    return {name: [was, now] for (name, was), now in pairs if was != now}


def _flat(settings: CreditSettings) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in asdict(settings).items():
        if not isinstance(value, dict):
            told[name] = list(value) if isinstance(value, tuple) else value
            continue
        told |= {f"{name}.{inner}": one is not None if inner in _PERSONAL else one for inner, one in value.items()}
    return told
