"""Reading what Stripe's events of plans are about: the subscription as it is now, and the invoice. `plan_settling` writes it."""

from credit_studio.db.session import Tx
from credit_studio.payments import gateway, plan_settling, plans
from credit_studio.payments.facts import Session
from credit_studio.payments.plans import News
from credit_studio.payments.views import Notice

SUBSCRIPTION_EVENTS = tuple(
    f"customer.subscription.{what}" for what in ("created", "updated", "deleted", "paused", "resumed", "pending_update_applied", "pending_update_expired")
)
INVOICE_EVENTS = tuple(f"invoice.{what}" for what in ("created", "paid", "payment_failed", "payment_action_required", "voided", "marked_uncollectible"))


async def read_subscription(notice: Notice) -> News:
    """How the subscription stands now, whatever of it has changed."""
    return await plans.news(notice.object_id)


async def read_invoice(notice: Notice) -> News | None:
    """The invoice and its subscription; None for an invoice of something else.

    A renewal begins as a draft, which Stripe would leave open to changes for an hour while the new month's credits are waited for: it is finalized.
    """
    if notice.type == "invoice.created":
        if notice.payload["data"]["object"].get("billing_reason") != "subscription_cycle":
            return None
        await plans.finalize(notice.object_id)
    invoice = await plans.invoice(notice.object_id)
    return None if invoice is None else await plans.news(invoice.subscription_id, invoice.id)


async def read_checkout(notice: Notice) -> tuple[Session, News | None] | None:
    """A checkout that begins a plan, and what it has begun; None for a checkout of another kind."""
    if notice.payload["data"]["object"].get("mode") != "subscription":
        return None
    session = await gateway.session(notice.object_id)
    return session, None if session.subscription_id is None else await plans.news(session.subscription_id, session.invoice_id)


async def write_checkout(tx: Tx, told: tuple[Session, News | None]) -> None:
    """Let the order of the checkout stand as that says."""
    await plan_settling.settle_checkout(tx, *told)
