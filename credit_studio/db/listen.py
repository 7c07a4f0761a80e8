"""The bell: one LISTEN connection a process; whoever waits for something subscribes to its channel.

A notification arrives only when the transaction that rang it has committed. After a lost connection every subscriber gets `RESYNC`:
it may have missed something and looks for itself.
"""

import asyncio
import contextlib
import functools
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from credit_studio import settings
from credit_studio.db import location

Message = dict[str, Any]
RESYNC: Message = {"resync": True}
CHANNELS = ("alert", "balance", "calibration", "money", "run", "worker")
_BACKLOG = 1_000
_log = structlog.get_logger()


class Hub:
    """Fans notifications out to the subscribers of this process; `start` it on the loop that they wait on."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], set[asyncio.Queue[Message]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Listen; returns when the first connection stands. Harmless to call twice."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen_for_ever(), name="listen-hub")
        await self._ready.wait()

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            self._ready.clear()

    @asynccontextmanager
    async def subscribed(self, channel: str, *, key: str = "") -> AsyncIterator[asyncio.Queue[Message]]:
        """A queue that gets what is rung on `channel` from now on: all of it, or what has `key` as its "key". The oldest is dropped when full."""
        queue: asyncio.Queue[Message] = asyncio.Queue(_BACKLOG)
        queues = self._queues[channel, key]
        queues.add(queue)
        try:
            yield queue
        finally:
            queues.discard(queue)
            if not queues:
                self._queues.pop((channel, key), None)

    async def subscribe(self, channel: str) -> AsyncIterator[Message]:
        """Everything rung on `channel` from now on, one by one, without end."""
        async with self.subscribed(channel) as queue:
            while True:
                yield await queue.get()

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("listen.lost", error=type(error).__name__)
            await asyncio.sleep(0.5)

    async def _listen_once(self) -> None:
        conn = await _connect()
        closed = asyncio.Event()
        conn.add_termination_listener(lambda _: closed.set())
        try:
            for channel in CHANNELS:
                await conn.add_listener(channel, self._on_notify)
            self._ready.set()
            for name in list(self._queues):
                self._give(name, RESYNC)
            await closed.wait()
        finally:
            conn.terminate()

    def _on_notify(self, _conn: object, _pid: int, channel: str, payload: object) -> None:
        message = json.loads(str(payload))
        for name in {(channel, ""), (channel, str(message.get("key", "")))}:
            self._give(name, message)

    def _give(self, name: tuple[str, str], message: Message) -> None:
        for queue in self._queues.get(name, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)


async def _connect() -> asyncpg.Connection:
    url = location.database_url(settings.get(), driver="asyncpg")
    where = {"host": url.query.get("host") or url.host, "port": url.port, "user": url.username, "password": url.password, "database": url.database}
    return await asyncpg.connect(**{name: value for name, value in where.items() if value is not None})


@functools.cache
def hub() -> Hub:
    """The hub of this process."""
    return Hub()
