"""Who renews a plan, how it stands at Stripe and what follows it; what was paid for it, invoice by invoice.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CHECKS = {
    "source": "source IN ('studio', 'stripe')",
    "status": "status IN ('active', 'past_due')",
    "paid_plans_are_at_stripe": "(source = 'stripe') = (stripe_id IS NOT NULL)",
    "only_paid_plans_end": "source = 'stripe' OR (status = 'active' AND cancel_at IS NULL AND next_plan_id IS NULL)",
}


def upgrade() -> None:
    op.add_column("subscription", sa.Column("source", sa.String(), nullable=False, server_default="studio"))
    op.add_column("subscription", sa.Column("status", sa.String(), nullable=False, server_default="active"))
    op.add_column("subscription", sa.Column("stripe_id", sa.String(), nullable=True))
    op.add_column("subscription", sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("subscription", sa.Column("next_plan_id", sa.String(), nullable=True))
    op.create_unique_constraint(op.f("uq_subscription_stripe_id"), "subscription", ["stripe_id"])
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_subscription_{name}"), "subscription", condition)
    op.create_index("ix_subscription_due", "subscription", ["period_end"], postgresql_where=sa.text("source = 'studio'"))
    op.create_table(
        "paid_plan",
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("since", "anchor")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in ("cancel_at", "ended_at")),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was_held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_paid_plan_person_id")),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("pk_paid_plan")),
    )
    op.create_index("ix_paid_plan_person_id", "paid_plan", ["person_id"])
    op.create_table(
        "allotment",
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("period_start", "period_end", "since")),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("period_start < period_end", name=op.f("ck_allotment_period_runs_forward")),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_allotment_credits_are_never_taken")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_allotment_person_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_allotment")),
        sa.UniqueConstraint("order_id", name=op.f("uq_allotment_order_id")),
    )
    op.create_index("ix_allotment_person_id", "allotment", ["person_id"])
    op.create_index("ix_allotment_stripe_id", "allotment", ["stripe_id"])


def downgrade() -> None:
    op.drop_table("allotment")
    op.drop_table("paid_plan")
    op.drop_index("ix_subscription_due", "subscription")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_subscription_{name}"), "subscription")
    op.drop_constraint(op.f("uq_subscription_stripe_id"), "subscription")
    for name in ("next_plan_id", "cancel_at", "stripe_id", "status", "source"):
        op.drop_column("subscription", name)
