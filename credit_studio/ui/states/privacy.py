"""What of a tab's State is private, and who may see it.

A tab's State is found by its client token, which is no credential: whoever presents the token gets the State back, also without the
cookie. So the State is bound to the session cookie it was filled under, and before any event is handled, a different cookie empties it.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import reflex as rx
from reflex.app import App
from reflex.state import BaseState
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from credit_studio import settings
from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.identity import cookies, flow
from credit_studio.identity.views import Person

S = TypeVar("S", bound=type[rx.State])
_private: list[type[rx.State]] = []
_CONNECTS = ("hydrate", "hydrate_and_load")
_LOOK_EVERY_S = 0.25
_LOOKS = 20


def private(cls: S) -> S:
    """Mark a State class as holding what only its person may see."""
    _private.append(cls)
    return cls


class Binding(rx.State):
    """Which session this tab's State was filled under, as a digest, and on which connection that was seen: kept on the server."""

    _mark: str = ""
    _connection: str = ""


def _token(state: BaseState) -> str | None:
    return cookies.read(state.router.headers.cookie or None, settings.get())


def has_cookie(state: BaseState) -> bool:
    """True when this tab's connection came with a session cookie, of a session that lives or not."""
    return bool(_token(state))


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
        if binding._connection != state.router.session.session_id:  # noqa: SLF001 - as above
            binding._connection = state.router.session.session_id  # noqa: SLF001 - as above


class TakenOver(Exception):
    """The tab is somebody else's by now: what was to be shown in it is not theirs to see."""


async def session_mark(state: BaseState) -> str:
    """The session that this tab's State is filled under, as a digest; for `still_of`."""
    return (await state.get_state(Binding))._mark  # noqa: SLF001 - this module's own State


@asynccontextmanager
async def still_of(state: rx.State, mark: str) -> AsyncIterator[None]:
    """Write into a State from a background task, as long as its tab is still of that session; raises `TakenOver`.

    What is written goes to whichever connection holds the tab's client token. One whose cookie has not been seen yet is given a moment
    to show it, as a page does that connects again.
    """
    for _ in range(_LOOKS):
        async with state:
            binding = await state.get_state(Binding)
            if binding._mark != mark:  # noqa: SLF001 - this module's own State
                break
            if binding._connection in ("", _connection_of(state)):  # noqa: SLF001 - as above
                yield
                return
        await asyncio.sleep(_LOOK_EVERY_S)
    raise TakenOver


def _connection_of(state: BaseState) -> str:
    """Where this tab's changes go now; as the State has it when nobody is connected to this process."""
    tab, studio = state.router.session, RegistrationContext.get()._app  # noqa: SLF001 - `app` raises where there is none, as in tests of States
    space = studio.event_namespace if studio is not None else None
    return (space.token_to_sid.get(tab.client_token) if space is not None else None) or tab.session_id
