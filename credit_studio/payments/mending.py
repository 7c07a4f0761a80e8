"""What Stripe has is written as its events would have: orders that were left unfinished, payments, invoices, refunds and disputes that nobody told of.

Everything here is harmless to do twice. No transaction is open while Stripe is asked.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.core.errors import InvariantBroken
from credit_studio.db.session import Tx, transaction
from credit_studio.payments import at_stripe, checks, errors, gateway, plan_looking, reconcile_rules, refunding, service, settling, store
from credit_studio.payments.claims import Told
from credit_studio.payments.facts import Intent
from credit_studio.payments.plan_rules import REASONS
from credit_studio.payments.reconcile_rules import Finding

AT_ONCE = 500
"""The most unfinished orders that one check asks for, the oldest first."""


@dataclass
class Tally:
    """What one check has looked at, mended and found so far."""

    looked: int = 0
    mended: list[str] = field(default_factory=list[str])
    found: list[Finding] = field(default_factory=list[Finding])
    paying: set[str] = field(default_factory=set[str])
    """The ids of Stripe's objects that have paid something."""


async def mend(tally: Tally, since: datetime) -> None:
    """Look at everything that Stripe has made since then, and at what is unfinished here. Raises `Unavailable` when Stripe does not answer."""
    for step in (_finish_orders, _look_at_payments, _look_at_invoices, _look_at_claims, _catch_up, _look_from_here):
        await step(tally, since)


async def _finish_orders(tally: Tally, _: datetime) -> None:
    """Ask how every order stands that is unfinished for more than an hour."""
    async with transaction() as tx:
        rows = await checks.unfinished(tx, before=clock.now() - reconcile_rules.OLD, limit=AT_ONCE)
    for row in rows:
        with suppress(InvariantBroken):  # the same is found again, and told, where Stripe's objects are looked at
            await _finish(row)
        async with transaction() as tx:
            after = await service.get_order(tx, row["id"])
        if after["status"] != row["status"]:
            tally.mended.append(f"order:{row['id']} was {row['status']} and is {after['status']}")


async def _finish(row: store.Row) -> None:
    if row["kind"] == "plan":
        await plan_looking.refresh(SYSTEM, row)
    elif row["session_id"] is not None:
        await _write(partial(settling.settle_session, session=await gateway.session(row["session_id"])))
    elif row["intent_id"] is not None:
        await _write(partial(settling.settle_intent, intent=await gateway.intent(row["intent_id"])))
    else:
        await _find(row)


async def _find(row: store.Row) -> None:
    """An order whose answer got lost: Stripe is asked by its customer. What is not there was never made, and its key at Stripe makes nothing more."""
    async with transaction() as tx:
        customer = await store.customer(tx, row["person_id"])
    made: list[Callable[[Tx], Awaitable[object]]] = []
    if customer is not None and row["kind"] == "pack":
        sessions = at_stripe.sessions_of(customer["stripe_id"], row["created_at"])
        made = [partial(settling.settle_session, session=one) async for one in sessions if one.order_id == row["id"]]
    elif customer is not None:
        intents = at_stripe.intents_of(customer["stripe_id"], row["created_at"])
        made = [partial(settling.settle_intent, intent=one) async for one in intents if one.order_id == row["id"]]
    for write in made or [partial(service.fail, order_id=row["id"], code="not_made")]:
        await _write(write)


async def _look_at_payments(tally: Tally, since: datetime) -> None:
    """A payment that names an order has paid it, and no other payment has."""
    async for intent in at_stripe.paid_intents(since):
        tally.looked += 1
        tally.paying.add(intent.id)
        if intent.order_id is not None:
            await _mend_payment(tally, intent, intent.order_id)


