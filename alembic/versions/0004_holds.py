"""A hold is one row: known by its run, its parts in it; and it ends without a new place in an index.

`hold_part` goes on as a view, for those who read the book.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GATHER = """
UPDATE hold h SET parts = p.parts
FROM (SELECT hold_id, jsonb_agg(jsonb_build_array(grant_id, amount) ORDER BY seq) AS parts FROM hold_part GROUP BY hold_id) p WHERE p.hold_id = h.id
"""
_VIEW = """
CREATE VIEW hold_part AS
SELECT h.id AS hold_id, (p.part ->> 0)::uuid AS grant_id, p.seq::int - 1 AS seq, (p.part ->> 1)::bigint AS amount
FROM hold h, jsonb_array_elements(h.parts) WITH ORDINALITY AS p(part, seq)
"""
_TYPES = {
    "changed_account": "id uuid, was bigint, posted bigint, held bigint, debt bigint, version bigint, head bytea",
    "new_grant": "id uuid, account_id uuid, source text, source_ref text, label text, priority int, expires_at timestamptz, created_at timestamptz, "
    "amount bigint, remaining bigint, held bigint, clawed bigint, open bool",
    "changed_grant": "id uuid, remaining bigint, held bigint, open bool",
    "corrected_grant": "id uuid, remaining bigint, held bigint, open bool, clawed bigint, expires_at timestamptz",
    "new_cap": "id uuid, account_id uuid, subject text, label text, window_start timestamptz, window_end timestamptz, lim bigint, used bigint",
    "changed_cap": "id uuid, used bigint",
    "new_hold": "id uuid, account_id uuid, run_id uuid, amount bigint, captured bigint, refunded bigint, state text, created_at timestamptz, "
    "expires_at timestamptz, parts jsonb",
    "changed_hold": "run_id uuid, captured bigint, refunded bigint, state text",
    "new_entry": "id uuid, account_id uuid, number bigint, scope text, idem_key text, kind text, at timestamptz, amount bigint, balance bigint, "
    "run_id uuid, result jsonb, request_hash bytea, prev_hash bytea, hash bytea",
    "new_transfer": "entry_id uuid, seq int, debit_id uuid, credit_id uuid, grant_id uuid, hold_id uuid, amount bigint",
}


def upgrade() -> None:
    for name, members in _TYPES.items():
        op.execute(f"CREATE TYPE {name} AS ({members})")
    op.add_column("hold", sa.Column("parts", JSONB(), nullable=True))
    op.execute(_GATHER)
    op.alter_column("hold", "parts", nullable=False)
    op.drop_table("hold_part")
    op.execute(_VIEW)
    op.drop_index("ix_hold_open", table_name="hold")
    op.drop_constraint("pk_hold", "hold", type_="primary")
    op.drop_constraint("uq_hold_run_id", "hold", type_="unique")
    op.create_primary_key("pk_hold", "hold", ["run_id"])
    op.execute("ALTER TABLE hold SET (fillfactor = 70)")


def downgrade() -> None:
    for name in _TYPES:
        op.execute(f"DROP TYPE {name}")
    op.execute("ALTER TABLE hold RESET (fillfactor)")
    op.drop_constraint("pk_hold", "hold", type_="primary")
    op.create_primary_key("pk_hold", "hold", ["id"])
    op.create_unique_constraint("uq_hold_run_id", "hold", ["run_id"])
    op.create_index("ix_hold_open", "hold", ["expires_at"], postgresql_where=sa.text("state = 'open'"))
    op.execute("ALTER VIEW hold_part RENAME TO part")
    op.create_table(
        "hold_part",
        sa.Column("hold_id", sa.Uuid(), primary_key=True),
        sa.Column("grant_id", sa.Uuid(), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_hold_part_amount_positive"),
    )
    op.execute("INSERT INTO hold_part (hold_id, grant_id, seq, amount) SELECT hold_id, grant_id, seq, amount FROM part")
    op.execute("DROP VIEW part")
    op.drop_column("hold", "parts")
