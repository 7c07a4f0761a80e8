"""A paid plan follows what Stripe says, and comes to the same in whatever order and however often it is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from uuid import uuid5

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.core.errors import Conflict, NotFound
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments.events import PlanPaid, PlanStateChanged
from credit_studio.subscriptions import flow, service
from tests.makers.people import Someone, someone

pytestmark = pytest.mark.usefixtures("book")
BORN = datetime(2026, 1, 10, 8, tzinfo=UTC)
START = datetime(2026, 1, 15, 9, tzinfo=UTC)
NEXT = datetime(2026, 2, 15, 9, tzinfo=UTC)
THIRD = datetime(2026, 3, 15, 9, tzinfo=UTC)
HALF = START + (NEXT - START) / 2
MINUTE = timedelta(minutes=1)
Event = PlanPaid | PlanStateChanged


async def _person(**more: int) -> Someone:
    with clock.frozen(BORN):
        return await someone(**more)  # pyright: ignore[reportArgumentType] - what the maker takes


def _paid(
    person: Someone,
    reason: str = "create",
    *,
    plan: str = "supporter",
    credits: int = 3_000,  # noqa: A002 - the word of the field
    start: datetime = START,
    since: datetime | None = None,
    sub: str = "sub_1",
) -> PlanPaid:
    end = THIRD if start == NEXT else NEXT
    sub = f"{sub}_{person.id}"
    invoice = f"in_{sub}_{reason}_{start:%m%d}"
    named = {"invoice_id": invoice, "order_id": uuid5(person.id, invoice), "stripe_subscription_id": sub, "person_id": person.id, "plan_id": plan}
    return PlanPaid(**named, reason=reason, period_start=start, period_end=end, since=since or start, credits=credits, amount=1_000, currency="GBP")  # pyright: ignore[reportArgumentType] - reasons of Stripe's


def _state(
    person: Someone, seen_at: datetime, status: str = "active", *, plan: str = "supporter", sub: str = "sub_1", since: datetime = START, **more: datetime
) -> PlanStateChanged:
    named = {"person_id": person.id, "stripe_subscription_id": f"{sub}_{person.id}", "status": status, "plan_id": plan}
    return PlanStateChanged(**named, **({"cancel_at": None, "ended_at": None} | more), since=since, anchor=since, seen_at=seen_at)  # pyright: ignore[reportArgumentType]


async def _tell(*events: Event, at: datetime = START + MINUTE) -> None:
    with clock.frozen(at):
        for event in events:
            async with transaction() as tx:
                await tx.emit(event)


async def _told(tx: Tx, person: Someone) -> tuple[object, ...]:
    """All that a person would see of it: plan, credits by what paid for them, caps."""
    plan = await service.plan_of(tx, person_id=person.id)
    book = await ledger.balance(tx, owner_id=person.id)
    caps = sorted((cap.label, cap.limit) for cap in await ledger.caps(tx, owner_id=person.id, zone="UTC"))
    return plan, sorted((one.source, one.remaining, str(one.expires_at)) for one in book.grants), caps


async def _seen(person: Someone, at: datetime) -> tuple[object, ...]:
    with clock.frozen(at):
        async with transaction() as tx:
            return await _told(tx, person)


async def _plan(person: Someone, at: datetime):  # noqa: ANN202 - a view
    with clock.frozen(at):
        async with transaction() as tx:
            return await service.plan_of(tx, person_id=person.id)


async def _available(person: Someone, at: datetime) -> int:
    with clock.frozen(at):
        async with transaction() as tx:
            return (await ledger.balance(tx, owner_id=person.id)).available


async def test_the_first_paid_invoice_starts_the_plan_and_keeps_what_was_there() -> None:
    person = await _person(bought=40)
    await _tell(_paid(person), _state(person, START))
    plan, at = await _plan(person, START + MINUTE), START + MINUTE
    assert (plan.id, plan.is_paid, plan.status, plan.period_start, plan.period_end) == ("supporter", True, "active", START, NEXT)
    assert await _available(person, at) == 300 + 40 + 3_000
    assert (await _seen(person, at))[2] == [("day", 300), ("month", 3_000)]


async def test_a_subscription_that_is_not_paid_for_changes_nothing() -> None:
    person = await _person()
    before = await _seen(person, START)
    await _tell(_state(person, START, "incomplete"), _state(person, START + MINUTE, "active"), _state(person, START + 2 * MINUTE, "incomplete_expired"))
    assert await _seen(person, START) == before


async def test_a_renewal_brings_the_next_month_and_the_one_that_was_used_ends() -> None:
    person = await _person(bought=40)
    await _tell(_paid(person), _state(person, START))
    at = NEXT + MINUTE
    await _tell(_paid(person, "cycle", start=NEXT), _state(person, NEXT), at=at)
    plan = await _plan(person, at)
    assert (plan.period_start, plan.period_end) == (NEXT, THIRD)
    assert await _available(person, at) == 40 + 3_000
    with clock.frozen(at):
        assert await flow.renew_due() == 0


async def test_an_upgrade_adds_its_share_and_the_month_may_use_both() -> None:
    person = await _person()
    await _tell(_paid(person), _state(person, START))
    await _tell(_paid(person, "update", plan="pro", credits=4_500, since=HALF), _state(person, HALF, plan="pro"), at=HALF)
    plan, grants, caps = await _seen(person, HALF)
    assert (plan.id, plan.period_end, plan.next_plan_id) == ("pro", NEXT, None)  # pyright: ignore[reportAttributeAccessIssue] - a view
    assert [one[:2] for one in grants] == [("plan", 300), ("plan", 3_000), ("plan", 4_500)]  # pyright: ignore[reportGeneralTypeIssues, reportIndexIssue] - a list
    assert caps == [("day", 2_000), ("month", 7_500)]


async def test_a_change_in_the_last_seconds_may_bring_no_credit_and_the_plan_all_the_same() -> None:
    person = await _person()
    last = NEXT - timedelta(seconds=1)
    await _tell(_paid(person), _state(person, START))
    await _tell(_paid(person, "update", plan="pro", credits=0, since=last), _state(person, last, plan="pro"), at=last)
    assert (await _plan(person, last)).id == "pro"
    assert await _available(person, last) == 3_000


async def test_a_smaller_plan_follows_only_when_the_period_is_over() -> None:
    person = await _person()
    await _tell(_paid(person, plan="pro", credits=12_000), _state(person, START, plan="pro"))
    await _tell(_state(person, HALF, plan="supporter"), at=HALF)
    plan = await _plan(person, HALF)
    assert (plan.id, plan.next_plan_id, plan.daily_cap) == ("pro", "supporter", 2_000)
    await _tell(_paid(person, "cycle", plan="supporter", start=NEXT), _state(person, NEXT, plan="supporter"), at=NEXT)
    plan = await _plan(person, NEXT)
    assert (plan.id, plan.next_plan_id, plan.daily_cap) == ("supporter", None, 300)


async def test_a_payment_that_is_due_keeps_the_plan_and_promises_nothing_until_stripe_gives_up() -> None:
    person = await _person(bought=40)
    await _tell(_paid(person), _state(person, START))
    await _tell(_state(person, NEXT, "past_due"), at=NEXT)
    plan = await _plan(person, NEXT)
    assert (plan.id, plan.status, plan.daily_cap) == ("supporter", "past_due", 300)
    with clock.frozen(NEXT):
        async with transaction() as tx:
            assert await service.renewals(tx, person_id=person.id, zone="UTC", until=THIRD + MINUTE) == ()
    gone = NEXT + timedelta(days=14)
    await _tell(_state(person, gone + MINUTE, "canceled", ended_at=gone), at=gone + MINUTE)
    plan = await _plan(person, gone + MINUTE)
    assert (plan.id, plan.is_paid, plan.status, plan.period_start) == ("free", False, "active", gone)
    assert await _available(person, gone + MINUTE) == 40 + 300


async def test_a_payment_that_arrives_late_makes_it_good() -> None:
    person = await _person()
    await _tell(_paid(person), _state(person, START))
    await _tell(_state(person, NEXT, "past_due"), at=NEXT)
    late = NEXT + timedelta(days=3)
    await _tell(_paid(person, "cycle", start=NEXT), _state(person, late), at=late)
    plan = await _plan(person, late)
    assert (plan.status, plan.period_end) == ("active", THIRD)
    assert await _available(person, late) == 3_000


async def test_who_cancels_keeps_the_plan_to_the_end_of_the_period_and_everything_bought_after_it() -> None:
    person = await _person(bought=40)
    await _tell(_paid(person), _state(person, START))
    await _tell(_state(person, HALF, cancel_at=NEXT), at=HALF)
    plan = await _plan(person, HALF)
    assert (plan.id, plan.cancel_at) == ("supporter", NEXT)
    with clock.frozen(HALF):
        async with transaction() as tx:
            told = await service.renewals(tx, person_id=person.id, zone="UTC", until=THIRD + MINUTE)
    assert [(one.at, one.credits) for one in told] == [(NEXT, 300), (THIRD, 300)]
    await _tell(_state(person, NEXT + MINUTE, "canceled", ended_at=NEXT), at=NEXT + MINUTE)
    plan, grants, caps = await _seen(person, NEXT + MINUTE)
    assert (plan.id, plan.period_start, plan.cancel_at) == ("free", NEXT, None)  # pyright: ignore[reportAttributeAccessIssue] - a view
    assert grants == [("plan", 300, str(THIRD)), ("purchase", 40, "None")]
    assert caps == [("day", 30), ("month", 300)]


async def test_what_was_cancelled_and_taken_back_goes_on() -> None:
    person = await _person()
    await _tell(_paid(person), _state(person, START), _state(person, START + MINUTE, cancel_at=NEXT), _state(person, START + 2 * MINUTE))
    assert (await _plan(person, START + MINUTE)).cancel_at is None


async def test_a_smaller_plan_to_come_is_what_the_forecast_counts() -> None:
    person = await _person()
    await _tell(_paid(person, plan="pro", credits=12_000), _state(person, START, plan="supporter"))
    with clock.frozen(HALF):
        async with transaction() as tx:
            told = await service.renewals(tx, person_id=person.id, zone="UTC", until=NEXT + MINUTE)
    assert [(one.at, one.ends, one.credits) for one in told] == [(NEXT, THIRD, 3_000)]


async def test_the_end_of_an_older_subscription_does_not_end_a_newer_one() -> None:
    person = await _person()
    newer = {"sub": "sub_2", "since": HALF}
    await _tell(_paid(person), _state(person, START))
    await _tell(_paid(person, plan="pro", credits=12_000, sub="sub_2"), _state(person, HALF, plan="pro", **newer), at=HALF)  # pyright: ignore[reportArgumentType]
    await _tell(_state(person, HALF + MINUTE, "canceled", ended_at=HALF + MINUTE), _state(person, HALF + 2 * MINUTE), at=HALF + MINUTE)
    plan = await _plan(person, HALF + MINUTE)
    assert (plan.id, plan.is_paid) == ("pro", True)


async def test_an_unknown_plan_is_said_so_and_nothing_is_given() -> None:
    person = await _person()
    with pytest.raises(NotFound):
        await _tell(_paid(person, plan="platinum"))
    assert await _available(person, START) == 300


async def test_an_operator_cannot_set_the_plan_of_who_pays_for_one() -> None:
    person = await _person()
    await _tell(_paid(person), _state(person, START))
    with clock.frozen(START + MINUTE), pytest.raises(Conflict) as refused:
        await flow.set_plan(email=person.email, plan_id="pro")
    assert refused.value.code == "plan_is_paid"


def _story(person: Someone) -> list[tuple[Event, ...]]:
    """Each is what one event of Stripe's leads to: what was paid, and the subscription as it stood when it was read."""
    gone = THIRD + timedelta(days=1)
    return [
        (_paid(person), _state(person, START + MINUTE)),
        (_state(person, START + 2 * MINUTE),),
        (_paid(person, "update", plan="pro", credits=4_500, since=HALF), _state(person, HALF + MINUTE, plan="pro")),
        (_paid(person, "cycle", plan="pro", credits=12_000, start=NEXT), _state(person, NEXT + MINUTE, plan="pro")),
        (_state(person, NEXT + 2 * MINUTE, plan="pro", cancel_at=THIRD),),
        (_state(person, gone, "canceled", plan="pro", ended_at=THIRD),),
    ]


