"""Alerts, what people want to be told, and deliveries.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _alerts()
    _rules()
    _deliveries()


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dedupe", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_alert_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("person_id", "dedupe", name=op.f("uq_alert_person_id_dedupe")),
    )
    op.create_index("ix_alert_person_newest", "alert", ["person_id", "id"], unique=False)
    op.create_index("ix_alert_unread", "alert", ["person_id"], unique=False, postgresql_where=sa.text("read_at IS NULL"))


def _rules() -> None:
    op.create_table(
        "notification_rule",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("thresholds", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("low_balance", sa.Integer(), nullable=True),
        sa.Column("low_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("sms_to", sa.String(), nullable=False),
        sa.Column("webhook_url", sa.String(), nullable=False),
        sa.Column("webhook_secret", sa.String(), nullable=False),
        sa.Column("webhook_trouble", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("thresholds <@ ARRAY[25, 50, 75, 80, 90, 100]", name=op.f("ck_notification_rule_known_thresholds")),
        sa.CheckConstraint("low_balance IS NULL OR low_balance >= 1", name=op.f("ck_notification_rule_low_balance")),
        sa.CheckConstraint("(webhook_url = '') = (webhook_secret = '')", name=op.f("ck_notification_rule_signed_when_sent")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_rule_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_rule")),
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("message", JSONB(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'sms', 'webhook')", name=op.f("ck_delivery_known_channel")),
        sa.CheckConstraint("status IN ('pending', 'sent', 'kept', 'failed')", name=op.f("ck_delivery_known_status")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_delivery_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("alert_id", "channel", name=op.f("uq_delivery_alert_id_channel")),
    )
    op.create_index("ix_delivery_due", "delivery", ["next_at"], unique=False, postgresql_where=sa.text("status = 'pending'"))


def downgrade() -> None:
    for name in ("delivery", "notification_rule", "alert"):
        op.drop_table(name)
