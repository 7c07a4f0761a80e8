import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import flow as batched
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import Done, Refusal
from credit_studio.notifications import flow, noticing, service
from credit_studio.notifications.views import AlertView
from credit_studio.payments.events import CardChanged, DisputeChanged, PurchaseFailed, PurchasePaid, PurchaseRefunded, RechargeChanged
from credit_studio.runs.events import RunBlocked, RunSettled
from tests.makers.people import someone

MANY = 1_000


async def _charge(person_id: UUID, amount: int, *, alone: bool = False) -> None:
    """Hold and settle as a run does, with all that follows in the same transaction; `alone`: with nothing but the alerts."""
    run_id = ids.new_id()

    async def nothing(_tx: Tx, _done: Done) -> None:
        return

    async def settled(tx: Tx, _done: Done) -> None:
        if alone:
            await noticing.consider_charge(tx, person_id=person_id)
            return
        named: dict[str, Any] = {"run_id": run_id, "person_id": person_id, "tool_id": "dev-studio-projects", "status": "succeeded", "code": ""}
        await tx.emit(RunSettled(**named, charged=amount, released=0))

    held = await batched.hold(owner_id=person_id, run_id=run_id, amount=amount, lasts=timedelta(minutes=5), zone="Europe/London", after=nothing)
    assert not isinstance(held, Refusal)
    await batched.settle(owner_id=person_id, run_id=run_id, amount=amount, note="", after=settled)


async def _cap(person_id: UUID, limit: int, label: str = "day") -> None:
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=person_id, subject="own", label=label, limit=limit, zone="Europe/London")


async def _alerts(person_id: UUID) -> list[AlertView]:
    async with transaction() as tx:
        return list((await service.list_alerts(tx, person_id)).items)


async def _counted(query: str) -> int:
    async with transaction() as tx:
        return (await tx.execute(text(query))).scalar_one()


async def test_a_thousand_charges_at_once_across_a_threshold_write_one_alert_and_one_job(database: None) -> None:
    person = await someone(bought=5_000, zone="Europe/London")
    await _cap(person.id, 1_300)
    async with transaction() as tx:
        await service.set_rule(tx, person.id, thresholds=[75], low_balance=None)
    await asyncio.gather(*(_charge(person.id, 1, alone=True) for _ in range(MANY)))
    [told] = [one for one in await _alerts(person.id) if one.data["subject"] == "own"]
    assert (told.kind, told.data["percent"]) == ("cap_near", 75)
    assert told.data["spent"] >= 975
    about_it = "FROM delivery d JOIN alert a ON a.id = d.alert_id WHERE a.dedupe LIKE 'cap:own%'"
    assert await _counted(f"SELECT count(*) {about_it}") == 1
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'credit_studio.notify' AND args ->> 'delivery_id' IN"
    assert await _counted(f"{jobs} (SELECT d.id::text {about_it})") == 1


async def test_every_cap_says_whose_it_is_and_when_it_resets(book: None) -> None:
    person = await someone(bought=100, zone="Europe/London")
    await _cap(person.id, 20)
    await _charge(person.id, 16)
    [near] = await _alerts(person.id)
    assert near.said.title == "Your own daily cap: 16 of 20 spent"
    assert near.said.text.startswith("75\u00a0% is reached. It resets on ")
    await _charge(person.id, 4)
    assert (await _alerts(person.id))[0].said.title == "Your own daily cap is reached: 20 of 20 spent"


async def test_what_is_only_held_crosses_no_threshold(book: None) -> None:
    person = await someone(bought=100)
    await _cap(person.id, 20)
    async with transaction() as tx:
        await ledger.hold(tx, owner_id=person.id, run_id=ids.new_id(), amount=15, lasts=timedelta(minutes=5), zone="Europe/London")
        await noticing.consider_charge(tx, person_id=person.id)
    await _charge(person.id, 3)
    assert await _alerts(person.id) == []


