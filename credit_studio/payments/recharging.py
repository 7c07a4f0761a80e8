"""Packs that are bought by themselves when credits run low: off until their owner agrees, within a month's ceiling, one at a time.

Every attempt is an order like any other, written before Stripe is asked. The first refusal of the bank that no retry will change, and the
first time that it asks for a confirmation, turns it off; nothing but its owner turns it on again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Pack
from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import FieldError, InvalidInputs, PaymentRequired, RateLimited, Unavailable
from credit_studio.core.money import Money
from credit_studio.db import queue
from credit_studio.db.session import Tx, transaction
from credit_studio.identity import service as identity
from credit_studio.ledger import service as ledger
from credit_studio.payments import cards, errors, flow, inbox, recharge_rules, service, store
from credit_studio.payments.events import DisputeChanged, PurchaseFailed, RechargeChanged
from credit_studio.payments.recharge_rules import Standing
from credit_studio.payments.views import Recharge

TASK = "credit_studio.recharge"
MOST_BELOW, MOST_CEILING = 1_000_000, 100_000_00
_DEFAULT_BELOW, _DEFAULT_PACKS = 200, 3
_A_PAGE = 500


async def rule(actor: Actor) -> Recharge:
    """How the caller's auto-recharge stands; off, with figures to begin with, when they never turned it on. Raises `NotSignedIn`."""
    async with transaction() as tx:
        return await rule_of(tx, person_id=actor.require_user())


async def rule_of(tx: Tx, *, person_id: UUID) -> Recharge:
    """How somebody's auto-recharge stands; as `rule`."""
    return await _view(tx, person_id, await store.recharge_rule(tx, person_id) or _untouched(person_id))


async def set_rule(actor: Actor, *, enabled: bool, below: int, pack_id: str, ceiling_amount: int, consent: bool) -> Recharge:
    """As `put_rule`, in a transaction of its own."""
    async with transaction() as tx:
        return await put_rule(tx, actor, enabled=enabled, below=below, pack_id=pack_id, ceiling_amount=ceiling_amount, consent=consent)


async def put_rule(tx: Tx, actor: Actor, *, enabled: bool, below: int, pack_id: str, ceiling_amount: int, consent: bool) -> Recharge:
    """Turn it on, change it or turn it off. Whatever turns it on, or changes a figure while it is on, needs `consent` to the sentence of `consent_to`.

    `below` is in credits, `ceiling_amount` in minor units a month. Raises `InvalidInputs`, `Conflict` (no_card), `NotSignedIn`.
    """
    person_id = actor.require_user()
    pack = _checked(below, pack_id, ceiling_amount)
    before = await store.recharge_rule(tx, person_id, lock=True) or _untouched(person_id)
    figures: dict[str, Any] = {"enabled": enabled, "below": below, "pack_id": pack_id, "ceiling_amount": ceiling_amount}
    if all(before[name] == value for name, value in figures.items()):
        return await _view(tx, person_id, before)
    agreed: dict[str, Any] = {"consented_at": None, "consent_text": ""}
    if enabled:
        await _check_card(tx, person_id, consent=consent)
        agreed = {"consented_at": clock.now(), "consent_text": consent_to(pack, below=below, ceiling_amount=ceiling_amount)}
    await store.put_recharge_rule(tx, {"person_id": person_id, **figures, **agreed, "stopped_reason": "", "changed_at": clock.now()})
    await tx.emit(RechargeChanged(actor=actor, person_id=person_id, **figures, reason="set" if enabled else "off"))
    if enabled:
        await _enqueue(tx, person_id)
    return await _view(tx, person_id, await store.recharge_rule(tx, person_id) or before)


def consent_to(pack: Pack, *, below: int, ceiling_amount: int) -> str:
    """The sentence that a person agrees to."""
    money = catalog().money
    return recharge_rules.consent_text(below=below, pack=pack.name, price=money(pack.price).said, ceiling=money(ceiling_amount).said)


async def after_charge(tx: Tx, *, person_id: UUID) -> None:
    """Credits were spent: let a job see whether to buy, when the person wants that at all."""
    if await store.may_recharge(tx, person_id, clock.now()):
        await _enqueue(tx, person_id)


