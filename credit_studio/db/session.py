"""One transaction at the edge: doors and jobs open it, services work in it, nobody else commits."""

import contextlib
import functools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy import Executable, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncResult, create_async_engine

from credit_studio import settings
from credit_studio.core import events
from credit_studio.db import location

LOST = (OSError, OperationalError, InterfaceError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError)
"""What a lost connection is told with, by SQLAlchemy and by the driver: whether the transaction was committed is not known."""

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


@functools.cache
def engine() -> AsyncEngine:
    """The engine of this process, made when first asked for (never at import: the web server forks)."""
    return _engine(pool_size=20)


_BY_INDEX = {"plan_cache_mode": "force_generic_plan", "jit": "off", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""Planned anew for each batch, statements over arrays take longer to plan than to run; and a plan that was made while tables were small reads
them whole when they have grown. So they are planned once, to go by indexes."""


@functools.cache
def batch_engine() -> AsyncEngine:
    """An engine for statements over arrays."""
    return _engine(pool_size=2, isolation_level="AUTOCOMMIT", connect_args={"server_settings": _BY_INDEX})


def _engine(*, pool_size: int, **more: Any) -> AsyncEngine:  # noqa: ANN401 - what SQLAlchemy takes
    return create_async_engine(
        location.database_url(settings.get(), driver="asyncpg"),
        pool_size=pool_size,
        max_overflow=20,
        pool_pre_ping=False,
        json_serializer=functools.partial(json.dumps, separators=(",", ":")),
        **more,
    )


async def dispose() -> None:
    """Close every connection of this process; the next use opens new ones."""
    while _kept:
        await _kept.pop()[0].close()
    for made in (engine, batch_engine):
        if made.cache_info().currsize:
            await made().dispose()
            made.cache_clear()


@dataclass(frozen=True)
class Tx:
    """One open transaction. Services take it as their first argument and never commit."""

    conn: AsyncConnection
    driver: Any = field(default=None, kw_only=True)
    """The driver's own connection where the transaction is the driver's, for `send` to go past SQLAlchemy."""

    async def execute(self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None) -> CursorResult[Any]:
        """Run one Core statement."""
        return await self.conn.execute(statement, values)

    async def send(self, statement: str, arrays: Sequence[Any]) -> None:
        """Run a statement of the database's own spelling ($1, $2, ...)."""
        if self.driver is None:
            await self.conn.exec_driver_sql(statement, tuple(arrays))
        else:
            await self.driver.fetch(statement, *arrays)

    async def stream(self, statement: Executable) -> AsyncResult[Any]:
        """Run one query and get its rows as they come, so that memory stays flat; several may be read in turns."""
        return await self.conn.stream(statement)

    async def notify(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Ring `channel` when, and only if, this transaction commits."""
        await self.conn.execute(_NOTIFY, {"channel": channel, "payload": json.dumps(payload, separators=(",", ":"), default=str)})

    async def emit(self, event: events.Event) -> None:
        """Tell what happened: what `wiring.py` says follows is done in this same transaction."""
        for reaction in events.reactions_to(event):
            await reaction(self, event)


@asynccontextmanager
async def transaction() -> AsyncIterator[Tx]:
    """A READ COMMITTED transaction: commits when the block ends, rolls back when it raises."""
    async with engine().begin() as conn:
        yield Tx(conn)


@asynccontextmanager
async def batching(*, one_statement: bool = False) -> AsyncIterator[Tx]:
    """A transaction for many commands at once, whose statements take arrays; `one_statement` is one by itself, and saves two round trips."""
    conn, driver = await _connection()
    try:
        async with contextlib.nullcontext() if one_statement else driver.transaction():
            yield Tx(conn, driver=driver)
    finally:
        if conn.in_transaction():
            await conn.rollback()  # SQLAlchemy's own notion of one: the driver has ended its transaction
        _kept.append((conn, driver))


_kept: list[tuple[AsyncConnection, Any]] = []
"""Connections for batches, each with the driver's own: kept from batch to batch, since the pool's way of lending takes as long as a small batch."""


async def _connection() -> tuple[AsyncConnection, Any]:
    while _kept:
        conn, driver = _kept.pop()
        if not driver.is_closed():
            return conn, driver
        await conn.invalidate()
        await conn.close()
    conn = await batch_engine().connect()
    driver: Any = (await conn.get_raw_connection()).driver_connection
    await driver.set_type_codec("timestamptz", schema="pg_catalog", format="tuple", encoder=_microseconds, decoder=_instant)
    return conn, driver


_EPOCH, _MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def _microseconds(at: datetime) -> tuple[int]:
    """An instant as the database counts it; the driver's own way to this takes three times as long, and a hold has three instants."""
    return ((at - _EPOCH) // _MICROSECOND,)


def _instant(counted: tuple[int]) -> datetime:
    return _EPOCH + timedelta(microseconds=counted[0])


@asynccontextmanager
async def snapshot() -> AsyncIterator[Tx]:
    """A read-only REPEATABLE READ transaction: every statement in it sees one instant."""
    async with engine().connect() as conn:
        await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with conn.begin():
            yield Tx(conn)
