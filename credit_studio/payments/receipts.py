"""Receipts: what was paid, made out to whoever the buyer says, as a list and as PDF. Each verb opens its own transaction."""

import asyncio
import contextlib
import re
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.errors import FieldError, InvalidInputs, Unavailable
from credit_studio.core.lines import one_line, some_lines
from credit_studio.core.money import Money
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.payments import errors, gateway, receipt_pdf, rules, service, store
from credit_studio.payments.views import BillTo, Receipt, ReceiptPage

MOST_NAME, MOST_LINE, MOST_LINES, MOST_COUNTRY, MOST_TAX_ID = 120, 80, 5, 60, 40
_TAX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{2,39}")
_NUMBER = re.compile(r"\d{1,18}")
_MOST = 100
_HOW = {"top_up": "top-up", "recharge": "automatic top-up"}


async def listing(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> ReceiptPage:
    """The caller's receipts, newest first. Raises `InvalidInputs` for a cursor that is none."""
    if cursor is not None and not _NUMBER.fullmatch(cursor):
        raise InvalidInputs((FieldError("cursor", "Must be one that a page of receipts gave."),))
    async with transaction() as tx:
        person_id = actor.require_user()
        rows = await store.receipts_of(tx, person_id, before=int(cursor) if cursor else None, limit=min(limit, _MOST) + 1)
        now = BillTo(**await store.bill_to(tx, person_id) or {})
    shown = rows[: min(limit, _MOST)]
    return ReceiptPage(tuple(_view(row, now) for row in shown), str(shown[-1]["receipt_no"]) if len(rows) > len(shown) else None)


async def as_pdf(actor: Actor, order_id: UUID, *, origin: str) -> tuple[str, bytes]:
    """A receipt's number and its paper; `origin` is where the studio is, for the sandbox's pages.

    Raises `NotFound` for an order that is somebody else's, or not paid.
    """
    person_id = actor.require_user()
    async with transaction() as tx:
        row = await service.get_order(tx, order_id, person_id=person_id)
        person = await identity.find_person(tx, person_id=person_id)
        now = BillTo(**await store.bill_to(tx, person_id) or {})
    if row["receipt_no"] is None or person is None:
        raise errors.no_such_order()
    receipt, chosen = _view(row, now), settings.get()
    buyer = receipt.bill_to.name or person.display_name, person.email
    seller = receipt_pdf.Seller(chosen.seller_name, tuple(chosen.seller_address.split(";")), chosen.seller_tax_id, is_sandbox=chosen.sells_for_nothing)
    paper = receipt_pdf.Paper(receipt, seller, buyer, await _stripe_place(row, origin), Path(chosen.receipt_font) if chosen.receipt_font else None)
    return receipt.number, await asyncio.to_thread(receipt_pdf.draw, paper)


async def stripe_place(actor: Actor, order_id: UUID) -> str:
    """Where Stripe shows its own invoice or receipt of the order. Raises `NotFound` when there is none, `Unavailable`."""
    async with transaction() as tx:
        row = await service.get_order(tx, order_id, person_id=actor.require_user())
    place = await gateway.paper_place(invoice_id=row["invoice_id"], charge_id=row["charge_id"]) if row["receipt_no"] is not None else None
    if place is None:
        raise errors.no_such_order()
    return place


async def bill_to(actor: Actor) -> BillTo:
    """What the caller's receipts are made out to."""
    async with transaction() as tx:
        return BillTo(**await store.bill_to(tx, actor.require_user()) or {})


async def set_bill_to(actor: Actor, wanted: BillTo) -> BillTo:
    """Make out receipts so from now on, and those that were made out to nobody. Raises `InvalidInputs`."""
    person_id = actor.require_user()
    said = BillTo(
        one_line(wanted.name, MOST_NAME), some_lines(wanted.address, MOST_LINE, lines=MOST_LINES), one_line(wanted.country, MOST_COUNTRY), wanted.tax_id.strip()
    )
    if said.tax_id and not _TAX_ID.fullmatch(said.tax_id):
        raise InvalidInputs((FieldError("taxId", f"Must be the number as it is registered, like GB123456789: 3 to {MOST_TAX_ID} letters and digits."),))
    async with transaction() as tx:
        row = {"name": said.name, "address": said.address, "country": said.country, "tax_id": said.tax_id}
        await store.put_bill_to(tx, {"person_id": person_id, "changed_at": clock.now(), **row})
        await audit.record(tx, "billing.details_changed", actor=actor, subject=f"user:{person_id}", details={"fields": [name for name in row if row[name]]})
    return said


async def _stripe_place(row: store.Row, origin: str) -> str | None:
    """Likewise, and None when Stripe does not answer: a receipt is one without the link, too."""
    if not settings.get().sells:
        return None
    with contextlib.suppress(Unavailable):
        place = await gateway.paper_place(invoice_id=row["invoice_id"], charge_id=row["charge_id"])
        return urljoin(origin, place) if place else None
    return None


def _view(row: store.Row, now: BillTo) -> Receipt:
    """An order keeps what its receipt was made out to when it was paid; one that was made out to nobody follows what is said now."""
    return Receipt(
        id=row["id"],
        number=rules.receipt_name(row["receipt_no"]),
        what=_what(row),
        credits=row["credits"],
        price=Money(row["amount"], row["currency"]),
        refunded=Money(row["refunded"], row["currency"]),
        paid_at=row["paid_at"],
        bill_to=BillTo(**row["bill_to"]) if row["bill_to"] else now,
    )


def _what(row: store.Row) -> str:
    if row["kind"] == "plan":
        plan = catalog().find_plan(row["item"])
        return f"{service.name_of(row)} plan, a month" if plan else f"Plan {row['item']}"
    how = _HOW.get(row["kind"])
    return f"{service.name_of(row)} pack" + (f", {how}" if how else "")
