"""Commands in batches: the same outcome however they are cut, one command's fault its own, nobody's command lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_studio.core import clock, ids
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import chain, writing
from credit_studio.ledger import service as ledger
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import AnyCommand, Capture, Done, HoldCredits, Refusal, Release
from tests.makers.accounts import a_grant, an_account

NOW = datetime.now(UTC).replace(microsecond=0)
pytestmark = pytest.mark.usefixtures("book")


@pytest.fixture
async def batcher() -> AsyncIterator[Batcher]:
    """A batcher of this test's own."""
    made = Batcher()
    yield made
    await made.stop()


async def _account(owner_id: UUID) -> UUID:
    async with transaction() as tx:
        return await ledger.account_id_of(tx, owner_id=owner_id)


def _hold(account_id: UUID, amount: int, run_id: UUID | None = None, at: datetime | None = None) -> HoldCredits:
    run, now = run_id or ids.new_id(), at or clock.now()
    named: dict[str, Any] = {"account_id": account_id, "scope": "hold", "key": str(run), "at": now, "run_id": run}
    return HoldCredits(**named, amount=amount, expires_at=now + timedelta(days=1))


def _asked(command: AnyCommand) -> AnyCommand:
    command.fingerprint = chain.request_hash([command.account_id, command.key, getattr(command, "amount", 0)])
    return command


async def test_two_hundred_spenders_of_one_account_get_exactly_what_is_there(batcher: Batcher) -> None:
    account = await _account(await an_account(120))
    answers = await asyncio.gather(*(batcher.submit(_asked(_hold(account, 1))) for _ in range(200)))
    assert sum(isinstance(one, Done) for one in answers) == 120
    assert {one.code for one in answers if isinstance(one, Refusal)} == {"insufficient_credits"}


async def test_one_commands_fault_is_its_own_and_the_rest_of_the_batch_stands(batcher: Batcher) -> None:
    account = await _account(await an_account(100))

    async def broken(tx: Tx, done: Done) -> None:
        raise LookupError(str(done.entry))

    asks = [batcher.submit(_asked(_hold(account, 1)), after=broken if n == 7 else None) for n in range(20)]
    answers = await asyncio.gather(*asks, return_exceptions=True)
    assert isinstance(answers[7], LookupError)
    assert sum(isinstance(one, Done) for one in answers) == 19
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=await _owner(tx, account))).held == 19


async def _owner(tx: Tx, account_id: UUID) -> UUID:
    [row] = await writing.store.lock(tx, [account_id])
    return row.owner_id


async def test_a_cancelled_caller_does_not_cancel_its_command(batcher: Batcher) -> None:
    owner = await an_account(100)
    command = _hold(await _account(owner), 5)
    asked = asyncio.create_task(batcher.submit(_asked(command)))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    again = await batcher.submit(_asked(command))
    assert isinstance(again, Done)
    assert again.hold is not None
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=owner)).held == 5


async def test_the_same_command_twice_in_a_batch_is_done_once_and_another_under_its_key_is_refused(batcher: Batcher) -> None:
    owner = await an_account(100)
    account, run = await _account(owner), ids.new_id()
    first, second, other = await asyncio.gather(*(batcher.submit(_asked(_hold(account, n, run))) for n in (5, 5, 6)), return_exceptions=True)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert sorted([first.replayed, second.replayed]) == [False, True]
    assert isinstance(other, KeyReused)


async def test_what_rides_along_is_there_when_and_only_when_the_command_is(batcher: Batcher) -> None:
    owner, other = await an_account(100), await an_account()
    account = await _account(owner)

    async def also(tx: Tx, done: Done) -> None:
        await ledger.grant(tx, owner_id=other, source="gift", source_ref=str(done.entry and done.entry.key), amount=1)

    await asyncio.gather(*(batcher.submit(_asked(_hold(account, 30)), after=also) for _ in range(5)))
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=other)).available == 3


steps = st.lists(st.tuples(st.sampled_from(["hold", "capture", "release"]), st.integers(0, 2), st.integers(0, 5), st.integers(1, 30)), max_size=24)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, cuts=st.lists(st.integers(1, 7), min_size=1, max_size=24))
async def test_commands_cut_into_any_batches_give_the_same_as_one_by_one(steps: list[tuple[str, int, int, int]], cuts: list[int]) -> None:
    one_by_one = await _play(steps, [1] * len(steps))
    assert await _play(steps, cuts * len(steps)) == one_by_one


async def _play(steps: list[tuple[str, int, int, int]], cuts: list[int]) -> list[object]:
    """Three accounts, six runs each; what every command answered, and how the accounts stand in the end."""
    with clock.frozen(NOW):
        owners = [await an_account(20, 30) for _ in range(3)]
        for owner in owners:
            await a_grant(owner, 25, source="plan", expires_at=NOW + timedelta(days=1))
            async with transaction() as tx:
                await ledger.set_cap(tx, owner_id=owner, subject="plan", label="day", limit=10, zone="UTC")
        accounts = [await _account(owner) for owner in owners]
        runs = {(a, r): ids.new_id() for a in range(3) for r in range(6)}
        asks = [_asked(_command(kind, accounts[a], runs[a, r], amount)) for kind, a, r, amount in steps]
        told: list[object] = []
        for cut in cuts:
            batch, asks = asks[:cut], asks[cut:]
            if batch:
                async with transaction() as tx:
                    told += [_said(answer) for answer in (await writing.carry_out_all(tx, batch))[0]]
        async with transaction() as tx:
            stand = [await ledger.balance(tx, owner_id=owner) for owner in owners]
    return told + [(one.available, one.held, one.version, [(grant.source, grant.remaining, grant.held) for grant in one.grants]) for one in stand]


def _command(kind: str, account_id: UUID, run_id: UUID, amount: int) -> AnyCommand:
    if kind == "hold":
        return _hold(account_id, amount, run_id, at=NOW)
    named: dict[str, Any] = {"account_id": account_id, "scope": "settle", "key": str(run_id), "at": NOW, "run_id": run_id, "note": ""}
    return Capture(**named, amount=amount) if kind == "capture" else Release(**named, state="released")


def _said(answer: writing.Answer) -> object:
    if isinstance(answer, Done):
        return ("replayed" if answer.replayed else "done", answer.hold and (answer.hold.amount, answer.hold.captured, answer.hold.state))
    return (answer.code, answer.available, answer.held, answer.required) if isinstance(answer, Refusal) else "key reused"