async def consider(person_id: str) -> None:
    """Buy for somebody whose credits have run low, if everything allows it; a job. Harmless at any time, and to run twice."""
    opened = await _open(UUID(person_id))
    if opened is None:
        return
    row, customer = opened
    try:
        await flow.charge(SYSTEM, row, customer_id=customer["stripe_id"], card_pm=customer["card_pm"], return_url=None)
    except (PaymentRequired, Unavailable):
        return  # written down with the order; one whose answer got lost is found by its event, or by the reconciliation


async def consider_all() -> int:
    """Enqueue a look at everybody who has it on: credits end by time, too, and a crash may have taken a job along; how many."""
    last: UUID | None = None
    count = 0
    while True:
        async with transaction() as tx:
            people = await store.who_may_recharge(tx, clock.now(), after=last, limit=_A_PAGE)
            for person_id in people:
                await _enqueue(tx, person_id)
        count += len(people)
        if len(people) < _A_PAGE:
            return count
        last = people[-1]


async def after_failure(tx: Tx, event: PurchaseFailed) -> None:
    """An attempt failed, however that became known: stop for good, or wait for a day."""
    if event.kind != "recharge":
        return
    if recharge_rules.ends_it(event.code):
        await stop(tx, person_id=event.person_id, reason=event.code)
    else:
        await store.change_recharge_rule(tx, event.person_id, {"cool_until": recharge_rules.cool_until(clock.now(), failed=True)})


async def after_dispute(tx: Tx, event: DisputeChanged) -> None:
    """A payment is disputed: whoever disputes one does not want the next one made by itself."""
    if event.status == "needs_response":
        await stop(tx, person_id=event.person_id, reason="disputed")


async def stop(tx: Tx, *, person_id: UUID, reason: str) -> None:
    """Turn it off for a reason that its owner is told; nothing when it is off."""
    row = await store.recharge_rule(tx, person_id, lock=True)
    if row is None or not row["enabled"]:
        return
    await store.change_recharge_rule(tx, person_id, {"enabled": False, "stopped_reason": reason, "changed_at": clock.now()})
    figures = {name: row[name] for name in ("below", "pack_id", "ceiling_amount")}
    await tx.emit(RechargeChanged(person_id=person_id, enabled=False, reason=reason, **figures))
    await service.ring(tx, person_id, recharge=reason)


async def _open(person_id: UUID) -> tuple[store.Row, store.Row] | None:
    """The order of an attempt and who is charged for it; None when nothing is to be bought."""
    async with transaction() as tx:
        row = await store.recharge_rule(tx, person_id, lock=True)
        pack = None if row is None else catalog().find_pack(row["pack_id"])
        if row is None or await _verdict(tx, row, pack) != "go":
            return None
        customer = await store.customer(tx, person_id)
        if (against := _against(row, pack, customer)) or pack is None or customer is None:
            await stop(tx, person_id=person_id, reason=against)
            return None
        try:
            opened = await service.open_order(tx, person_id=person_id, kind="recharge", pack=pack, key=None)
        except RateLimited:
            return None
        await store.change_recharge_rule(tx, person_id, {"cool_until": recharge_rules.cool_until(clock.now(), failed=False)})
        details = {"kind": "recharge", "item": pack.id, "amount": pack.price}
        await audit.record(tx, "purchase.started", actor=SYSTEM, subject=f"order:{opened.row['id']}", user_id=person_id, details=details)
        await _tell_of_ceiling(tx, row, pack)
    return opened.row, customer


async def _tell_of_ceiling(tx: Tx, row: store.Row, pack: Pack) -> None:
    """After an attempt, the month's last one: it stays on, and its owner is told that it waits for the next month."""
    tried, _ = await _attempts(tx, row["person_id"])
    if tried + pack.price <= row["ceiling_amount"]:
        return
    figures = {name: row[name] for name in ("person_id", "enabled", "below", "pack_id", "ceiling_amount")}
    await tx.emit(RechargeChanged(**figures, reason="ceiling"))
    await service.ring(tx, row["person_id"], recharge="ceiling")


def _against(row: store.Row, pack: Pack | None, customer: store.Row | None) -> str:
    """The code of what stops it before anything is tried; empty when nothing does."""
    if pack is None or not recharge_rules.agrees_to(row["consent_text"], pack=pack.name, price=catalog().money(pack.price).said):
        return "terms_changed"
    if customer is None or customer["card_pm"] is None:
        return "no_card"
    return customer["card_trouble"] or ""


