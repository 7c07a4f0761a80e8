"""All SQL of the benchmark: the floor's tables and scripts, the people of the book, and the past that is laid under it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from credit_studio.db.session import Tx

FLOOR_ROWS = 10_000
CHARGE = """
UPDATE floor.balance SET balance = balance - 1 WHERE id = :id AND balance >= 1;
INSERT INTO floor.entry (account_id, amount) VALUES (:id, -1);
"""
"""What no charge can do without, for pgbench: the guard and the entry."""
READ = """
SELECT balance FROM floor.balance WHERE id = :id;
"""

_FLOOR = (
    text("CREATE SCHEMA floor"),
    text("CREATE TABLE floor.balance (id int PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 70)"),
    text(
        """CREATE TABLE floor.entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id int NOT NULL, amount bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now())"""
    ),
    text("INSERT INTO floor.balance SELECT n, 1000000000000 FROM generate_series(1, :rows) AS n"),
)
_READ = text("SELECT balance FROM floor.balance WHERE id = :id")


async def make_floor(tx: Tx) -> None:
    """The floor's tables, in a schema of their own."""
    *tables, rows = _FLOOR
    for table in tables:
        await tx.execute(table)
    await tx.execute(rows, {"rows": FLOOR_ROWS})


async def remove_floor(tx: Tx) -> None:
    """Take the floor's tables away."""
    await tx.execute(text("DROP SCHEMA IF EXISTS floor CASCADE"))


async def read_floor(tx: Tx, row: int) -> int:
    """One row by its key: the least that a read of a balance can be."""
    return (await tx.execute(_READ, {"id": row})).scalar_one()


async def server_settings(tx: Tx, names: Iterable[str]) -> dict[str, str]:
    """What the server is set to, as it shows it."""
    return {name: (await tx.execute(text("SELECT current_setting(:name)"), {"name": name})).scalar_one() for name in names}


_PEOPLE = text(
    """
    INSERT INTO account (id, owner_kind, owner_id, posted, held, debt, version, chain_head)
    SELECT id, 'user', owner_id, 0, 0, 0, 0, :genesis FROM unnest(CAST(:ids AS uuid[]), CAST(:owners AS uuid[])) AS n(id, owner_id)
    """
)
_CAPS = text(
    """
    INSERT INTO cap_rule (account_id, subject, label, lim, period_start, period_end)
    SELECT id, 'plan', 'day', 1000000000, NULL, NULL FROM unnest(CAST(:ids AS uuid[])) AS n(id)
    UNION ALL SELECT id, 'plan', 'month', 1000000000, CAST(:start AS timestamptz), CAST(:end AS timestamptz) FROM unnest(CAST(:ids AS uuid[])) AS n(id)
    """
)


async def add_people(tx: Tx, people: Sequence[tuple[UUID, UUID]], *, genesis: bytes, period: tuple[datetime, datetime]) -> None:
    """Empty accounts, as (id, owner), with the plan's caps for a day and for the period [start, end): far above what is spent here."""
    ids = [account_id for account_id, _ in people]
    await tx.execute(_PEOPLE, {"ids": ids, "owners": [owner_id for _, owner_id in people], "genesis": genesis})
    await tx.execute(_CAPS, {"ids": ids, "start": period[0], "end": period[1]})


_COUNT = text("SELECT count(*) FROM entry WHERE scope = :scope AND idem_key = ANY(CAST(:keys AS text[]))")


async def count_entries(tx: Tx, *, scope: str, keys: Sequence[str]) -> int:
    """How many of these keys have their entry in the book."""
    return (await tx.execute(_COUNT, {"scope": scope, "keys": keys})).scalar_one()


