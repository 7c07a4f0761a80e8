"""What nobody told of is found and mended; what cannot be mended is told; a book that agrees is left alone."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor, Role
from credit_studio.core.errors import Forbidden
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments import flow, inbox, reconciling
from credit_studio.payments.views import MoneyVerdict, Order
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, Shop, bought

OPERATOR = Actor(user_id=ids.new_id(), role=Role.ADMIN, door="test")


async def check_in_two_hours() -> MoneyVerdict:
    """What an operator finds who checks two hours from now."""
    with clock.frozen(clock.now() + timedelta(hours=2)):
        return await reconciling.check_now(OPERATOR)


async def a_card(shop: Shop) -> Someone:
    """A buyer with a saved card."""
    buyer = await someone()
    await shop.save_card(buyer.id)
    return buyer


async def a_top_up(shop: Shop) -> tuple[Someone, Order]:
    """Somebody who has bought a pack by one click."""
    buyer = await a_card(shop)
    order = await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert isinstance(order, Order)
    return buyer, order


@contextmanager
def a_crash_at(name: str) -> Generator[None]:
    """A step of payments crashes, and what called it with it."""

    async def crash(*_: Any, **__: Any) -> None:
        raise ConnectionError

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(f"credit_studio.payments.{name}", crash)
        yield


async def change(statement: str, **values: object) -> None:
    """Do to the database what nobody may."""
    async with transaction() as tx:
        await tx.execute(text(statement), values)


async def test_a_book_that_agrees_is_left_alone(shop: Shop) -> None:
    await a_top_up(shop)
    await shop.deliver()
    found = await check_in_two_hours()
    assert (found.holds, found.mended, found.looked) == (True, (), 1)


async def test_a_checkout_that_was_paid_and_nobody_told_of_is_granted(shop: Shop) -> None:
    buyer = await someone()
    opened = await flow.start_checkout(buyer.actor, "standard", origin=ORIGIN)
    shop.pay(opened.session_id)
    found = await check_in_two_hours()
    assert found.holds
    assert found.mended[0] == f"order:{opened.order_id} was open and is paid"
    assert await bought(buyer.id) == 1_400
    await shop.deliver()
    assert await bought(buyer.id) == 1_400


async def test_a_charge_whose_answer_got_lost_is_found_by_its_customer(shop: Shop) -> None:
    buyer = await a_card(shop)
    with a_crash_at("settling.settle_intent"), pytest.raises(ConnectionError):
        await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert await bought(buyer.id) == 0
    found = await check_in_two_hours()
    assert (found.holds, len(found.mended), await bought(buyer.id)) == (True, 1, 500)


async def test_a_checkout_whose_answer_got_lost_is_found_by_its_customer(shop: Shop) -> None:
    buyer = await someone()
    with a_crash_at("settling.settle_session"), pytest.raises(ConnectionError):
        await flow.start_checkout(buyer.actor, "starter", origin=ORIGIN)
    (session,) = shop.sandbox.client().v1.checkout.sessions.list().data
    shop.pay(session.id)
    await check_in_two_hours()
    assert await bought(buyer.id) == 500


async def test_an_order_that_never_reached_stripe_ends(shop: Shop) -> None:
    buyer = await a_card(shop)
    with a_crash_at("gateway.charge"), pytest.raises(ConnectionError):
        await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert (await check_in_two_hours()).holds
    (order,) = await flow.orders(buyer.actor)
    assert (order.status, order.failure_code) == ("failed", "not_made")


async def test_an_order_of_this_hour_is_not_asked_for(shop: Shop) -> None:
    buyer = await someone()
    opened = await flow.start_checkout(buyer.actor, "starter", origin=ORIGIN)
    shop.sandbox.client().v1.checkout.sessions.expire(opened.session_id)
    assert (await reconciling.check_now(OPERATOR)).mended == ()
    assert (await check_in_two_hours()).mended == (f"order:{opened.order_id} was open and is expired",)


async def test_refunds_and_disputes_that_nobody_told_of_take_their_credits(shop: Shop) -> None:
    buyer, _ = await a_top_up(shop)
    (charge,) = shop.sandbox.client().v1.charges.list().data
    refund = shop.sandbox.control("refund", {"charge": charge.id, "amount": 200})["id"]
    dispute = shop.sandbox.control("dispute", {"charge": charge.id, "amount": 500})["id"]
    found = await check_in_two_hours()
    assert found.holds
    assert set(found.mended) == {f"{refund} is succeeded", f"{dispute} is needs_response"}
    assert await _kept(buyer) == 150
    shop.sandbox.control(f"dispute/{dispute}/close", {"status": "won"})
    assert (await check_in_two_hours()).mended == (f"{dispute} is won",)
    assert await _kept(buyer) == 400


async def _kept(buyer: Someone) -> int:
    async with transaction() as tx:
        return (await ledger.balance(tx, owner_id=buyer.id)).available - 300


async def test_a_second_payment_of_one_order_is_told(shop: Shop) -> None:
    buyer, order = await a_top_up(shop)
    customer, card = await _customer(buyer.id)
    params: Any = {"amount": 1_000, "currency": "gbp", "customer": customer, "payment_method": card, "confirm": True, "off_session": True}
    second = shop.sandbox.client().v1.payment_intents.create(params | {"metadata": {"order_id": str(order.id)}})
    found = await check_in_two_hours()
    assert [(code, about) for code, about, _ in found.found] == [("paid_twice", f"payment {second.id}")]
    assert await bought(buyer.id) == 500


async def test_a_payment_of_an_order_that_is_not_there_is_told(shop: Shop) -> None:
    buyer = await a_card(shop)
    customer, card = await _customer(buyer.id)
    params: Any = {"amount": 1_000, "currency": "gbp", "customer": customer, "payment_method": card, "confirm": True, "off_session": True}
    shop.sandbox.client().v1.payment_intents.create(params | {"metadata": {"order_id": str(UUID(int=5))}})
    found = await check_in_two_hours()
    assert [code for code, _, _ in found.found] == ["paid_for_nothing"]
    assert not found.holds


async def _customer(person_id: UUID) -> tuple[str, str]:
    async with transaction() as tx:
        row = (await tx.execute(text("SELECT stripe_id, card_pm FROM customer WHERE person_id = :id"), {"id": person_id})).one()
    return row.stripe_id, row.card_pm


async def test_a_payment_that_stripe_does_not_have_is_told(shop: Shop) -> None:
    _, order = await a_top_up(shop)
    await change("UPDATE purchase SET intent_id = 'pi_invented' WHERE id = :id", id=order.id)
    found = await check_in_two_hours()
    assert sorted(code for code, _, _ in found.found) == ["not_at_stripe", "paid_twice"]


async def test_credits_without_a_payment_and_a_payment_without_credits_are_told(shop: Shop) -> None:
    buyer, order = await a_top_up(shop)
    other = await someone()
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=other.id, source="purchase", source_ref=f"order:{UUID(int=9)}", amount=10)
    await change("UPDATE purchase SET credits = 501 WHERE id = :id", id=order.id)
    found = await check_in_two_hours()
    assert [(code, about) for code, about, _ in found.found] == [("granted_other", f"order:{order.id}"), ("granted_not_paid", f"order:{UUID(int=9)}")]
    assert await bought(buyer.id) == 500


async def test_the_hourly_check_is_made_once_an_hour(shop: Shop) -> None:
    await a_top_up(shop)
    assert await reconciling.check_when_due() is not None
    assert await reconciling.check_when_due() is None
    with clock.frozen(clock.now() + timedelta(hours=1, seconds=1)):
        assert await reconciling.check_when_due() is not None


async def test_operators_see_the_last_check_what_waits_and_what_was_given_up(shop: Shop) -> None:
    buyer = await someone()
    opened = await flow.start_checkout(buyer.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    await change("UPDATE purchase SET amount = 999 WHERE id = :id", id=opened.order_id)
    for event_id in await shop.take_in():
        await inbox.process(event_id)
    await check_in_two_hours()
    with clock.frozen(clock.now() + timedelta(hours=2)):
        report = await reconciling.report(OPERATOR)
    assert report.last is not None
    assert {code for code, _, _ in report.last.found} == {"paid_for_nothing"}
    assert [one.id for one in report.unfinished] == [opened.order_id]
    assert {one.type for one in report.dead} == {"checkout.session.completed", "payment_intent.succeeded"}


async def test_only_operators_look(shop: Shop) -> None:
    stranger = await someone()
    for ask in (reconciling.report, reconciling.check_now):
        with pytest.raises(Forbidden):
            await ask(stranger.actor)
