"""What the entries tell of an account, and whether the book agrees with itself, in a transaction that the caller gives."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.core import clock
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.core.errors import NotFound
from credit_studio.db.session import Tx
from credit_studio.history import checks, looking, statements, store
from credit_studio.history.looking import EVERYTHING, TYPES, Wanted
from credit_studio.history.spelling import spelt
from credit_studio.history.views import Arrival, Check, Lot, Page, Payment, Proof, Statement
from credit_studio.ledger.views import Balance, GrantView

_INSTANT = timedelta(microseconds=1)
"""The shortest step of time that the book knows."""


async def doctor(tx: Tx) -> tuple[Check, ...]:
    """Every invariant of the book; give it a snapshot, so that it is right under load."""
    return await checks.run_all(tx)


async def balance(tx: Tx, *, owner_id: UUID, at: datetime) -> Balance:
    """The account as it stood at a past instant, from the entries up to it. Raises `NotFound` without an account.

    A grant's `expires_at` is the one it has now: later than it was when credits came back to it after its end.
    """
    chain_now = await proof(tx, owner_id=owner_id)
    number = await store.place(tx, chain_now.account_id, length=chain_now.length, before=at + _INSTANT)
    debt = await store.debt_at(tx, chain_now.account_id, number)
    rows = await store.grants_at(tx, chain_now.account_id, number, length=chain_now.length)
    grants = tuple(_grant(one) for one in rows if one["held"] or one["expires_at"] > at)
    free = sum(one["remaining"] for one in rows if one["expires_at"] > at) - debt
    held = sum(one["held"] for one in rows)
    return Balance(chain_now.account_id, available=free, held=held, total=free + held, debt=debt, version=number, grants=grants)


async def totals(tx: Tx, *, owner_id: UUID, before: Sequence[datetime]) -> tuple[int | None, ...]:
    """What the account had right before each of some rising instants, what was held with it and what was owed taken off; None before its first entry.

    Raises `NotFound` without an account.
    """
    chain_now = await proof(tx, owner_id=owner_id)
    numbers = await store.places(tx, chain_now.account_id, length=chain_now.length, before=before)
    by_number = await _totals(tx, chain_now.account_id, numbers)
    return tuple(by_number[number] if number else None for number in numbers)


async def statement(tx: Tx, *, owner_id: UUID, year: int, month: int, zone: str) -> Statement:
    """A month of the calendar in the owner's `zone`; the current one as far as it has come. Raises `NotFound` without an account."""
    chain_now = await proof(tx, owner_id=owner_id)
    since, until = statements.calendar_month(year, month, zone)
    above, up_to = await span(tx, chain_now.account_id, length=chain_now.length, since=since, until=until)
    opening = (await _totals(tx, chain_now.account_id, [above]))[above]
    within = await store.sums(tx, chain_now.account_id, above=above, up_to=up_to)
    return statements.statement(f"{year:04}-{month:02}", zone, opening=opening, within=within, kinds=TYPES)


async def _totals(tx: Tx, account_id: UUID, numbers: Sequence[int]) -> dict[int, int]:
    """By number, the posted credits less what was owed after the entry of that number; the numbers rise."""
    if not numbers:
        return {}
    owed = await store.debt_at(tx, account_id, numbers[0])
    changes = await store.debt_changes(tx, account_id, above=numbers[0], up_to=numbers[-1])
    posted = await store.posted_at(tx, account_id, numbers)
    return {number: posted[number] - owed - sum(change for at, change in changes.items() if at <= number) for number in posted}


async def movements(tx: Tx, *, owner_id: UUID, wanted: Wanted = EVERYTHING, cursor: str | None = None, limit: int = 50) -> Page:
    """A page of movements, newest first. Raises `InvalidRequest` for an unknown type or cursor; nothing without an account."""
    names, below = looking.names_of(wanted.kinds), looking.below(cursor)
    row = await store.account_of(tx, owner_id)
    if row is None:
        return Page((), None)
    above, up_to = await span(tx, row["id"], length=row["version"], since=wanted.since, until=wanted.until)
    return await looking.page(tx, row["id"], wanted, names=names, above=above, up_to=up_to if below is None else min(up_to, below - 1), limit=limit)


async def span(tx: Tx, account_id: UUID, *, length: int, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """The entries of a period as numbers, those above the first up to the second, of a chain of that length."""
    above = 0 if since is None else await store.place(tx, account_id, length=length, before=since)
    return above, length if until is None else await store.place(tx, account_id, length=length, before=until)


async def lots(tx: Tx, *, owner_id: UUID) -> tuple[Lot, ...]:
    """What the owner holds now, in the order in which it is spent; nothing without an account."""
    row = await store.account_of(tx, owner_id)
    rows = [] if row is None else await store.lots_of(tx, row["id"], now=clock.now())
    return tuple(Lot(one["id"], one["source"], one["label"], one["amount"], one["remaining"], one["created_at"], _end(one["expires_at"])) for one in rows)


async def payments(tx: Tx, *, run_id: UUID) -> tuple[tuple[Payment, ...], store.Row | None]:
    """Which grants paid for a run, in burn order, with what is left in them now; and the settling entry (None before it is settled)."""
    entry = await store.settlement_of(tx, run_id)
    if entry is None:
        return (), None
    rows = await store.payments_of(tx, entry["id"])
    return tuple(Payment(row["id"], row["label"] or row["source"], _end(row["expires_at"]), row["amount"], row["remaining"]) for row in rows), entry


async def proof(tx: Tx, *, owner_id: UUID) -> Proof:
    """Where the owner's chain of entries ends now. Raises `NotFound` without an account."""
    row = await store.account_of(tx, owner_id)
    if row is None:
        raise NotFound("There is no account of that owner.")
    return Proof(row["id"], row["version"], row["chain_head"].hex())


async def entries(tx: Tx, *, of: Proof, after: int, limit: int) -> list[dict[str, Any]]:
    """The next entries of a proof, as `verify.py` reads them; none at its end."""
    return [spelt(row) for row in await store.chain_of(tx, of.account_id, after=after, until=of.length, limit=limit)]


async def granted(tx: Tx, *, sources: Sequence[str], references: Sequence[str]) -> tuple[Arrival, ...]:
    """The grants of these sources that these references name."""
    return tuple(_arrival(row) for row in await store.granted(tx, sources=sources, references=references))


async def granted_after(tx: Tx, grant_id: UUID | None, *, sources: Sequence[str], prefix: str, limit: int) -> tuple[Arrival, ...]:
    """A page of the grants of these sources whose reference begins so, in the order of their ids, those after `grant_id`."""
    return tuple(_arrival(row) for row in await store.granted_after(tx, grant_id, sources=sources, prefix=prefix, limit=limit))


def _arrival(row: store.Row) -> Arrival:
    return Arrival(row["id"], row["source_ref"], row["owner_id"], row["amount"], row["clawed"])


def _grant(row: store.Row) -> GrantView:
    return GrantView(row["id"], row["source"], row["amount"], row["remaining"], row["held"], _end(row["expires_at"]), row["priority"])


def _end(expires_at: datetime) -> datetime | None:
    return None if expires_at >= FAR_FUTURE else expires_at