_DAYS = text(
    """
    INSERT INTO cap (account_id, subject, label, window_start, window_end, lim, used)
    SELECT a.id, 'plan', 'day', d, d + interval '1 day', 1000000000, 8
    FROM account a CROSS JOIN generate_series(date_trunc('day', now()) - interval '60 days', date_trunc('day', now()) - interval '1 day', interval '1 day') AS d
    """
)
_SPENT_GRANTS = text(
    """
    INSERT INTO "grant" (id, account_id, source, source_ref, label, priority, expires_at, created_at, amount, remaining, held, clawed, open)
    SELECT uuidv7(m - now()), a.id, 'plan', a.id || ':' || m, 'a month', 10, m + interval '1 month', m, 500, 0, 0, 0, false
    FROM account a CROSS JOIN generate_series(now() - interval '13 months', now() - interval '2 months', interval '1 month') AS m
    """
)
# Rows as `ledger` writes them, but for the fingerprints, which follow from nothing. Foreign keys are not looked up for each row.
_RUNS = text(
    """
    WITH run AS MATERIALIZED (
      SELECT a.id AS account_id, a.version + 2 * n AS number, a.posted, g.id AS grant_id, at, uuidv7(at - now()) AS run_id,
        uuidv7(at - now()) AS held_id, uuidv7(at - now()) AS spent_id
      FROM generate_series(0, CAST(:runs AS int) - 1) AS n
      CROSS JOIN LATERAL (SELECT now() - interval '400 days' + (CAST(:before AS int) + n) * interval '10 minutes' AS at) AS instant
      CROSS JOIN account a
      CROSS JOIN LATERAL (SELECT id FROM "grant" WHERE account_id = a.id ORDER BY id LIMIT 1) AS g
    ), holds AS (
      INSERT INTO hold (id, account_id, run_id, amount, captured, state, created_at, expires_at, parts)
      SELECT run_id, account_id, run_id, 1, 1, 'captured', at, at + interval '1 hour', jsonb_build_array(jsonb_build_array(grant_id, 1)) FROM run
    ), held AS (
      INSERT INTO entry (id, account_id, number, scope, idem_key, kind, at, amount, balance, run_id, result, request_hash, prev_hash, hash)
      SELECT held_id, account_id, number + 1, 'hold', run_id::text, 'hold', at, 0, posted, run_id, '{"held": 1}', sha256(uuid_send(run_id)),
        sha256(uuid_send(account_id)), sha256(uuid_send(held_id)) FROM run
    ), spent AS (
      INSERT INTO entry (id, account_id, number, scope, idem_key, kind, at, amount, balance, run_id, result, request_hash, prev_hash, hash)
      SELECT spent_id, account_id, number + 2, 'settle', run_id::text, 'capture', at, -1, posted, run_id, '{"charged": 1, "returned": 0, "note": ""}',
        sha256(uuid_send(run_id)), sha256(uuid_send(held_id)), sha256(uuid_send(spent_id)) FROM run
    ), moves AS (
      INSERT INTO transfer (entry_id, seq, debit_id, credit_id, grant_id, hold_id, amount)
      SELECT spent_id, 0, account_id, CAST(:consumed AS uuid), grant_id, run_id, 1 FROM run
    )
    UPDATE account SET version = version + 2 * CAST(:runs AS int)
    """
)


async def add_days(tx: Tx) -> None:
    """What a year leaves beside the entries: two months of day windows, twelve spent allotments an account."""
    await tx.execute(_DAYS)
    await tx.execute(_SPENT_GRANTS)


async def add_runs(tx: Tx, *, runs: int, before: int, consumed: UUID) -> None:
    """Lay `runs` charged runs of each account (two entries each) into the past, after the `before` that are there."""
    await tx.execute(text("SET LOCAL session_replication_role = replica"))
    await tx.execute(_RUNS, {"runs": runs, "before": before, "consumed": consumed})


async def settle_down(tx: Tx) -> None:
    """Statistics as autovacuum would have made them, and nothing left to flush."""
    await tx.execute(text("ANALYZE"))
    await tx.execute(text("CHECKPOINT"))


# Runs of each owner, evenly over 90 days and over the tools, with the roll-ups that their settlements would have written.
_USED = text(
    """
    WITH run AS MATERIALIZED (
      SELECT uuidv7(at - now()) AS id, owner AS person_id, at, n % 9 AS charged,
        (CAST(:tools AS text[]))[1 + n % cardinality(CAST(:tools AS text[]))] AS tool_id
      FROM unnest(CAST(:owners AS uuid[])) AS o(owner) CROSS JOIN generate_series(0, CAST(:each AS int) - 1) AS n
      CROSS JOIN LATERAL (SELECT now() - interval '90 days' * (1 - n::float / CAST(:each AS int)) AS at) AS instant
    ), added AS (
      INSERT INTO run (id, person_id, tool_id, tool_version, status, inputs_hash, described, quoted_min, quoted_typical, quoted_max, limit_cpu_ms, limit_mem_mb,
        limit_wall_ms, charged, balance_before, balance_after, failure_code, failure_message, failure_action, failure_field, created_at, started_at, ended_at,
        cancel_asked, request_id)
      SELECT id, person_id, tool_id, '1', CASE WHEN charged > 0 THEN 'succeeded' ELSE 'failed' END, '', '', 1, 4, 9, 1000, 100, 1000, charged, 0, 0,
        '', '', '', '', at, at, at, false, '' FROM run
    )
    INSERT INTO usage_hour (person_id, hour, tool_id, runs, failed, credits)
    SELECT person_id, date_trunc('hour', at, 'UTC'), tool_id, count(*), count(*) FILTER (WHERE charged = 0), sum(charged) FROM run GROUP BY 1, 2, 3
    """
)
_FROM_RUNS = text(
    """
    SELECT width_bucket(ended_at, CAST(:bounds AS timestamptz[])) AS slot, tool_id, count(*), count(*) FILTER (WHERE status <> 'succeeded'), sum(charged)
    FROM run WHERE person_id = :person_id AND created_at >= :since AND created_at < :until GROUP BY slot, tool_id
    """
)


async def add_used(tx: Tx, *, owners: Sequence[UUID], each: int, tools: Sequence[str]) -> None:
    """Lay `each` ended runs of every owner into the last 90 days."""
    await tx.execute(_USED, {"owners": list(owners), "each": each, "tools": list(tools)})


async def use_from_runs(tx: Tx, person_id: UUID, *, bounds: Sequence[datetime]) -> int:
    """A person's use by tool and slot, counted from every run of theirs: how many rows that gave."""
    asked = {"person_id": person_id, "bounds": list(bounds), "since": bounds[0], "until": bounds[-1]}
    return len((await tx.execute(_FROM_RUNS, asked)).all())
