"""Days of clients, batchers and failing connections: nothing that was acknowledged is lost, nothing is done twice, and the book agrees.

A seed that fails is named with the command that lives its day again.
"""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import snapshot, transaction
from credit_studio.history import service as history
from credit_studio.ledger.terms import Capture, ClawBack, Deduct, GrantCredits, Refund, Reinstate, Release
from tests.conftest import empty_database
from tests.ledger.simulation import AGAIN, DONE, REUSED, Intent, Send, World

SEEDS = 200
UNASKED = {"grant:purchase", "grant:plan", "grant:promo", "expire", "receive"}
TOGETHER = 20
"""Days in one database before it is emptied."""
ONE = os.environ.get("SEED")
DAYS = [range(first, first + TOGETHER) for first in range(0, SEEDS, TOGETHER)] if ONE is None else [range(int(ONE), int(ONE) + 1)]
_ENTRIES = text("SELECT account_id, scope, idem_key, kind, amount, result FROM entry WHERE account_id = ANY(:accounts)")
_RODE = text("SELECT subject, count(*) FROM audit_entry WHERE event = 'simulation.rode_along' GROUP BY subject")


async def _lived(seed: int) -> World:
    """The day of a seed, with everything that must be right after it."""
    world = World(seed)
    try:
        await world.live()
        await _expect_what_was_heard(world)
    except Exception as problem:
        problem.add_note("\n".join(world.trace))
        problem.add_note(f"This was seed {seed}. Again: SEED={seed} python -m pytest tests/ledger/test_simulation.py")
        raise
    return world


async def _expect_what_was_heard(world: World) -> None:
    async with transaction() as tx:
        rows = (await tx.execute(_ENTRIES, {"accounts": world.accounts})).mappings().all()
        rode = {row["subject"]: row["count"] for row in (await tx.execute(_RODE)).mappings()}
    entries = {(row["scope"], row["idem_key"]): row for row in rows}
    assert len(entries) == len(rows)
    for intent in world.intents:
        entry = entries.get(intent.asked)
        _expect_of(intent, entry)
        rides = {one.rides for one in world.intents if one.asked == intent.asked}
        assert rode.get(":".join(intent.asked), 0) in {entry is not None and rider for rider in rides}, intent
    for name, entry in entries.items():
        asked = [intent for intent in world.intents if intent.asked == name and intent.again is None]
        assert name[0] in UNASKED or entry["amount"] in [_effect(intent, entry["result"]) for intent in asked], f"nobody asked for {entry}"
    with clock.frozen(world.now):
        async with snapshot() as tx:
            assert [check for check in await history.doctor(tx) if not check.holds] == []


def _expect_of(intent: Intent, entry: Any) -> None:
    """Everybody knows in the end, and knows what is."""
    assert intent.heard, f"{intent.name} was never answered"
    assert intent.again is None or intent.heard in (AGAIN, REUSED, "hold_ended"), intent
    if intent.heard in (DONE, AGAIN):
        assert entry is not None, f"{intent.name} was acknowledged, and is not there"
        assert entry["amount"] == _effect(intent, entry["result"]), intent
        assert not intent.spoilt or intent.heard == AGAIN
    elif intent.again is None and not intent.unsure and not isinstance(intent.command, Capture | Release):
        assert entry is None, f"{intent.name} was refused, and is there"


def _effect(intent: Intent, told: dict[str, Any]) -> int:
    """What the command, if done, changes in its account's posted credits."""
    match intent.command:
        case GrantCredits(amount=amount):
            return amount - told["repaid"]
        case Refund(amount=amount):
            return amount
        case Capture(amount=amount) | Deduct(amount=amount) | Send(amount=amount):
            return -amount
        case ClawBack(amount=amount):
            assert told["taken"] + told["owed"] <= amount
            return -told["taken"]
        case Reinstate(amount=amount):
            assert told["returned"] + told["forgiven"] <= amount
            return told["returned"]
        case _:
            return 0


async def _live(seeds: Sequence[int]) -> int:
    await empty_database()
    return sum([len((await _lived(seed)).intents) for seed in seeds])


@pytest.mark.parametrize("seeds", DAYS, ids=str)
@pytest.mark.usefixtures("database")
async def test_what_was_acknowledged_is_there_once_whatever_fails(seeds: Sequence[int]) -> None:
    assert await _live(seeds) > len(seeds)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("seed", [3, 14, 15])
async def test_a_seed_lives_the_same_day_again(seed: int) -> None:
    days = [(await _lived(seed)).trace for _ in range(2)]
    assert days[0] == days[1]
    assert any("lost" in line for line in days[0])


@pytest.mark.soak
@pytest.mark.usefixtures("database")
async def test_what_was_acknowledged_is_there_once_on_every_day_of_a_soak() -> None:
    for first in range(SEEDS, SEEDS + int(os.environ.get("SEEDS", "5000")), TOGETHER):
        assert await _live(range(first, first + TOGETHER))
