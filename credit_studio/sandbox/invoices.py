"""The life of an invoice: draft, open, paid, void or uncollectible. What is taken from a card stands in `collecting`."""

from collections.abc import Iterable
from typing import Any

from credit_studio.sandbox import shapes
from credit_studio.sandbox.errors import Body, refused
from credit_studio.sandbox.intents import LEAST
from credit_studio.sandbox.world import World

DRAFT_S = 3600
"""How long a renewal's invoice stays a draft."""
INCLUDED = ("payments", "confirmation_secret")


def draft(world: World, subscription: Body, lines: Iterable[Body], *, reason: str, period: tuple[int, int], waits: bool = False) -> Body:
    """A new draft of a subscription with those lines; it is finalized at once by the caller, or after an hour when it `waits`."""
    customer = world.get("customer", subscription["customer"])
    invoice = assembled(world, customer, subscription, lines, reason=reason, period=period)
    if waits:
        invoice |= {"auto_advance": True, "automatically_finalizes_at": invoice["created"] + DRAFT_S}
    world.add(invoice)
    world.emit("invoice.created", invoice)
    return invoice


def assembled(world: World, customer: Body, subscription: Body, lines: Iterable[Body], *, reason: str, period: tuple[int, int], id_: str = "") -> Body:
    """An invoice that is not kept yet: a draft, or a preview when it is given an id of its own."""
    id_ = id_ or world.new_id("in")
    now = world.now(customer["id"])
    data = [line | {"id": line.get("id") or world.new_id("il"), "invoice": id_} for line in lines]
    total = sum(line["amount"] for line in data)
    balance = customer["balance"] or 0
    due, _ = split(total, balance, subscription["currency"])
    blank = {name: value for name, value in shapes.nulls("invoice").items() if name not in INCLUDED}
    return blank | {
        "id": id_,
        "object": "invoice",
        "account_country": "GB",
        "account_name": "Sandbox",
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": due,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None},
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_address": customer["address"],
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "lines": {"object": "list", "data": data, "has_more": False, "total_count": len(data), "url": f"/v1/invoices/{id_}/lines"},
        "livemode": False,
        "metadata": {},
        "parent": _parent(subscription),
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": balance,
        "status": "draft",
        "status_transitions": dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")),
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": customer["test_clock"],
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    }


def split(total: int, balance: int, currency: str) -> tuple[int, int]:
    """(amount due, the customer's balance after it): a credit is used up first, and what is too small to charge waits on the balance."""
    left = total + balance
    return (left, 0) if left >= LEAST.get(currency, 50) else (0, left)


def finalize(world: World, invoice: Body) -> Body:
    """Give the invoice its number and open it; one with nothing to pay is paid at once. Raises `ApiError` when it is no draft."""
    if invoice["status"] != "draft":
        raise refused(f"This invoice is already finalized; its status is {invoice['status']}.", code="invoice_not_editable")
    customer = world.get("customer", invoice["customer"])
    now = world.now(customer["id"])
    due, after = split(invoice["total"], customer["balance"] or 0, invoice["currency"])
    world.change(
        invoice,
        number=_next_number(world, customer, invoice, balance=after),
        status="open",
        amount_due=due,
        amount_remaining=due,
        ending_balance=after,
        effective_at=now,
        automatically_finalizes_at=None,
        hosted_invoice_url=world.page_url(shop(world), f"/sandbox/invoices/{invoice['id']}"),
        invoice_pdf=world.page_url(shop(world), f"/sandbox/invoices/{invoice['id']}/pdf"),
        status_transitions=invoice["status_transitions"] | {"finalized_at": now},
    )
    world.emit("invoice.finalized", invoice)
    return invoice


