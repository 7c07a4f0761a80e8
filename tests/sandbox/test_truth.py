"""Whoever only listens knows as much as whoever asks, whatever happened, and no penny is without a reason."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.sandbox_fixture import Sandbox

SEEDS = int(os.environ.get("SANDBOX_SEEDS", "2"))
STEPS = 40
CARDS = ("visa", "mastercard", "chargeCustomerFail", "authenticationRequired", "authenticationRequiredOnSetup", "refundFail", "pendingRefund", "createDispute")
KINDS = {"payment_intent": "payment_intents", "charge": "charges", "refund": "refunds", "dispute": "disputes"}
DONE = {"succeeded", "requires_action", "requires_payment_method", "canceled"}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_story_the_events_tell_what_is_so(sandbox: Sandbox, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    sandbox.control("pause")
    sandbox.chaos(duplicate=0.2, otherId=0.2, delay=0.3, delaySeconds=60, seed=seed)
    people = [person(sandbox.api(), card) for card in CARDS]
    for _ in range(STEPS):
        attempt(dice.choice((pay, pay, pay, here, refund, refund, dispute, close, cancel, wait)), sandbox, dice, people)
    sandbox.clock(by_s=60)
    heard = {webhook.event["id"]: webhook.event for webhook in sandbox.flush()}
    assert {event["id"] for event in sandbox.events()} == heard.keys()
    nothing_is_known_only_by_asking(sandbox, sandbox.events())
    no_penny_is_without_a_reason(sandbox.api())


def nothing_is_known_only_by_asking(sandbox: Sandbox, events: list[Any]) -> None:
    """The last event of each object shows it as it is now; an intent that nobody tried apart."""
    last = {event["data"]["object"]["id"]: event["data"]["object"] for event in events}
    for kind, calls in KINDS.items():
        for obj in getattr(sandbox.api(), calls).list({"limit": 100}).auto_paging_iter():
            if kind != "payment_intent" or obj.status in DONE:
                assert last[obj.id] == obj.to_dict(), kind


def no_penny_is_without_a_reason(api: Any) -> None:
    """What was refunded is the sum of the refunds; what the balance shows is the sum of payments, refunds and disputes."""
    charges = list(api.charges.list({"limit": 100}).auto_paging_iter())
    refunds = [one for one in api.refunds.list({"limit": 100}).auto_paging_iter() if one.status != "failed"]
    disputes = [one for one in api.disputes.list({"limit": 100}).auto_paging_iter() if one.status != "won"]
    for charge in charges:
        back = sum(one.amount for one in refunds if one.charge == charge.id)
        assert charge.amount_refunded == back <= charge.amount
        assert charge.refunded is (back == charge.amount)
    kept = sum(one.amount_captured for one in charges) - sum(one.amount for one in refunds) - sum(one.amount for one in disputes)
    assert sum(line.amount for line in api.balance_transactions.list({"limit": 100}).auto_paging_iter()) == kept
    paid = [one for one in api.payment_intents.list({"limit": 100}).auto_paging_iter() if one.status == "succeeded"]
    assert sorted(one.latest_charge for one in paid) == sorted(one.id for one in charges if one.paid)


Person = tuple[str, str]


def person(api: Any, card: str) -> Person:
    customer = api.customers.create({}).id
    return customer, api.payment_methods.attach(f"pm_card_{card}", {"customer": customer}).id


def attempt(act: Callable[[Sandbox, random.Random, list[Person]], Any], sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    """One thing that may happen, or be refused."""
    try:
        act(sandbox, dice, people)
    except (stripe.CardError, stripe.InvalidRequestError, IndexError):
        """A refusal is part of the story."""


def pay(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    customer, method = dice.choice(people)
    said = {"amount": dice.randint(30, 9900), "currency": "gbp", "customer": customer, "payment_method": method}
    sandbox.api().payment_intents.create(said | {"off_session": True, "confirm": True})


def here(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    customer, method = dice.choice(people)
    said = {"amount": dice.randint(30, 9900), "currency": "gbp", "customer": customer, "payment_method": method}
    made = sandbox.api().payment_intents.create(said | {"return_url": "https://studio.example/", "confirm": True})
    if made.next_action and dice.random() < 0.8:
        sandbox.submit(f"/sandbox/authenticate/{made.id}", do=dice.choice(("complete", "fail")))


def refund(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    charge = dice.choice(sandbox.api().charges.list({"limit": 100}).data)
    sandbox.api().refunds.create({"charge": charge.id} | dice.choice(({}, {"amount": dice.randint(1, charge.amount)})))


def dispute(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    charge = dice.choice([one for one in sandbox.api().charges.list({"limit": 100}).data if one.paid and not one.disputed])
    sandbox.control("dispute", {"charge": charge.id, "amount": dice.randint(1, charge.amount)})


def close(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    one = dice.choice(sandbox.api().disputes.list({"limit": 100}).data)
    sandbox.api().disputes.update(one.id, {"evidence": {"uncategorized_text": dice.choice(("winning_evidence", "losing_evidence", "a receipt"))}})


def cancel(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    sandbox.api().payment_intents.cancel(dice.choice(sandbox.api().payment_intents.list({"limit": 100}).data).id)


def wait(sandbox: Sandbox, dice: random.Random, people: list[Person]) -> None:
    sandbox.clock(by_s=dice.randint(1, 10))
