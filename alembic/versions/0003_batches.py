"""What batches of commands need: a revision of every account, a name for every cap's window, and nothing that costs without finding anything

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WRITTEN_TOGETHER = (("entry", "account"), ("hold", "account"), ("transfer", "entry"), ("hold_part", "hold"), ("hold_part", "grant"))
_UNUSED = (("entry", "run_id"), ("hold", "account_id"))


def upgrade() -> None:
    op.add_column("account", sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("cap", sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False))
    op.drop_constraint("pk_cap", "cap", type_="primary")
    op.create_primary_key("pk_cap", "cap", ["id"])
    op.create_unique_constraint("uq_cap_account_id_subject_label_window_start", "cap", ["account_id", "subject", "label", "window_start"])
    for table, named in _WRITTEN_TOGETHER:
        op.drop_constraint(f"fk_{table}_{named}_id", table, type_="foreignkey")
    for table, column in _UNUSED:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.drop_index("ix_transfer_debit", table_name="transfer")
    op.drop_index("ix_transfer_credit", table_name="transfer")
    op.create_index("ix_entry_debt", "entry", ["account_id", "number"], postgresql_where=sa.text("result ?| ARRAY['owed', 'repaid', 'forgiven']"))


def downgrade() -> None:
    op.drop_index("ix_entry_debt", table_name="entry")
    op.create_index("ix_transfer_credit", "transfer", ["credit_id"])
    op.create_index("ix_transfer_debit", "transfer", ["debit_id"])
    for table, column in _UNUSED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    for table, named in _WRITTEN_TOGETHER:
        op.create_foreign_key(f"fk_{table}_{named}_id", table, named, [f"{named}_id"], ["id"])
    op.drop_constraint("uq_cap_account_id_subject_label_window_start", "cap", type_="unique")
    op.drop_constraint("pk_cap", "cap", type_="primary")
    op.create_primary_key("pk_cap", "cap", ["account_id", "subject", "label", "window_start"])
    op.drop_column("cap", "id")
    op.drop_column("account", "revision")
