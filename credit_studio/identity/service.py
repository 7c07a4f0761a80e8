"""What can be done with people and their sessions inside a given transaction."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor, Role
from credit_studio.core.errors import FieldError, InvalidInputs, NotFound
from credit_studio.db import rates
from credit_studio.db.session import Tx
from credit_studio.identity import passwords, rules, store
from credit_studio.identity.errors import email_taken
from credit_studio.identity.views import NewSession, Person

_TOKEN_BYTES = 32
_USER_AGENT_CHARS = 120
_PLACES_LAST = timedelta(days=90)
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name != "local"]
"""The library's own list of names that take no mail, in the way its documentation has it: a studio in a closed network may well use ".local"."""
_NO_ADDRESS = "Must be an email address, like name@example.com."


def check_new(*, email: str, password: str, display_name: str | None = None) -> None:
    """Raise `InvalidInputs` naming every field of a registration that does not fit, all at once."""
    found = [("email", _address_fault(email)), ("password", passwords.weakness(password, email)), ("displayName", _name_fault(display_name))]
    errors = tuple(FieldError(field, fault) for field, fault in found if fault)
    if errors:
        raise InvalidInputs(errors, message=f"{len(errors)} field{'s need' if len(errors) > 1 else ' needs'} a change.")


async def create_person(
    tx: Tx, *, email: str, password_hash: str, display_name: str | None = None, time_zone: str | None = None, role: Role = Role.USER
) -> Person:
    """Write a new person; raises `InvalidInputs` for what is no address and `Conflict` (email_taken) for one that is in use.

    Without a name they are called what stands before the "@"; without a known IANA zone theirs is UTC.
    """
    fault = _address_fault(email)
    if fault:
        raise InvalidInputs((FieldError("email", fault),), message="1 field needs a change.")
    address = email.strip()
    name = rules.clean_name(display_name)[: rules.MAX_DISPLAY_NAME] or rules.default_name(address)
    person = Person(ids.new_id(), address, name, role, rules.clean_zone(time_zone), clock.now())
    row = {"id": person.id, "email": address, "email_key": rules.email_key(address), "password_hash": password_hash}
    row |= {"display_name": name, "role": role.value, "time_zone": person.time_zone, "created_at": person.created_at}
    if not await store.add_person(tx, row):
        raise email_taken()
    return person


async def open_session(tx: Tx, *, person_id: UUID, actor: Actor, user_agent: str = "") -> NewSession:
    """Begin a session: a fresh 256-bit token, told once and kept only as its SHA-256. Raises `NotFound` for an unknown person."""
    person = await find_person(tx, person_id=person_id)
    if person is None:
        raise NotFound("There is no such person.")
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    idle, absolute = _lifetimes()
    ends = rules.expires_at(created=now, seen=now, idle=idle, absolute=absolute)
    row = {"id": ids.new_id(), "token_hash": _hash(token), "person_id": person_id, "created_at": now, "seen_at": now, "expires_at": ends}
    await store.add_session(tx, row | {"address": actor.address, "user_agent": user_agent[:_USER_AGENT_CHARS]})
    return NewSession(token, ends, person)


async def close_session(tx: Tx, *, token: str, actor: Actor) -> None:
    """End the session of a token and audit the logout; does nothing when it had ended before."""
    ended = await store.end_by_token(tx, _hash(token), clock.now())
    if ended:
        await audit.record(tx, "logout", actor=actor, subject=f"session:{ended[0]}", user_id=ended[1])


async def person_of(tx: Tx, *, token: str) -> Person | None:
    """Whose token it is, or None. Ends and audits a session that is past its expiry, once; else moves its idle expiry once a minute."""
    session = await store.open_session_of(tx, _hash(token))
    if session is None:
        return None
    now = clock.now()
    if session.expires_at <= now:
        await _end_expired(tx, session_id=session.id)
        return None
    if rules.is_due_to_slide(seen=session.seen_at, now=now):
        idle, absolute = _lifetimes()
        ends = rules.expires_at(created=session.created_at, seen=now, idle=idle, absolute=absolute)
        await store.slide(tx, session.id, seen_at=now, expires_at=ends)
    return session.person


async def end_expired_sessions(tx: Tx) -> int:
    """End and audit sessions that expired without anybody coming back, 500 at most; how many. For the schedule."""
    return await _end_expired(tx)


async def find_person(tx: Tx, *, person_id: UUID) -> Person | None:
    """The person of that id."""
    return await store.person_by_id(tx, person_id)


async def set_time_zone(tx: Tx, *, person_id: UUID, name: str) -> None:
    """Let the person's days and months follow another zone. Raises `InvalidInputs` for what is no IANA name."""
    if rules.clean_zone(name) != name:
        raise InvalidInputs((FieldError("timeZone", "Must be the name of a time zone, like Europe/London."),), message="Nothing was changed.")
    await store.set_time_zone(tx, person_id, name)


async def places_of(tx: Tx, *, person_id: UUID) -> frozenset[tuple[str, str]]:
    """Where the person has signed in of late: the public address (of IPv6 its /64) and the browser. A private address tells nothing, and is left out."""
    seen = await store.sessions_since(tx, person_id, clock.now() - _PLACES_LAST)
    return frozenset((rates.network(address), browser) for address, browser in seen if rules.is_public(address) and browser)


async def find_by_email(tx: Tx, *, email: str) -> Person | None:
    """The person of that address, however it is capitalised."""
    return await store.person_by_key(tx, rules.email_key(email))


async def make_admin(tx: Tx, *, email: str, actor: Actor) -> Person:
    """Make a person an operator and end their sessions, so that the new rights begin with a new token. For operators; raises `NotFound`."""
    actor.require_operator()
    before = await find_by_email(tx, email=email)
    if before is None:
        raise NotFound("Nobody has an account with this email.")
    if before.role is not Role.ADMIN:
        await store.set_role(tx, before.id, Role.ADMIN)
        await store.end_all_of(tx, before.id, clock.now())
        details = {"before": before.role.value, "after": Role.ADMIN.value}
        await audit.record(tx, "role.changed", actor=actor, subject=f"user:{before.id}", user_id=before.id, details=details)
    return Person(before.id, before.email, before.display_name, Role.ADMIN, before.time_zone, before.created_at)


async def _end_expired(tx: Tx, *, session_id: UUID | None = None) -> int:
    ended = await store.end_expired(tx, clock.now(), session_id=session_id)
    for session, person in ended:
        await audit.record(tx, "session.expired", actor=SYSTEM, subject=f"session:{session}", user_id=person)
    return len(ended)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _lifetimes() -> tuple[timedelta, timedelta]:
    chosen = settings.get()
    return timedelta(hours=chosen.session_idle_h), timedelta(hours=chosen.session_absolute_h)


def _address_fault(email: str) -> str | None:
    try:
        seen = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return _NO_ADDRESS
    return None if "." in seen.domain else _NO_ADDRESS


def _name_fault(name: str | None) -> str | None:
    if name is not None and len(rules.clean_name(name)) > rules.MAX_DISPLAY_NAME:
        return f"Must have at most {rules.MAX_DISPLAY_NAME} characters."
    return None
