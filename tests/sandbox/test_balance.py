"""Random months of a subscription: what was invoiced is what was paid, plus what stands on the customer's balance, to the penny."""

import os
import random
from typing import Any

import pytest

from tests.sandbox.shop import DAY, at, customer, plan, to
from tests.sandbox.test_plans import amounts, subscribe, swap
from tests.sandbox_fixture import Sandbox

SEEDS = range(int(os.environ.get("SANDBOX_SEEDS", "4")))
STEPS = 12


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_between_changes_renewals_and_the_balance(sandbox: Sandbox, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a story, no secret
    api = sandbox.client().v1
    now = at("2027-01-31T09:00") - chance.randrange(20 * DAY)
    who = customer(api, clock=now)
    prices = [plan(api, name, amount) for name, amount in (("Supporter", 1000), ("Pro", 3500), ("Odd", 1999))]
    made = subscribe(api, who, prices[0])
    for _ in range(STEPS):
        if chance.random() < 0.5:
            now += chance.randrange(1, 40 * DAY)
            to(api, who, now)
            continue
        price, behavior = chance.choice(prices), chance.choice(["always_invoice", "create_prorations", "none"])
        _changed_as_previewed(api, made, price, behavior)
    to(api, who, now + 32 * DAY)
    invoices = api.invoices.list({"customer": who.id, "limit": 100}).data
    balance = api.customers.retrieve(who.id).balance or 0
    assert all(one.status == "paid" for one in invoices)
    assert sum(one.total for one in invoices) == sum(one.amount_paid for one in invoices) + balance
    assert sum(charge.amount for charge in api.charges.list({"customer": who.id, "limit": 100}).data) == sum(one.amount_paid for one in invoices)
    assert all(sum(amounts(one)) == one.total for one in invoices)


def _changed_as_previewed(api: Any, made: Any, price: Any, behavior: str) -> None:
    """An immediate invoice is, line by line, what its preview said."""
    item = api.subscriptions.retrieve(made.id)["items"].data[0]
    change = {"items": [{"id": item.id, "price": price.id}], "proration_behavior": behavior}
    preview = api.invoices.create_preview({"subscription": made.id, "subscription_details": change})
    before = len(api.invoices.list({"limit": 100}).data)
    after = swap(api, made, price, proration_behavior=behavior)
    if len(api.invoices.list({"limit": 100}).data) > before:
        assert behavior == "always_invoice"
        assert amounts(api.invoices.retrieve(str(after.latest_invoice))) == amounts(preview)
