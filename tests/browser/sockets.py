"""A raw client of the pages' socket: what anybody can send who has never seen a page."""

import asyncio
import inspect
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
from reflex_base.registry import RegistrationContext

NAMESPACE = "/_event"
PATIENCE_S = 20
_MARKER = "reflex___state____state.credit_studio___ui___states___demo____demo"
_STATE = "reflex___state____state"
_turns = itertools.count()


@dataclass
class Socket:
    """A connection: what it heard, as text, in the order in which it came."""

    client: socketio.AsyncClient
    heard: list[str] = field(default_factory=list)

    async def call(self, name: str, payload: Mapping[str, Any], *, path: str = "/") -> None:
        """Call a handler by its full name, as if from the page at `path`."""
        await self.client.emit("event", {"name": name, "payload": payload, "router_data": {"pathname": path, "asPath": path}}, namespace=NAMESPACE)

    async def hydrate(self, *, path: str = "/") -> None:
        """Ask for the whole State, as a page does that opens."""
        await self.call(f"{_STATE}.hydrate_and_load", {"vars": {}, "hashes": []}, path=path)

    async def answered(self) -> None:
        """Wait until everything that was sent before has been handled: events of one tab are handled in order."""
        wanted = 1_000 + next(_turns)
        await self.call(f"{_MARKER}.set_iterations", {"value": wanted})
        await self.hears(f": {wanted}")

    async def hears(self, said: str) -> None:
        """Wait until the server has said this."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(said in one for one in self.heard):  # noqa: ASYNC110 - what is waited for comes from another process
                await asyncio.sleep(0.02)


@asynccontextmanager
async def connected(studio: str, *, token: str, cookie: str | None = None, origin: str | None = None) -> AsyncIterator[Socket]:
    """A connection under this client token; the Origin is the studio's own unless another is given, "" for none."""
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    socket = Socket(client)

    async def hear(event: str, *said: Any) -> None:
        socket.heard.append(json.dumps([event, *said], default=str))

    client.on("*", hear, namespace=NAMESPACE)
    headers = {"Origin": studio if origin is None else origin, "Cookie": f"cs_session={cookie}" if cookie else ""}
    try:
        await client.connect(
            f"{studio}?token={token}",
            headers={name: value for name, value in headers.items() if value},
            socketio_path=NAMESPACE,
            namespaces=[NAMESPACE],
            transports=["websocket"],
        )
        yield socket
    finally:
        await client.disconnect()


def handlers() -> dict[str, tuple[str, ...]]:
    """Every handler that can be called over the socket, Reflex's own included: its full name, and its arguments."""
    from credit_studio.credit_studio import app  # noqa: PLC0415 - importing it assembles the whole studio, once a process

    assert app is not None
    found = RegistrationContext.get().event_handlers
    return {name: tuple(inspect.signature(one.handler.fn).parameters)[1:] for name, one in found.items() if "tests___" not in name}
