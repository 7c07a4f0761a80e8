"""Gifts: credits set aside under a link, claimed once by whoever has it, taken back until then. Each verb is one transaction."""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.core.lines import one_line
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import SENDABLE
from credit_studio.offers import errors, rules, store
from credit_studio.offers.views import GiftLink, GiftOffer, GiftView

ACCOUNT = "gift"
"""The owner kind of the account in which a gift's credits rest while it is open; its owner is the gift."""

_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{rules.TOKEN_LENGTH}}}")
_TOKEN_BYTES = 32
_SHOWN = 100


async def giveable(actor: Actor) -> int:
    """The credits that the caller could give: bought, or got as a gift, less what is owed."""
    async with transaction() as tx:
        return await _giveable(tx, actor.require_user())


async def make(actor: Actor, *, credits: int, sender: str = "", message: str = "", key: str | None = None) -> GiftLink:  # noqa: A002 - the word of the field
    """Set credits aside under a new link. The same `key` again gives the same gift a new link; the earlier link ends.

    Raises `InvalidInputs`, `PaymentRequired` for too few credits that can be given, `Conflict` (too_many_gifts).
    """
    person_id = actor.require_user()
    if not 1 <= credits <= MAX_CREDITS:
        raise InvalidInputs((FieldError("credits", f"Must be from 1 to {MAX_CREDITS:,}."),))
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    row: dict[str, Any] = {"id": ids.new_id(), "person_id": person_id, "credits": credits, "token_hash": _hash(token), "idem_key": key, "state": "open"}
    row |= {"sender": one_line(sender, rules.MAX_SENDER), "message": one_line(message, rules.MAX_MESSAGE)}
    row |= {"created_at": now, "until": now + timedelta(days=catalog().offers.gift_days), "ended_at": None}
    async with transaction() as tx:
        await ledger.lock(tx, owner_id=person_id)
        if key and (before := await store.gift_of_key(tx, person_id=person_id, key=key)) is not None:
            return await _again(tx, before, row, token)
        await _refuse_too_much(tx, person_id, credits)
        await store.add_gift(tx, row)
        await ledger.open_account(tx, owner_id=row["id"], owner_kind=ACCOUNT)
        await ledger.transfer(tx, from_owner=person_id, to_owner=row["id"], to_kind=ACCOUNT, amount=credits, key=f"gift:{row['id']}", note="Gift set aside")
        await audit.record(tx, "gift.made", actor=actor, subject=f"gift:{row['id']}", details={"credits": credits})
    return GiftLink(_view(row), token)


async def listing(actor: Actor) -> tuple[GiftView, ...]:
    """The caller's newest gifts."""
    async with transaction() as tx:
        return tuple(_view(row) for row in await store.gifts(tx, person_id=actor.require_user(), limit=_SHOWN))


async def relink(actor: Actor, gift_id: UUID) -> GiftLink:
    """A new link to an open gift of the caller's; the earlier one ends. Raises `NotFound`, `Conflict` (gift_over)."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    async with transaction() as tx:
        row = await _own_open(tx, actor, gift_id)
        await store.set_token(tx, row["id"], _hash(token))
        await audit.record(tx, "gift.relinked", actor=actor, subject=f"gift:{gift_id}")
    return GiftLink(_view(row), token)


async def revoke(actor: Actor, gift_id: UUID) -> GiftView:
    """Take an open gift of the caller's back; its credits return. Raises `NotFound`, `Conflict` (gift_over)."""
    async with transaction() as tx:
        row = await _own_open(tx, actor, gift_id)
        return await _return(tx, row, state="revoked", actor=actor)


async def look(actor: Actor, token: str) -> GiftOffer:
    """What a link leads to, for anybody who has it. Raises `NotFound`."""
    async with transaction() as tx:
        row = await store.gift_of_token(tx, _hash(token)) if _TOKEN.fullmatch(token) else None
    if row is None:
        raise errors.no_such_gift()
    is_late = row["state"] == "open" and row["until"] <= clock.now()
    own = actor.user_id is not None and actor.user_id == row["person_id"]
    yours = actor.user_id is not None and actor.user_id == row["claimed_by"]
    return GiftOffer(row["credits"], row["sender"], row["message"], "expired" if is_late else row["state"], row["until"], own, yours)


