"""Pushing balances: when a transaction that changes an account commits, every open tab of its person follows.

PostgreSQL rings (on commit only: "balance", "money" for orders and cards, "alert"); the balance is read once and written into each tab's State.
A tab is known by its client token and the connection it was registered on: a token that turns up on another connection gets nothing until
its cookie was looked up.
"""

import asyncio
from collections import defaultdict
from uuid import UUID

import reflex as rx
import structlog

from credit_studio.core import clock, ids
from credit_studio.db import listen
from credit_studio.identity.views import Person
from credit_studio.notifications.service import CHANNEL as ALERTS
from credit_studio.payments.service import CHANNEL as MONEY
from credit_studio.ui.states.balance import Balance, Read, read
from credit_studio.ui.states.privacy import person_of

_SWEEP_EVERY_S = 300.0
_log = structlog.get_logger(__name__)
_tabs: dict[UUID, dict[str, str]] = defaultdict(dict)
_people: dict[UUID, Person] = {}


def watch(person: Person, *, token: str, connection: str) -> None:
    """Remember that this tab shows this person's balance."""
    _tabs[person.id][token] = connection
    _people[person.id] = person


def unwatch(user_id: UUID, token: str, *, connection: str | None = None) -> None:
    """Forget a tab; the person too when it was the last one. With `connection`, not when it has come back on another since."""
    if connection is not None and _tabs[user_id].get(token) != connection:
        return
    _tabs[user_id].pop(token, None)
    if not _tabs[user_id]:
        _tabs.pop(user_id, None)
        _people.pop(user_id, None)


async def follow(studio: rx.App) -> None:
    """Listen for as long as the process lives. A burst for one person is read once more after the read that is under way."""
    waiting: dict[UUID, frozenset[str]] = {}
    busy: dict[UUID, asyncio.Task[None]] = {}

    async def serve(user_id: UUID) -> None:
        while user_id in waiting:
            rung = waiting.pop(user_id)
            try:
                await push(studio, user_id, rung=rung)
            except Exception:  # noqa: BLE001 - one tab that cannot be reached must not end the listening
                _log.exception("push_failed")
        busy.pop(user_id, None)

    async def hear(channel: str) -> None:
        async for message in listen.hub().subscribe(channel):
            for user_id in _meant(message):
                waiting[user_id] = waiting.get(user_id, frozenset()) | {channel}
                if user_id not in busy:
                    busy[user_id] = asyncio.create_task(serve(user_id))

    others = asyncio.gather(_sweep_for_ever(studio), hear(MONEY), hear(ALERTS))
    try:
        await hear("balance")
    finally:
        others.cancel()


async def _sweep_for_ever(studio: rx.App) -> None:
    while True:
        await asyncio.sleep(_SWEEP_EVERY_S)
        sweep(studio)


def sweep(studio: rx.App) -> None:
    """Forget the tabs that were closed since: a closed tab says nothing."""
    connections = studio.event_namespace.token_to_sid if studio.event_namespace else {}
    gone = [(user_id, token) for user_id, tabs in _tabs.items() for token, connection in tabs.items() if connections.get(token) != connection]
    for user_id, token in gone:
        unwatch(user_id, token)


def _meant(message: listen.Message) -> list[UUID]:
    """Whose tabs a message is about: everybody's after the bell's connection was lost."""
    if message == listen.RESYNC:
        return list(_tabs)
    user_id = ids.parse_id(str(message.get("userId") or message.get("key")))
    return [user_id] if user_id is not None and user_id in _tabs else []


async def push(studio: rx.App, user_id: UUID, *, rung: frozenset[str] = frozenset()) -> None:
    """Read a person's balance once and show it in every tab of theirs that is connected to this process.

    `rung` are the channels that rang: pages that show orders, a card or alerts follow what has changed of those.
    """
    person, tabs = _people.get(user_id), dict(_tabs.get(user_id, {}))
    if person is None or not tabs:
        return
    seen = await read(person)
    connections = studio.event_namespace.token_to_sid if studio.event_namespace else {}
    for token, connection in tabs.items():
        if connections.get(token) == connection:
            await _show_in(studio, token, person, seen, rung=rung)
        else:
            unwatch(user_id, token, connection=connection)


async def _show_in(studio: rx.App, token: str, person: Person, seen: Read, *, rung: frozenset[str]) -> None:
    async with studio.modify_state(rx.BaseStateToken(ident=token, cls=Balance)) as root:
        now_there = await person_of(root)
        if now_there is None or now_there.id != person.id:
            unwatch(person.id, token)
            return
        balance = await root.get_state(Balance)
        balance._show(seen, now_there.time_zone, now=clock.now())  # noqa: SLF001 - `_` keeps it from the door
        balance.told += int(MONEY in rung)
        balance.alerted += int(ALERTS in rung)
