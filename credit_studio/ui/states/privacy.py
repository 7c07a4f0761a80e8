"""What of a tab's State is private, and who may see it.

A tab's State is found by its client token, which is no credential: whoever presents the token gets the State back, also without the
cookie. So the State is bound to the session cookie it was filled under, and before any event is handled, a different cookie empties it.
"""

import hashlib
from typing import TypeVar

import reflex as rx
from reflex.app import App
from reflex.state import BaseState
from reflex_base.event import Event

from credit_studio import settings
from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.identity import cookies, flow
from credit_studio.identity.views import Person

S = TypeVar("S", bound=type[rx.State])
_private: list[type[rx.State]] = []
_CONNECTS = ("hydrate", "hydrate_and_load")


def private(cls: S) -> S:
    """Mark a State class as holding what only its person may see."""
    _private.append(cls)
    return cls


class Binding(rx.State):
    """Which session this tab's State was filled under: a digest, kept on the server."""

    _mark: str = ""


def _token(state: BaseState) -> str | None:
    return cookies.read(state.router.headers.cookie or None, settings.get())


async def person_of(state: BaseState) -> Person | None:
    """The person behind this tab's connection, looked up in the database now; None for a visitor."""
    token = _token(state)
    return await flow.who(token) if token else None


def actor_for(state: BaseState, person: Person | None) -> Actor:
    """The caller of a verb, as a page sees them."""
    address = state.router.session.client_ip
    request_id = f"page-{ids.new_id()}"
    if person is None:
        return Actor(address=address, request_id=request_id, door="page")
    return Actor(user_id=person.id, role=person.role, address=address, request_id=request_id, door="page")


async def actor_of(state: BaseState) -> Actor:
    """The caller of a verb, looked up in the database now."""
    return actor_for(state, await person_of(state))


async def forget(state: BaseState) -> None:
    """Empty everything private in this tab."""
    for cls in _private:
        (await state.get_state(cls)).reset()


class PrivacyGuard(rx.Middleware):
    """Before any event: a tab whose cookie is not the one its State was filled under starts empty."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> None:  # noqa: ARG002 - Reflex gives the app
        """Compare, and forget on a difference; on a new connection also when the session has ended meanwhile."""
        token = _token(state)
        mark = hashlib.sha256(token.encode()).hexdigest() if token else ""
        binding = await state.get_state(Binding)
        ended = bool(mark) and event.name.rpartition(".")[2] in _CONNECTS and await flow.who(token) is None
        if binding._mark != mark or ended:  # noqa: SLF001 - this module's own State
            await forget(state)
            binding._mark = mark  # noqa: SLF001 - this module's own State
