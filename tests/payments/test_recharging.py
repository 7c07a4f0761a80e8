"""Auto-recharge that can be trusted: off until agreed to, within its ceiling, one at a time, and over at the bank's first no."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.errors import Conflict, InvalidInputs
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments import flow, recharge_rules, recharging
from credit_studio.payments.views import Recharge
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, Shop, bought

AGREED: dict[str, Any] = {"enabled": True, "below": 400, "pack_id": "starter", "ceiling_amount": 3_000, "consent": True}
LATER = recharge_rules.COOL_DOWN + timedelta(seconds=1)


async def somebody(shop: Shop, card: str = "pm_card_visa", **figures: Any) -> Someone:
    """Somebody with the free plan's 300 credits who wants to have 400 at least."""
    buyer = await someone()
    await shop.save_card(buyer.id, card)
    await agree(buyer, **figures)
    return buyer


async def agree(buyer: Someone, **figures: Any) -> Recharge:
    """Turn it on for the buyer, or what these figures say."""
    return await recharging.set_rule(buyer.actor, **(AGREED | figures))


async def let_it_be_empty(buyer: Someone) -> None:
    """From now on there is not enough money on the buyer's card."""
    async with transaction() as tx:
        values = {"id": buyer.id, "card": "pm_card_chargeDeclinedInsufficientFunds"}
        await tx.execute(text("UPDATE customer SET card_pm = :card WHERE person_id = :id"), values)


async def later(buyer: Someone, by: timedelta) -> None:
    """Consider the buyer when that time has passed."""
    with clock.frozen(clock.now() + by):
        await recharging.consider(str(buyer.id))


async def spend(buyer: Someone, amount: int, key: str) -> None:
    """Let bought credits go."""
    other = await someone()
    async with transaction() as tx:
        await ledger.transfer(tx, from_owner=buyer.id, to_owner=other.id, amount=amount, key=key, note="Spent")


async def attempts(buyer: Someone) -> list[tuple[str, str]]:
    """The buyer's recharges, newest first: how they stand and why."""
    return [(one.status, one.failure_code) for one in await flow.orders(buyer.actor) if one.kind == "recharge"]


async def told(buyer: Someone) -> list[tuple[bool, str]]:
    """What the audit log says of the buyer's auto-recharge, in order."""
    query = text("SELECT details FROM audit_entry WHERE event = 'recharge.changed' AND user_id = :id ORDER BY at, id")
    async with transaction() as tx:
        return [(row.details["on"], row.details["reason"]) for row in await tx.execute(query, {"id": buyer.id})]


async def test_it_is_off_by_default(shop: Shop) -> None:
    buyer = await someone()
    await shop.save_card(buyer.id)
    await recharging.consider(str(buyer.id))
    found = await recharging.rule(buyer.actor)
    assert (found.enabled, found.waits, found.stopped, found.consented_at) == (False, "off", "", None)
    assert await attempts(buyer) == []


async def test_it_buys_below_the_line_and_the_consent_is_kept(shop: Shop) -> None:
    buyer = await somebody(shop)
    await recharging.consider(str(buyer.id))
    assert (await attempts(buyer), await bought(buyer.id)) == ([("paid", "")], 500)
    found = await recharging.rule(buyer.actor)
    assert found.consent.startswith("When fewer than 400 credits are left, buy the Starter pack for £10.00 with my saved card")
    assert found.consented_at is not None
    assert (found.tried.amount, found.waits) == (1_000, "enough")
    assert await told(buyer) == [(True, "set")]


async def test_nothing_is_bought_above_the_line(shop: Shop) -> None:
    buyer = await somebody(shop, below=300)
    await recharging.consider(str(buyer.id))
    assert await attempts(buyer) == []


async def test_many_who_look_at_once_buy_once(shop: Shop) -> None:
    buyer = await somebody(shop)
    await asyncio.gather(*(recharging.consider(str(buyer.id)) for _ in range(5)))
    assert (await attempts(buyer), await bought(buyer.id)) == ([("paid", "")], 500)


