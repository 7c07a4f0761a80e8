"""Reading and writing checks in a given transaction."""

from collections.abc import Sequence

from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import Tx
from credit_studio.history import service as history
from credit_studio.reconciliation import rules, store
from credit_studio.reconciliation.views import BookCheck

_LONGEST = 2_000


async def last(tx: Tx) -> BookCheck | None:
    """The newest check of the book; None before the first."""
    row = await store.last(tx)
    return None if row is None else BookCheck(row["at"], row["holds"], row["detail"])


async def claim(tx: Tx) -> bool:
    """True when a check is due and this transaction is the one that makes it; until it ends, no other will."""
    return await store.is_mine(tx) and rules.is_due(await last(tx), now=clock.now())


async def examine(tx: Tx) -> Sequence[str]:
    """What breaks which invariant, a line each, at the instant of the snapshot `tx`."""
    return [f"{check.name}: {check.detail}" for check in await history.doctor(tx) if not check.holds]


async def record(tx: Tx, *, broken: Sequence[str]) -> BookCheck:
    """Write down what a check found; a broken book goes to the audit log, too."""
    found = BookCheck(clock.now(), not broken, "\n".join(broken)[:_LONGEST])
    await store.add(tx, {"id": ids.new_id(), "at": found.at, "holds": found.holds, "detail": found.detail})
    if broken:
        await audit.record(tx, "books.broken", actor=SYSTEM, subject="book", details={"broken": len(broken), "found": found.detail})
    return found
