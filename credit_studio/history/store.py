"""The SQL that reads the ledger's tables back. It writes nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, RowMapping, and_, bindparam, case, cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.ledger.models import Account, Entry, Grant, Hold, Transfer
from credit_studio.ledger.terms import CONSUMED, SETTLE
from credit_studio.ledger.views import PERSON

Row = RowMapping

ACCOUNT, ENTRY, TRANSFER = columns(Account), columns(Entry), columns(Transfer)
GRANT, HOLD = columns(Grant), columns(Hold)
NAME = case((ENTRY.kind == "grant", ENTRY.result["source"].astext), else_=ENTRY.kind)
"""What the history knows an entry by: its kind, or the source of the grant that came in."""


async def account_of(tx: Tx, owner_id: UUID) -> Row | None:
    """A person's account row, or None."""
    return (await tx.execute(select(ACCOUNT).where(ACCOUNT.owner_kind == PERSON, ACCOUNT.owner_id == owner_id))).mappings().one_or_none()


_LINE = (ENTRY.id, ENTRY.number, ENTRY.kind, ENTRY.result, ENTRY.at, ENTRY.amount, ENTRY.balance, ENTRY.run_id)
OfRuns = Callable[[ColumnElement[UUID | None]], ColumnElement[bool]]
"""Whether the run of that id is one of some: whoever knows the runs writes it."""


async def entries_of(tx: Tx, account_id: UUID, *, above: int, up_to: int, where: Sequence[ColumnElement[bool]], limit: int) -> list[Row]:
    """Entries of a span of numbers for which all of it is so, newest first."""
    query = select(*_LINE).where(ENTRY.account_id == account_id, ENTRY.number > above, ENTRY.number <= up_to, *where)
    return list((await tx.execute(query.order_by(ENTRY.number.desc()).limit(limit))).mappings())


async def entries_after(tx: Tx, account_id: UUID, *, names: Sequence[str], above: int, up_to: int, limit: int) -> list[Row]:
    """As `entries_of`, for entries of some names (an entry's kind, or a grant's source), and the oldest first."""
    query = select(*_LINE).where(ENTRY.account_id == account_id, ENTRY.number > above, ENTRY.number <= up_to, NAME.in_(names))
    return list((await tx.execute(query.order_by(ENTRY.number).limit(limit))).mappings())


# With the index's own condition: else the database would not go by it.
_TOLD = text(
    """
    SELECT e.* FROM unnest(CAST(:kinds AS text[])) AS wanted (kind) CROSS JOIN LATERAL (
      SELECT id, number, kind, result, at, amount, balance, run_id FROM entry
      WHERE account_id = :account AND kind NOT IN ('hold', 'capture') AND kind = wanted.kind
        AND (wanted.kind <> 'grant' OR result ->> 'source' = ANY(CAST(:names AS text[]))) AND number > :above AND number <= :up_to
      ORDER BY number DESC LIMIT :limit
    ) e ORDER BY e.number DESC LIMIT :limit
    """
).columns(*_LINE)


async def told(tx: Tx, account_id: UUID, *, names: Sequence[str], above: int, up_to: int, limit: int) -> list[Row]:
    """As `entries_of` by their names, found by an index however rare they are; holds and charges are not in it."""
    kinds = ["grant", *names]
    values = {"account": account_id, "kinds": kinds, "names": list(names), "above": above, "up_to": up_to, "limit": limit}
    return list((await tx.execute(_TOLD, values)).mappings())


def fits(wanted: str, *, told_of: OfRuns | None) -> ColumnElement[bool]:
    """Whether the words of an entry have `wanted` in them, or it is of one of these runs; a charge says its tool's title itself."""
    words = func.coalesce(ENTRY.result["label"].astext, "") + " " + func.coalesce(ENTRY.result["note"].astext, "")
    said = words.icontains(wanted, autoescape=True)
    return said if told_of is None else or_(said, and_(ENTRY.kind != "capture", told_of(ENTRY.run_id)))


async def at(tx: Tx, account_id: UUID, number: int) -> datetime:
    """When the entry of that number was written."""
    return (await tx.execute(select(ENTRY.at).where(ENTRY.account_id == account_id, ENTRY.number == number))).scalar_one()


async def lots_of(tx: Tx, account_id: UUID, *, now: datetime) -> list[Row]:
    """The grants of an account with something in them that has not ended, in burn order."""
    query = select(GRANT).where(GRANT.account_id == account_id, GRANT.open, GRANT.remaining + GRANT.held > 0, GRANT.expires_at > now)
    return list((await tx.execute(query.order_by(GRANT.priority, GRANT.expires_at, GRANT.id))).mappings())


