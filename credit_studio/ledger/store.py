"""All SQL of the book: lock, read, write. Arrays (`= ANY`, `unnest` by executemany) so that any number of accounts is one statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, bindparam, func, select, text, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.elements import ColumnElement

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.ledger import terms
from credit_studio.ledger.models import Account, Cap, CapRule, Entry, Grant, Hold, HoldPart, Transfer

Row = RowMapping
Values = Mapping[str, Any]

ACCOUNT, ENTRY, TRANSFER = columns(Account), columns(Entry), columns(Transfer)
GRANT, HOLD, PART = columns(Grant), columns(Hold), columns(HoldPart)
CAP, RULE = columns(Cap), columns(CapRule)


def _any(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column == func.any(bindparam(name, type_=ARRAY(UuidType())))


async def open_account(tx: Tx, row: Values) -> None:
    """Make an account when the owner has none."""
    await tx.execute(upsert(Account).on_conflict_do_nothing(index_elements=["owner_kind", "owner_id"]), row)


_FIND = select(ACCOUNT.id).where(ACCOUNT.owner_kind == bindparam("kind"), ACCOUNT.owner_id == bindparam("owner"))


async def find_account_id(tx: Tx, *, owner_kind: str, owner_id: UUID) -> UUID | None:
    """The owner's account id, or None."""
    return (await tx.execute(_FIND, {"kind": owner_kind, "owner": owner_id})).scalar_one_or_none()


# The lock is a statement of its own: what is read after it is fresh (docs/decisions: the account lock).
_LOCK = select(ACCOUNT).where(_any(ACCOUNT.id, "ids")).order_by(ACCOUNT.id).with_for_update(key_share=True)


async def lock(tx: Tx, account_ids: Sequence[UUID]) -> list[Row]:
    """Lock the accounts in order (FOR NO KEY UPDATE) and return their rows."""
    return list((await tx.execute(_LOCK, {"ids": list(account_ids)})).mappings())


_OPEN_GRANTS = (
    select(GRANT).where(_any(GRANT.account_id, "ids"), GRANT.open, GRANT.remaining > 0).order_by(GRANT.account_id, GRANT.priority, GRANT.expires_at, GRANT.id)
)
_PINNED_GRANTS = select(GRANT).where(GRANT.id.in_(select(PART.grant_id).join(Hold, HOLD.id == PART.hold_id).where(_any(HOLD.run_id, "runs"))))
_HOLDS = select(HOLD).where(_any(HOLD.run_id, "runs"))
_PARTS = select(PART).join(Hold, HOLD.id == PART.hold_id).where(_any(HOLD.run_id, "runs")).order_by(PART.hold_id, PART.seq)


async def open_grants(tx: Tx, account_ids: Sequence[UUID]) -> list[Row]:
    """Grants with something free in them, in burn order."""
    return list((await tx.execute(_OPEN_GRANTS, {"ids": list(account_ids)})).mappings())


async def holds(tx: Tx, run_ids: Sequence[UUID]) -> tuple[list[Row], list[Row], list[Row]]:
    """The holds of these runs, their parts in burn order, and the grants that the parts pin."""
    values = {"runs": list(run_ids)}
    return (
        list((await tx.execute(_HOLDS, values)).mappings()),
        list((await tx.execute(_PARTS, values)).mappings()),
        list((await tx.execute(_PINNED_GRANTS, values)).mappings()),
    )


_CAPS = select(CAP).where(_any(CAP.account_id, "ids"), CAP.window_start <= bindparam("newest"), CAP.window_end > bindparam("oldest"))


async def caps(tx: Tx, account_ids: Sequence[UUID], *, oldest: datetime, newest: datetime) -> list[Row]:
    """The cap windows that hold any instant from `oldest` to `newest`."""
    return list((await tx.execute(_CAPS, {"ids": list(account_ids), "oldest": oldest, "newest": newest})).mappings())


_RULES = select(RULE).where(_any(RULE.account_id, "ids"))


async def cap_rules(tx: Tx, account_ids: Sequence[UUID]) -> list[Row]:
    """What the next windows of these accounts will allow."""
    return list((await tx.execute(_RULES, {"ids": list(account_ids)})).mappings())


