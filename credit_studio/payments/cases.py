"""Orders as operators look at them: found by whose they are or by a number, each with its payment, credits, refunds and disputes."""

from collections.abc import Sequence
from uuid import UUID

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.money import Money
from credit_studio.db.session import Tx, transaction
from credit_studio.history import service as history
from credit_studio.identity import service as identity
from credit_studio.ledger.terms import PLAN_SOURCE, PURCHASE_SOURCE
from credit_studio.payments import claim_rules, refunding, rules, service, store
from credit_studio.payments.views import Case, Claimed, Sale

_NAMES = {"session_id": "Checkout", "intent_id": "Payment", "charge_id": "Charge", "invoice_id": "Invoice"}
_PREFIXES = {"cs_": "session_id", "pi_": "intent_id", "ch_": "charge_id", "in_": "invoice_id"}
_LONGEST = 320


async def search(actor: Actor, wanted: str, *, limit: int = 50) -> tuple[Sale, ...]:
    """Orders by an address, a receipt's number, our id or one of Stripe's; everybody's newest when nothing is asked for. For operators: `Forbidden`."""
    actor.require_admin()
    async with transaction() as tx:
        rows = await _found(tx, wanted.strip()[:_LONGEST], limit=limit)
        people = {person_id: await _email(tx, person_id) for person_id in {row["person_id"] for row in rows}}
    return tuple(Sale(service.view(row), people[row["person_id"]]) for row in rows)


async def case(actor: Actor, order_id: UUID) -> Case:
    """All that is known of an order. For operators; raises `Forbidden` and `NotFound`."""
    actor.require_admin()
    async with transaction() as tx:
        row = await service.get_order(tx, order_id)
        rows = await store.claims_of(tx, order_id)
        found = refunding.claims_from(rows)
        grants = await history.granted(tx, sources=(PLAN_SOURCE, PURCHASE_SOURCE), references=[rules.grant_reference(order_id)])
        rest = await refunding.rest_of(tx, row, found)
        email = await _email(tx, row["person_id"])
    left = claim_rules.refund_left(row["amount"], found) if row["status"] == "paid" else 0
    return Case(
        order=service.view(row),
        email=email,
        names=tuple((said, row[name]) for name, said in _NAMES.items() if row[name]),
        claims=tuple(_claimed(one, row["currency"]) for one in rows),
        granted=sum(grant.amount for grant in grants) if grants else None,
        taken=sum(grant.clawed for grant in grants),
        left=rest.left,
        lapsed=rest.lapsed,
        refundable=Money(left, row["currency"]),
    )


async def _found(tx: Tx, wanted: str, *, limit: int) -> Sequence[store.Row]:
    if not wanted:
        return await store.newest_orders(tx, limit=limit)
    if "@" in wanted:
        person = await identity.find_by_email(tx, email=wanted)
        return [] if person is None else await store.orders_of(tx, person.id, before=None, limit=limit)
    row = await _one(tx, wanted)
    return [] if row is None else [row]


async def _one(tx: Tx, wanted: str) -> store.Row | None:
    """The order that a number or an id names."""
    if (order_id := ids.parse_id(wanted.removeprefix(rules.grant_reference("")))) is not None:
        return await store.order(tx, order_id)
    if (number := rules.receipt_number(wanted)) is not None:
        return await store.order_of_receipt(tx, number)
    column = _PREFIXES.get(wanted[:3])
    return await store.order_of(tx, **{column: wanted}) if column is not None and wanted.isascii() and wanted.isprintable() else None


async def _email(tx: Tx, person_id: UUID) -> str:
    person = await identity.find_person(tx, person_id=person_id)
    return "" if person is None else person.email


def _claimed(one: store.Row, currency: str) -> Claimed:
    return Claimed(one["stripe_id"], one["kind"], Money(one["amount"], currency), one["status"], one["reason"], one["credits"], one["created_at"])