async def _verdict(tx: Tx, row: Any, pack: Pack | None) -> str:  # noqa: ANN401 - a row of the table, or one that is not written yet
    tried, in_flight = await _attempts(tx, row["person_id"])
    balance = await ledger.balance(tx, owner_id=row["person_id"])
    price = 0 if pack is None else pack.price
    figures = (row["enabled"], balance.available, row["below"], price, row["ceiling_amount"], tried, in_flight, row["cool_until"])
    return recharge_rules.verdict(Standing(*figures), clock.now())


async def _attempts(tx: Tx, person_id: UUID) -> tuple[int, bool]:
    """The amount of this month's attempts, and whether one is in flight."""
    person = await identity.find_person(tx, person_id=person_id)
    since, until = recharge_rules.month_of(clock.now(), person.time_zone if person is not None else "UTC")
    return await store.recharges(tx, person_id, since=since, until=until)


async def _check_card(tx: Tx, person_id: UUID, *, consent: bool) -> None:
    if not consent:
        raise errors.consent_needed()
    card = await cards.saved_card(tx, person_id=person_id)
    if card is None:
        raise errors.no_card()
    if card.trouble:
        raise errors.card_in_trouble(card.trouble, card.action)


def _checked(below: int, pack_id: str, ceiling_amount: int) -> Pack:
    """The pack; raises `InvalidInputs` naming every figure that does not fit."""
    pack = catalog().find_pack(pack_id)
    wrong: list[FieldError] = []
    if pack is None:
        wrong.append(FieldError("packId", "Must be one of the packs for sale."))
    if not 1 <= below <= MOST_BELOW:
        wrong.append(FieldError("below", f"Must be from 1 to {MOST_BELOW:,} credits."))
    least = 1 if pack is None else pack.price
    if not least <= ceiling_amount <= MOST_CEILING:
        said = f"Must be from {catalog().money(least).said}, the price of the pack, to {catalog().money(MOST_CEILING).said}."
        wrong.append(FieldError("monthlyCeiling", said))
    if pack is None or wrong:
        raise InvalidInputs(tuple(wrong), message="Nothing was changed.")
    return pack


def _untouched(person_id: UUID) -> dict[str, Any]:
    """The rule of somebody who never had one: off. The catalogue's first pack, three times a month at most; below 200 credits, or half a pack."""
    pack = catalog().packs[0] if catalog().packs else None
    named = {
        "person_id": person_id,
        "enabled": False,
        "below": min(_DEFAULT_BELOW, max(1, pack.credits // 2)) if pack else _DEFAULT_BELOW,
        "pack_id": pack.id if pack else "",
    }
    consent: dict[str, datetime | None] = {"consented_at": None, "cool_until": None}
    return {**named, **consent, "ceiling_amount": pack.price * _DEFAULT_PACKS if pack else 1, "consent_text": "", "stopped_reason": ""}


async def _view(tx: Tx, person_id: UUID, row: Any) -> Recharge:  # noqa: ANN401 - a row of the table, or one that is not written yet
    pack = catalog().find_pack(row["pack_id"])
    tried, _ = await _attempts(tx, person_id)
    verdict = await _verdict(tx, row, pack)
    said, action = recharge_rules.stopped_in_words(row["stopped_reason"])
    consent = row["consent_text"] or ("" if pack is None else consent_to(pack, below=row["below"], ceiling_amount=row["ceiling_amount"]))
    return Recharge(
        enabled=row["enabled"],
        below=row["below"],
        pack_id=row["pack_id"],
        ceiling=catalog().money(row["ceiling_amount"]),
        consent=consent,
        consented_at=row["consented_at"],
        tried=Money(tried, catalog().currency),
        waits="" if verdict == "go" else verdict,
        cool_until=row["cool_until"],
        stopped=row["stopped_reason"],
        said=said,
        action=action,
    )


async def _enqueue(tx: Tx, person_id: UUID) -> None:
    await queue.enqueue(tx, TASK, queue=inbox.QUEUE, args={"person_id": str(person_id)})
