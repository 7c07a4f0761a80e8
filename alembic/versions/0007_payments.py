"""Orders, Stripe's events, customers, refunds, disputes, auto-recharge.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _buying()
    _events()
    _going_back()
    op.create_table(
        "recharge_rule",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("below", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.String(), nullable=False),
        sa.Column("ceiling_amount", sa.Integer(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_text", sa.String(), nullable=False),
        sa.Column("stopped_reason", sa.String(), nullable=False),
        sa.Column("cool_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("below >= 1 AND ceiling_amount >= 1", name=op.f("ck_recharge_rule_amounts")),
        sa.CheckConstraint("NOT enabled OR (consented_at IS NOT NULL AND stopped_reason = '')", name=op.f("ck_recharge_rule_runs_by_consent")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recharge_rule_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_recharge_rule")),
    )


def _buying() -> None:
    op.create_table(
        "customer",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("card_pm", sa.String(), nullable=True),
        sa.Column("card_brand", sa.String(), nullable=True),
        sa.Column("card_last4", sa.String(), nullable=True),
        sa.Column("card_expires", sa.String(), nullable=True),
        sa.Column("card_fingerprint", sa.String(), nullable=True),
        sa.Column("card_trouble", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_customer_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_customer")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_customer_stripe_id")),
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("intent_id", sa.String(), nullable=True),
        sa.Column("invoice_id", sa.String(), nullable=True),
        sa.Column("charge_id", sa.String(), nullable=True),
        sa.Column("idem_key", sa.String(), nullable=True),
        sa.Column("failure_code", sa.String(), nullable=False),
        sa.Column("failure_text", sa.String(), nullable=False),
        sa.Column("receipt_no", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded", sa.Integer(), nullable=False),
        sa.Column("bill_to", JSONB(), nullable=True),
        sa.CheckConstraint("kind IN ('pack', 'top_up', 'recharge', 'plan')", name=op.f("ck_purchase_known_kind")),
        sa.CheckConstraint("status IN ('open', 'processing', 'paid', 'expired', 'failed')", name=op.f("ck_purchase_known_status")),
        sa.CheckConstraint(
            "(status = 'paid') = (paid_at IS NOT NULL) AND (status = 'paid') = (receipt_no IS NOT NULL)", name=op.f("ck_purchase_paid_is_receipted")
        ),
        sa.CheckConstraint("amount >= 0 AND credits >= 0 AND refunded >= 0 AND refunded <= amount", name=op.f("ck_purchase_amounts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_purchase_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("person_id", "idem_key", name=op.f("uq_purchase_person_id_idem_key")),
        *(sa.UniqueConstraint(name, name=op.f(f"uq_purchase_{name}")) for name in ("session_id", "intent_id", "invoice_id", "charge_id", "receipt_no")),
    )
    op.create_index("ix_purchase_person_created", "purchase", ["person_id", "created_at", "id"])
    op.create_index("ix_purchase_unfinished", "purchase", ["created_at"], postgresql_where=sa.text("status IN ('open', 'processing')"))
    op.create_table(
        "receipt_counter",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_receipt_counter_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_counter")),
    )


def _events() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('new', 'done', 'dead', 'ignored')", name=op.f("ck_inbox_known_status")),
        sa.CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name=op.f("ck_inbox_done_has_its_time")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_due", "inbox", ["next_at"], postgresql_where=sa.text("status = 'new'"))
    op.create_index("ix_inbox_dead", "inbox", ["received_at"], postgresql_where=sa.text("status = 'dead'"))
    op.create_index("ix_inbox_object", "inbox", ["object_id"])


def _going_back() -> None:
    op.create_table(
        "refund",
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0 AND credits >= 0", name=op.f("ck_refund_amounts")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_refund_purchase_id")),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("pk_refund")),
    )
    op.create_index("ix_refund_purchase", "refund", ["purchase_id"])
    op.create_table(
        "dispute",
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("credits_taken", sa.Integer(), nullable=False),
        sa.Column("credits_back", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0 AND credits_taken >= 0 AND credits_back >= 0 AND credits_back <= credits_taken", name=op.f("ck_dispute_amounts")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_dispute_purchase_id")),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("pk_dispute")),
    )
    op.create_index("ix_dispute_purchase", "dispute", ["purchase_id"])


def downgrade() -> None:
    for table in ("recharge_rule", "dispute", "refund", "inbox", "receipt_counter", "purchase", "customer"):
        op.drop_table(table)
