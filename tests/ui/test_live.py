"""Pushes: to the tabs of the person, on the connection that was looked up, and to nobody else."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from credit_studio.core.actor import SYSTEM
from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.identity import flow as identity
from credit_studio.identity.views import NewSession
from credit_studio.notifications import service as notifications
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui import live
from credit_studio.ui.states.balance import Balance

STRANGER = UUID(int=7)


class Tabs:
    """Stands for the app: tabs with their State, and which connection each token is on."""

    def __init__(self, **connections: str) -> None:
        self.event_namespace = SimpleNamespace(token_to_sid=connections)
        self.roots: dict[str, rx.State] = {}

    def open(self, token: str, cookie: str) -> None:
        """A tab that sends this cookie."""
        self.roots[token] = root = rx.State()
        root.router = RouterData.from_router_data({"headers": {"cookie": f"cs_session={cookie}"}, "token": token, "sid": token})

    @asynccontextmanager
    async def modify_state(self, token: rx.BaseStateToken) -> AsyncIterator[rx.State]:
        """As `rx.App` does it, without sending anything."""
        yield self.roots[token.ident]

    def balance(self, token: str) -> Any:
        """What the tab shows."""
        return self.roots[token].get_substate(Balance.get_full_name().split("."))


@pytest.fixture
async def ada(database: None) -> AsyncIterator[NewSession]:
    session = await subscriptions.register(
        email=f"ada-{uuid4().hex[:8]}@example.com", password="correct horse battery staple", display_name="ada", time_zone="UTC", actor=SYSTEM
    )
    yield session
    for token in ("one", "two"):
        live.unwatch(session.person.id, token)


async def test_every_tab_of_a_person_follows(ada: NewSession) -> None:
    tabs = Tabs(one="c1", two="c2")
    for token, connection in (("one", "c1"), ("two", "c2")):
        tabs.open(token, ada.token)
        live.watch(ada.person, token=token, connection=connection)
    await live.push(tabs, ada.person.id)  # type: ignore[arg-type]
    assert [tabs.balance(token).available for token in ("one", "two")] == [300, 300]


async def test_a_token_on_another_connection_gets_nothing(ada: NewSession) -> None:
    tabs = Tabs(one="stolen")
    tabs.open("one", ada.token)
    live.watch(ada.person, token="one", connection="c1")
    await live.push(tabs, ada.person.id)  # type: ignore[arg-type]
    assert not tabs.balance("one").ready


async def test_a_tab_that_comes_back_while_its_balance_is_read_still_follows(ada: NewSession, monkeypatch: pytest.MonkeyPatch) -> None:
    tabs = Tabs(one="back")
    tabs.open("one", ada.token)
    live.watch(ada.person, token="one", connection="before")
    read = live.read

    async def reading(person: Any) -> Any:
        live.watch(ada.person, token="one", connection="back")
        return await read(person)

    monkeypatch.setattr(live, "read", reading)
    await live.push(tabs, ada.person.id)  # type: ignore[arg-type]
    await live.push(tabs, ada.person.id)  # type: ignore[arg-type]
    assert tabs.balance("one").available == 300


async def test_a_tab_whose_session_has_ended_gets_nothing(ada: NewSession) -> None:
    tabs = Tabs(one="c1")
    tabs.open("one", ada.token)
    live.watch(ada.person, token="one", connection="c1")
    await identity.logout(token=ada.token, actor=SYSTEM)
    await live.push(tabs, ada.person.id)  # type: ignore[arg-type]
    assert not tabs.balance("one").ready


async def test_a_push_that_is_older_than_what_is_shown_is_dropped(ada: NewSession) -> None:
    tabs = Tabs(one="c1")
    tabs.open("one", ada.token)
    live.watch(ada.person, token="one", connection="c1")
    shown = tabs.balance("one")
    shown.ready, shown.version, shown.available = True, 1_000_000, 5
    await live.push(tabs, ada.person.id)  # type: ignore[arg-type]
    assert shown.available == 5


async def test_after_the_bell_was_lost_everybody_is_read_anew(ada: NewSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_tabs", defaultdict(dict))
    live.watch(ada.person, token="one", connection="c1")
    assert live._meant(listen.RESYNC) == [ada.person.id]
    assert live._meant({"userId": str(ada.person.id), "version": 3}) == [ada.person.id]


async def test_a_commit_that_changes_the_account_reaches_the_open_tab(ada: NewSession) -> None:
    tabs = Tabs(one="c1")
    tabs.open("one", ada.token)
    live.watch(ada.person, token="one", connection="c1")
    await listen.hub().start()
    following = asyncio.create_task(live.follow(tabs))  # type: ignore[arg-type]
    try:
        await asyncio.sleep(0)
        await subscriptions.grant(email=ada.person.email, credits=5, source="gift")
        async with asyncio.timeout(5):
            while tabs.balance("one").available != 305:  # noqa: ASYNC110 - the State rings no bell when it is written
                await asyncio.sleep(0.005)
        assert tabs.balance("one").held == 0
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await listen.hub().stop()


async def test_an_alert_reaches_the_bell_of_the_open_tab(ada: NewSession) -> None:
    tabs = Tabs(one="c1")
    tabs.open("one", ada.token)
    live.watch(ada.person, token="one", connection="c1")
    await listen.hub().start()
    following = asyncio.create_task(live.follow(tabs))  # type: ignore[arg-type]
    try:
        await asyncio.sleep(0)
        async with transaction() as tx:
            await notifications.tell(tx, ada.person.id, "low_balance", dedupe="low:1", data={"left": 9, "below": 30})
        async with asyncio.timeout(5):
            while tabs.balance("one").unread != 1:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.005)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await listen.hub().stop()
    assert (tabs.balance("one").unread, tabs.balance("one").alerted, tabs.balance("one").told) == (1, 1, 0)


@pytest.mark.parametrize("message", [{}, {"userId": "nobody"}, {"userId": str(STRANGER)}, {"userId": 5}])
def test_a_message_about_nobody_here_is_left_alone(message: dict[str, Any]) -> None:
    assert live._meant(message) == []


async def test_a_closed_tab_is_forgotten(ada: NewSession) -> None:
    live.watch(ada.person, token="one", connection="c1")
    live.watch(ada.person, token="two", connection="c2")
    live.sweep(Tabs(one="c1"))  # type: ignore[arg-type]
    assert live._tabs[ada.person.id] == {"one": "c1"}
    live.sweep(Tabs())  # type: ignore[arg-type]
    assert ada.person.id not in live._tabs