def _again(told: tuple[Event, ...], last: PlanStateChanged, by: int) -> tuple[Event, ...]:
    """The same event worked through later: what was paid is the same, the subscription is read anew as it stands in the end."""
    paid = tuple(one for one in told if isinstance(one, PlanPaid))
    return (*paid, replace(last, seen_at=last.seen_at + by * MINUTE))


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("seed", range(6))
async def test_the_same_events_late_in_any_order_and_twice_come_to_the_same_book(seed: int, *, ended: bool) -> None:
    """They are told when all has happened: what was paid counts once, and the plan is what it is at the end."""
    at, random = THIRD + timedelta(days=2), Random(seed)  # noqa: S311 - a shuffle
    told: list[tuple[object, ...]] = []
    for shuffled in (False, True):
        person = await _person(bought=7)
        story = _story(person)[: 6 if ended else 5]
        last = story[-1][-1]
        assert isinstance(last, PlanStateChanged)
        late = story if not shuffled else random.sample([_again(one, last, by) for by, one in enumerate(story * 2)], 2 * len(story))
        for events in late:
            await _tell(*events, at=at)
        told.append(await _seen(person, at))
    assert told[0][1:] == told[1][1:]
    assert told[0][0] == told[1][0]


async def test_first_events_in_every_order_are_one() -> None:
    told: set[str] = set()
    for order in permutations(range(3)):
        person = await _person()
        story = _story(person)[:3]
        last = story[-1][-1]
        assert isinstance(last, PlanStateChanged)
        for by in order:
            await _tell(*_again(story[by], last, by), at=HALF + timedelta(hours=1))
        told.add(str(await _seen(person, HALF + timedelta(hours=1))))
    assert len(told) == 1


async def test_every_invoice_is_granted_once_under_its_order() -> None:
    person = await _person()
    event = _paid(person)
    await _tell(event, event, _state(person, START), event)
    async with transaction() as tx:
        refs = (await tx.execute(text("SELECT source_ref FROM \"grant\" WHERE source_ref LIKE 'order:%'"))).scalars().all()
    assert refs == [f"order:{event.order_id}"]
