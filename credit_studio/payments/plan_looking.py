"""Asking Stripe how a plan stands, and writing that down at once: what an event would do, without waiting for it."""

from datetime import timedelta

from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.payments import gateway, plan_settling, plans, service, store

_LOST_AFTER = timedelta(hours=1)


async def refresh(actor: Actor, row: store.Row) -> None:
    """Ask Stripe how the order of a plan stands, and write that down.

    One that Stripe has no name for after an hour was never made: should its change have been paid for all the same, the invoice gets its own order.
    """
    if row["session_id"] is not None:
        session = await gateway.session(row["session_id"])
        news = None if session.subscription_id is None else await plans.news(session.subscription_id, session.invoice_id)
        async with transaction() as tx:
            await plan_settling.settle_checkout(tx, session, news, actor=actor)
    elif row["invoice_id"] is not None and (invoice := await plans.invoice(row["invoice_id"])) is not None:
        await learn(actor, invoice.subscription_id, invoice.id)
    elif row["invoice_id"] is None and clock.now() - row["created_at"] > _LOST_AFTER:
        async with transaction() as tx:
            await service.fail(tx, row["id"], code="not_made", actor=actor)


async def learn(actor: Actor, subscription_id: str, invoice_id: str | None = None) -> None:
    """Read a subscription, and an invoice of it, and let the person's plan follow."""
    news = await plans.news(subscription_id, invoice_id)
    async with transaction() as tx:
        await plan_settling.settle(tx, news, actor=actor)
