"""What somebody does to the rows with the triggers off is found by the doctor, and the first bad entry is named."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import ids
from credit_studio.db.session import snapshot, transaction
from credit_studio.history import service as history
from credit_studio.history.views import Check
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import IN_TRANSIT
from credit_studio.ledger.views import HoldView
from tests.makers.accounts import a_grant, an_account

pytestmark = pytest.mark.usefixtures("database")
REPLAY, CHAIN = "9 the entries", "10 every chain"


async def _told() -> dict[str, Check]:
    async with snapshot() as tx:
        return {check.name: check for check in await history.doctor(tx)}


async def _broken() -> dict[str, str]:
    return {name: check.detail for name, check in (await _told()).items() if not check.holds}


async def _account() -> UUID:
    """An account of six entries (100 in, 8 and 4 out, 3 of it back) whose neighbours have entries, too; its id."""
    await an_account(7)
    owner = await an_account(100)
    await an_account(9)
    async with transaction() as tx:
        for amount in (8, 4):
            run = ids.new_id()
            assert isinstance(await ledger.hold(tx, owner_id=owner, run_id=run, amount=10, lasts=timedelta(minutes=1), zone="UTC"), HoldView)
            await ledger.capture(tx, owner_id=owner, run_id=run, amount=amount)
        await ledger.refund(tx, owner_id=owner, run_id=run, amount=3, key=str(run), reason="slow")
        return await ledger.account_id_of(tx, owner_id=owner)


async def _tamper(*statements: str, account: UUID) -> None:
    """Change rows as only a superuser can: with triggers and foreign keys off."""
    async with transaction() as tx:
        await tx.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await tx.execute(text(statement), {"account": account} if ":account" in statement else None)


async def test_an_untouched_book_holds() -> None:
    await _account()
    told = await _told()
    assert [name for name in told if name.startswith(("9 ", "10 "))] == [
        "9 the entries, replayed from empty, give the balance, the grants and the holds",
        "10 every chain of entries verifies",
    ]
    assert all(check.holds for check in told.values())


_TO = "UPDATE transfer SET credit_id = '{}' WHERE debit_id = :account AND amount = 8"
_WINDOW = "INSERT INTO cap SELECT :account, {}, 'day', now() - interval '1 hour', now() + interval '1 hour', 50, {}"
_BREAKS = {
    "1 every moving entry has its transfers": "UPDATE transfer SET amount = amount + 1 WHERE credit_id = :account AND amount = 3",
    "1 nothing stands without what it belongs to": "DELETE FROM entry WHERE account_id = :account AND number = 3",
    "2 posted = credits - debits": "UPDATE account SET posted = posted + 1 WHERE id = :account",
    "2 posted = what is left and held in the grants": 'UPDATE "grant" SET remaining = remaining - 1 WHERE account_id = :account',
    "3 held = open holds": "UPDATE account SET held = 1 WHERE id = :account",
    "3 held in a grant = open parts of it": 'UPDATE "grant" SET held = 1, remaining = remaining - 1 WHERE account_id = :account',
    "3 the parts of a hold add up to it": "UPDATE hold SET parts = jsonb_set(parts, '{0,1}', '99') WHERE account_id = :account",
    "4 an open grant has something in it, a closed one nothing": 'UPDATE "grant" SET open = false WHERE account_id = :account',
    "5 used of a cap = captured and held in its window": _WINDOW.format("'own'", 8),
    "6 issued = everything that is anywhere": "UPDATE account SET posted = posted - 1 WHERE id = :account",
    "6 nothing is left in transit": _TO.format(IN_TRANSIT),
    "7 entries are numbered without a gap": "UPDATE account SET version = version + 1 WHERE id = :account",
    "7 every balance follows from the one before": "UPDATE entry SET balance = balance + 1 WHERE account_id = :account AND number = 4",
    "8 a hold ends once, and as its state says": "UPDATE hold SET state = 'released' WHERE account_id = :account AND captured = 8",
    "8 captured and refunded = consumed and returned under the hold": "UPDATE hold SET refunded = 2 WHERE account_id = :account AND captured = 4",
    "8 no hold is open long after its end": "UPDATE hold SET state = 'open', expires_at = now() - interval '3 minutes' WHERE account_id = :account",
}


@pytest.mark.parametrize("name", _BREAKS)
async def test_each_invariant_is_told_when_it_is_broken(name: str) -> None:
    await _tamper(_BREAKS[name], account=await _account())
    assert (await _broken())[name]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM account WHERE id = :account", "DELETE FROM hold WHERE account_id = :account", 'DELETE FROM "grant" WHERE account_id = :account']
)
async def test_what_has_lost_what_it_belongs_to_is_told(statement: str) -> None:
    await _tamper(statement, account=await _account())
    assert "1 nothing stands without what it belongs to" in await _broken()


async def test_every_invariant_but_those_that_the_database_refuses_to_break_is_broken_here() -> None:
    refused = {"4 nothing is below zero", "7 a key has one entry"}
    assert {name for name in await _told() if not name.startswith(("9 ", "10 "))} == {*_BREAKS, *refused}


@pytest.mark.parametrize(("subject", "used"), [("'own'", 9), ("'plan'", 0)])
async def test_a_window_that_counts_what_was_spent_holds(subject: str, used: int) -> None:
    account = await _account()
    await _tamper(_WINDOW.format(subject, used), account=account)
    assert await _broken() == {}


@pytest.mark.parametrize(
    ("statement", "entry", "said"),
    [
        ("UPDATE entry SET amount = -7 WHERE account_id = :account AND number = 3", 3, "says that -7 credits moved, its transfers say -8"),
        ("UPDATE transfer SET amount = 7 WHERE entry_id = (SELECT id FROM entry WHERE account_id = :account AND number = 3)", 3, "says that -8 credits moved"),
        ("UPDATE entry SET at = at + interval '1 microsecond' WHERE account_id = :account AND number = 2", 2, "was changed"),
        ("UPDATE entry SET kind = 'expire' WHERE account_id = :account AND number = 3", 3, "was changed"),
        ("UPDATE entry SET prev_hash = hash WHERE account_id = :account AND number = 4", 4, "does not follow the entry before it"),
        ("UPDATE entry SET hash = prev_hash WHERE account_id = :account AND number = 4", 4, "was changed"),
        ("UPDATE account SET chain_head = 'x' WHERE id = :account", 7, "is missing: the head is not the fingerprint of entry 6"),
        ("DELETE FROM entry WHERE account_id = :account AND number = 2", 2, "is missing: entry 3 stands in its place"),
        (
            "UPDATE transfer SET grant_id = hold_id WHERE entry_id = (SELECT id FROM entry WHERE account_id = :account AND number = 3)",
            3,
            "was changed",
        ),
    ],
)
async def test_a_changed_or_deleted_row_is_found_and_the_first_bad_entry_is_named(statement: str, entry: int, said: str) -> None:
    account = await _account()
    await _tamper(statement, account=account)
    torn = next(detail for name, detail in (await _broken()).items() if name.startswith(CHAIN))
    assert torn.startswith(f"account {account}: entry {entry} {said}")
    assert ";" not in torn


async def test_entries_that_changed_places_are_found() -> None:
    account = await _account()
    moves = (
        "UPDATE entry SET number = -number WHERE account_id = :account AND number IN (3, 5)",
        "UPDATE entry SET number = 8 + number WHERE account_id = :account AND number < 0",
    )
    await _tamper(*moves, account=account)
    torn = next(detail for name, detail in (await _broken()).items() if name.startswith(CHAIN))
    assert torn.startswith(f"account {account}: entry 3 does not follow the entry before it")


async def test_a_last_entry_that_was_deleted_with_all_that_it_did_is_found() -> None:
    account = await _account()
    await _tamper(
        "DELETE FROM transfer WHERE entry_id = (SELECT id FROM entry WHERE account_id = :account AND number = 6)",
        "DELETE FROM entry WHERE account_id = :account AND number = 6",
        "UPDATE account SET version = 5, posted = posted - 3 WHERE id = :account",
        'UPDATE "grant" SET remaining = remaining - 3 WHERE account_id = :account',
        "UPDATE hold SET refunded = 0 WHERE account_id = :account",
        account=account,
    )
    assert {name[:14]: detail for name, detail in (await _broken()).items()} == {
        CHAIN: f"account {account}: entry 6 is missing: the head is not the fingerprint of entry 5"
    }


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (
            ("UPDATE account SET posted = posted + 5 WHERE id = :account", 'UPDATE "grant" SET remaining = remaining + 5 WHERE account_id = :account'),
            "the balance: the row says 96, the entries say 91",
        ),
        (("UPDATE account SET debt = 2 WHERE id = :account",), "the debt: the row says 2, the entries say 0"),
        (("UPDATE account SET held = 2 WHERE id = :account",), "what is held: the row says 2, the entries say 0"),
        (('UPDATE "grant" SET amount = 101 WHERE account_id = :account',), "grant "),
        (("UPDATE hold SET captured = 7 WHERE account_id = :account AND captured = 8",), "the hold of run "),
        (("UPDATE hold SET refunded = 2 WHERE account_id = :account AND captured = 4",), "what was refunded of run "),
        (("UPDATE hold SET state = 'open' WHERE account_id = :account AND captured = 8",), "the hold of run "),
    ],
)
async def test_a_row_that_the_entries_do_not_give_is_found(statements: tuple[str, ...], said: str) -> None:
    account = await _account()
    await _tamper(*statements, account=account)
    differs = next(detail for name, detail in (await _broken()).items() if name.startswith(REPLAY))
    assert differs.startswith(f"account {account}: {said}")


async def test_a_grant_moved_between_accounts_is_found_on_both() -> None:
    account = await _account()
    move = 'UPDATE "grant" SET account_id = (SELECT id FROM account WHERE id <> :account ORDER BY id LIMIT 1) WHERE account_id = :account'
    await _tamper(move, account=account)
    differs = next(detail for name, detail in (await _broken()).items() if name.startswith(REPLAY))
    assert differs.count("account ") == 2
    assert "grants that are not there" in differs


async def test_many_accounts_and_more_entries_than_are_read_at_once_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_studio.history.checks._AT_ONCE", 3)
    accounts = [await _account() for _ in range(3)]
    owner = await an_account()
    for _ in range(8):
        await a_grant(owner, 1)
    assert await _broken() == {}
    await _tamper("UPDATE entry SET idem_key = 'x' WHERE account_id = :account AND number = 6", account=accounts[1])
    assert list((await _broken()).values()) == [f"account {accounts[1]}: entry 6 was changed: its content does not give its fingerprint"]
