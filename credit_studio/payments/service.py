"""Verbs of orders in one given transaction: open, pay, fail; and what others see of them. Nothing here commits or asks Stripe."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Pack
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import InvariantBroken
from credit_studio.core.money import Money
from credit_studio.db.session import Tx
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PURCHASE_SOURCE
from credit_studio.payments import errors, rules, store
from credit_studio.payments.events import PurchaseFailed, PurchasePaid
from credit_studio.payments.views import Order, OrderKind, PackOffer

CHANNEL = "money"
"""Rung on every change of an order or a card, with the person's id as its key."""

_MOST_ORDERS, _MOST_FAILED, _WINDOW = 60, 10, timedelta(hours=1)


@dataclass(frozen=True)
class Paid:
    """What paid an order: its amount in minor units, and the names that Stripe has for it."""

    amount: int
    currency: str
    session_id: str | None = None
    intent_id: str | None = None
    charge_id: str | None = None
    invoice_id: str | None = None


@dataclass(frozen=True)
class Opened:
    """An order's row, and whether an idempotency key led to one that was there."""

    row: store.Row
    replayed: bool


def get_pack(pack_id: str) -> Pack:
    """The catalogue's pack; raises `NotFound`."""
    pack = catalog().find_pack(pack_id)
    if pack is None:
        raise errors.no_such_pack(pack_id)
    return pack


def pack_offers() -> tuple[PackOffer, ...]:
    """The packs as they are sold, in the catalogue's order."""
    book = catalog()
    dearest = max((pack.price / pack.credits for pack in book.packs), default=1.0)
    return tuple(_offer(pack, book.money(pack.price), dearest) for pack in book.packs)


async def open_order(tx: Tx, *, person_id: UUID, kind: OrderKind, pack: Pack, key: str | None) -> Opened:
    """Write an order for a pack, or find the one that its key stands for.

    Raises `Conflict` (idempotency_in_progress) while the first request under the key waits for Stripe, `InvalidInputs`
    (idempotency_mismatch) when the key came with another purchase, and `RateLimited` when there were too many.
    """
    if key is not None:
        await store.forget_key(tx, person_id=person_id, key=key, before=clock.now() - rules.KEY_LASTS)
        if (known := await store.order_by_key(tx, person_id=person_id, key=key)) is not None:
            return _replay(known, kind, pack)
    await check_pace(tx, person_id)
    order_id = ids.new_id()
    row: dict[str, Any] = {"id": order_id, "person_id": person_id, "kind": kind, "item": pack.id, "credits": pack.credits, "amount": pack.price}
    row |= {"currency": catalog().currency, "status": "open", "idem_key": key, "created_at": clock.now(), "failure_code": "", "failure_text": "", "refunded": 0}
    if not await store.add_order(tx, row):
        raise errors.key_in_progress()
    return Opened(await get_order(tx, order_id), replayed=False)


async def get_order(tx: Tx, order_id: UUID, *, person_id: UUID | None = None, lock: bool = False) -> store.Row:
    """An order's row, of that person when one is named; raises `NotFound`."""
    row = await store.order(tx, order_id, lock=lock)
    if row is None or (person_id is not None and row["person_id"] != person_id):
        raise errors.no_such_order()
    return row


async def has_paid(tx: Tx, *, person_id: UUID) -> bool:
    """True when the person has ever paid money for something."""
    return await store.has_paid(tx, person_id)


async def is_paid_back(tx: Tx, order_id: UUID) -> bool:
    """True when all the money of an order has gone back. Raises `NotFound`."""
    row = await get_order(tx, order_id)
    return row["refunded"] >= row["amount"] > 0


async def share_a_card(tx: Tx, one: UUID, other: UUID) -> bool:
    """True when both people pay by the same card, as far as it is known."""
    known = [mark for mark in await store.fingerprints(tx, (one, other)) if mark]
    return len(known) > len(set(known))


async def pay(tx: Tx, order_id: UUID, paid: Paid, *, actor: Actor = SYSTEM) -> bool:
    """The money is there: grant the order's credits and give it its receipt's number, once; False when that had been done before.

    A payment wins over every end that the order had before. Raises `NotFound`, and `InvariantBroken` for another amount than the order's.
    """
    row = await get_order(tx, order_id, lock=True)
    if (paid.amount, paid.currency) != (row["amount"], row["currency"]):
        said = f"order {order_id} is {row['amount']} {row['currency']}, paid were {paid.amount} {paid.currency}"
        raise InvariantBroken(said)
    named = _named(row, paid)
    if row["status"] == "paid":
        if named:
            await store.change_order(tx, order_id, named)
        return False
    # Before any account is locked, here or by what follows: payments take turns at the counter, and none waits there for another one crosswise.
    number = await store.next_receipt(tx)
    if row["kind"] != "plan":
        label = f"{name_of(row)} pack" if row["kind"] == "pack" else f"{name_of(row)} pack, {_HOW[row['kind']]}"
        reference = rules.grant_reference(order_id)
        await ledger.grant(tx, owner_id=row["person_id"], source=PURCHASE_SOURCE, source_ref=reference, amount=row["credits"], label=label)
    ended: dict[str, Any] = {"status": "paid", "paid_at": clock.now(), "failure_code": "", "failure_text": ""}
    made_out = {"bill_to": await store.bill_to(tx, row["person_id"]), "receipt_no": number}
    await store.change_order(tx, order_id, named | ended | made_out)
    told: dict[str, Any] = {name: row[name] for name in ("person_id", "kind", "item", "credits", "amount", "currency")}
    await tx.emit(PurchasePaid(actor=actor, order_id=order_id, **told))
    await ring(tx, row["person_id"], order_id=order_id, status="paid")
    return True