async def test_it_waits_between_two_purchases(shop: Shop) -> None:
    buyer = await somebody(shop)
    await recharging.consider(str(buyer.id))
    await spend(buyer, 500, "one")
    await recharging.consider(str(buyer.id))
    assert (len(await attempts(buyer)), (await recharging.rule(buyer.actor)).waits) == (1, "cooling")
    await later(buyer, LATER)
    assert len(await attempts(buyer)) == 2


async def test_turning_it_off_and_on_does_not_end_the_wait(shop: Shop) -> None:
    buyer = await somebody(shop)
    await recharging.consider(str(buyer.id))
    await spend(buyer, 500, "one")
    for enabled in (False, True):
        await agree(buyer, enabled=enabled)
    await recharging.consider(str(buyer.id))
    assert len(await attempts(buyer)) == 1


async def test_the_months_ceiling_counts_failed_attempts_and_a_new_month_begins_anew(shop: Shop) -> None:
    buyer = await somebody(shop, ceiling_amount=2_000)
    await let_it_be_empty(buyer)
    start = clock.now().replace(day=2)
    for day in range(5):
        with clock.frozen(start + timedelta(days=2 * day)):
            await recharging.consider(str(buyer.id))
    assert await attempts(buyer) == [("failed", "insufficient_funds")] * 2
    with clock.frozen(start + timedelta(days=10)):
        found = await recharging.rule(buyer.actor)
    assert (found.enabled, found.tried.amount, found.waits) == (True, 2_000, "ceiling")
    async with transaction() as tx:
        told = await tx.execute(text("SELECT details FROM audit_entry WHERE event = 'recharge.changed' AND details ->> 'reason' = 'ceiling'"))
        assert [one["on"] for one in told.scalars()] == [True]
    with clock.frozen((start + timedelta(days=32)).replace(day=2)):
        await recharging.consider(str(buyer.id))
    assert len(await attempts(buyer)) == 3


async def test_a_decline_that_may_pass_waits_for_a_day(shop: Shop) -> None:
    buyer = await somebody(shop)
    await let_it_be_empty(buyer)
    await recharging.consider(str(buyer.id))
    await later(buyer, timedelta(hours=23))
    assert len(await attempts(buyer)) == 1
    await later(buyer, timedelta(hours=24, seconds=1))
    assert len(await attempts(buyer)) == 2


@pytest.mark.parametrize(
    ("card", "code"),
    [("pm_card_authenticationRequired", "authentication_required"), ("pm_card_chargeCustomerFail", "generic_decline")],
)
async def test_the_first_demand_or_hard_no_of_the_bank_ends_it_and_says_so(shop: Shop, card: str, code: str) -> None:
    buyer = await somebody(shop, card)
    await recharging.consider(str(buyer.id))
    found = await recharging.rule(buyer.actor)
    assert (found.enabled, found.stopped, await told(buyer)) == (False, code, [(True, "set"), (False, code)])
    assert found.said
    assert found.action
    await shop.deliver()
    await later(buyer, timedelta(days=3))
    assert (await attempts(buyer), await told(buyer)) == ([("failed", code)], [(True, "set"), (False, code)])
    again = await agree(buyer)
    assert (again.enabled, again.stopped) == (True, "")


