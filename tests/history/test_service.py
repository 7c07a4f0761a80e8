"""What moved, and which grants paid."""

from datetime import timedelta
from uuid import UUID

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.errors import InvalidRequest
from credit_studio.db.session import snapshot, transaction
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import HoldView
from tests.makers.accounts import a_grant, an_account

pytestmark = pytest.mark.usefixtures("book")


async def charged(owner_id: UUID, *, held: int, amount: int) -> UUID:
    """A run that held so many credits and was charged `amount`, or not at all for 0; its id."""
    run_id = ids.new_id()
    async with transaction() as tx:
        assert isinstance(await ledger.hold(tx, owner_id=owner_id, run_id=run_id, amount=held, lasts=timedelta(minutes=1), zone="UTC"), HoldView)
        if amount:
            await ledger.capture(tx, owner_id=owner_id, run_id=run_id, amount=amount)
        else:
            await ledger.release(tx, owner_id=owner_id, run_id=run_id, reason="it gave no result")
    return run_id


async def test_the_history_tells_every_movement_with_its_balance() -> None:
    owner = await an_account(10)
    await charged(owner, held=5, amount=4)
    await charged(owner, held=5, amount=0)
    async with transaction() as tx:
        page = await history.movements(tx, owner_id=owner)
        spent = await history.movements(tx, owner_id=owner, wanted=Wanted(kinds=["consumption"]))
    assert [(one.kind, one.amount, one.balance_after) for one in page.items] == [("not_charged", 0, 6), ("consumption", -4, 6), ("purchase", 10, 10)]
    assert page.items[0].reason == "it gave no result"
    assert [one.amount for one in spent.items] == [-4]


async def test_the_history_pages_by_cursor() -> None:
    owner = await an_account(1, 2, 3, 4, 5)
    seen, cursor = [], None
    async with transaction() as tx:
        while True:
            page = await history.movements(tx, owner_id=owner, cursor=cursor, limit=2)
            seen += [one.amount for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("asked", [{"wanted": Wanted(kinds=["nonsense"])}, {"cursor": "x"}, {"cursor": "9" * 40}])
async def test_a_history_that_makes_no_sense_is_refused(asked: dict[str, object]) -> None:
    owner = await an_account(1)
    with pytest.raises(InvalidRequest):
        async with transaction() as tx:
            await history.movements(tx, owner_id=owner, **asked)  # type: ignore[arg-type]


async def test_payments_say_which_grants_paid() -> None:
    owner = await an_account()
    await a_grant(owner, 3, source="promo")
    await a_grant(owner, 10)
    run = await charged(owner, held=8, amount=5)
    async with transaction() as tx:
        paid, entry = await history.payments(tx, run_id=run)
    assert [(one.source, one.paid, one.left) for one in paid] == [("promo", 3, 0), ("purchase", 2, 8)]
    assert entry is not None
    assert entry["amount"] == -5


async def test_all_of_it_is_told_in_a_transaction_that_cannot_write() -> None:
    owner = await an_account(5)
    run = await charged(owner, held=3, amount=2)
    now = clock.now()
    async with snapshot() as tx:
        assert (await history.balance(tx, owner_id=owner, at=now)).total == 3
        assert (await history.statement(tx, owner_id=owner, year=now.year, month=now.month, zone="UTC")).closing == 3
        assert len((await history.movements(tx, owner_id=owner)).items) == 2
        assert [one.paid for one in (await history.payments(tx, run_id=run))[0]] == [2]
        assert len(await history.entries(tx, of=await history.proof(tx, owner_id=owner), after=0, limit=9)) == 3
        assert all(check.holds for check in await history.doctor(tx))


async def test_what_is_held_is_told_in_the_order_it_is_spent_and_what_is_gone_or_ended_is_left_out() -> None:
    owner = await an_account(10)
    async with transaction() as tx:
        soon = clock.now() + timedelta(days=1)
        await ledger.grant(tx, owner_id=owner, source="plan", source_ref=f"{owner}:now", amount=5, label="Free, November 2026", expires_at=soon)
    await charged(owner, held=6, amount=6)
    async with snapshot() as tx:
        lots = await history.lots(tx, owner_id=owner)
        nobodys = await history.lots(tx, owner_id=ids.new_id())
    assert [(lot.source, lot.given, lot.left, lot.expires_at) for lot in lots] == [("purchase", 10, 9, None)]
    assert nobodys == ()
