"""The invariants of the book. 1 to 8 are a query each that gives the rows which break it; 9 and 10 read every account, one after the other.

Numbers follow the design of the ledger. Run them in one snapshot (`db.session.snapshot`), so that they are right under load.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import Select, select, text

from credit_studio.core import clock
from credit_studio.db.session import Tx
from credit_studio.history.replay import Replay
from credit_studio.history.spelling import spelt
from credit_studio.history.store import ACCOUNT, CHAIN, ENTRY, GRANT, HOLD, Row
from credit_studio.history.views import Check
from credit_studio.ledger.models import Hold
from credit_studio.ledger.terms import CONSUMED, IN_TRANSIT, ISSUED
from credit_studio.ledger.verify import Chain

_SHOWN = 5
_AT_ONCE = 500
_CHECKS = {
    "1 every moving entry has its transfers": """
        SELECT e.id FROM entry e LEFT JOIN transfer t ON t.entry_id = e.id
        GROUP BY e.id, e.account_id, e.amount
        HAVING e.amount <> coalesce(sum(CASE WHEN t.credit_id = e.account_id THEN t.amount WHEN t.debit_id = e.account_id THEN -t.amount END), 0)
    """,
    "1 nothing stands without what it belongs to": """
        SELECT t.entry_id FROM transfer t WHERE NOT EXISTS (SELECT FROM entry e WHERE e.id = t.entry_id)
        UNION ALL SELECT t.entry_id FROM transfer t WHERE t.hold_id IS NOT NULL AND NOT EXISTS (SELECT FROM hold h WHERE h.id = t.hold_id)
        UNION ALL SELECT p.hold_id FROM hold_part p WHERE NOT EXISTS (SELECT FROM "grant" g WHERE g.id = p.grant_id)
        UNION ALL SELECT e.id FROM entry e WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = e.account_id)
        UNION ALL SELECT h.id FROM hold h WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = h.account_id)
    """,
    "2 posted = credits - debits": """
        SELECT a.id FROM account a LEFT JOIN (
          SELECT credit_id AS id, amount FROM transfer UNION ALL SELECT debit_id, -amount FROM transfer
        ) t USING (id)
        GROUP BY a.id, a.posted HAVING a.posted <> coalesce(sum(t.amount), 0)
    """,
    "2 posted = what is left and held in the grants": """
        SELECT a.id FROM account a LEFT JOIN "grant" g ON g.account_id = a.id
        GROUP BY a.id, a.posted HAVING a.posted <> coalesce(sum(g.remaining + g.held), 0)
    """,
    "3 held = open holds": """
        SELECT a.id FROM account a LEFT JOIN hold h ON h.account_id = a.id AND h.state = 'open'
        GROUP BY a.id, a.held HAVING a.held <> coalesce(sum(h.amount), 0)
    """,
    "3 held in a grant = open parts of it": """
        SELECT g.id FROM "grant" g LEFT JOIN (hold_part p JOIN hold h ON h.id = p.hold_id AND h.state = 'open') ON p.grant_id = g.id
        GROUP BY g.id, g.held HAVING g.held <> coalesce(sum(p.amount), 0)
    """,
    "3 the parts of a hold add up to it": """
        SELECT h.id FROM hold h LEFT JOIN hold_part p ON p.hold_id = h.id GROUP BY h.id, h.amount HAVING h.amount <> coalesce(sum(p.amount), 0)
    """,
    "4 nothing is below zero": """
        SELECT id FROM account WHERE posted < 0 OR held < 0 OR posted < held OR debt < 0
        UNION ALL SELECT id FROM "grant" WHERE remaining < 0 OR held < 0 OR remaining + held > amount
    """,
    "4 an open grant has something in it, a closed one nothing": """
        SELECT id FROM "grant" WHERE open <> (remaining + held > 0)
    """,
    "5 used of a cap = captured and held in its window": """
        WITH planned AS (
          SELECT part.hold_id, sum(part.amount) AS amount FROM (
            SELECT p.hold_id, p.grant_id, p.amount FROM hold_part p JOIN hold h ON h.id = p.hold_id AND h.state = 'open'
            UNION ALL SELECT hold_id, grant_id, CASE WHEN credit_id = :consumed THEN amount ELSE -amount END
            FROM transfer WHERE hold_id IS NOT NULL AND :consumed IN (credit_id, debit_id)
          ) part JOIN "grant" g ON g.id = part.grant_id AND g.source = 'plan' GROUP BY part.hold_id
        ), counted AS (
          SELECT w.account_id, w.subject, w.label, w.window_start, sum(CASE
            WHEN w.subject = 'plan' THEN coalesce(p.amount, 0) WHEN h.state = 'open' THEN h.amount ELSE h.captured - h.refunded END) AS used
          FROM hold h JOIN (SELECT DISTINCT account_id, subject, label FROM cap) k USING (account_id) LEFT JOIN planned p ON p.hold_id = h.id
          CROSS JOIN LATERAL (
            SELECT * FROM cap c WHERE (c.account_id, c.subject, c.label) = (k.account_id, k.subject, k.label) AND c.window_start <= h.created_at
            ORDER BY c.window_start DESC LIMIT 1
          ) w
          WHERE h.created_at < w.window_end GROUP BY w.account_id, w.subject, w.label, w.window_start
        )
        SELECT c.account_id || ':' || c.subject || ':' || c.label FROM cap c LEFT JOIN counted n USING (account_id, subject, label, window_start)
        WHERE c.used <> coalesce(n.used, 0)
    """,
    "6 issued = everything that is anywhere": """
        SELECT 'all' WHERE coalesce((SELECT sum(amount) FROM transfer WHERE debit_id = :issued), 0)
          <> coalesce((SELECT sum(CASE WHEN NOT EXISTS (SELECT 1 FROM account a WHERE a.id = t.credit_id) THEN t.amount ELSE 0 END
               - CASE WHEN t.debit_id <> :issued AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = t.debit_id) THEN t.amount ELSE 0 END) FROM transfer t), 0)
           + coalesce((SELECT sum(posted) FROM account), 0)
    """,
    "7 a key has one entry": """
        SELECT scope || ':' || idem_key FROM entry GROUP BY scope, idem_key HAVING count(*) > 1
    """,
    "7 entries are numbered without a gap": """
        SELECT a.id FROM account a LEFT JOIN entry e ON e.account_id = a.id
        GROUP BY a.id, a.version HAVING a.version <> count(e.id) OR a.version <> coalesce(max(e.number), 0)
    """,
    "7 every balance follows from the one before": """
        SELECT id FROM (SELECT id, balance, sum(amount) OVER (PARTITION BY account_id ORDER BY number) AS running FROM entry) e WHERE balance <> running
    """,
    "8 a hold ends once, and as its state says": """
        SELECT h.id FROM hold h LEFT JOIN entry e ON e.run_id = h.run_id AND e.kind IN ('capture', 'release')
        GROUP BY h.id, h.state, h.captured
        HAVING count(e.id) <> CASE WHEN h.state = 'open' THEN 0 ELSE 1 END
            OR coalesce(min(e.kind), '') <> CASE h.state WHEN 'open' THEN '' WHEN 'captured' THEN 'capture' ELSE 'release' END
    """,
    "6 nothing is left in transit": """
        SELECT 'transit' WHERE (SELECT coalesce(sum(amount), 0) FROM transfer WHERE credit_id = :transit)
                            <> (SELECT coalesce(sum(amount), 0) FROM transfer WHERE debit_id = :transit)
    """,
    "8 captured and refunded = consumed and returned under the hold": """
        SELECT h.id FROM hold h LEFT JOIN transfer t ON t.hold_id = h.id GROUP BY h.id, h.captured, h.refunded
        HAVING h.captured <> coalesce(sum(t.amount) FILTER (WHERE t.credit_id = :consumed), 0)
            OR h.refunded <> coalesce(sum(t.amount) FILTER (WHERE t.debit_id = :consumed), 0)
    """,
    "8 no hold is open long after its end": """
        SELECT id FROM hold WHERE state = 'open' AND expires_at < to_timestamp(:late)
    """,
}


async def run_all(tx: Tx, *, overdue_s: float = 120) -> tuple[Check, ...]:
    """Every invariant, in the snapshot that `tx` is; a hold counts as forgotten `overdue_s` seconds after its end."""
    values: dict[str, object] = {"issued": ISSUED, "consumed": CONSUMED, "transit": IN_TRANSIT, "late": clock.now().timestamp() - overdue_s}
    asked = [await _run(tx, name, query, values) for name, query in _CHECKS.items()]
    read = [Check(name, not found, "; ".join(found[:_SHOWN])) for name, found in (await _read_all(tx)).items()]
    return (*asked, *read)


async def _run(tx: Tx, name: str, query: str, values: dict[str, object]) -> Check:
    used = {key: value for key, value in values.items() if f":{key}" in query}
    rows = (await tx.execute(text(query), used)).scalars().fetchmany(_SHOWN)
    return Check(name, holds=not rows, detail=", ".join(str(row) for row in rows))


_ACCOUNTS = select(ACCOUNT).order_by(ACCOUNT.id)
ENTRIES = (
    CHAIN.add_columns(
        HOLD.amount.label("hold_amount"), HOLD.captured.label("hold_captured"), HOLD.refunded.label("hold_refunded"), HOLD.state.label("hold_state")
    )
    .outerjoin(Hold, HOLD.run_id == ENTRY.run_id)
    .order_by(ENTRY.account_id, ENTRY.number)
)
"""Every entry with what `Replay` needs of it, account by account, in order."""
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


async def _read_all(tx: Tx) -> dict[str, list[str]]:
    """9 and 10, by name: every account replayed from its entries, and its chain followed to the first bad entry. Empty lists when they hold."""
    entries, grants, holds = (_Reader(tx, query) for query in (ENTRIES, _GRANTS, _OPEN))
    differing: list[str] = []
    torn: list[str] = []
    async for account in _stream(tx, _ACCOUNTS):
        replay, followed, fault = Replay(str(account["id"])), Chain(str(account["id"])), ""
        async for entry in entries.of(account["id"]):
            replay.follow(entry)
            fault = fault or followed.follow(spelt(entry))
        if fault := fault or followed.end(account["chain_head"].hex()):
            torn.append(f"account {account['id']}: entry {followed.number + 1} {fault}")
        if said := replay.compare(account, [row async for row in grants.of(account["id"])], [row async for row in holds.of(account["id"])]):
            differing.append(f"account {account['id']}: {said}")
    return {"9 the entries, replayed from empty, give the balance, the grants and the holds": differing, "10 every chain of entries verifies": torn}
