"""The SQL of orders, customers and events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.payments.models import BillTo, Customer, Dispute, Inbox, Purchase, ReceiptCounter, RechargeRule, Refund

Row = RowMapping
_C, _P, _I, _B = columns(Customer), columns(Purchase), columns(Inbox), columns(BillTo)
_UNFINISHED = ("open", "processing")


# --- orders ------------------------------------------------------------------------------------------------------------------


async def add_order(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write an order; False when its person has another under the same key."""
    added = upsert(Purchase).values(row).on_conflict_do_nothing(index_elements=["person_id", "idem_key"]).returning(_P.id)
    return (await tx.execute(added)).scalar_one_or_none() is not None


async def order(tx: Tx, order_id: UUID, *, lock: bool = False) -> Row | None:
    """An order by our id; with `lock`, nobody else changes it until the transaction ends."""
    query = select(_P).where(_P.id == order_id)
    return (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def order_of(tx: Tx, **named: str) -> Row | None:
    """An order by one of Stripe's ids: `session_id`, `intent_id`, `invoice_id` or `charge_id`."""
    ((column, value),) = named.items()
    return (await tx.execute(select(_P).where(_P[column] == value))).mappings().one_or_none()


async def order_by_key(tx: Tx, *, person_id: UUID, key: str) -> Row | None:
    """The person's order under an idempotency key."""
    return (await tx.execute(select(_P).where(_P.person_id == person_id, _P.idem_key == key))).mappings().one_or_none()


async def forget_key(tx: Tx, *, person_id: UUID, key: str, before: datetime) -> None:
    """Free a key whose time is over."""
    mine = _P.person_id == person_id, _P.idem_key == key, _P.created_at < before
    await tx.execute(update(Purchase).where(*mine).values(idem_key=None))


async def change_order(tx: Tx, order_id: UUID, values: Mapping[str, Any]) -> None:
    """Change an order's columns."""
    await tx.execute(update(Purchase).where(_P.id == order_id).values(values))


async def end_unpaid(tx: Tx, order_id: UUID, values: Mapping[str, Any]) -> Row | None:
    """End an order that is not finished, and free its key; None when it was finished before."""
    ended = update(Purchase).where(_P.id == order_id, _P.status.in_(_UNFINISHED)).values({"idem_key": None, **values}).returning(_P)
    return (await tx.execute(ended)).mappings().one_or_none()


async def orders_of(tx: Tx, person_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Row]:
    """A person's orders, newest first (ids grow with time), those older than `before`."""
    query = select(_P).where(_P.person_id == person_id).order_by(_P.id.desc()).limit(limit)
    return (await tx.execute(query if before is None else query.where(_P.id < before))).mappings().all()


async def newest_orders(tx: Tx, *, limit: int) -> Sequence[Row]:
    """Everybody's orders, newest first."""
    return (await tx.execute(select(_P).order_by(_P.id.desc()).limit(limit))).mappings().all()


async def order_of_receipt(tx: Tx, number: int) -> Row | None:
    """The order whose receipt has that number."""
    return (await tx.execute(select(_P).where(_P.receipt_no == number))).mappings().one_or_none()


async def unfinished_plans(tx: Tx, person_id: UUID) -> Sequence[Row]:
    """A person's orders of plans that are neither paid nor ended, newest first."""
    query = select(_P).where(_P.person_id == person_id, _P.kind == "plan", _P.status.in_(_UNFINISHED)).order_by(_P.id.desc())
    return (await tx.execute(query)).mappings().all()


async def has_paid(tx: Tx, person_id: UUID) -> bool:
    """True when the person has ever paid for something."""
    paid = select(_P.id).where(_P.person_id == person_id, _P.status == "paid", _P.amount > 0).limit(1)
    return (await tx.execute(paid)).first() is not None


async def lately(tx: Tx, person_id: UUID, *, since: datetime) -> tuple[int, int]:
    """How many orders a person has made since then, and how many of them have failed."""
    failed = func.count().filter(_P.status == "failed").label("failed")
    row = (await tx.execute(select(func.count().label("made"), failed).where(_P.person_id == person_id, _P.created_at >= since))).one()
    return int(row.made), int(row.failed)


async def next_receipt(tx: Tx) -> int:
    """The next receipt's number. Whoever asks holds the counter until the end of their transaction, so no number is lost."""
    counted = upsert(ReceiptCounter).values(id=1, last=1)
    next_one = counted.on_conflict_do_update(index_elements=["id"], set_={"last": columns(ReceiptCounter).last + 1})
    return (await tx.execute(next_one.returning(columns(ReceiptCounter).last))).scalar_one()


async def bill_to(tx: Tx, person_id: UUID) -> dict[str, str] | None:
    """What the person's receipts are made out to; None when they have not said."""
    said = select(_B.name, _B.address, _B.country, _B.tax_id).where(_B.person_id == person_id)
    row = (await tx.execute(said)).mappings().one_or_none()
    return None if row is None else dict(row)


async def put_bill_to(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write what the person's receipts are made out to from now on."""
    changed = {name: value for name, value in row.items() if name != "person_id"}
    await tx.execute(upsert(BillTo).values(row).on_conflict_do_update(index_elements=["person_id"], set_=changed))


async def receipts_of(tx: Tx, person_id: UUID, *, before: int | None, limit: int) -> Sequence[Row]:
    """A person's paid orders by their receipts' numbers, newest first, those below the number `before`."""
    query = select(_P).where(_P.person_id == person_id, _P.receipt_no.is_not(None)).order_by(_P.receipt_no.desc()).limit(limit)
    return (await tx.execute(query if before is None else query.where(_P.receipt_no < before))).mappings().all()


# --- refunds and disputes -----------------------------------------------------------------------------------------------------

_R, _D = columns(Refund), columns(Dispute)
_KEPT = ("stripe_id", "purchase_id", "amount", "status", "reason", "created_at")
_REFUNDS = select(literal("refund").label("kind"), *(_R[name] for name in _KEPT), _R.credits, _R.credits.label("taken"))
_STILL = (_D.credits_taken - _D.credits_back).label("credits")
_DISPUTES = select(literal("dispute").label("kind"), *(_D[name] for name in _KEPT), _STILL, _D.credits_taken)


async def claims_of(tx: Tx, *order_ids: UUID) -> Sequence[Row]:
    """Refunds and disputes of orders, oldest first: `credits` are what each holds of its order's now, `taken` the most that it has held."""
    both = union_all(_REFUNDS.where(_R.purchase_id.in_(order_ids)), _DISPUTES.where(_D.purchase_id.in_(order_ids))).subquery()
    return (await tx.execute(select(both).order_by(both.c.created_at, both.c.stripe_id))).mappings().all()


async def claimed_plans(tx: Tx, *, since: datetime) -> list[UUID]:
    """Orders of plans that were paid since then and that a refund or a dispute is about."""
    claimed = union_all(select(_R.purchase_id), select(_D.purchase_id))
    query = select(_P.id).where(_P.kind == "plan", _P.status == "paid", _P.paid_at >= since, _P.id.in_(claimed))
    return list((await tx.execute(query.order_by(_P.id))).scalars())


async def refund(tx: Tx, stripe_id: str) -> Row | None:
    """A refund by its id."""
    return (await tx.execute(select(_R).where(_R.stripe_id == stripe_id))).mappings().one_or_none()


async def put_refund(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a refund, or what it is now."""
    await tx.execute(upsert(Refund).values({"credits": 0, **row}).on_conflict_do_update(index_elements=["stripe_id"], set_=dict(row)))


async def change_refund(tx: Tx, stripe_id: str, values: Mapping[str, Any]) -> None:
    """Change a refund's columns."""
    await tx.execute(update(Refund).where(_R.stripe_id == stripe_id).values(values))


async def dispute(tx: Tx, stripe_id: str) -> Row | None:
    """A dispute by its id."""
    return (await tx.execute(select(_D).where(_D.stripe_id == stripe_id))).mappings().one_or_none()


async def put_dispute(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a dispute, or what it is now."""
    await tx.execute(upsert(Dispute).values({"credits_taken": 0, "credits_back": 0, **row}).on_conflict_do_update(index_elements=["stripe_id"], set_=dict(row)))


async def change_dispute(tx: Tx, stripe_id: str, values: Mapping[str, Any]) -> None:
    """Change a dispute's columns."""
    await tx.execute(update(Dispute).where(_D.stripe_id == stripe_id).values(values))


# --- auto-recharge -----------------------------------------------------------------------------------------------------------

_A = columns(RechargeRule)


async def recharge_rule(tx: Tx, person_id: UUID, *, lock: bool = False) -> Row | None:
    """The person's rule; with `lock`, nobody else changes it until the transaction ends."""
    query = select(_A).where(_A.person_id == person_id)
    return (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def put_recharge_rule(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a person's rule; what the row leaves out stays as it is."""
    await tx.execute(upsert(RechargeRule).values({"cool_until": None, **row}).on_conflict_do_update(index_elements=["person_id"], set_=dict(row)))


async def change_recharge_rule(tx: Tx, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Change the columns of a person's rule."""
    await tx.execute(update(RechargeRule).where(_A.person_id == person_id).values(values))


async def may_recharge(tx: Tx, person_id: UUID, now: datetime) -> bool:
    """True when the person's rule is on and not cooling down."""
    on = select(_A.person_id).where(_A.person_id == person_id, _A.enabled, (_A.cool_until.is_(None)) | (_A.cool_until <= now))
    return (await tx.execute(on)).first() is not None


async def who_may_recharge(tx: Tx, now: datetime, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Whose rules are on and not cooling down, in the order of their ids, those after `after`."""
    on = select(_A.person_id).where(_A.enabled, (_A.cool_until.is_(None)) | (_A.cool_until <= now)).order_by(_A.person_id).limit(limit)
    return (await tx.execute(on if after is None else on.where(_A.person_id > after))).scalars().all()


async def recharges(tx: Tx, person_id: UUID, *, since: datetime, until: datetime) -> tuple[int, bool]:
    """The amount of all attempts in [since, until), paid, pending and failed; and whether one is in flight, from whenever."""
    within = (_P.created_at >= since) & (_P.created_at < until)
    tried = func.coalesce(func.sum(_P.amount).filter(within), 0).label("tried")
    flying = func.count().filter(_P.status.in_(_UNFINISHED)).label("flying")
    row = (await tx.execute(select(tried, flying).where(_P.person_id == person_id, _P.kind == "recharge"))).one()
    return int(row.tried), row.flying > 0


# --- customers ---------------------------------------------------------------------------------------------------------------


async def customer(tx: Tx, person_id: UUID) -> Row | None:
    """The person's row, or None."""
    return (await tx.execute(select(_C).where(_C.person_id == person_id))).mappings().one_or_none()


async def add_customer(tx: Tx, row: Mapping[str, Any]) -> str:
    """Write a customer; their id at Stripe, which is the earlier one when there was one."""
    await tx.execute(upsert(Customer).values(row).on_conflict_do_nothing(index_elements=["person_id"]))
    return (await tx.execute(select(_C.stripe_id).where(_C.person_id == row["person_id"]))).scalar_one()


async def lock_customer(tx: Tx, *, stripe_id: str) -> Row | None:
    """The customer of that id at Stripe; nobody else changes it until the transaction ends."""
    return (await tx.execute(select(_C).where(_C.stripe_id == stripe_id).with_for_update())).mappings().one_or_none()


async def fingerprints(tx: Tx, people: Sequence[UUID]) -> Sequence[str | None]:
    """What tells the saved cards of these people apart, where it is known: the same for the same card of different people."""
    return (await tx.execute(select(_C.card_fingerprint).where(_C.person_id.in_(people)))).scalars().all()


async def customer_of_card(tx: Tx, card_pm: str) -> str | None:
    """Whose saved card it is: their id at Stripe."""
    return (await tx.execute(select(_C.stripe_id).where(_C.card_pm == card_pm))).scalars().first()


async def change_customer(tx: Tx, *, stripe_id: str, values: Mapping[str, Any]) -> None:
    """Change a customer's columns."""
    await tx.execute(update(Customer).where(_C.stripe_id == stripe_id).values(values))


async def drop_customer(tx: Tx, *, stripe_id: str) -> UUID | None:
    """Forget a customer who is gone at Stripe; whose it was."""
    return (await tx.execute(delete(Customer).where(_C.stripe_id == stripe_id).returning(_C.person_id))).scalar_one_or_none()


# --- events ------------------------------------------------------------------------------------------------------------------


async def add_event(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write an event; False when it had come before."""
    added = upsert(Inbox).values(row).on_conflict_do_nothing(index_elements=["event_id"]).returning(_I.event_id)
    return (await tx.execute(added)).scalar_one_or_none() is not None


async def event(tx: Tx, event_id: str, *, lock: bool = False) -> Row | None:
    """An event; with `lock`, nobody else works it through until the transaction ends."""
    query = select(_I).where(_I.event_id == event_id)
    return (await tx.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def change_event(tx: Tx, event_id: str, values: Mapping[str, Any]) -> None:
    """Change an event's columns."""
    await tx.execute(update(Inbox).where(_I.event_id == event_id).values(values))


async def take_due(tx: Tx, now: datetime, *, until: datetime, limit: int) -> Sequence[str]:
    """The events whose time has come, which are then not due again before `until`."""
    due = select(_I.event_id).where(_I.status == "new", _I.next_at <= now).order_by(_I.next_at).limit(limit).with_for_update(skip_locked=True)
    taken = update(Inbox).where(_I.event_id.in_(due)).values(next_at=until).returning(_I.event_id)
    return (await tx.execute(taken)).scalars().all()


async def dead_events(tx: Tx, *, limit: int) -> Sequence[Row]:
    """Events that were given up, newest first."""
    return (await tx.execute(select(_I).where(_I.status == "dead").order_by(_I.received_at.desc()).limit(limit))).mappings().all()


async def empty_payloads(tx: Tx, *, before: datetime) -> int:
    """Empty the payloads of events that were worked through or ignored before then; how many."""
    old = _I.status.in_(("done", "ignored")), _I.received_at < before, _I.payload != {}
    return (await tx.execute(update(Inbox).where(*old).values(payload={}))).rowcount
