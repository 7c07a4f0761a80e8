"""Promo codes, gifts, invitations; what receipts are made out to.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _promos()
    _gifts()
    _referrals()
    op.create_table(
        "bill_to",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("tax_id", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bill_to_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_bill_to")),
    )


def _promos() -> None:
    op.create_table(
        "promo_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("credit_days", sa.Integer(), nullable=True),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("credits >= 1 AND (credit_days IS NULL OR credit_days >= 1)", name=op.f("ck_promo_code_amounts")),
        sa.CheckConstraint("used >= 0 AND (most_uses IS NULL OR (most_uses >= 1 AND used <= most_uses))", name=op.f("ck_promo_code_within_its_limit")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_promo_code_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promo_code")),
        sa.UniqueConstraint("code", name=op.f("uq_promo_code_code")),
    )
    op.create_table(
        "redemption",
        sa.Column("promo_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["promo_id"], ["promo_code.id"], name=op.f("fk_redemption_promo_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_redemption_person_id")),
        sa.PrimaryKeyConstraint("promo_id", "person_id", name=op.f("pk_redemption")),
    )


def _gifts() -> None:
    op.create_table(
        "gift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("idem_key", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("credits >= 1", name=op.f("ck_gift_amount")),
        sa.CheckConstraint("state IN ('open', 'claimed', 'revoked', 'expired')", name=op.f("ck_gift_known_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL) AND (state = 'claimed') = (claimed_by IS NOT NULL)", name=op.f("ck_gift_ends_once")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gift_person_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["person.id"], name=op.f("fk_gift_claimed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_gift_token_hash")),
        sa.UniqueConstraint("person_id", "idem_key", name=op.f("uq_gift_person_id_idem_key")),
    )
    op.create_index("ix_gift_person_created", "gift", ["person_id", "created_at"])
    op.create_index("ix_gift_open", "gift", ["until"], postgresql_where=sa.text("state = 'open'"))


def _referrals() -> None:
    op.create_table(
        "referral_code",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_referral_code_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_referral_code")),
        sa.UniqueConstraint("code", name=op.f("uq_referral_code_code")),
    )
    op.create_table(
        "referral",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("person_id <> referrer_id", name=op.f("ck_referral_not_oneself")),
        sa.CheckConstraint("state IN ('waiting', 'rewarded', 'refused', 'taken_back')", name=op.f("ck_referral_known_state")),
        sa.CheckConstraint("credits >= 0 AND (credits > 0) = (state IN ('rewarded', 'taken_back'))", name=op.f("ck_referral_pays_when_rewarded")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_referral_person_id")),
        sa.ForeignKeyConstraint(["referrer_id"], ["person.id"], name=op.f("fk_referral_referrer_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_referral")),
        sa.UniqueConstraint("order_id", name=op.f("uq_referral_order_id")),
    )
    op.create_index("ix_referral_referrer", "referral", ["referrer_id", "created_at"])


def downgrade() -> None:
    for table in ("bill_to", "referral", "referral_code", "gift", "redemption", "promo_code"):
        op.drop_table(table)
