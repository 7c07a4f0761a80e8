"""Signing in and out, each in transactions of its own. Signing up is `subscriptions.flow.register`."""

from uuid import UUID

from credit_studio.audit import service as audit
from credit_studio.core.actor import Actor
from credit_studio.core.errors import RateLimited
from credit_studio.db.session import transaction
from credit_studio.identity import passwords, rules, service, store, throttle
from credit_studio.identity.errors import invalid_credentials
from credit_studio.identity.views import NewSession, Person

_NOBODY = UUID(int=0)
"""Stands in for an unknown person, so that both cases ask the database the same questions."""


async def login(*, email: str, password: str, actor: Actor, user_agent: str = "", replaces: str | None = None) -> NewSession:
    """Open a session for the right address and password; ends the session of the token that it `replaces`.

    Raises `NotSignedIn` (invalid_credentials), the same after the same work for an unknown address and for a wrong password,
    and `RateLimited` after too many failures. Audits both outcomes.
    """
    account = rules.email_key(email[: rules.MAX_PASSWORD])
    found = await _look_up(account, actor)
    if not await _is_right(found, password) or found is None:
        await throttle.failed(account, actor.address)
        await _audit_failure(found, actor, "password" if found else "address")
        raise invalid_credentials()
    person_id, hashed = found
    renewed = await passwords.hash_password(password) if passwords.needs_rehash(hashed) else None
    async with transaction() as tx:
        if renewed:
            await store.set_password_hash(tx, person_id, renewed)
        if replaces:
            await service.close_session(tx, token=replaces, actor=actor)
        session = await service.open_session(tx, person_id=person_id, actor=actor, user_agent=user_agent)
        await audit.record(tx, "login", actor=actor, subject=f"user:{person_id}", user_id=person_id)
    await throttle.succeeded(account, actor.address)
    return session


async def logout(*, token: str, actor: Actor) -> None:
    """End the session of a token; nothing happens when it has ended."""
    async with transaction() as tx:
        await service.close_session(tx, token=token, actor=actor)


async def who(token: str | None) -> Person | None:
    """Who a token belongs to now, looked up in the database on each call; None for no token, an unknown, ended or expired one."""
    if not token:
        return None
    async with transaction() as tx:
        return await service.person_of(tx, token=token)


async def end_expired_sessions() -> int:
    """End and audit the sessions that are past their expiry; how many. For the schedule."""
    async with transaction() as tx:
        return await service.end_expired_sessions(tx)


async def _look_up(account: str, actor: Actor) -> tuple[UUID, str] | None:
    async with transaction() as tx:
        found = await store.password_hash(tx, account)
        knows_address = await store.has_signed_in_from(tx, found[0] if found else _NOBODY, actor.address)
    try:
        await throttle.check(account, actor.address, knows_address=knows_address)
    except RateLimited:
        await _audit_failure(found, actor, "throttled")
        raise
    return found


async def _is_right(found: tuple[UUID, str] | None, password: str) -> bool:
    if len(password) > rules.MAX_PASSWORD or found is None:
        await passwords.verify_nobody(password[: rules.MAX_PASSWORD])
        return False
    return await passwords.verify(found[1], password)


async def _audit_failure(found: tuple[UUID, str] | None, actor: Actor, why: str) -> None:
    person_id = found[0] if found else None
    async with transaction() as tx:
        await audit.record(tx, "login.failed", actor=actor, subject=f"user:{person_id}" if person_id else "", user_id=person_id, details={"why": why})
