"""An index that says, without reading the run, whether a run of somebody is of a tool.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_run_of_tool", "run", ["person_id", "tool_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_run_of_tool", table_name="run")