async def fail(tx: Tx, order_id: UUID, *, code: str, status: str = "failed", actor: Actor = SYSTEM, **named: str | None) -> bool:
    """The order will not be paid, for a reason of `rules.DECLINES`; its key is free again. False when it was finished before."""
    said = rules.advice(code).said
    values = {name: value for name, value in named.items() if value} | {"status": status, "failure_code": code, "failure_text": said}
    row = await store.end_unpaid(tx, order_id, values)
    if row is None:
        return False
    told: dict[str, Any] = {name: row[name] for name in ("person_id", "kind", "item")}
    await tx.emit(PurchaseFailed(actor=actor, order_id=order_id, code=code, text=said, **told))
    await ring(tx, row["person_id"], order_id=order_id, status=status)
    return True


async def keep_going(tx: Tx, row: store.Row, *, status: str, **named: str | None) -> None:
    """Write down how an unfinished order stands at Stripe; one that is finished stays as it is, but for names that were not known."""
    known = {name: value for name, value in named.items() if value and row[name] is None}
    moved = {"status": status} if row["status"] == "open" and status == "processing" else {}
    if known or moved:
        await store.change_order(tx, row["id"], known | moved)
    if moved:
        await ring(tx, row["person_id"], order_id=row["id"], status=status)


async def ring(tx: Tx, person_id: UUID, **told: object) -> None:
    """Tell the person's open pages that something about their money has changed, once this transaction has committed."""
    await tx.notify(CHANNEL, {"key": str(person_id), **told})


def view(row: store.Row, *, replayed: bool = False) -> Order:
    """An order as its owner sees it."""
    advice = rules.advice(row["failure_code"]) if row["failure_code"] else None
    return Order(
        id=row["id"],
        kind=row["kind"],
        item=row["item"],
        name=name_of(row),
        credits=row["credits"],
        price=Money(row["amount"], row["currency"]),
        status=row["status"],
        failure_code=row["failure_code"],
        failure=row["failure_text"],
        action=advice.action if advice else "",
        refunded=Money(row["refunded"], row["currency"]),
        receipt=None if row["receipt_no"] is None else rules.receipt_name(row["receipt_no"]),
        created_at=row["created_at"],
        paid_at=row["paid_at"],
        replayed=replayed,
    )


def name_of(row: store.Row) -> str:
    """What was ordered, by the catalogue's name; by its id when the catalogue does not have it any more."""
    found = catalog().find_plan(row["item"]) if row["kind"] == "plan" else catalog().find_pack(row["item"])
    return found.name if found is not None else row["item"]


_HOW = {"top_up": "topped up", "recharge": "recharged"}


def _replay(known: store.Row, kind: OrderKind, pack: Pack) -> Opened:
    if (known["kind"], known["item"]) != (kind, pack.id):
        raise errors.key_mismatch()
    has_answer = known["session_id"] or known["intent_id"]
    if not has_answer and known["status"] == "open" and rules.is_in_progress(known["created_at"], clock.now()):
        raise errors.key_in_progress()
    return Opened(known, replayed=True)


async def check_pace(tx: Tx, person_id: UUID) -> None:
    """Raises `RateLimited` when the person has begun more orders in an hour than anybody does, or more of them have failed."""
    made, failed = await store.lately(tx, person_id, since=clock.now() - _WINDOW)
    if made >= _MOST_ORDERS or failed >= _MOST_FAILED:
        raise errors.too_many(_WINDOW.total_seconds())


def _named(row: store.Row, paid: Paid) -> dict[str, str]:
    """The names of what paid that the order does not have yet."""
    given = {"session_id": paid.session_id, "intent_id": paid.intent_id, "charge_id": paid.charge_id, "invoice_id": paid.invoice_id}
    return {name: value for name, value in given.items() if value and row[name] is None}


def _offer(pack: Pack, price: Money, dearest: float) -> PackOffer:
    per_credit = pack.price / pack.credits
    saving = rules.saving(per_credit, dearest)
    return PackOffer(pack.id, pack.name, pack.credits, price, per_credit, saving, one_click=pack.price < rules.CONFIRM_FROM)