async def test_an_attempt_whose_answer_got_lost_keeps_the_next_one_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = await somebody(shop)

    async def crash(*_: object, **__: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr("credit_studio.payments.settling.settle_intent", crash)
        with pytest.raises(ConnectionError):
            await recharging.consider(str(buyer.id))
    await later(buyer, LATER)
    assert (await attempts(buyer), (await recharging.rule(buyer.actor)).waits) == ([("open", "")], "in_flight")
    await shop.deliver()
    assert (await attempts(buyer), await bought(buyer.id)) == ([("paid", "")], 500)


async def test_a_card_that_is_gone_or_in_trouble_ends_it_before_anything_is_tried(shop: Shop) -> None:
    buyer, other = await somebody(shop), await somebody(shop)
    async with transaction() as tx:
        await tx.execute(text("UPDATE customer SET card_pm = NULL WHERE person_id = :id"), {"id": buyer.id})
        await tx.execute(text("UPDATE customer SET card_trouble = 'expired_card' WHERE person_id = :id"), {"id": other.id})
    found: list[Recharge] = []
    for one in (buyer, other):
        await recharging.consider(str(one.id))
        found.append(await recharging.rule(one.actor))
    assert [one.stopped for one in found] == ["no_card", "expired_card"]
    assert [await attempts(one) for one in (buyer, other)] == [[], []]
    with pytest.raises(Conflict, match="The card has expired"):
        await agree(other)


async def test_another_price_than_the_agreed_one_is_not_paid(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer = await somebody(shop)
    dearer = replace(catalog(), packs=tuple(replace(pack, price=pack.price + 1) for pack in catalog().packs))
    monkeypatch.setattr(recharging, "catalog", lambda: dearer)
    await recharging.consider(str(buyer.id))
    assert (await attempts(buyer), (await recharging.rule(buyer.actor)).stopped) == ([], "terms_changed")


async def test_whoever_disputes_a_payment_is_not_charged_by_itself_any_more(shop: Shop) -> None:
    buyer = await somebody(shop)
    await recharging.consider(str(buyer.id))
    (charge,) = shop.sandbox.client().v1.charges.list().data
    shop.sandbox.control("dispute", {"charge": charge.id})
    await shop.deliver()
    await later(buyer, LATER)
    assert (len(await attempts(buyer)), (await recharging.rule(buyer.actor)).stopped) == (1, "disputed")


async def test_every_figure_is_agreed_to_and_only_on_purpose(shop: Shop) -> None:
    buyer = await somebody(shop)
    with pytest.raises(InvalidInputs) as refused:
        await agree(buyer, ceiling_amount=9_000, consent=False)
    assert [one.field for one in refused.value.errors] == ["consent"]
    same = await agree(buyer, consent=False)
    assert (same.enabled, same.ceiling.amount) == (True, 3_000)
    off = await agree(buyer, enabled=False, consent=False)
    assert (off.enabled, off.consented_at) == (False, None)
    assert await told(buyer) == [(True, "set"), (False, "off")]


@pytest.mark.parametrize(
    ("figures", "field"),
    [({"below": 0}, "below"), ({"below": 10**7}, "below"), ({"pack_id": "gold"}, "packId"), ({"ceiling_amount": 999}, "monthlyCeiling")],
)
async def test_figures_that_do_not_fit_are_refused(shop: Shop, figures: dict[str, Any], field: str) -> None:
    buyer = await someone()
    with pytest.raises(InvalidInputs, match="Nothing was changed") as refused:
        await agree(buyer, **figures)
    assert [one.field for one in refused.value.errors] == [field]


async def test_without_a_card_it_cannot_be_turned_on(shop: Shop) -> None:
    buyer = await someone()
    with pytest.raises(Conflict, match="No card is saved"):
        await agree(buyer)


async def test_a_look_is_enqueued_when_it_is_turned_on_and_for_everybody_who_has_it_on(shop: Shop) -> None:
    buyer = await somebody(shop)
    await someone()
    assert await recharging.consider_all() == 1
    async with transaction() as tx:
        jobs = (await tx.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = :task"), {"task": recharging.TASK})).scalars().all()
    assert jobs == [{"person_id": str(buyer.id)}] * 2


async def test_a_charge_is_followed_by_a_look_only_where_it_is_on(shop: Shop) -> None:
    buyer, other = await somebody(shop), await someone()
    count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task")
    async with transaction() as tx:
        await recharging.after_charge(tx, person_id=other.id)
        await recharging.after_charge(tx, person_id=buyer.id)
        assert (await tx.execute(count, {"task": recharging.TASK})).scalar_one() == 2
    await flow.top_up(buyer.actor, "starter", origin=ORIGIN)
    assert await attempts(buyer) == []
