import asyncio

import pytest
import stripe

from tests.sandbox_fixture import Sandbox


def test_the_sdk_speaks_the_version_that_the_sandbox_was_made_for() -> None:
    assert stripe.api_version == "2026-10-28.endive"


def test_a_customer_is_made_changed_and_listed(sandbox: Sandbox) -> None:
    api = sandbox.api()
    ada = api.customers.create({"name": "Ada", "email": "ada@example.com", "metadata": {"person": "1", "team": "2"}})
    api.customers.update(ada.id, {"name": "Ada L.", "metadata": {"team": ""}})
    again = api.customers.retrieve(ada.id)
    assert (again.name, again.to_dict()["metadata"]) == ("Ada L.", {"person": "1"})
    assert [one.id for one in api.customers.list({"email": "ada@example.com"}).data] == [ada.id]
    event = sandbox.events("customer.updated")[0]
    assert event["data"]["previous_attributes"] == {"name": "Ada", "metadata": {"team": "2"}}
    assert event["api_version"] == stripe.api_version


async def test_the_async_sdk_speaks_to_it_too_twenty_at_once(sandbox: Sandbox) -> None:
    api = sandbox.api()
    made = await asyncio.gather(*(api.customers.create_async({"name": f"Person {number}"}) for number in range(20)))
    assert len({one.id for one in made}) == 20


def test_a_webhook_is_signed_so_that_the_sdk_believes_it(sandbox: Sandbox) -> None:
    sandbox.api().customers.create({"name": "Ünïcødé"})
    (webhook,) = sandbox.flush()
    event = sandbox.client().construct_event(webhook.raw, webhook.signature, sandbox.secret)
    assert event.type == "customer.created"
    with pytest.raises(stripe.SignatureVerificationError):
        sandbox.client().construct_event(webhook.raw + b" ", webhook.signature, sandbox.secret)
