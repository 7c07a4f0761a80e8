"""Comparisons of what was paid with what was granted; one auto-recharge in flight for each person.

Revision ID: 0011
Revises: 0009
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "money_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("mended", JSONB(), nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_check")),
    )
    op.create_index(op.f("ix_money_check_at"), "money_check", ["at"], unique=False)
    in_flight = "kind = 'recharge' AND status IN ('open', 'processing')"
    op.create_index("uq_purchase_recharge_in_flight", "purchase", ["person_id"], unique=True, postgresql_where=sa.text(in_flight))


def downgrade() -> None:
    op.drop_index("uq_purchase_recharge_in_flight", table_name="purchase")
    op.drop_table("money_check")