def paid(world: World, invoice: Body, *, attempted: bool = True) -> Body:
    """The invoice is paid: by its payment, or because nothing is due."""
    now = world.now(invoice["customer"])
    world.change(
        invoice,
        status="paid",
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        attempted=True,
        attempt_count=invoice["attempt_count"] + attempted,
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions=invoice["status_transitions"] | {"paid_at": now},
    )
    for payment in payments(world, invoice["id"]):
        world.change(payment, status="paid", amount_paid=payment["amount_requested"], status_transitions={"canceled_at": None, "paid_at": now})
        world.emit("invoice_payment.paid", payment)
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)
    return invoice


def unpaid(world: World, invoice: Body, *, again_at: int | None, needs_action: bool) -> Body:
    """A try to take the money failed, or waits for the customer's authentication; the next try is at `again_at`."""
    world.change(invoice, attempted=True, attempt_count=invoice["attempt_count"] + 1, next_payment_attempt=again_at, auto_advance=again_at is not None)
    world.emit("invoice.payment_failed", invoice)
    if needs_action:
        world.emit("invoice.payment_action_required", invoice)
    return invoice


def closed(world: World, invoice: Body, status: str) -> Body:
    """An open invoice that is not to be paid: `void` or `uncollectible`. Raises `ApiError` in another state."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise refused(f"You can only do that to an open invoice; this one is {invoice['status']}.", code="invoice_not_editable")
    told = {"void": ("voided_at", "invoice.voided"), "uncollectible": ("marked_uncollectible_at", "invoice.marked_uncollectible")}
    moment, event = told[status]
    transitions = invoice["status_transitions"] | {moment: world.now(invoice["customer"])}
    world.change(invoice, status=status, auto_advance=False, next_payment_attempt=None, status_transitions=transitions)
    world.emit(event, invoice)
    return invoice


def stopped(world: World, subscription: Body) -> None:
    """The subscription is over: its drafts are voided and its open invoices are not tried again."""
    for invoice in of_subscription(world, subscription["id"]):
        if invoice["status"] == "draft":
            world.change(invoice, status="void", auto_advance=False, automatically_finalizes_at=None)
            world.emit("invoice.updated", invoice, {"status": "draft"})
        elif invoice["status"] == "open":
            world.change(invoice, auto_advance=False, next_payment_attempt=None)


def of_subscription(world: World, subscription: str) -> list[Body]:
    """Its invoices, newest first."""
    return world.all("invoice", {"parent.subscription_details.subscription": subscription})


def subscription_of(invoice: Body) -> str | None:
    """The id of the subscription that made it."""
    details = (invoice["parent"] or {}).get("subscription_details")
    return details["subscription"] if details else None


def payments(world: World, invoice: str) -> list[Body]:
    """What is asked for it: one payment with its intent, once it is finalized and not zero."""
    return world.all("invoice_payment", {"invoice": invoice})


def of_intent(world: World, intent: str) -> Body | None:
    """The invoice that an intent pays."""
    found = world.all("invoice_payment", {"payment.payment_intent": intent})
    return world.get("invoice", found[0]["invoice"]) if found else None


def asks_payment(world: World, invoice: Body, intent: str) -> Body:
    """The payment that ties an open invoice to its intent."""
    payment = {
        "id": world.new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": world.now(invoice["customer"]),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent, "charge": None, "payment_record": None},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    return world.add(payment)


def shop(world: World) -> str | None:
    """Where the shop was seen last, by the addresses that it gave: pages that belong to no session are shown there."""
    return world.store.value("shop")


def _parent(subscription: Body) -> Body | None:
    if subscription["id"] is None:
        return None
    details: dict[str, Any] = {"metadata": subscription["metadata"], "subscription": subscription["id"], "subscription_proration_date": None}
    return {"type": "subscription_details", "quote_details": None, "subscription_details": details}


def _next_number(world: World, customer: Body, invoice: Body, *, balance: int) -> str:
    sequence = customer["next_invoice_sequence"] or 1
    before = world.change(customer, next_invoice_sequence=sequence + 1, balance=balance)
    if "balance" in before:
        world.emit("customer.updated", customer, before)
    return f"{customer['invoice_prefix'] or invoice['customer'][-8:].upper()}-{sequence:04d}"
