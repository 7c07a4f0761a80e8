"""Lives of an account: commands at random instants, done by the same verbs as everything, with the balance noted after each."""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.errors import BadCommand, HoldEnded
from credit_studio.ledger.views import Balance, HoldView
from tests.makers.accounts import an_account

DOINGS = ("plan", "purchase", "promo", "goodwill", "hold", "capture", "release", "refund", "claw_back", "reinstate", "send", "receive", "deduct", "nothing")


@dataclass(frozen=True)
class Step:
    """So many hours later, something is done with so many credits."""

    hours: int
    doing: str
    amount: int


@dataclass
class Life:
    """An owner, and their balance as it stood after each step."""

    owner_id: UUID
    friend_id: UUID
    noted: list[tuple[datetime, Balance]] = field(default_factory=list)
    held: list[UUID] = field(default_factory=list)
    spent: list[UUID] = field(default_factory=list)
    bought: list[str] = field(default_factory=list)


_STEP = st.builds(Step, hours=st.integers(1, 400), doing=st.sampled_from(DOINGS), amount=st.integers(1, 60))


def drawn(count: int, *, steps: int) -> list[list[Step]]:
    """Histories that Hypothesis drew, the same in every session of tests."""
    found: list[list[Step]] = []

    @settings(
        max_examples=count,
        deadline=None,
        phases=(Phase.generate,),
        derandomize=True,
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    )
    @given(st.lists(_STEP, min_size=steps // 2, max_size=steps))
    def keep(one: list[Step]) -> None:
        found.append(one)

    keep()
    return found


async def lived(steps: list[Step], *, start: datetime) -> Life:
    """Do it all, as the clock goes on; what the book refuses is not done."""
    now, life = start, Life(await an_account(), await an_account())
    for step in steps:
        now += timedelta(hours=step.hours)
        with clock.frozen(now):
            async with transaction() as tx:
                await ledger.expire_lapsed(tx)
            with contextlib.suppress(BadCommand, HoldEnded):
                async with transaction() as tx:
                    await _do(tx, life, step, now)
            async with transaction() as tx:
                life.noted.append((now, await ledger.balance(tx, owner_id=life.owner_id)))
    return life


async def _do(tx: Tx, life: Life, step: Step, now: datetime) -> None:
    owner, amount, key = life.owner_id, step.amount, str(ids.new_id())
    match step.doing:
        case "plan" | "purchase" | "promo" | "goodwill" as source:
            ends = now + timedelta(days=amount) if source in ("plan", "promo") else None
            await ledger.grant(tx, owner_id=owner, source=source, source_ref=key, amount=amount, expires_at=ends)
            life.bought += [key] if source == "purchase" else []
        case "send":
            await ledger.transfer(tx, from_owner=owner, to_owner=life.friend_id, amount=amount, key=key, note="a gift")
        case "receive":
            await ledger.grant(tx, owner_id=life.friend_id, source="purchase", source_ref=key, amount=amount)
            await ledger.transfer(tx, from_owner=life.friend_id, to_owner=owner, amount=amount, key=key, note="a gift")
        case "deduct":
            await ledger.deduct(tx, owner_id=owner, amount=amount, key=key, reason="a mistake", actor=SYSTEM)
        case "claw_back" | "reinstate" as correction if life.bought:
            ref = life.bought[amount % len(life.bought)]
            await getattr(ledger, correction)(tx, owner_id=owner, source="purchase", source_ref=ref, amount=amount, key=key, reason="a dispute")
        case _:
            await _use(tx, life, step, key)


async def _use(tx: Tx, life: Life, step: Step, key: str) -> None:
    owner, amount = life.owner_id, step.amount
    match step.doing:
        case "hold":
            run = ids.new_id()
            if isinstance(await ledger.hold(tx, owner_id=owner, run_id=run, amount=amount, lasts=timedelta(days=3650), zone="UTC"), HoldView):
                life.held.append(run)
        case "capture" if life.held:
            run = life.held.pop()
            await ledger.capture(tx, owner_id=owner, run_id=run, amount=1)
            life.spent.append(run)
        case "release" if life.held:
            await ledger.release(tx, owner_id=owner, run_id=life.held.pop(), reason="it failed")
        case "refund" if life.spent:
            await ledger.refund(tx, owner_id=owner, run_id=life.spent.pop(), amount=1, key=key, reason="it was slow")
        case _:
            pass
