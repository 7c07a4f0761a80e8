"""The tokens that runs have counted, by person.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_count",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("in_month", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("in_month >= 0 AND in_month <= total", name=op.f("ck_token_count_month_within_total")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_token_count")),
    )


def downgrade() -> None:
    op.drop_table("token_count")
