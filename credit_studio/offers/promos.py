"""Promo codes: operators make and end them, people redeem them. Each verb is one transaction."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour
from sqlalchemy import RowMapping

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import FieldError, InvalidInputs, NotFound
from credit_studio.core.lines import one_line
from credit_studio.db import hits, rates
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.offers import errors, rules, store
from credit_studio.offers.views import Promo, Redeemed

SOURCE = "promo"
MOST_USES, MOST_DAYS = 1_000_000, 3_650
_SHOWN = 200
_WRONG: tuple[tuple[int, type[RateLimitItem]], ...] = ((10, RateLimitItemPerHour), (40, RateLimitItemPerDay))
"""Codes that do not exist which one person, or one address, may try."""


async def make(
    *,
    credits: int,  # noqa: A002 - the word of the field
    code: str | None = None,
    credit_days: int | None = None,
    most_uses: int | None = None,
    expires_at: datetime | None = None,
    note: str = "",
    actor: Actor = SYSTEM,
) -> Promo:
    """Make a code, one of our own choice when none is given. For operators; raises `Forbidden`, `InvalidInputs`, `Conflict` (code_taken)."""
    actor.require_operator()
    key = rules.code_key(code) if code else "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.MADE_LENGTH))
    _check(key, credits, credit_days, most_uses, expires_at)
    row: dict[str, Any] = {"id": ids.new_id(), "code": key, "credits": credits, "credit_days": credit_days, "most_uses": most_uses, "used": 0}
    row |= {"note": one_line(note, rules.MAX_NOTE), "made_by": actor.user_id, "created_at": clock.now(), "expires_at": expires_at}
    async with transaction() as tx:
        if not await store.add_promo(tx, row):
            raise errors.code_taken()
        details = {"code": key, "credits": credits, "uses": most_uses, "days": credit_days, "until": expires_at.isoformat() if expires_at else None}
        await audit.record(tx, "promo.made", actor=actor, subject=f"promo:{row['id']}", details=details)
    return _view(row | {"ended_at": None})


async def listing(actor: Actor) -> tuple[Promo, ...]:
    """The newest codes. For operators."""
    actor.require_operator()
    async with transaction() as tx:
        return tuple(_view(row) for row in await store.promos(tx, limit=_SHOWN))


async def end(actor: Actor, promo_id: UUID) -> Promo:
    """End a code now; what it has brought stays. For operators; raises `NotFound`."""
    actor.require_operator()
    async with transaction() as tx:
        row = await store.end_promo(tx, promo_id, at=clock.now())
        if row is None:
            raise NotFound("There is no such code.")
        await audit.record(tx, "promo.ended", actor=actor, subject=f"promo:{promo_id}", details={"code": row["code"], "used": row["used"]})
    return _view(row)


async def redeem(actor: Actor, code: str) -> Redeemed:
    """Add a code's credits to the caller's balance, once. Raises `NotFound` (unknown_code), `Conflict` (code_over, code_redeemed), `RateLimited`."""
    person_id = actor.require_user()
    await _refuse_guessing(actor)
    key, now = rules.code_key(code), clock.now()
    async with transaction() as tx:
        row = await store.lock_promo(tx, key) if key else None
        if row is not None:
            ended = _why_over(row, now)
            if ended:
                raise errors.code_over(ended)
            if not await store.redeem(tx, promo_id=row["id"], person_id=person_id, at=now):
                raise errors.code_redeemed()
            ends = now + timedelta(days=row["credit_days"]) if row["credit_days"] else None
            reference, label = f"promo:{row['id']}:{person_id}", f"Code {row['code']}"
            await ledger.grant(tx, owner_id=person_id, source=SOURCE, source_ref=reference, amount=row["credits"], label=label, expires_at=ends)
            await audit.record(tx, "promo.redeemed", actor=actor, subject=f"promo:{row['id']}", details={"code": row["code"], "credits": row["credits"]})
            return Redeemed(row["code"], row["credits"], ends)
    await _count_wrong(actor)
    raise errors.no_such_code()


def _why_over(row: RowMapping, now: datetime) -> str:
    return rules.why_over(now=now, used=row["used"], most_uses=row["most_uses"], expires_at=row["expires_at"], ended_at=row["ended_at"])


def _check(key: str, amount: int, credit_days: int | None, most_uses: int | None, expires_at: datetime | None) -> None:
    least, most = rules.CODE_LENGTH
    checks = (
        ("code", bool(key), f"Must have {least} to {most} letters and digits."),
        ("credits", 1 <= amount <= MAX_CREDITS, f"Must be from 1 to {MAX_CREDITS:,}."),
        ("creditDays", credit_days is None or 1 <= credit_days <= MOST_DAYS, f"Must be from 1 to {MOST_DAYS:,} days, or empty."),
        ("mostUses", most_uses is None or 1 <= most_uses <= MOST_USES, f"Must be from 1 to {MOST_USES:,}, or empty."),
        ("expiresAt", expires_at is None or expires_at > clock.now(), "Must lie in the future, or be empty."),
    )
    wrong = tuple(FieldError(name, said) for name, fits, said in checks if not fits)
    if wrong:
        raise InvalidInputs(wrong)


async def _refuse_guessing(actor: Actor) -> None:
    waits = [await hits.exact_wait_s(item, *key) for item, key in _windows(actor)]
    if any(waits):
        raise errors.too_many_tries(max(waits))


async def _count_wrong(actor: Actor) -> None:
    for item, key in _windows(actor):
        await hits.exact_count(item, *key)


def _windows(actor: Actor) -> Iterator[tuple[RateLimitItem, tuple[str, str]]]:
    scale = settings.get().rate_limit_scale
    if scale == 0:
        return
    for kind, name, times in (("person", str(actor.user_id), 1), ("address", rates.network(actor.address), 5)):
        for amount, unit in _WRONG:
            yield unit(max(1, round(amount * times * scale)), namespace="codes"), (kind, name)


def _view(row: Any) -> Promo:  # noqa: ANN401 - a row, or what becomes one
    return Promo(**{name: row[name] for name in Promo.__dataclass_fields__})