async def settlement_of(tx: Tx, run_id: UUID) -> Row | None:
    """The entry that ended the hold of a run, or None."""
    query = select(ENTRY).where(ENTRY.scope == SETTLE, ENTRY.idem_key == str(run_id))
    return (await tx.execute(query)).mappings().one_or_none()


async def payments_of(tx: Tx, entry_id: UUID) -> list[Row]:
    """What each grant paid in an entry, in order."""
    query = (
        select(GRANT.id, GRANT.source, GRANT.label, GRANT.expires_at, GRANT.remaining, TRANSFER.amount)
        .join(Transfer, TRANSFER.grant_id == GRANT.id)
        .where(TRANSFER.entry_id == entry_id, TRANSFER.credit_id == CONSUMED)
        .order_by(TRANSFER.seq)
    )
    return list((await tx.execute(query)).mappings())


_GRANTED = select(GRANT.id, GRANT.source_ref, ACCOUNT.owner_id, GRANT.amount, GRANT.clawed).join(Account, ACCOUNT.id == GRANT.account_id)


async def granted(tx: Tx, *, sources: Sequence[str], references: Sequence[str]) -> list[Row]:
    """The grants of these sources with these references."""
    return list((await tx.execute(_GRANTED.where(GRANT.source.in_(sources), GRANT.source_ref.in_(references)))).mappings())


async def granted_after(tx: Tx, grant_id: UUID | None, *, sources: Sequence[str], prefix: str, limit: int) -> list[Row]:
    """Grants of these sources whose reference begins so, in the order of their ids, those after `grant_id`."""
    query = _GRANTED.where(GRANT.source.in_(sources), GRANT.source_ref.startswith(prefix, autoescape=True)).order_by(GRANT.id).limit(limit)
    return list((await tx.execute(query if grant_id is None else query.where(GRANT.id > grant_id))).mappings())


_SIDES = {"debitId": TRANSFER.debit_id, "creditId": TRANSFER.credit_id, "grantId": TRANSFER.grant_id, "holdId": TRANSFER.hold_id, "amount": TRANSFER.amount}
_MOVE = func.json_build_object(*(part for side in _SIDES.items() for part in side))
_MOVES = select(func.json_agg(aggregate_order_by(_MOVE, TRANSFER.seq), type_=JSON)).where(TRANSFER.entry_id == ENTRY.id).scalar_subquery()
CHAIN = select(ENTRY, _MOVES.label("moves"))
"""Entries, each with its transfers in order as a proof spells them (None without any)."""


async def chain_of(tx: Tx, account_id: UUID, *, after: int, until: int, limit: int) -> list[Row]:
    """The account's entries with numbers above `after` and up to `until`, in order. They never change, so parts may be read apart."""
    query = CHAIN.where(ENTRY.account_id == account_id, ENTRY.number > after, ENTRY.number <= until).order_by(ENTRY.number).limit(limit)
    return list((await tx.execute(query)).mappings())


_PLACES = text(
    """
    WITH RECURSIVE search (instant, number, step) AS (
      SELECT instant, CAST(0 AS bigint), CAST(:step AS bigint) FROM unnest(CAST(:before AS timestamptz[])) AS asked (instant)
      UNION ALL
      SELECT s.instant, CASE WHEN EXISTS (SELECT FROM entry e WHERE e.account_id = :account AND e.number = s.number + s.step AND e.at < s.instant)
        THEN s.number + s.step ELSE s.number END, s.step / 2
      FROM search s WHERE s.step > 0
    )
    SELECT number FROM search WHERE step = 0 ORDER BY instant
    """
)


async def place(tx: Tx, account_id: UUID, *, length: int, before: datetime) -> int:
    """The number of the account's last entry before an instant, 0 for none, of the first `length` entries.

    Found by halving, on steps that do not depend on how long the chain is: where clocks disagreed, so that times do not grow with numbers,
    the place is still one where the time was reached, the same whenever it is asked for, and never earlier for a later instant.
    """
    return (await places(tx, account_id, length=length, before=[before]))[0]


async def places(tx: Tx, account_id: UUID, *, length: int, before: Sequence[datetime]) -> list[int]:
    """`place` for each of rising instants."""
    step = 1 << length.bit_length() >> 1
    return list((await tx.execute(_PLACES, {"account": account_id, "step": step, "before": list(before)})).scalars())


