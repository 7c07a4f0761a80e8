"""An index that finds the rare entries of a long history: all but holds and charges.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = sa.text("kind NOT IN ('hold', 'capture')")
    op.create_index("ix_entry_told", "entry", ["account_id", "kind", "number"], unique=False, postgresql_where=told)


def downgrade() -> None:
    op.drop_index("ix_entry_told", table_name="entry")
