"""Who calls: the session behind the cookie, looked up in the database on every request."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from credit_studio import settings
from credit_studio.api import context
from credit_studio.core.actor import Actor, Role
from credit_studio.core.errors import NotSignedIn
from credit_studio.identity import cookies, flow
from credit_studio.identity.views import Person


async def identify(request: Request) -> tuple[Actor, Person | None, NotSignedIn | None]:
    """The actor (a visitor when the cookie leads to nobody), the person, and the refusal of credentials that are none."""
    known = context.of(request)
    visitor = Actor(address=known.address, request_id=known.request_id, door="api")
    scheme, _, _ = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return visitor, None, NotSignedIn("This key is not valid. Nothing was charged.", code="invalid_key", action="Sign in, or use a valid key.")
    person = await flow.who(token_of(request))
    return actor_of(request, person), person, None


def actor_of(request: Request, person: Person | None) -> Actor:
    """The actor that a person is in this request."""
    known = context.of(request)
    user_id, role = (person.id, person.role) if person else (None, Role.USER)
    return Actor(user_id=user_id, role=role, address=known.address, request_id=known.request_id, door="api")


def token_of(request: Request) -> str | None:
    """The session token that the request carries."""
    return cookies.read(request.headers.get("cookie"), settings.get())


def remember(request: Request, actor: Actor, person: Person | None) -> None:
    """Keep who calls for the handler."""
    request.state.actor, request.state.person = actor, person


def _actor(request: Request) -> Actor:
    return request.state.actor


def _person(request: Request) -> Person:
    person: Person | None = request.state.person
    if person is None:
        raise NotSignedIn("Sign in to do this.", action="Sign in and try again.", helps=("sign_in",))
    return person


Caller = Annotated[Actor, Depends(_actor)]
SignedIn = Annotated[Person, Depends(_person)]