async def _mend_payment(tally: Tally, intent: Intent, order_id: UUID) -> None:
    about = f"payment {intent.id}"
    before = await _standing(order_id)
    if before is not None and before["kind"] == "plan":
        return
    if before is None or before["status"] != "paid":
        try:
            await _write(partial(settling.settle_intent, intent=intent))
        except InvariantBroken as broken:
            tally.found.append(Finding("paid_for_nothing", about, str(broken)))
            return
        tally.mended.append(f"order:{order_id} was paid by {intent.id}")
    after = await _standing(order_id)
    if after is not None and (after["amount"], after["currency"]) != (intent.received, intent.currency):
        said = f"{intent.received} {intent.currency} were paid for the order {order_id} of {after['amount']} {after['currency']}"
        tally.found.append(Finding("paid_other_amount", about, said))
    if after is not None and after["intent_id"] not in (None, intent.id):
        tally.found.append(Finding("paid_twice", about, f"the order {order_id} was paid by {after['intent_id']} already: refund one of them"))


async def _look_at_invoices(tally: Tally, since: datetime) -> None:
    """An invoice of a plan that is paid has its order."""
    async for invoice in at_stripe.paid_invoices(since):
        tally.looked += 1
        tally.paying.add(invoice.id)
        if invoice.reason not in REASONS or await _is_paid(invoice.id):
            continue
        try:
            await plan_looking.learn(SYSTEM, invoice.subscription_id, invoice.id)
        except InvariantBroken as broken:
            tally.found.append(Finding("paid_for_nothing", f"invoice {invoice.id}", str(broken)))
        else:
            said = f"invoice {invoice.id} was paid"
            (tally.mended.append(said) if await _is_paid(invoice.id) else tally.found.append(Finding("invoice_without_order", f"invoice {invoice.id}", said)))


async def _look_at_claims(tally: Tally, since: datetime) -> None:
    """Refunds and disputes are written as they stand."""
    await _mend_claims(tally, at_stripe.refunds(since), refunding.settle_refund, store.refund)
    await _mend_claims(tally, at_stripe.disputes(since), refunding.settle_dispute, store.dispute)


async def _mend_claims(
    tally: Tally,
    told: AsyncIterator[Told],
    settle: Callable[[Tx, Told], Awaitable[None]],
    find: Callable[[Tx, str], Awaitable[store.Row | None]],
) -> None:
    async for one in told:
        tally.looked += 1
        try:
            async with transaction() as tx:
                before = await find(tx, one.id)
                await settle(tx, one)
                after = await find(tx, one.id)
        except (InvariantBroken, refunding.NotYet) as fault:
            tally.found.append(Finding("claim_for_nothing", one.id, str(fault)))
        else:
            if after is not None and (before is None or before["status"] != after["status"]):
                tally.mended.append(f"{one.id} is {one.status}")


async def _catch_up(tally: Tally, _: datetime) -> None:
    """What runs had held when a plan's money went back is settled by now, or is left for the next time."""
    for order_id in await refunding.claimed_plans():
        try:
            moved = await refunding.catch_up(order_id)
        except InvariantBroken as fault:
            tally.found.append(Finding("claim_for_nothing", f"order:{order_id}", str(fault)))
        else:
            tally.mended += [f"order:{order_id} has moved {moved} credits that runs had held"] if moved else []


async def _look_from_here(tally: Tally, since: datetime) -> None:
    """What is paid by our book is paid at Stripe: what the lists did not show is asked for by its id."""
    async with transaction() as tx:
        rows = await checks.paid_since(tx, since)
    for row in rows:
        if {row["intent_id"], row["invoice_id"]} & tally.paying or row["intent_id"] is None:
            continue
        tally.looked += 1
        try:
            intent = await gateway.intent(row["intent_id"])
        except errors.Refused:
            tally.found.append(Finding("not_at_stripe", f"order:{row['id']}", f"paid by {row['intent_id']}, which Stripe does not have"))
            continue
        if (intent.status, intent.received) != ("succeeded", row["amount"]):
            said = f"paid by {intent.id}, which is {intent.status} with {intent.received} of {row['amount']}"
            tally.found.append(Finding("not_paid_at_stripe", f"order:{row['id']}", said))


async def _standing(order_id: UUID) -> store.Row | None:
    async with transaction() as tx:
        return await store.order(tx, order_id)


async def _is_paid(invoice_id: str) -> bool:
    async with transaction() as tx:
        row = await store.order_of(tx, invoice_id=invoice_id)
    return row is not None and row["status"] == "paid"


async def _write(settle: Callable[[Tx], Awaitable[object]]) -> None:
    async with transaction() as tx:
        await settle(tx)