async def claim(actor: Actor, token: str) -> GiftView:
    """Move a gift's credits to the caller, once; whoever claimed it may ask again. Raises `NotFound`, `Conflict` (gift_over, own_gift)."""
    person_id = actor.require_user()
    async with transaction() as tx:
        row = await store.gift_of_token(tx, _hash(token), locked=True) if _TOKEN.fullmatch(token) else None
        if row is None:
            raise errors.no_such_gift()
        if row["person_id"] == person_id:
            raise errors.own_gift()
        if row["claimed_by"] == person_id:
            return _view(row)
        over = rules.why_gift_over(row["state"], until=row["until"], now=clock.now())
        if over:
            raise errors.gift_over(over)
        note = f"Gift from {row['sender']}" if row["sender"] else "Gift"
        await _pay_out(tx, row, to=person_id, note=note)
        ended = await store.end_gift(tx, row["id"], state="claimed", at=clock.now(), claimed_by=person_id)
        await audit.record(tx, "gift.claimed", actor=actor, subject=f"gift:{row['id']}", details={"credits": row["credits"]})
    return _view(ended)


async def return_lapsed(*, batch: int = 100) -> int:
    """Return gifts that nobody claimed in their time; how many. Harmless to run twice."""
    async with transaction() as tx:
        due = await store.lock_lapsed_gifts(tx, now=clock.now(), limit=batch)
        for row in due:
            await _return(tx, row, state="expired", actor=SYSTEM)
    return len(due)


async def _giveable(tx: Tx, person_id: UUID) -> int:
    book = await ledger.balance(tx, owner_id=person_id)
    return max(0, sum(grant.remaining for grant in book.grants if grant.source in SENDABLE) - book.debt)


async def _refuse_too_much(tx: Tx, person_id: UUID, amount: int) -> None:
    if await store.open_gifts(tx, person_id=person_id) >= rules.MOST_OPEN:
        raise errors.too_many_gifts(rules.MOST_OPEN)
    available = await _giveable(tx, person_id)
    if amount > available:
        raise errors.not_enough(amount, available)


async def _again(tx: Tx, before: RowMapping, row: dict[str, Any], token: str) -> GiftLink:
    if any(before[name] != row[name] for name in ("credits", "sender", "message")):
        raise errors.key_reused()
    if before["state"] == "open":
        await store.set_token(tx, before["id"], row["token_hash"])
    return GiftLink(_view(before), token, replayed=True)


async def _own_open(tx: Tx, actor: Actor, gift_id: UUID) -> RowMapping:
    row = await store.lock_gift(tx, gift_id=gift_id, person_id=actor.require_user())
    if row is None:
        raise errors.no_such_gift()
    over = rules.why_gift_over(row["state"], until=row["until"], now=clock.now())
    if over and row["state"] != "open":
        raise errors.gift_over(over)
    return row


async def _return(tx: Tx, row: RowMapping, *, state: str, actor: Actor) -> GiftView:
    await _pay_out(tx, row, to=row["person_id"], note="Gift came back")
    ended = await store.end_gift(tx, row["id"], state=state, at=clock.now())
    await audit.record(tx, f"gift.{state}", actor=actor, subject=f"gift:{row['id']}", user_id=row["person_id"], details={"credits": row["credits"]})
    return _view(ended)


async def _pay_out(tx: Tx, row: RowMapping, *, to: UUID, note: str) -> None:
    key = f"gift:{row['id']}:end"
    await ledger.transfer(tx, from_owner=row["id"], from_kind=ACCOUNT, to_owner=to, amount=row["credits"], key=key, note=note)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _view(row: Any) -> GiftView:  # noqa: ANN401 - a row, or what becomes one
    return GiftView(**{name: row[name] for name in GiftView.__dataclass_fields__})
