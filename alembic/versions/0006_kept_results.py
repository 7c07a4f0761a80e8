"""Results are kept for their time, found again by their inputs, deleted, and shared by a link.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_run_stored", "run", ["person_id", "inputs_hash"], postgresql_where=sa.text("status = 'succeeded'"))
    op.create_index("ix_run_deleted", "run", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.create_index("ix_run_result_created", "run_result", ["created_at"])
    op.create_table(
        "run_share",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run_result.run_id"], name=op.f("fk_run_share_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_share")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_run_share_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("run_share")
    op.drop_index("ix_run_result_created", "run_result")
    op.drop_index("ix_run_deleted", "run")
    op.drop_index("ix_run_stored", "run")
    op.drop_column("run", "deleted_at")