_KNOWN = text(
    """
    SELECT e.scope, e.idem_key, e.request_hash FROM entry e
    JOIN unnest(CAST(:scopes AS text[]), CAST(:keys AS text[])) AS asked(scope, idem_key) USING (scope, idem_key)
    """
)


async def known_requests(tx: Tx, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The fingerprints of what was asked under these (scope, key) before."""
    values = {"scopes": [scope for scope, _ in names], "keys": [key for _, key in names]}
    return {(row["scope"], row["idem_key"]): row["request_hash"] for row in (await tx.execute(_KNOWN, values)).mappings()}


_GRANTS = select(GRANT).where(_any(GRANT.id, "ids"))
_BY_REF = select(GRANT.id).where(GRANT.source == bindparam("source"), GRANT.source_ref == bindparam("ref"))


async def grants_by_id(tx: Tx, grant_ids: Sequence[UUID]) -> list[Row]:
    """These grants, open or closed."""
    return list((await tx.execute(_GRANTS, {"ids": list(grant_ids)})).mappings())


async def grant_by_reference(tx: Tx, source: str, reference: str) -> UUID | None:
    """The grant of that source and reference, or None."""
    return (await tx.execute(_BY_REF, {"source": source, "ref": reference})).scalar_one_or_none()


async def set_rule(tx: Tx, **values: Any) -> None:  # noqa: ANN401 - the columns of cap_rule
    """Say what a cap allows from now on."""
    changed = {name: values[name] for name in ("lim", "period_start", "period_end")}
    await tx.execute(upsert(CapRule).values(values).on_conflict_do_update(index_elements=["account_id", "subject", "label"], set_=changed))


async def set_window_limit(tx: Tx, *, account_id: UUID, subject: str, label: str, limit: int, at: datetime) -> None:
    """Let a changed cap count in the window that is open, too."""
    same = (CAP.account_id == account_id, CAP.subject == subject, CAP.label == label, CAP.window_start <= at, CAP.window_end > at)
    await tx.execute(update(Cap).where(*same).values(lim=limit))


async def end_window(tx: Tx, *, account_id: UUID, subject: str, label: str, at: datetime) -> None:
    """Close an open window now: a new period begins."""
    same = (CAP.account_id == account_id, CAP.subject == subject, CAP.label == label, CAP.window_start < at, CAP.window_end > at)
    await tx.execute(update(Cap).where(*same).values(window_end=at))


# --- writing what was decided ------------------------------------------------------------------------------------------------

GRANT_NAMES = ("id", "account_id", "source", "source_ref", "label", "priority", "expires_at", "created_at", "amount", "remaining", "held", "clawed")


@dataclass(frozen=True)
class Writes:
    """Everything that a batch changes: new rows, and rows as they are after it."""

    accounts: Sequence[tuple[terms.Account, bytes]]
    new_grants: Sequence[terms.Grant]
    grants: Sequence[terms.Grant]
    new_caps: Sequence[terms.Cap]
    caps: Sequence[terms.Cap]
    new_holds: Sequence[terms.Hold]
    holds: Sequence[terms.Hold]
    entries: Sequence[tuple[UUID, terms.Entry, bytes, bytes, bytes]]
    moves: Sequence[tuple[UUID, int, terms.Move]]


# One statement for a batch of any size: every array is a column, every CTE a table. What is empty costs next to nothing.
_WRITE = text(
    """
    WITH accounts AS (
      UPDATE account t SET posted = n.posted, held = n.held, debt = n.debt, version = n.version, chain_head = n.head
      FROM unnest(CAST(:a1 AS uuid[]), CAST(:a2 AS bigint[]), CAST(:a3 AS bigint[]), CAST(:a4 AS bigint[]), CAST(:a5 AS bigint[]), CAST(:a6 AS bytea[]))
        AS n(id, posted, held, debt, version, head) WHERE t.id = n.id
    ), new_grants AS (
      INSERT INTO "grant" (id, account_id, source, source_ref, label, priority, expires_at, created_at, amount, remaining, held, clawed, open)
      SELECT *, remaining + held > 0
      FROM unnest(CAST(:g1 AS uuid[]), CAST(:g2 AS uuid[]), CAST(:g3 AS text[]), CAST(:g4 AS text[]), CAST(:g5 AS text[]), CAST(:g6 AS int[]),
        CAST(:g7 AS timestamptz[]), CAST(:g8 AS timestamptz[]), CAST(:g9 AS bigint[]), CAST(:g10 AS bigint[]), CAST(:g11 AS bigint[]), CAST(:g12 AS bigint[]))
        AS n(id, account_id, source, source_ref, label, priority, expires_at, created_at, amount, remaining, held, clawed)
    ), grants AS (
      UPDATE "grant" t SET remaining = n.remaining, held = n.held, clawed = n.clawed, expires_at = n.expires_at, open = n.remaining + n.held > 0
      FROM unnest(CAST(:u1 AS uuid[]), CAST(:u2 AS bigint[]), CAST(:u3 AS bigint[]), CAST(:u4 AS bigint[]), CAST(:u5 AS timestamptz[]))
        AS n(id, remaining, held, clawed, expires_at) WHERE t.id = n.id
    ), new_caps AS (
      INSERT INTO cap (account_id, subject, label, window_start, window_end, lim, used)
      SELECT * FROM unnest(CAST(:c1 AS uuid[]), CAST(:c2 AS text[]), CAST(:c3 AS text[]), CAST(:c4 AS timestamptz[]), CAST(:c5 AS timestamptz[]),
        CAST(:c6 AS bigint[]), CAST(:c7 AS bigint[]))
    ), caps AS (
      UPDATE cap t SET used = n.used
      FROM unnest(CAST(:d1 AS uuid[]), CAST(:d2 AS text[]), CAST(:d3 AS text[]), CAST(:d4 AS timestamptz[]), CAST(:d5 AS bigint[]))
        AS n(account_id, subject, label, window_start, used)
      WHERE t.account_id = n.account_id AND t.subject = n.subject AND t.label = n.label AND t.window_start = n.window_start
    ), new_holds AS (
      INSERT INTO hold (id, account_id, run_id, amount, captured, state, created_at, expires_at)
      SELECT * FROM unnest(CAST(:h1 AS uuid[]), CAST(:h2 AS uuid[]), CAST(:h3 AS uuid[]), CAST(:h4 AS bigint[]), CAST(:h5 AS bigint[]), CAST(:h6 AS text[]),
        CAST(:h7 AS timestamptz[]), CAST(:h8 AS timestamptz[]))
    ), parts AS (
      INSERT INTO hold_part (hold_id, grant_id, seq, amount)
      SELECT * FROM unnest(CAST(:p1 AS uuid[]), CAST(:p2 AS uuid[]), CAST(:p3 AS int[]), CAST(:p4 AS bigint[]))
    ), holds AS (
      UPDATE hold t SET captured = n.captured, refunded = n.refunded, state = n.state
      FROM unnest(CAST(:k1 AS uuid[]), CAST(:k2 AS bigint[]), CAST(:k3 AS bigint[]), CAST(:k4 AS text[])) AS n(id, captured, refunded, state) WHERE t.id = n.id
    ), entries AS (
      INSERT INTO entry (id, account_id, number, scope, idem_key, kind, at, amount, balance, run_id, result, request_hash, prev_hash, hash)
      SELECT id, account_id, number, scope, idem_key, kind, at, amount, balance, run_id, CAST(result AS jsonb), request_hash, prev_hash, hash
      FROM unnest(CAST(:e1 AS uuid[]), CAST(:e2 AS uuid[]), CAST(:e3 AS bigint[]), CAST(:e4 AS text[]), CAST(:e5 AS text[]), CAST(:e6 AS text[]),
        CAST(:e7 AS timestamptz[]), CAST(:e8 AS bigint[]), CAST(:e9 AS bigint[]), CAST(:e10 AS uuid[]), CAST(:e11 AS text[]), CAST(:e12 AS bytea[]),
        CAST(:e13 AS bytea[]), CAST(:e14 AS bytea[]))
        AS n(id, account_id, number, scope, idem_key, kind, at, amount, balance, run_id, result, request_hash, prev_hash, hash)
    ), transfers AS (
      INSERT INTO transfer (entry_id, seq, debit_id, credit_id, grant_id, hold_id, amount)
      SELECT * FROM unnest(CAST(:t1 AS uuid[]), CAST(:t2 AS int[]), CAST(:t3 AS uuid[]), CAST(:t4 AS uuid[]), CAST(:t5 AS uuid[]), CAST(:t6 AS uuid[]),
        CAST(:t7 AS bigint[]))
    )
    SELECT count(pg_notify(:channel, n.payload)) FROM unnest(CAST(:payloads AS text[])) AS n(payload)
    """
)


async def write(tx: Tx, writes: Writes, *, channel: str) -> None:
    """Write a batch in one statement, and ring `channel` for every account that changed."""
    held = [(hold.id, part.grant_id, seq, part.amount) for hold in writes.new_holds for seq, part in enumerate(hold.parts)]
    bells = [f'{{"userId":"{one.owner_id}","version":{one.version}}}' for one, _ in writes.accounts]
    values: dict[str, Any] = {"channel": channel, "payloads": bells}
    values |= _columns("a", 6, [(one.id, one.posted, one.held, one.debt, one.version, head) for one, head in writes.accounts])
    values |= _columns("g", 12, [tuple(getattr(one, name) for name in GRANT_NAMES) for one in writes.new_grants])
    values |= _columns("u", 5, [(one.id, one.remaining, one.held, one.clawed, one.expires_at) for one in writes.grants])
    new_caps = [(one.account_id, one.subject, one.label, one.window_start, one.window_end, one.limit, one.used) for one in writes.new_caps]
    values |= _columns("c", 7, new_caps)
    values |= _columns("d", 5, [(*one.key, one.used) for one in writes.caps])
    holds = [(one.id, one.account_id, one.run_id, one.amount, one.captured, one.state, one.created_at, one.expires_at) for one in writes.new_holds]
    values |= _columns("h", 8, holds)
    values |= _columns("p", 4, held)
    values |= _columns("k", 4, [(one.id, one.captured, one.refunded, one.state) for one in writes.holds])
    values |= _columns("e", 14, [_entry_row(*one) for one in writes.entries])
    values |= _columns("t", 7, [(*key, one.debit_id, one.credit_id, one.grant_id, one.hold_id, one.amount) for *key, one in writes.moves])
    await tx.execute(_WRITE, values)


def _columns(letter: str, count: int, rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Rows as named arrays, one a column: a1, a2, ..."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * count
    return {f"{letter}{at}": list(column) for at, column in enumerate(columns, start=1)}


def _entry_row(entry_id: UUID, entry: terms.Entry, fingerprint: bytes, prev: bytes, head: bytes) -> tuple[Any, ...]:
    named = (entry.account_id, entry.number, entry.scope, entry.key, entry.kind, entry.at, entry.amount, entry.balance, entry.run_id)
    return (entry_id, *named, json.dumps(entry.detail, separators=(",", ":")), fingerprint, prev, head)


# --- reading for views -------------------------------------------------------------------------------------------------------

_ACCOUNT_OF = select(ACCOUNT).where(ACCOUNT.owner_kind == bindparam("kind"), ACCOUNT.owner_id == bindparam("owner"))
_HELD_GRANTS = select(GRANT).where(_any(GRANT.account_id, "ids"), GRANT.open).order_by(GRANT.priority, GRANT.expires_at, GRANT.id)


async def account_of(tx: Tx, *, owner_kind: str, owner_id: UUID) -> Row | None:
    """The owner's account row, or None."""
    return (await tx.execute(_ACCOUNT_OF, {"kind": owner_kind, "owner": owner_id})).mappings().one_or_none()


async def grants_of(tx: Tx, account_id: UUID) -> list[Row]:
    """Grants with anything free or held in them, in burn order."""
    return list((await tx.execute(_HELD_GRANTS, {"ids": [account_id]})).mappings())


async def lapsed_grants(tx: Tx, at: datetime, limit: int) -> list[Row]:
    """Grants whose end has passed and that still have something free in them."""
    query = select(GRANT.id, GRANT.account_id).where(GRANT.open, GRANT.remaining > 0, GRANT.expires_at <= at, GRANT.expires_at < FAR_FUTURE)
    return list((await tx.execute(query.order_by(GRANT.expires_at).limit(limit))).mappings())
