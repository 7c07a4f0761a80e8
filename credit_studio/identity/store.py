"""The SQL of people and their sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from credit_studio.core.actor import Role
from credit_studio.db.session import Tx
from credit_studio.identity.models import LoginSession, PersonRow
from credit_studio.identity.views import Person

_PERSON = (PersonRow.id, PersonRow.email, PersonRow.display_name, PersonRow.role, PersonRow.time_zone, PersonRow.created_at)


@dataclass(frozen=True)
class SessionRow:
    """A session and whose it is."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    person: Person


def _people() -> Select[*tuple[Any, ...]]:
    return select(*(col(column) for column in _PERSON))


def _person(row: Row[Any] | None) -> Person | None:
    if row is None:
        return None
    return Person(row.id, row.email, row.display_name, Role(row.role), row.time_zone, row.created_at)


async def add_person(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write a person; False when the address is taken, which leaves the transaction usable."""
    statement = upsert(PersonRow).values(**row).on_conflict_do_nothing(index_elements=["email_key"]).returning(col(PersonRow.id))
    return (await tx.execute(statement)).first() is not None


async def person_by_id(tx: Tx, person_id: UUID) -> Person | None:
    """The person of that id."""
    return _person((await tx.execute(_people().where(col(PersonRow.id) == person_id))).first())


async def person_by_key(tx: Tx, email_key: str) -> Person | None:
    """The person of that address in its comparable form."""
    return _person((await tx.execute(_people().where(col(PersonRow.email_key) == email_key))).first())


async def password_hash(tx: Tx, email_key: str) -> tuple[UUID, str] | None:
    """Whose address it is, and the hash to check against; for signing in only."""
    query = select(col(PersonRow.id), col(PersonRow.password_hash)).where(col(PersonRow.email_key) == email_key)
    row = (await tx.execute(query)).first()
    return (row.id, row.password_hash) if row else None


async def set_password_hash(tx: Tx, person_id: UUID, hashed: str) -> None:
    """Replace a hash by one with today's parameters."""
    await tx.execute(update(PersonRow).where(col(PersonRow.id) == person_id).values(password_hash=hashed))


async def set_time_zone(tx: Tx, person_id: UUID, name: str) -> None:
    """Write the zone of a person."""
    await tx.execute(update(PersonRow).where(col(PersonRow.id) == person_id).values(time_zone=name))


async def sessions_since(tx: Tx, person_id: UUID, since: datetime) -> list[tuple[str, str]]:
    """Address and browser of the person's sessions that were opened since then, each pair once."""
    seen = select(col(LoginSession.address), col(LoginSession.user_agent)).where(
        col(LoginSession.person_id) == person_id, col(LoginSession.created_at) >= since
    )
    return [(row.address, row.user_agent) for row in await tx.execute(seen.distinct())]


async def set_role(tx: Tx, person_id: UUID, role: Role) -> None:
    """Say what a person may do."""
    await tx.execute(update(PersonRow).where(col(PersonRow.id) == person_id).values(role=role.value))


async def add_session(tx: Tx, row: Mapping[str, Any]) -> None:
    """Write a session."""
    await tx.execute(insert(LoginSession), row)


async def open_session_of(tx: Tx, token_hash: str) -> SessionRow | None:
    """The session behind a token unless it was ended; it may have expired."""
    session = (
        col(LoginSession.id).label("session_id"),
        col(LoginSession.created_at).label("began_at"),
        col(LoginSession.seen_at),
        col(LoginSession.expires_at),
    )
    query = _people().add_columns(*session).join(LoginSession, col(LoginSession.person_id) == col(PersonRow.id))
    row = (await tx.execute(query.where(col(LoginSession.token_hash) == token_hash, col(LoginSession.ended_at).is_(None)))).first()
    person = _person(row)
    return SessionRow(row.session_id, row.began_at, row.seen_at, row.expires_at, person) if row and person else None


async def slide(tx: Tx, session_id: UUID, *, seen_at: datetime, expires_at: datetime) -> None:
    """Move a session's idle expiry; never backwards, whichever of two requests comes last."""
    here = update(LoginSession).where(col(LoginSession.id) == session_id, col(LoginSession.seen_at) < seen_at)
    await tx.execute(here.values(seen_at=seen_at, expires_at=expires_at))


async def end_by_token(tx: Tx, token_hash: str, at: datetime) -> tuple[UUID, UUID] | None:
    """End the session of a token; its id and its person's, or None when it had ended before."""
    here = update(LoginSession).where(col(LoginSession.token_hash) == token_hash, col(LoginSession.ended_at).is_(None))
    row = (await tx.execute(here.values(ended_at=at).returning(col(LoginSession.id), col(LoginSession.person_id)))).first()
    return (row.id, row.person_id) if row else None


async def end_expired(tx: Tx, now: datetime, *, session_id: UUID | None = None, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """End sessions that are past their expiry (one, or up to `limit`); the ids of those ended by this very call, and their people's."""
    past = select(col(LoginSession.id)).where(col(LoginSession.expires_at) <= now, col(LoginSession.ended_at).is_(None))
    past = past.where(col(LoginSession.id) == session_id) if session_id else past
    ids = past.limit(limit).with_for_update(skip_locked=True).scalar_subquery()
    here = update(LoginSession).where(col(LoginSession.id).in_(ids)).values(ended_at=now)
    rows = await tx.execute(here.returning(col(LoginSession.id), col(LoginSession.person_id)))
    return [(row.id, row.person_id) for row in rows]


async def end_all_of(tx: Tx, person_id: UUID, at: datetime) -> None:
    """End every session of a person."""
    await tx.execute(update(LoginSession).where(col(LoginSession.person_id) == person_id, col(LoginSession.ended_at).is_(None)).values(ended_at=at))


async def has_signed_in_from(tx: Tx, person_id: UUID, address: str) -> bool:
    """True when that person has had a session from that address."""
    query = select(col(LoginSession.id)).where(col(LoginSession.person_id) == person_id, col(LoginSession.address) == address).limit(1)
    return (await tx.execute(query)).first() is not None
