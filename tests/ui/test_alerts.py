"""The alerts page as it is driven, and the bell that follows."""

from typing import Any
from uuid import uuid4

import reflex as rx
from reflex.istate.data import RouterData
from sqlalchemy import text

from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import transaction
from credit_studio.identity.views import NewSession
from credit_studio.notifications import flow, service
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states.alerts import Alerts
from credit_studio.ui.states.balance import read

NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "nope", "x" * 10_000, True, "\x00")


async def _person() -> NewSession:
    email = f"ada-{uuid4().hex[:8]}@example.com"
    return await subscriptions.register(email=email, password="correct horse battery staple", display_name="ada", time_zone="Europe/London", actor=SYSTEM)


def _page(cookie: str = "") -> Any:
    root = rx.State()
    headers = {"cookie": f"cs_session={cookie}"} if cookie else {}
    root.router = RouterData.from_router_data({"headers": headers, "token": "tab", "sid": "c", "pathname": "/", "asPath": "/"})
    return root.get_substate(Alerts.get_full_name().split("."))


async def _tell(session: NewSession) -> None:
    async with transaction() as tx:
        await service.tell(tx, session.person.id, "low_balance", dedupe="low:1", data={"left": 9, "below": 30})
        await service.tell(tx, session.person.id, "purchase_failed", dedupe="failed:1", data={"said": "The card has expired.", "name": "Starter"})


async def test_alerts_are_narrowed_and_read_one_by_one_and_the_bell_follows(database: None) -> None:
    ada = await _person()
    await _tell(ada)
    page = _page(ada.token)
    await Alerts.load.fn(page)
    assert ([one.title for one in page.rows], page.left) == (["A purchase failed: Starter", "9 credits left"], 2)
    assert (await read(ada.person)).unread == 2
    await Alerts.read_one.fn(page, page.rows[0].alert_id)
    await Alerts.narrow.fn(page, "unread")
    assert [one.title for one in page.rows] == ["9 credits left"]
    await Alerts.read_all.fn(page)
    assert (page.rows, page.left, (await read(ada.person)).unread) == ([], 0, 0)
    await Alerts.narrow.fn(page, "payments")
    assert [one.is_read for one in page.rows] == [True]


async def test_the_open_list_follows_what_is_told_and_stays_on_its_page(database: None) -> None:
    ada = await _person()
    page = _page(ada.token)
    await Alerts.follow.fn(page)
    assert (page.ready, page.rows) == (False, [])
    await Alerts.load.fn(page)
    await _tell(ada)
    await Alerts.follow.fn(page)
    assert ([one.title for one in page.rows], page.left) == (["A purchase failed: Starter", "9 credits left"], 2)
    async with transaction() as tx:
        for one in range(20):
            await service.tell(tx, ada.person.id, "low_balance", dedupe=f"more:{one}", data={"left": one, "below": 30})
    await Alerts.follow.fn(page)
    assert (len(page.rows), page.has_older, page.has_newer) == (20, True, False)
    await Alerts.older.fn(page)
    await Alerts.follow.fn(page)
    assert ([one.title for one in page.rows], page.has_older, page.has_newer) == (["A purchase failed: Starter", "9 credits left"], False, True)


async def test_strangers_and_nonsense_change_nothing(database: None) -> None:
    ada, eve = await _person(), await _person()
    await _tell(ada)
    async with transaction() as tx:
        [newest, _] = (await service.list_alerts(tx, ada.person.id)).items
    for cookie in (eve.token, ""):
        page = _page(cookie)
        for given in (str(newest.id), *NONSENSE):
            await Alerts.read_one.fn(page, given)
            await Alerts.narrow.fn(page, given if isinstance(given, str) else "all")
        await Alerts.read_all.fn(page)
        await Alerts.load.fn(page)
        await Alerts.follow.fn(page)
        assert page.rows == []
    assert (await read(ada.person)).unread == 2


async def test_kept_mails_are_shown_to_their_owner(database: None) -> None:
    ada, eve = await _person(), await _person()
    await _tell(ada)
    async with transaction() as tx:
        due = (await tx.execute(text("SELECT id FROM delivery"))).scalars().all()
    for one in due:
        await flow.deliver(str(one))
    for session, count in ((ada, 2), (eve, 0)):
        page = _page(session.token)
        await Alerts.load.fn(page)
        assert len(page.mails) == count
