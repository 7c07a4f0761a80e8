"""Invariants 9 and 10: every account's entries are read, one account after the other, so that memory stays flat."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import Select, select

from credit_studio.db.session import Tx
from credit_studio.ledger import chain
from credit_studio.ledger.models import Hold
from credit_studio.ledger.past.replay import Replay
from credit_studio.ledger.past.store import CHAIN
from credit_studio.ledger.store import ACCOUNT, ENTRY, GRANT, HOLD, Row
from credit_studio.ledger.verify import Chain

_AT_ONCE = 500
_ACCOUNTS = select(ACCOUNT).order_by(ACCOUNT.id)
_ENTRIES = (
    CHAIN.add_columns(
        HOLD.amount.label("hold_amount"), HOLD.captured.label("hold_captured"), HOLD.refunded.label("hold_refunded"), HOLD.state.label("hold_state")
    )
    .outerjoin(Hold, HOLD.run_id == ENTRY.run_id)
    .order_by(ENTRY.account_id, ENTRY.number)
)
_GRANTS = select(GRANT).order_by(GRANT.account_id)
_OPEN = select(HOLD).where(HOLD.state == "open").order_by(HOLD.account_id)


class _Reader:
    """The rows of a query that is ordered by account, a part in memory at a time."""

    def __init__(self, tx: Tx, query: Select[tuple[object, ...]]) -> None:
        self._rows = _stream(tx, query)
        self._next: Row | None = None

    async def of(self, account_id: UUID) -> AsyncIterator[Row]:
        """The rows of an account; ask for accounts in their order, and read each to its end."""
        row = self._next or await anext(self._rows, None)
        while row is not None and row["account_id"] == account_id:
            yield row
            row = await anext(self._rows, None)
        self._next = row


async def _stream(tx: Tx, query: Select[tuple[object, ...]]) -> AsyncIterator[Row]:
    async for part in (await tx.stream(query.execution_options(yield_per=_AT_ONCE))).mappings().partitions():
        for row in part:
            yield row


async def read_all(tx: Tx) -> dict[str, list[str]]:
    """9 and 10, by name: every account replayed from its entries, and its chain followed to the first bad entry. Empty lists when they hold."""
    entries, grants, holds = (_Reader(tx, query) for query in (_ENTRIES, _GRANTS, _OPEN))
    differing: list[str] = []
    torn: list[str] = []
    async for account in _stream(tx, _ACCOUNTS):
        replay, followed, fault = Replay(str(account["id"])), Chain(str(account["id"])), ""
        async for entry in entries.of(account["id"]):
            replay.follow(entry)
            fault = fault or followed.follow(chain.spelt(entry))
        if fault := fault or followed.end(account["chain_head"].hex()):
            torn.append(f"account {account['id']}: entry {followed.number + 1} {fault}")
        if said := replay.compare(account, [row async for row in grants.of(account["id"])], [row async for row in holds.of(account["id"])]):
            differing.append(f"account {account['id']}: {said}")
    return {"9 the entries, replayed from empty, give the balance, the grants and the holds": differing, "10 every chain of entries verifies": torn}
