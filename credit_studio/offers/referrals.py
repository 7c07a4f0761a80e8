"""Invitations: a code for everybody, accepted by those who are new; both get a bonus with the newcomer's first purchase."""

import secrets
from uuid import UUID

from sqlalchemy import RowMapping

from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import InvariantBroken
from credit_studio.db.session import Tx, transaction
from credit_studio.identity import service as identity
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.offers import errors, rules, store
from credit_studio.offers.views import Invited, ReferralView
from credit_studio.payments import service as payments

SOURCE = "referral"
_SHOWN = 100


async def of(actor: Actor) -> ReferralView:
    """The caller's invitations; their code is made when they first ask."""
    person_id, terms = actor.require_user(), catalog().offers
    async with transaction() as tx:
        code = await _code_of(tx, person_id)
        _, earned = await store.rewarded(tx, referrer_id=person_id)
        invited = tuple(_invited(row) for row in await store.referrals(tx, referrer_id=person_id, limit=_SHOWN))
        own = await store.referral_of(tx, person_id)
    return ReferralView(code, terms.referral_credits, terms.referral_most, earned, invited, _invited(own) if own else None)


async def is_invitation(code: str) -> bool:
    """True when somebody's invitations have that code."""
    key = rules.code_key(code)
    async with transaction() as tx:
        return bool(key) and await store.owner_of_code(tx, key) is not None


async def accept(actor: Actor, code: str) -> Invited:
    """Accept an invitation; the bonus waits for the first purchase. Raises `NotFound` (unknown_code), `Conflict` (invitation_refused)."""
    person_id, key, now = actor.require_user(), rules.code_key(code), clock.now()
    async with transaction() as tx:
        referrer_id = await store.owner_of_code(tx, key) if key else None
        if referrer_id is None:
            raise errors.no_such_invitation()
        why = rules.why_not_invited(
            is_self=referrer_id == person_id,
            joined=(await _person(tx, person_id)).created_at,
            referrer_joined=(await _person(tx, referrer_id)).created_at,
            now=now,
            has_bought=await payments.has_paid(tx, person_id=person_id),
            is_known=await store.referral_of(tx, person_id) is not None,
        )
        row = {"person_id": person_id, "referrer_id": referrer_id, "state": "waiting", "credits": 0, "reason": "", "created_at": now}
        if why or not await store.add_referral(tx, row):
            raise errors.not_for_you(why or "You have accepted an invitation already.")
        await audit.record(tx, "referral.accepted", actor=actor, subject=f"user:{person_id}")
    return Invited(now, "waiting", 0, "")


async def purchase_paid(tx: Tx, *, person_id: UUID, order_id: UUID, amount: int) -> None:
    """The person has paid an order of `amount` minor units: with the first one, decide the bonus of the invitation that they accepted."""
    row = await store.referral_of(tx, person_id, locked=True)
    if amount <= 0 or row is None or row["state"] != "waiting":
        return
    terms, referrer_id = catalog().offers, row["referrer_id"]
    await store.lock_code(tx, referrer_id)
    why = await _why_no_bonus(tx, person_id, referrer_id, most=terms.referral_most)
    bonus = 0 if why else terms.referral_credits
    state = "rewarded" if bonus else "refused"
    await store.decide(tx, person_id, {"state": state, "credits": bonus, "reason": why, "order_id": order_id, "decided_at": clock.now()})
    for owner_id, reference, label in _grants(row) if bonus else ():
        await ledger.grant(tx, owner_id=owner_id, source=SOURCE, source_ref=reference, amount=bonus, label=label)
    await audit.record(tx, f"referral.{state}", actor=SYSTEM, subject=f"user:{referrer_id}", user_id=person_id, details={"credits": bonus, "why": why})


async def purchase_undone(tx: Tx, *, order_id: UUID) -> None:
    """An order's money went back in full: the bonuses that it earned go back, too, once."""
    row = await store.lock_referral_of_order(tx, order_id)
    if row is None:
        return
    why = "The purchase that earned it was paid back."
    await store.decide(tx, row["person_id"], {"state": "taken_back", "reason": why})
    for owner_id, reference, _ in _grants(row):
        key = f"referral:{reference}"
        await ledger.claw_back(tx, owner_id=owner_id, source=SOURCE, source_ref=reference, amount=row["credits"], key=key, reason=why)
    await audit.record(tx, "referral.taken_back", actor=SYSTEM, subject=f"user:{row['referrer_id']}", user_id=row["person_id"])


async def _why_no_bonus(tx: Tx, person_id: UUID, referrer_id: UUID, *, most: int) -> str:
    count, _ = await store.rewarded(tx, referrer_id=referrer_id)
    return rules.why_no_bonus(
        same_card=await payments.share_a_card(tx, person_id, referrer_id),
        places=await identity.places_of(tx, person_id=person_id),
        others=await identity.places_of(tx, person_id=referrer_id),
        rewarded=count,
        most=most,
    )


def _grants(row: RowMapping) -> tuple[tuple[UUID, str, str], ...]:
    """Who gets a bonus, what names its grant in the book, and its label. The newer account first, as every transaction locks them."""
    newcomer, referrer = row["person_id"], row["referrer_id"]
    return (newcomer, f"{newcomer}:newcomer", "Bonus for an invitation"), (referrer, f"{newcomer}:referrer", "Bonus for inviting somebody")


async def _code_of(tx: Tx, person_id: UUID) -> str:
    """The person's code; a code that somebody has already is tried anew."""
    for _ in range(5):
        found = await store.code_of(tx, person_id)
        if found is not None:
            return found
        code = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.MADE_LENGTH))
        await store.add_code(tx, {"person_id": person_id, "code": code, "created_at": clock.now()})
    raise InvariantBroken("no code of an invitation is free")


async def _person(tx: Tx, person_id: UUID) -> Person:
    found = await identity.find_person(tx, person_id=person_id)
    if found is None:
        raise InvariantBroken("a person of an invitation is gone")
    return found


def _invited(row: RowMapping) -> Invited:
    return Invited(row["decided_at"] or row["created_at"], row["state"], row["credits"], row["reason"])
