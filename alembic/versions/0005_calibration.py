"""A run keeps its size, the speed of its worker and its price without the quoted maximum: estimates learn from them.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("units", sa.BigInteger(), nullable=True))
    op.add_column("run", sa.Column("speed", sa.Float(), nullable=True))
    op.add_column("run", sa.Column("uncapped", sa.Integer(), nullable=True))
    op.create_index("ix_run_measured", "run", ["tool_id", "ended_at"], postgresql_where=sa.text("status IN ('succeeded', 'timed_out', 'limit')"))


def downgrade() -> None:
    op.drop_index("ix_run_measured", table_name="run")
    for name in ("uncapped", "speed", "units"):
        op.drop_column("run", name)
