"""All SQL of the book: lock, read, write. Every statement takes arrays, so that it is the same for one account and for hundreds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import compress, count
from json.encoder import encode_basestring_ascii as json_text
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, bindparam, case, func, select, text, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.elements import ColumnElement

from credit_studio.core import ids
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.ledger import terms
from credit_studio.ledger.models import Account, Cap, CapRule, Entry, Grant, Hold

ACCOUNT, GRANT, HOLD = columns(Account), columns(Grant), columns(Hold)
CAP, RULE, ENTRY = columns(Cap), columns(CapRule), columns(Entry)


def _any(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column == func.any(bindparam(name, type_=ARRAY(UuidType())))


async def open_account(tx: Tx, row: Mapping[str, Any]) -> None:
    """Make an account when the owner has none."""
    await tx.execute(upsert(Account).on_conflict_do_nothing(index_elements=["owner_kind", "owner_id"]), row)


_FIND = select(ACCOUNT.id).where(ACCOUNT.owner_kind == bindparam("kind"), ACCOUNT.owner_id == bindparam("owner"))


async def find_account_id(tx: Tx, *, owner_kind: str, owner_id: UUID) -> UUID | None:
    """The owner's account id, or None."""
    return (await tx.execute(_FIND, {"kind": owner_kind, "owner": owner_id})).scalar_one_or_none()


# --- the sheets of a batch -----------------------------------------------------------------------------------------------------

_SHEET = (ACCOUNT.id, ACCOUNT.owner_id, ACCOUNT.posted, ACCOUNT.held, ACCOUNT.debt, ACCOUNT.version, ACCOUNT.revision, ACCOUNT.chain_head)
# The lock is a statement of its own: what is read after it is fresh. A statement that waited for the lock itself would read grants as they were before.
_LOCK = select(*_SHEET).where(_any(ACCOUNT.id, "ids")).order_by(ACCOUNT.id).with_for_update(key_share=True)


async def lock(tx: Tx, account_ids: Sequence[UUID]) -> list[terms.Account]:
    """Lock the accounts in order (FOR NO KEY UPDATE) and return those that exist."""
    return [terms.Account(*row) for row in await tx.execute(_LOCK, {"ids": list(account_ids)})]


_KNOWN = text(
    """
    SELECT e.scope, e.idem_key, e.request_hash FROM entry e
    JOIN unnest(CAST(:scopes AS text[]), CAST(:keys AS text[])) AS asked(scope, idem_key) USING (scope, idem_key)
    """
)