async def test_a_refund_brings_no_lower_threshold_after_a_higher_one(book: None) -> None:
    person = await someone(bought=100)
    await _cap(person.id, 20)
    await _charge(person.id, 19)
    await _cap(person.id, 24)
    await _charge(person.id, 1)
    assert [one.data["percent"] for one in await _alerts(person.id)] == [90]


async def test_a_run_that_a_cap_stops_is_told_of_once_although_the_cap_is_not_all_spent(book: None) -> None:
    person = await someone(bought=100)
    await _cap(person.id, 40)
    await _charge(person.id, 20)
    for _ in range(2):
        async with transaction() as tx:
            await tx.emit(RunBlocked(person_id=person.id, tool_id="dev-studio-projects", code="cap_daily", required=25))
    [told] = await _alerts(person.id)
    assert (told.kind, told.data["subject"]) == ("cap_reached", "plan")


async def test_a_low_balance_is_told_once_until_credits_come_in(book: None) -> None:
    person = await someone()
    async with transaction() as tx:
        await service.set_rule(tx, person.id, low_balance=295, thresholds=[])
    for _ in range(3):
        await _charge(person.id, 3)
    assert [one.kind for one in await _alerts(person.id)] == ["low_balance"]
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=person.id, source="gift", source_ref="again", amount=10)
        await noticing.credits_arrived(tx, person_id=person.id)
    await _charge(person.id, 7)
    await _charge(person.id, 1)
    assert [one.said.title for one in await _alerts(person.id)] == ["294 credits left", "294 credits left"]


async def test_what_happens_with_money_is_told_in_words_and_once(book: None) -> None:
    person, order = await someone(), ids.new_id()
    named: dict[str, Any] = {"person_id": person.id, "order_id": order}
    rule: dict[str, Any] = {"person_id": person.id, "below": 200, "pack_id": "starter", "ceiling_amount": 3_000}
    happened = [
        PurchasePaid(**named, kind="pack", item="starter", credits=500, amount=1_000, currency="GBP"),
        PurchaseRefunded(**named, amount=500, currency="GBP", credits=250),
        DisputeChanged(**named, dispute_id="dp_1", status="needs_response", credits=-250),
        PurchaseFailed(**named, kind="top_up", item="starter", code="insufficient_funds", text="The card has not enough money on it."),
        PurchaseFailed(person_id=person.id, order_id=ids.new_id(), kind="pack", item="starter", code="checkout_expired", text="It was not finished."),
        RechargeChanged(**rule, enabled=True, reason="set"),
        RechargeChanged(**rule, enabled=True, reason="ceiling"),
        RechargeChanged(**rule, enabled=False, reason="authentication_required"),
        CardChanged(person_id=person.id, last4="4242", trouble=""),
    ]
    async with transaction() as tx:
        for event in happened:
            for reaction in (noticing.purchase_paid, noticing.purchase_refunded, noticing.dispute_changed, noticing.purchase_failed):
                if reaction.__annotations__["event"] is type(event):
                    await reaction(tx, event)
                    await reaction(tx, event)
            if isinstance(event, RechargeChanged):
                await noticing.recharge_changed(tx, event)
    assert [one.said.title for one in reversed(await _alerts(person.id))] == [
        "500 credits bought",
        "£5.00 refunded",
        "A payment is disputed",
        "A purchase failed: Starter",
        "Auto-recharge is on",
        "Auto-recharge waits: the month's ceiling",
        "Auto-recharge has stopped",
    ]


async def test_credits_that_end_soon_are_told_of_once_for_each_grant(book: None) -> None:
    person, now = await someone(), clock.now()
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=person.id, source="promo", source_ref="soon", amount=40, expires_at=now + timedelta(days=3))
        await ledger.grant(tx, owner_id=person.id, source="promo", source_ref="late", amount=50, expires_at=now + timedelta(days=30))
    assert await flow.tell_of_endings() == 1
    assert await flow.tell_of_endings() == 0
    assert (await _alerts(person.id))[0].said.title.startswith("40 credits end on ")
