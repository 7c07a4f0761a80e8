"""What buyers of plans do in tests, and what is looked at afterwards."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance
from credit_studio.subscriptions import changing, service
from credit_studio.subscriptions.changing import Chosen
from credit_studio.subscriptions.views import PlanView
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, Shop
from tests.sandbox.shop import DAY, OK

MONTH = 31 * DAY
DECLINES, ASKS, PAYS = "pm_card_chargeCustomerFail", "pm_card_authenticationRequired", "pm_card_visa"


async def choose(person: Someone, plan_id: str, **more: str | datetime) -> Chosen:
    """Choose a plan on the page."""
    return await changing.choose(person.actor, plan_id, origin=ORIGIN, **more)  # pyright: ignore[reportArgumentType] - a key or an instant


def pay(shop: Shop, chosen: Chosen, number: str = OK) -> tuple[int, str]:
    """Type a card at the checkout and press the button: 303 when it was paid."""
    typed = {"number": number, "expiry": "12/34", "cvc": "123", "name": "Ada Byron", "do": "pay"}
    return shop.sandbox.submit(f"/sandbox/checkout/{chosen.session_id}", **typed)


async def subscriber(shop: Shop, plan_id: str = "supporter", *, number: str = OK, bought: int = 0) -> Someone:
    """A person who pays for a plan."""
    person = await someone(bought=bought)
    assert pay(shop, await choose(person, plan_id), number)[0] == 303
    await shop.deliver()
    return person


async def held(person: Someone) -> tuple[PlanView, Balance]:
    """Their plan and their balance."""
    async with transaction() as tx:
        return await service.plan_of(tx, person_id=person.id), await ledger.balance(tx, owner_id=person.id)


async def allotted(person: Someone) -> list[int]:
    """The credits of every grant that an invoice brought, in their order."""
    query = text("SELECT g.amount FROM \"grant\" g JOIN account a ON a.id = g.account_id WHERE a.owner_id = :id AND source_ref LIKE 'order:%' ORDER BY g.id")
    async with transaction() as tx:
        return list((await tx.execute(query, {"id": person.id})).scalars())


async def orders(person: Someone) -> list[tuple[Any, ...]]:
    """Their orders, the oldest first: plan, status, credits, amount."""
    query = text("SELECT item, status, credits, amount FROM purchase WHERE person_id = :id ORDER BY id")
    async with transaction() as tx:
        return [tuple(row) for row in (await tx.execute(query, {"id": person.id})).all()]


async def customer_of(person: Someone) -> str:
    """Their id at Stripe."""
    async with transaction() as tx:
        return (await tx.execute(text("SELECT stripe_id FROM customer WHERE person_id = :id"), {"id": person.id})).scalar_one()


async def swap_card(shop: Shop, person: Someone, method: str) -> None:
    """Let the person's plan be paid by another card from now on."""
    api, customer = shop.sandbox.client().v1, await customer_of(person)
    card = api.payment_methods.attach(method, {"customer": customer})
    api.customers.update(customer, {"invoice_settings": {"default_payment_method": card.id}})
    for found in api.subscriptions.list({"customer": customer}).data:
        api.subscriptions.update(found.id, {"default_payment_method": card.id})


async def authenticate(shop: Shop, person: Someone) -> None:
    """Do what the bank asks, for the one payment that waits for it."""
    api, customer = shop.sandbox.client().v1, await customer_of(person)
    (intent,) = [one for one in api.payment_intents.list({"customer": customer}).data if one.status == "requires_action"]
    assert shop.sandbox.submit(f"/sandbox/authenticate/{intent.id}", do="complete")[0] == 303