async def known_requests(tx: Tx, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The fingerprints of what was asked under these (scope, key) before."""
    values = {"scopes": [scope for scope, _ in names], "keys": [key for _, key in names]}
    return {(row.scope, row.idem_key): row.request_hash for row in await tx.execute(_KNOWN, values)}


GRANT_NAMES = ("id", "account_id", "source", "source_ref", "label", "priority", "expires_at", "created_at", "amount", "remaining", "held", "clawed")
_GRANTS = select(*(GRANT[name] for name in GRANT_NAMES))
_OPEN = _GRANTS.where(_any(GRANT.account_id, "ids"), GRANT.open).order_by(GRANT.priority, GRANT.expires_at, GRANT.id)
_USED_UP = _GRANTS.where(_any(GRANT.id, "named"), ~GRANT.open, _any(GRANT.account_id, "ids"))


async def grants(tx: Tx, account_ids: Sequence[UUID], named: Sequence[UUID] = ()) -> list[terms.Grant]:
    """The accounts' grants with anything free or pinned in them, in burn order; then those of the ids `named` that are used up."""
    rows = list(await tx.execute(_OPEN, {"ids": list(account_ids)}))
    if named:
        rows += await tx.execute(_USED_UP, {"ids": list(account_ids), "named": list(named)})
    return [terms.Grant(*row) for row in rows]


_HOLDS = select(*(HOLD[name] for name in terms.Hold._fields)).where(_any(HOLD.run_id, "runs"))


async def holds(tx: Tx, run_ids: Sequence[UUID]) -> list[terms.Hold]:
    """The holds of these runs with their parts in burn order."""
    rows = (tuple(row) for row in await tx.execute(_HOLDS, {"runs": list(run_ids)}))
    return [terms.Hold._make([*row[:-1], tuple(terms.Part(UUID(grant_id), amount) for grant_id, amount in row[-1])]) for row in rows]


_HELD = select(ENTRY.run_id).where(ENTRY.account_id == bindparam("account"), ENTRY.kind == "hold", ENTRY.at >= bindparam("since"))


async def runs_held(tx: Tx, account_id: UUID, *, since: datetime) -> Sequence[UUID]:
    """The runs that the account has held credits for since."""
    return (await tx.execute(_HELD, {"account": account_id, "since": since})).scalars().all()


_BEFORE = case((CAP.label == "day", timedelta(days=2)), else_=timedelta(days=62))
_CAPS = select(CAP.id, CAP.account_id, CAP.subject, CAP.label, CAP.window_start, CAP.window_end, CAP.lim, CAP.used).where(
    _any(CAP.account_id, "ids"), CAP.window_end > bindparam("since", type_=CAP.window_end.type) - _BEFORE
)


async def caps(tx: Tx, account_ids: Sequence[UUID], since: datetime) -> list[terms.Cap]:
    """The windows of the accounts that hold `since` or begin after it, and the one before each: where the next of a changed zone may begin."""
    return [terms.Cap(*row) for row in await tx.execute(_CAPS, {"ids": list(account_ids), "since": since})]


_RULES = select(RULE.account_id, RULE.subject, RULE.label, RULE.lim, RULE.period_start, RULE.period_end).where(_any(RULE.account_id, "ids"))


async def cap_rules(tx: Tx, account_ids: Sequence[UUID]) -> list[tuple[UUID, terms.Rule]]:
    """What the next windows of these accounts will allow, each with its account."""
    rows = (tuple(row) for row in await tx.execute(_RULES, {"ids": list(account_ids)}))
    return [(row[0], terms.Rule(row[1], row[2], row[3], (row[4], row[5]) if row[4] else None)) for row in rows]


# --- writing what was decided --------------------------------------------------------------------------------------------------

Linked = tuple[UUID, terms.Entry, bytes, bytes]
"""An entry with its id, the fingerprint of the one before it in its account's chain, and its own."""

Table = list[tuple[Any, ...]]
Writes = list[Table]
"""The rows of the changed accounts, then the rows of `_INSERTED` and `_UPDATED`. Empty when nothing is to be written."""

_ACCOUNTS = "id, was, posted, held, debt, version, head"
_INSERTED = {
    "grant": "id, account_id, source, source_ref, label, priority, expires_at, created_at, amount, remaining, held, clawed, open",
    "cap": "id, account_id, subject, label, window_start, window_end, lim, used",
    "hold": "id, account_id, run_id, amount, captured, refunded, state, created_at, expires_at, parts",
    "entry": "id, account_id, number, scope, idem_key, kind, at, amount, balance, run_id, result, request_hash, prev_hash, hash",
    "transfer": "entry_id, seq, debit_id, credit_id, grant_id, hold_id, amount",
}
_UPDATED = (
    ("grant", "changed_grant", "id, remaining, held, open"),
    ("grant", "corrected_grant", "id, remaining, held, open, clawed, expires_at"),
    ("cap", "changed_cap", "id, used"),
    ("hold", "changed_hold", "run_id, captured, refunded, state"),
)
"""Members of types of the database (`new_...` for what is inserted), in their order. An array of one is far less work than one of each member."""


@cache
def _statement(changed: tuple[bool, ...]) -> str:
    """One statement for a batch of any size: every array is a CTE's rows; `changed` says which there are, accounts apart.

    Accounts are updated, and so locked, in the order of their array. It fails, by a division by zero, when one has not the revision that it
    was decided on.
    """
    at = count(2)
    writes = [*((_insert, table, f"new_{table}", names) for table, names in _INSERTED.items()), *((_update, *one) for one in _UPDATED)]
    ctes = [f"w{at_write} AS ({write(table, kind, names, next(at))})" for at_write, (write, table, kind, names) in enumerate(compress(writes, changed))]
    return f"""WITH accounts AS (
          UPDATE account a SET posted = n.posted, held = n.held, debt = n.debt, version = n.version, revision = n.was + 1, chain_head = n.head
          FROM unnest($1::changed_account[]) AS n({_ACCOUNTS}) WHERE a.id = n.id AND a.revision = n.was RETURNING a.owner_id, a.version), {", ".join(ctes)}
        SELECT 1 / ((SELECT count(*) FROM accounts) = cardinality($1))::int,
          (SELECT count(pg_notify(${next(at)}::text, json_build_object('userId', owner_id, 'version', version)::text)) FROM accounts)"""


def _insert(table: str, kind: str, names: str, at: int) -> str:
    return f'INSERT INTO "{table}" ({names}) SELECT {names} FROM unnest(${at}::{kind}[])'


def _update(table: str, kind: str, names: str, at: int) -> str:
    key, *others = names.split(", ")
    return f'UPDATE "{table}" t SET {", ".join(f"{name} = n.{name}" for name in others)} FROM unnest(${at}::{kind}[]) AS n WHERE t.{key} = n.{key}'


def writes(book: terms.Book, linked: Sequence[Linked]) -> Writes:
    """All that a batch changed, as it is now: the rows of its accounts; new rows, and rows as they are after it."""
    if not linked:
        return []
    accounts = sorted(book.accounts.items(), key=lambda changed: changed[0].id)
    return [
        [(one.id, was, one.posted, one.held, one.debt, one.version, one.head) for one, was in accounts],
        [(*(getattr(one, name) for name in GRANT_NAMES), one.remaining + one.held > 0) for one in book.new_grants],
        [(one.id, one.account_id, one.subject, one.label, one.window_start, one.window_end, one.limit, one.used) for one in _opened(book)],
        [(*one[:-1], _parts(one)) for one in book.new_holds.values()],
        [_entry_row(*one) for one in linked],
        [(entry_id, seq, *move) for entry_id, entry, _, _ in linked for seq, move in enumerate(entry.moves)],
        [(one.id, one.remaining, one.held, one.remaining + one.held > 0) for one, corrected in book.grants.items() if not corrected],
        [(one.id, one.remaining, one.held, one.remaining + one.held > 0, one.clawed, one.expires_at) for one, corrected in book.grants.items() if corrected],
        [(one.id, one.used) for one in book.caps],
        [(one.run_id, one.captured, one.refunded, one.state) for one in book.holds.values()],
    ]


def _parts(hold: terms.Hold) -> str:
    return "[" + ",".join([f'["{grant_id}",{amount}]' for grant_id, amount in hold.parts]) + "]"


def _as_json(detail: terms.Detail) -> str:
    told = [f'"{name}":{value if isinstance(value, int) else json_text(terms.storable(value))}' for name, value in detail.items()]
    return "{" + ",".join(told) + "}"


def _opened(book: terms.Book) -> list[terms.Cap]:
    """Take out the windows that are not in the database; one that nothing was counted in stays out of it."""
    new = [cap for cap in book.caps if cap.id is None]
    for cap in new:
        del book.caps[cap]
        cap.id = ids.new_id() if cap.used else None
    return [cap for cap in new if cap.id]


async def write(tx: Tx, writes: Writes, *, channel: str) -> None:
    """Write a batch in one statement, and ring `channel` for every account that changed. Raises when one was changed by somebody else."""
    accounts, *tables = writes
    await tx.send(_statement(tuple(map(bool, tables))), [accounts, *filter(None, tables), channel])


def _entry_row(entry_id: UUID, entry: terms.Entry, prev: bytes, head: bytes) -> tuple[Any, ...]:
    account_id, number, scope, key, kind, at, amount, balance, run_id, detail, fingerprint, _ = entry
    return (entry_id, account_id, number, scope, key, kind, at, amount, balance, run_id, _as_json(detail), fingerprint, prev, head)


# --- caps ----------------------------------------------------------------------------------------------------------------------


async def set_rule(tx: Tx, **values: Any) -> None:  # noqa: ANN401 - the columns of cap_rule
    """Say what a cap allows from now on."""
    changed = {name: values[name] for name in ("lim", "period_start", "period_end")}
    await tx.execute(upsert(CapRule).values(values).on_conflict_do_update(index_elements=["account_id", "subject", "label"], set_=changed))
    await tx.execute(update(Account).where(ACCOUNT.id == values["account_id"]).values(revision=ACCOUNT.revision + 1))


async def put_window(tx: Tx, cap: terms.Cap) -> None:
    """Write a window, or what it now allows."""
    names = {"account_id": cap.account_id, "subject": cap.subject, "label": cap.label, "window_start": cap.window_start}
    row = {**names, "id": ids.new_id(), "window_end": cap.window_end, "lim": cap.limit, "used": cap.used}
    await tx.execute(upsert(Cap).values(row).on_conflict_do_update(index_elements=list(names), set_={"lim": cap.limit}))


async def end_window(tx: Tx, *, account_id: UUID, subject: str, label: str, at: datetime) -> None:
    """Close an open window now: a new period begins."""
    same = (CAP.account_id == account_id, CAP.subject == subject, CAP.label == label, CAP.window_start < at, CAP.window_end > at)
    await tx.execute(update(Cap).where(*same).values(window_end=at))


# --- reading for views ---------------------------------------------------------------------------------------------------------

_SHEET_OF = (
    select(*_SHEET, *(GRANT[name] for name in GRANT_NAMES))
    .outerjoin_from(Account, Grant, (GRANT.account_id == ACCOUNT.id) & GRANT.open)
    .where(ACCOUNT.owner_kind == bindparam("kind"), ACCOUNT.owner_id == bindparam("owner"))
    .order_by(GRANT.priority, GRANT.expires_at, GRANT.id)
)


async def sheet_of(tx: Tx, *, owner_kind: str, owner_id: UUID) -> terms.Sheet | None:
    """The owner's account and its open grants in burn order, or None; it is not locked, and nothing else is on it."""
    rows = (await tx.execute(_SHEET_OF, {"kind": owner_kind, "owner": owner_id})).all()
    if not rows:
        return None
    grants = [terms.Grant(*row[len(_SHEET) :]) for row in rows if row[len(_SHEET)] is not None]
    return terms.Sheet(terms.Account(*rows[0][: len(_SHEET)]), grants)


_BY_REF = select(GRANT.id).where(GRANT.source == bindparam("source"), GRANT.source_ref == bindparam("ref"))


async def grant_by_reference(tx: Tx, source: str, reference: str) -> UUID | None:
    """The grant of that source and reference, or None."""
    return (await tx.execute(_BY_REF, {"source": source, "ref": reference})).scalar_one_or_none()


async def lapsed_grants(tx: Tx, at: datetime, limit: int) -> list[RowMapping]:
    """Grants whose end has passed and that still have something free in them."""
    query = select(GRANT.id, GRANT.account_id).where(GRANT.open, GRANT.remaining > 0, GRANT.expires_at <= at, GRANT.expires_at < FAR_FUTURE)
    return list((await tx.execute(query.order_by(GRANT.expires_at).limit(limit))).mappings())
