"""What buyers ask for: checkout, one-click top-up, how an order stands, the portal. Each step is its own transaction, Stripe is asked in between."""

import contextlib
from uuid import UUID

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import NotSignedIn, Unavailable
from credit_studio.core.money import Money
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.payments import cards, errors, gateway, plan_looking, rules, service, settling, store
from credit_studio.payments.facts import Intent
from credit_studio.payments.views import FINAL, Checkout, NeedsAction, Order, OrderKind, SavedCard

SUCCESS, CANCELLED, BILLING = "/account/credits/success", "/account/credits/cancelled", "/account/billing"


async def start_checkout(actor: Actor, pack_id: str, *, origin: str, key: str | None = None) -> Checkout:
    """Open a hosted checkout for a pack; the same one for the same `key`. `origin` is where the studio's pages are: scheme and host.

    Raises `Unavailable`, `NotSignedIn`, `NotFound` (the pack), `Conflict` (idempotency_in_progress), `InvalidInputs`
    (idempotency_mismatch), `RateLimited`. Nothing is charged before the buyer has paid there.
    """
    opened = await _open(actor, pack_id, kind="pack", key=key)
    row = opened.row
    if row["session_id"] is not None:
        known = None if row["status"] in FINAL else await gateway.session(row["session_id"])
        back = f"{origin}{SUCCESS}?session_id={row['session_id']}"
        return Checkout(row["id"], row["session_id"], (known.url if known else None) or back, opened.replayed)
    customer_id = await customer_of(row["person_id"], once=row["id"])
    try:
        session = await gateway.open_checkout(
            order_id=row["id"],
            customer_id=customer_id,
            price=Money(row["amount"], row["currency"]),
            name=_said(row),
            success_url=f"{origin}{SUCCESS}?session_id={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{origin}{CANCELLED}",
        )
    except errors.Refused:
        await _end_refused(actor, row["id"])
        raise
    async with transaction() as tx:
        await settling.settle_session(tx, session, actor=actor)
    return Checkout(row["id"], session.id, session.url or f"{origin}{SUCCESS}?session_id={session.id}", opened.replayed)


async def verify(actor: Actor, session_id: str) -> Order:
    """How the order of a checkout stands, after asking Stripe when that is not certain yet. Raises `NotFound` for anybody's but the caller's own."""
    person_id = actor.require_user()
    async with transaction() as tx:
        row = await store.order_of(tx, session_id=session_id)
    if row is None or row["person_id"] != person_id:
        raise errors.no_such_order()
    return service.view(await _refreshed(actor, row))


async def order(actor: Actor, order_id: UUID) -> Order:
    """How an order stands, likewise, by our own id. Raises `NotFound`."""
    async with transaction() as tx:
        row = await service.get_order(tx, order_id, person_id=actor.require_user())
    return service.view(await _refreshed(actor, row))


async def orders(actor: Actor, *, before: UUID | None = None, limit: int = 50) -> tuple[Order, ...]:
    """The caller's orders, newest first; those that are older than the order `before`."""
    async with transaction() as tx:
        rows = await store.orders_of(tx, actor.require_user(), before=before, limit=limit)
    return tuple(service.view(row) for row in rows)


async def top_up(actor: Actor, pack_id: str, *, origin: str, key: str | None = None) -> Order | NeedsAction:
    """Charge the saved card for a pack, in one step; `NeedsAction` when the buyer's bank asks them first.

    Raises what `start_checkout` raises, `Conflict` (confirmation_needed for a pack of 50 and more, no_card) and `PaymentRequired`
    (card_declined, with the reason in words). A refusal frees the key; while it is not known whether the card was charged, the key
    stays with the order, and asking again under it charges nothing twice.
    """
    if service.get_pack(pack_id).price >= rules.CONFIRM_FROM:
        raise errors.asks_once_more()
    async with transaction() as tx:
        customer = await store.customer(tx, actor.require_user())
    if customer is None or customer["card_pm"] is None:
        raise errors.no_card()
    opened = await _open(actor, pack_id, kind="top_up", key=key)
    row = opened.row
    if row["intent_id"] is not None:
        now = await _refreshed(actor, row)
        return _answer(now, None if now["status"] in FINAL else await gateway.intent(row["intent_id"]), replayed=opened.replayed)
    intent = await charge(actor, row, customer_id=customer["stripe_id"], card_pm=customer["card_pm"], return_url=f"{origin}{SUCCESS}?order={row['id']}")
    return _answer(await _row(row["id"]), intent, replayed=opened.replayed)


