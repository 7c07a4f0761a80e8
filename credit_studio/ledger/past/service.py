"""What the entries tell of an owner's account, in a transaction that the caller gives."""

from datetime import datetime
from typing import Any
from uuid import UUID

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.core.errors import NotFound
from credit_studio.db.session import Tx
from credit_studio.ledger import chain, service, windows
from credit_studio.ledger import store as book
from credit_studio.ledger.past import statements, store
from credit_studio.ledger.views import Balance, GrantView, Proof, Statement


async def balance(tx: Tx, *, owner_id: UUID, at: datetime) -> Balance:
    """The account as it stood at a past instant, from the entries up to it. Raises `NotFound` without an account.

    A grant's `expires_at` is the one it has now: later than it was when credits came back to it after its end.
    """
    account_id = (await proof(tx, owner_id=owner_id)).account_id
    totals, rows = await store.account_then(tx, account_id, at)
    grants = tuple(_grant(one) for one in rows if one["held"] or one["expires_at"] > at)
    free = sum(one["remaining"] for one in rows if one["expires_at"] > at) - totals["debt"]
    held = sum(one["held"] for one in rows)
    return Balance(account_id, available=free, held=held, total=free + held, debt=totals["debt"], version=totals["version"], grants=grants)


async def statement(tx: Tx, *, owner_id: UUID, year: int, month: int, zone: str) -> Statement:
    """A month of the calendar in the owner's `zone`; the current one as far as it has come. Raises `NotFound` without an account."""
    start, end = windows.calendar_month(year, month, zone)
    rows = await store.sums(tx, (await proof(tx, owner_id=owner_id)).account_id, start, end)
    sums = {row["name"]: (row["before"], row["within"]) for row in rows}
    return statements.statement(f"{year:04}-{month:02}", zone, sums=sums, kinds=service.TYPES)


async def proof(tx: Tx, *, owner_id: UUID) -> Proof:
    """Where the owner's chain of entries ends now. Raises `NotFound` without an account."""
    row = await book.account_of(tx, owner_kind=service.PERSON, owner_id=owner_id)
    if row is None:
        raise NotFound("There is no account of that owner.")
    return Proof(row["id"], row["version"], row["chain_head"].hex())


async def entries(tx: Tx, *, of: Proof, after: int, limit: int) -> list[dict[str, Any]]:
    """The next entries of a proof, as `verify.py` reads them; none at its end."""
    return [chain.spelt(row) for row in await store.chain_of(tx, of.account_id, after=after, until=of.length, limit=limit)]


def _grant(row: book.Row) -> GrantView:
    ends = None if row["expires_at"] >= FAR_FUTURE else row["expires_at"]
    return GrantView(row["id"], row["source"], row["amount"], row["remaining"], row["held"], ends, row["priority"])