_DEBT = text(
    """
    SELECT CAST(coalesce(sum(coalesce((result ->> 'owed')::bigint, 0) - coalesce((result ->> 'repaid')::bigint, 0)
      - coalesce((result ->> 'forgiven')::bigint, 0)), 0) AS bigint)
    FROM entry WHERE account_id = :account AND number <= :number AND result ?| ARRAY['owed', 'repaid', 'forgiven']
    """
)
_OWED_BY = text(
    """
    SELECT number, change FROM (
      SELECT number, CAST(coalesce((result ->> 'owed')::bigint, 0) - coalesce((result ->> 'repaid')::bigint, 0)
        - coalesce((result ->> 'forgiven')::bigint, 0) AS bigint) AS change
      FROM entry WHERE account_id = :account AND number > :above AND number <= :up_to AND result ?| ARRAY['owed', 'repaid', 'forgiven']
    ) one WHERE change <> 0
    """
)


async def debt_at(tx: Tx, account_id: UUID, number: int) -> int:
    """What was owed after the entry of that number, in credits."""
    return (await tx.execute(_DEBT, {"account": account_id, "number": number})).scalar_one()


async def debt_changes(tx: Tx, account_id: UUID, *, above: int, up_to: int) -> dict[int, int]:
    """By number, how an entry of a span of numbers changed what is owed; only those that did."""
    rows = await tx.execute(_OWED_BY, {"account": account_id, "above": above, "up_to": up_to})
    return {row["number"]: row["change"] for row in rows.mappings()}


async def posted_at(tx: Tx, account_id: UUID, numbers: Sequence[int]) -> dict[int, int]:
    """By number, the posted credits after the entry of that number; 0 before the first."""
    query = select(ENTRY.number, ENTRY.balance).where(ENTRY.account_id == account_id, ENTRY.number.in_(numbers))
    return dict.fromkeys(numbers, 0) | {row.number: row.balance for row in await tx.execute(query)}


# What was in the grants and which holds were open after an entry: from nothing on through the entries up to it (:now = 0, :way = 1), or from
# the rows of now back through the entries after it (:now = 1, :way = -1).
_GRANTS_AT = text(
    """
    WITH span AS (
      SELECT id, kind, run_id FROM entry WHERE account_id = :account AND number > :above AND number <= :up_to
    ), moved AS (
      SELECT t.grant_id, sum(CASE WHEN t.credit_id = :account THEN t.amount ELSE -t.amount END) AS amount
      FROM span JOIN transfer t ON t.entry_id = span.id GROUP BY t.grant_id
    ), begun AS (
      SELECT run_id, sum(CASE kind WHEN 'hold' THEN 1 ELSE -1 END) AS times FROM span WHERE kind IN ('hold', 'capture', 'release') GROUP BY run_id
    ), pinned AS (
      SELECT p.grant_id, sum(p.amount) AS amount
      FROM (
        SELECT run_id, sum(times) AS times FROM (
          SELECT run_id, :way * times AS times FROM begun WHERE times <> 0
          UNION ALL SELECT run_id, 1 FROM hold WHERE account_id = :account AND state = 'open' AND :now = 1
        ) one GROUP BY run_id HAVING sum(times) > 0
      ) o JOIN hold h ON h.run_id = o.run_id JOIN hold_part p ON p.hold_id = h.id GROUP BY p.grant_id
    ), filled AS (
      SELECT grant_id, sum(amount) AS amount FROM (
        SELECT grant_id, :way * amount AS amount FROM moved
        UNION ALL SELECT id, remaining + held FROM "grant" WHERE account_id = :account AND open AND :now = 1
      ) one GROUP BY grant_id
    )
    SELECT g.id, g.source, g.amount, g.priority, g.expires_at, CAST(coalesce(p.amount, 0) AS bigint) AS held,
      CAST(f.amount - coalesce(p.amount, 0) AS bigint) AS remaining
    FROM filled f JOIN "grant" g ON g.id = f.grant_id LEFT JOIN pinned p ON p.grant_id = g.id
    WHERE f.amount > 0 ORDER BY g.priority, g.expires_at, g.id
    """
)
_LAST = 2**62


async def grants_at(tx: Tx, account_id: UUID, number: int, *, length: int) -> list[Row]:
    """What was in the account's grants after the entry of that number, in burn order; a grant's end is the one it has now.

    Reads the entries between it and the nearer end of the chain, which is `length` entries long.
    """
    span = {"now": 0, "way": 1, "above": 0, "up_to": number} if 2 * number <= length else {"now": 1, "way": -1, "above": number, "up_to": _LAST}
    return list((await tx.execute(_GRANTS_AT, {"account": account_id, **span})).mappings())