async def card(actor: Actor) -> SavedCard | None:
    """The caller's saved card, and what is wrong with it."""
    async with transaction() as tx:
        return await cards.saved_card(tx, person_id=actor.require_user())


async def portal(actor: Actor, *, origin: str) -> str:
    """Where the caller sees to their cards, plan and invoices at Stripe. Raises `Unavailable`, `NotSignedIn`."""
    _require_shop()
    customer_id = await customer_of(actor.require_user())
    return await gateway.portal(customer_id=customer_id, return_url=f"{origin}{BILLING}")


async def customer_of(person_id: UUID, *, once: UUID | None = None) -> str:
    """The person's id at Stripe; made there when there is none. Two who ask at once get one; so does who asks again for the same thing (`once`)."""
    async with transaction() as tx:
        row, person = await store.customer(tx, person_id), await identity.find_person(tx, person_id=person_id)
    if row is not None:
        return row["stripe_id"]
    if person is None:
        raise NotSignedIn("There is no such person.")
    made = await gateway.make_customer(person_id=person_id, email=person.email, name=person.display_name, once=once or ids.new_id())
    async with transaction() as tx:
        return await store.add_customer(tx, {"person_id": person_id, "stripe_id": made, "created_at": clock.now()})


async def _open(actor: Actor, pack_id: str, *, kind: OrderKind, key: str | None) -> service.Opened:
    _require_shop()
    person_id, pack = actor.require_user(), service.get_pack(pack_id)
    async with transaction() as tx:
        opened = await service.open_order(tx, person_id=person_id, kind=kind, pack=pack, key=key)
        if not opened.replayed:
            details = {"kind": kind, "item": pack.id, "amount": pack.price}
            await audit.record(tx, "purchase.started", actor=actor, subject=f"order:{opened.row['id']}", user_id=person_id, details=details)
    return opened


async def charge(actor: Actor, row: store.Row, *, customer_id: str, card_pm: str, return_url: str | None) -> Intent:
    """Ask Stripe for an order's money and write down what it says; without `return_url` nobody is there whom a bank could ask.

    Raises `PaymentRequired` (card_declined) and `Unavailable`.
    """
    price = Money(row["amount"], row["currency"])
    try:
        intent = await gateway.charge(order_id=row["id"], customer_id=customer_id, card_pm=card_pm, price=price, name=_said(row), return_url=return_url)
    except errors.Declined as said:
        await _end_declined(actor, row, said)
        raise errors.card_declined(said.code) from None
    except errors.Refused:
        await _end_refused(actor, row["id"])
        raise
    async with transaction() as tx:
        await settling.settle_intent(tx, intent, actor=actor)
    return intent


async def _end_declined(actor: Actor, row: store.Row, said: errors.Declined) -> None:
    """The order ends unpaid, and what the bank said of the card is kept."""
    async with transaction() as tx:
        await service.fail(tx, row["id"], code=said.code, actor=actor, intent_id=said.intent_id)
        await cards.note_decline(tx, person_id=row["person_id"], code=said.code)


async def _end_refused(actor: Actor, order_id: UUID) -> None:
    async with transaction() as tx:
        await service.fail(tx, order_id, code="refused", actor=actor)


async def _refreshed(actor: Actor, row: store.Row) -> store.Row:
    """The order's row after Stripe was asked how it stands; as it is when it is finished, or Stripe does not answer."""
    if row["status"] in FINAL or not settings.get().sells:
        return row
    with contextlib.suppress(Unavailable):
        if row["kind"] == "plan":
            await plan_looking.refresh(actor, row)
        elif row["session_id"] is not None:
            session = await gateway.session(row["session_id"])
            async with transaction() as tx:
                await settling.settle_session(tx, session, actor=actor)
        elif row["intent_id"] is not None:
            intent = await gateway.intent(row["intent_id"])
            async with transaction() as tx:
                await settling.settle_intent(tx, intent, actor=actor)
    return await _row(row["id"])


async def _row(order_id: UUID) -> store.Row:
    async with transaction() as tx:
        return await service.get_order(tx, order_id)


def _answer(row: store.Row, intent: Intent | None, *, replayed: bool) -> Order | NeedsAction:
    if row["status"] == "open" and intent is not None and intent.action_url is not None:
        return NeedsAction(row["id"], intent.action_url, replayed)
    if row["status"] == "failed":
        raise errors.card_declined(row["failure_code"])
    return service.view(row, replayed=replayed)


def _said(row: store.Row) -> str:
    """What Stripe's page and the card's statement call the order."""
    return f"{service.name_of(row)} pack: {row['credits']:,} credits"


def _require_shop() -> None:
    if not settings.get().sells:
        raise errors.nothing_for_sale()
