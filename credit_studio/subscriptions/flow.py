"""Sign-up as a whole, what an operator does to a plan or a balance, and the studio's own renewals: each one transaction."""

import uuid

import structlog

from credit_studio.audit import service as audit
from credit_studio.catalog.service import catalog
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import Conflict, NotFound
from credit_studio.db.session import Tx, transaction
from credit_studio.identity import passwords
from credit_studio.identity import service as identity
from credit_studio.identity.views import NewSession, Person
from credit_studio.ledger import service as ledger
from credit_studio.subscriptions import service
from credit_studio.subscriptions.views import PlanView

_AT_ONCE = 100
_log = structlog.get_logger()


async def register(
    *, email: str, password: str, display_name: str | None = None, time_zone: str | None = None, user_agent: str = "", actor: Actor
) -> NewSession:
    """Make an account: the person, the first plan's credits and a session, all or nothing.

    Raises `InvalidInputs` for a weak password or a wrong address, `Conflict` (email_taken) for one that is known.
    """
    identity.check_new(email=email, password=password, display_name=display_name)
    password_hash = await passwords.hash_password(password)
    async with transaction() as tx:
        person = await identity.create_person(tx, email=email, password_hash=password_hash, display_name=display_name, time_zone=time_zone)
        opened = await service.start_plan(tx, person_id=person.id, plan=catalog().first_plan, zone=person.time_zone)
        await audit.record(tx, "register", actor=actor, subject=f"user:{person.id}", user_id=person.id, details={"plan": opened.plan.id})
        await _tell_granted(tx, person, "plan", opened.brought, actor)
        return await identity.open_session(tx, person_id=person.id, actor=actor, user_agent=user_agent)


async def grant(*, email: str, credits: int, source: str, reference: str | None = None, actor: Actor = SYSTEM) -> bool:  # noqa: A002 - the word of the field
    """Give a person credits that do not expire; False when the same reference was given before.

    For operators. Raises `Forbidden`, `NotFound`, `BadCommand`.
    """
    actor.require_operator()
    async with transaction() as tx:
        person = await _person(tx, email)
        new = await ledger.grant(tx, owner_id=person.id, source=source, source_ref=reference or f"manual:{uuid.uuid4()}", amount=credits)
        if new:
            await _tell_granted(tx, person, source, credits, actor)
        return new


async def set_plan(*, email: str, plan_id: str, actor: Actor = SYSTEM) -> PlanView:
    """Put a person on a plan from now on, with its credits. For operators; raises `NotFound` for an unknown person or plan.

    Raises `Conflict` (plan_is_paid) while the person pays for a plan: that one is changed by who pays for it.
    """
    actor.require_operator()
    plan = service.get_plan(plan_id)
    async with transaction() as tx:
        person = await _person(tx, email)
        if await service.stripe_id_of(tx, person_id=person.id) is not None:
            raise Conflict("This person pays for a plan at Stripe. Nothing was changed.", code="plan_is_paid", action="End that subscription first.")
        opened = await service.start_plan(tx, person_id=person.id, plan=plan, zone=person.time_zone)
        await audit.record(tx, "plan.set", actor=actor, subject=f"user:{person.id}", user_id=person.id, details={"plan": plan.id})
        await _tell_granted(tx, person, "plan", opened.brought, actor)
        return opened.plan


async def renew_due() -> int:
    """Open the next period of every plan that the studio renews and whose period has ended, each by itself; how many. Harmless to do twice.

    A plan that cannot be renewed keeps nothing from the others; it is tried again the next time.
    """
    async with transaction() as tx:
        whose = await service.due(tx, limit=_AT_ONCE)
    renewed = 0
    for person_id in whose:
        try:
            renewed += await _renew(person_id)
        except Exception:  # noqa: BLE001 - the next turn tries again
            _log.exception("plan.not_renewed", person=str(person_id))
    return renewed


async def _renew(person_id: uuid.UUID) -> bool:
    async with transaction() as tx:
        person = await identity.find_person(tx, person_id=person_id)
        opened = None if person is None else await service.renew(tx, person_id=person.id, zone=person.time_zone)
        if person is None or opened is None:
            return False
        await audit.record(tx, "plan.renewed", actor=SYSTEM, subject=f"user:{person.id}", user_id=person.id, details={"plan": opened.plan.id})
        await _tell_granted(tx, person, "plan", opened.brought, SYSTEM)
        return True


async def _person(tx: Tx, email: str) -> Person:
    person = await identity.find_by_email(tx, email=email)
    if person is None:
        raise NotFound("There is no account with that address.")
    return person


async def _tell_granted(tx: Tx, person: Person, source: str, amount: int, actor: Actor) -> None:
    if not amount:
        return
    details = {"source": source, "credits": amount}
    await audit.record(tx, "credits.granted", actor=actor, subject=f"user:{person.id}", user_id=person.id, details=details)
