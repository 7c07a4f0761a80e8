"""People with an account, a plan and credits, made by the same door as everybody."""

from dataclasses import dataclass
from uuid import UUID

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.ledger import service as ledger
from credit_studio.subscriptions import service as subscriptions

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$not-a-real-hash"


@dataclass(frozen=True)
class Someone:
    """A person and what acts for them."""

    id: UUID
    email: str
    actor: Actor


async def someone(*, plan: str = "free", bought: int = 0, zone: str = "UTC") -> Someone:
    """A person on a plan, with so many bought credits on top."""
    email = f"{ids.new_id().hex}@example.com"
    async with transaction() as tx:
        person = await identity.create_person(tx, email=email, password_hash=HASH, display_name="Someone", time_zone=zone)
        await subscriptions.start_plan(tx, person_id=person.id, plan=subscriptions.get_plan(plan), zone=zone)
        if bought:
            await ledger.grant(tx, owner_id=person.id, source="purchase", source_ref=str(ids.new_id()), amount=bought)
    return Someone(person.id, email, Actor(user_id=person.id, door="test"))
