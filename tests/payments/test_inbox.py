"""Events are worked through once, whoever brings them and however often; what fails is tried again, given up in sight of an operator, and replayed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.core.errors import Forbidden, InvariantBroken, NotFound
from credit_studio.db.session import transaction
from credit_studio.payments import errors, flow, gateway, inbox, service
from tests.makers.people import someone
from tests.payments.shop import ORIGIN, Shop, bought


async def row_of(event_id: str) -> Any:
    """An event as it is kept."""
    async with transaction() as tx:
        return (await tx.execute(text("SELECT * FROM inbox WHERE event_id = :id"), {"id": event_id})).one()


async def a_paid_event(shop: Shop) -> tuple[Any, str]:
    """Somebody who has paid for a pack, and the event of that, taken in and not worked through."""
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    taken = await shop.take_in()
    for event_id in taken:
        if (await row_of(event_id)).type == "checkout.session.completed":
            return ada, event_id
    raise AssertionError(taken)


async def test_an_event_is_worked_through_once_however_often_it_comes(shop: Shop) -> None:
    ada, event_id = await a_paid_event(shop)
    for _ in range(3):
        await inbox.process(event_id)
    row = await row_of(event_id)
    assert (row.status, row.attempts, row.error) == ("done", 1, "")
    assert await bought(ada.id) == 500


@pytest.mark.parametrize("trouble", [{"duplicate": 1}, {"reorder": 1}, {"otherId": 1}, {"duplicate": 0.5, "reorder": 0.5, "otherId": 0.5, "seed": 7}])
async def test_doubles_disorder_and_other_ids_grant_once(shop: Shop, trouble: dict[str, float]) -> None:
    ada = await someone()
    shop.sandbox.chaos(**trouble)
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    await shop.deliver()
    await flow.top_up(ada.actor, "standard", origin=ORIGIN)
    await shop.deliver()
    assert await bought(ada.id) == 1900
    assert [order.receipt for order in await flow.orders(ada.actor)] == ["R-000002", "R-000001"]


async def test_many_at_once_get_their_credits_and_receipts_without_a_gap(shop: Shop) -> None:
    buyers = [await someone() for _ in range(8)]
    for buyer in buyers:
        opened = await flow.start_checkout(buyer.actor, "starter", origin=ORIGIN)
        shop.pay(opened.session_id)
    await asyncio.gather(*(inbox.process(event_id) for event_id in await shop.take_in()))
    assert [await bought(buyer.id) for buyer in buyers] == [500] * 8
    receipts = [(await flow.orders(buyer.actor))[0].receipt for buyer in buyers]
    assert sorted(map(str, receipts)) == [f"R-{number:06d}" for number in range(1, 9)]
    assert await inbox.dead_letters(SYSTEM) == ()


async def test_a_fault_is_tried_again_after_a_wait_that_grows_and_then_given_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, event_id = await a_paid_event(shop)

    async def lost(_session_id: str) -> None:
        raise errors.no_answer()

    monkeypatch.setattr(gateway, "session", lost)
    waits: list[float] = []
    now = clock.now()
    while (await row_of(event_id)).status == "new":
        with clock.frozen(now):
            await inbox.process(event_id)
            again = (await row_of(event_id)).next_at
        waits.append((again - now).total_seconds())
        now = again
    row = await row_of(event_id)
    assert (row.status, row.attempts) == ("dead", 9)
    assert waits[:8] == [5, 30, 120, 600, 1800, 3600, 10800, 21600]
    assert row.error.startswith("Unclear: The payment service did not answer.")
    assert [(letter.event_id, letter.attempts) for letter in await inbox.dead_letters(SYSTEM)] == [(event_id, 9)]
    monkeypatch.undo()
    assert await bought(ada.id) == 0


async def test_an_operator_replays_a_dead_event_and_nobody_else_does(shop: Shop) -> None:
    ada, event_id = await a_paid_event(shop)
    async with transaction() as tx:
        await tx.execute(text("UPDATE inbox SET status = 'dead', attempts = 9, error = 'x' WHERE event_id = :id"), {"id": event_id})
    await inbox.process(event_id)
    assert await bought(ada.id) == 0
    for ask in (inbox.replay(ada.actor, event_id), inbox.dead_letters(ada.actor)):
        with pytest.raises(Forbidden):
            await ask
    await inbox.replay(SYSTEM, event_id)
    await inbox.process(event_id)
    assert await bought(ada.id) == 500
    with pytest.raises(NotFound):
        await inbox.replay(SYSTEM, event_id)
    async with transaction() as tx:
        told = (await tx.execute(text("SELECT subject, details FROM audit_entry WHERE event = 'event.replayed'"))).one()
    assert told.subject == f"event:{event_id}"


async def test_another_amount_than_the_orders_is_never_granted_and_is_seen_at_once(shop: Shop) -> None:
    ada, event_id = await a_paid_event(shop)
    async with transaction() as tx:
        await tx.execute(text("UPDATE purchase SET amount = amount + 1"))
    await inbox.process(event_id)
    row = await row_of(event_id)
    assert row.status == "dead"
    assert "paid were 1000 GBP" in row.error
    assert await bought(ada.id) == 0
    order = (await flow.orders(ada.actor))[0]
    async with transaction() as tx:
        with pytest.raises(InvariantBroken):
            await service.pay(tx, order.id, service.Paid(1001, "EUR"))


async def test_a_payment_of_an_order_that_is_not_there_is_seen_at_once(shop: Shop) -> None:
    _, event_id = await a_paid_event(shop)
    async with transaction() as tx:
        await tx.execute(text("DELETE FROM purchase"))
    await inbox.process(event_id)
    assert ((await row_of(event_id)).status, "not there" in (await row_of(event_id)).error) == ("dead", True)


async def test_what_is_not_the_studios_is_ignored(shop: Shop) -> None:
    client = shop.sandbox.client()
    customer = await client.v1.customers.create_async({"name": "of another shop"})
    await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    await client.v1.payment_intents.create_async({"amount": 900, "currency": "gbp", "payment_method": "pm_card_visa", "confirm": True, "return_url": ORIGIN})
    for event_id in await shop.deliver():
        assert (await row_of(event_id)).status in {"ignored", "done"}
    assert await inbox.dead_letters(SYSTEM) == ()


async def test_a_job_that_a_crash_took_along_is_enqueued_again(shop: Shop) -> None:
    ada, event_id = await a_paid_event(shop)
    async with transaction() as tx:
        await tx.execute(text("DELETE FROM procrastinate_jobs"))
    assert await inbox.retry_due() == 0
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        assert await inbox.retry_due() >= 1
        assert await inbox.retry_due() == 0
    async with transaction() as tx:
        jobs = (await tx.execute(text("SELECT args ->> 'event_id' FROM procrastinate_jobs"))).scalars().all()
    assert event_id in jobs
    await inbox.process(event_id)
    assert await bought(ada.id) == 500


async def test_payloads_go_after_a_month_and_the_mark_stays(shop: Shop) -> None:
    _, event_id = await a_paid_event(shop)
    await inbox.process(event_id)
    assert await inbox.forget_old() == 0
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert await inbox.forget_old() >= 1
    row = await row_of(event_id)
    assert (row.payload, row.status) == ({}, "done")


async def test_every_change_is_audited_and_rings(shop: Shop) -> None:
    ada = await someone()
    opened = await flow.start_checkout(ada.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    await shop.deliver()
    async with transaction() as tx:
        rows = await tx.execute(text("SELECT event, user_id FROM audit_entry WHERE event LIKE 'purchase.%' OR event LIKE 'card.%' ORDER BY at, id"))
        told = [(row.event, row.user_id) for row in rows]
    assert sorted(told) == sorted([("purchase.started", ada.id), ("card.changed", ada.id), ("purchase.paid", ada.id)])


async def test_nothing_is_for_sale_without_a_key(book: None, selling: Callable[[str, str], None]) -> None:
    ada = await someone()
    for ask in (flow.start_checkout(ada.actor, "starter", origin=ORIGIN), flow.portal(ada.actor, origin=ORIGIN), inbox.receive(b"{}", "")):
        with pytest.raises(errors.Unavailable) as refused:
            await ask
        assert refused.value.reason == "payments_off"