def _number(name: str) -> ColumnElement[int]:
    """A number that an entry tells of itself, 0 where it does not."""
    return func.coalesce(cast(ENTRY.result[name].astext, BigInteger), 0)


_CHANGE = func.sum(ENTRY.amount - (_number("owed") - _number("repaid") - _number("forgiven")))
_SUMS = (
    select(NAME.label("name"), cast(_CHANGE, BigInteger).label("within"))
    .where(ENTRY.account_id == bindparam("account"), ENTRY.number > bindparam("above"), ENTRY.number <= bindparam("up_to"))
    .group_by(NAME)
)


async def sums(tx: Tx, account_id: UUID, *, above: int, up_to: int) -> dict[str, int]:
    """What the entries of a span of numbers changed in posted less debt, by name (an entry's kind, or a grant's source)."""
    rows = await tx.execute(_SUMS, {"account": account_id, "above": above, "up_to": up_to})
    return {row["name"]: row["within"] for row in rows.mappings()}


_REST = text(
    """
    WITH moved AS (
      SELECT e.idem_key, e.scope, e.result FROM entry e
      WHERE e.account_id = :account AND e.scope IN ('claw_back', 'reinstate') AND split_part(e.idem_key, ':', 1) = ANY(CAST(:claims AS text[]))
    ), of AS (
      SELECT g.id, g.remaining, g.held FROM "grant" g WHERE g.id = :grant
      UNION ALL SELECT g.id, g.remaining, g.held FROM "grant" g JOIN moved m ON m.scope = 'reinstate' AND g.source = 'reinstated' AND g.source_ref = m.idem_key
    )
    SELECT
      (SELECT coalesce(sum(of.remaining), 0) FROM of)::bigint AS left_,
      (SELECT coalesce(sum(of.held), 0) FROM of)::bigint AS held,
      (SELECT coalesce(sum((m.result ->> 'taken')::bigint), 0) - coalesce(sum((m.result ->> 'returned')::bigint), 0) FROM moved m)::bigint AS taken,
      (SELECT coalesce(-sum(e.amount), 0) FROM entry e WHERE e.account_id = :account AND e.scope = 'expire'
        AND split_part(e.idem_key, ':', 1) IN (SELECT of.id::text FROM of))::bigint AS lapsed
    """
)


async def rest_of(tx: Tx, *, source: str, reference: str, claims: Sequence[str]) -> Row | None:
    """What of a grant, and of what came back of it, nobody has spent: what is left or held, what claims with these ids took of that, what has lapsed."""
    query = select(GRANT.id, GRANT.account_id).where(GRANT.source == source, GRANT.source_ref == reference)
    grant = (await tx.execute(query)).mappings().one_or_none()
    if grant is None:
        return None
    return (await tx.execute(_REST, {"account": grant["account_id"], "grant": grant["id"], "claims": list(claims)})).mappings().one()


_STANDING = text(
    """
    SELECT a.posted - a.debt AS total, a.held, c.subject, c.label, c.window_start, c.window_end, c.lim, c.used
    FROM account a LEFT JOIN cap c ON c.account_id = a.id AND c.window_start <= :now AND c.window_end > :now
    WHERE a.owner_kind = :kind AND a.owner_id = :owner
    """
)


async def standing(tx: Tx, owner_id: UUID, *, now: datetime) -> Sequence[Row]:
    """A person's credits and what is held of them, once for each cap window that is open, with what is used of it; one row without any."""
    return (await tx.execute(_STANDING, {"kind": PERSON, "owner": owner_id, "now": now})).mappings().all()


async def ending(tx: Tx, *, after: datetime, until: datetime, above: UUID | None, limit: int) -> Sequence[Row]:
    """Everybody's grants with something free in them that end within a span, in order of their ids; each with its owner."""
    query = select(GRANT.id, GRANT.source, GRANT.remaining, GRANT.expires_at, ACCOUNT.owner_id).join(Account, ACCOUNT.id == GRANT.account_id)
    query = query.where(ACCOUNT.owner_kind == PERSON, GRANT.open, GRANT.remaining > 0, GRANT.expires_at > after, GRANT.expires_at <= until)
    if above is not None:
        query = query.where(GRANT.id > above)
    return (await tx.execute(query.order_by(GRANT.id).limit(limit))).mappings().all()
