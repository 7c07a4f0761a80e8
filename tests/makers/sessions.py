"""Makers of people and their sessions."""

from credit_studio.core.actor import SYSTEM, Actor, Role
from credit_studio.db.session import transaction
from credit_studio.identity import passwords, service
from credit_studio.identity.views import NewSession, Person

PASSWORD = "orbit-lantern-42-quay"
_hashed: dict[str, str] = {}


async def make_person(email: str = "ada@example.com", *, password: str = PASSWORD, role: Role = Role.USER, time_zone: str = "UTC") -> Person:
    """A person who can sign in with `password`; without account, plan or credits."""
    if password not in _hashed:
        _hashed[password] = await passwords.hash_password(password)
    async with transaction() as tx:
        return await service.create_person(tx, email=email, password_hash=_hashed[password], display_name=None, time_zone=time_zone, role=role)


async def make_session(person: Person, actor: Actor = SYSTEM) -> NewSession:
    """An open session of that person."""
    async with transaction() as tx:
        return await service.open_session(tx, person_id=person.id, actor=actor)
