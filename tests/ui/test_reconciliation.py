"""The State of /admin/reconciliation: strangers read and change nothing, operators see how the money stands and mend it."""

from typing import Any, get_args

from sqlalchemy import text

from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.db.session import transaction
from credit_studio.identity import flow as signing_in
from credit_studio.identity import service as identity
from credit_studio.payments import flow, inbox
from credit_studio.payments.reconcile_rules import Code
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states.reconciliation import FINDINGS, Reconciliation
from tests.makers.people import someone
from tests.payments.conftest import sandbox, sandbox_process, selling, shop
from tests.payments.shop import ORIGIN, Shop
from tests.ui.test_states import _part, _tab

__all__ = ["sandbox", "sandbox_process", "selling", "shop"]
EMAIL, PASSWORD = "olga@example.com", "orbit-lantern-42-quay"
HOSTILE: tuple[Any, ...] = (None, 7, [], "evt_nothing", "\x00")


async def an_operator() -> str:
    """The cookie of an operator."""
    await subscriptions.register(email=EMAIL, password=PASSWORD, actor=Actor(door="test"))
    async with transaction() as tx:
        await identity.make_admin(tx, email=EMAIL, actor=SYSTEM)
    return (await signing_in.login(email=EMAIL, password=PASSWORD, actor=Actor(door="test"))).token


async def a_page(cookie: str = "") -> Any:
    """The page's State in a tab with that cookie, loaded."""
    part = _part(_tab(cookie, "/admin/reconciliation/"), Reconciliation)
    await Reconciliation.load.fn(part)
    return part


async def call(part: Any, name: str, *values: Any) -> Any:
    """What a handler answers."""
    return await getattr(Reconciliation, name).fn(part, *values)


async def two_dead_events(shop: Shop) -> None:
    """A paid checkout whose order was tampered with."""
    buyer = await someone()
    opened = await flow.start_checkout(buyer.actor, "starter", origin=ORIGIN)
    shop.pay(opened.session_id)
    await tamper(999)
    for event_id in await shop.take_in():
        await inbox.process(event_id)


async def tamper(amount: int) -> None:
    """Give every order another amount."""
    async with transaction() as tx:
        await tx.execute(text("UPDATE purchase SET amount = :amount"), {"amount": amount})


async def counts() -> list[int]:
    """How many checks and how many dead events are written down."""
    async with transaction() as tx:
        queries = ("SELECT count(*) FROM money_check", "SELECT count(*) FROM inbox WHERE status = 'dead'")
        return [(await tx.execute(text(query))).scalar_one() for query in queries]


async def test_a_stranger_and_a_person_without_the_role_read_and_change_nothing(shop: Shop) -> None:
    await two_dead_events(shop)
    ada = await subscriptions.register(email="ada@example.com", password=PASSWORD, actor=Actor(door="test"))
    for cookie in ("", ada.token):
        part = await a_page(cookie)
        assert part.denied
        for name, values in [("begin", ()), ("compare", ()), *(("replay", (one,)) for one in HOSTILE)]:
            assert await call(part, name, *values) is None
        assert (part.at, part.wrong, part.waiting, part.dead, part.busy) == ("", [], [], [], False)
    assert await counts() == [0, 2]


async def test_an_operator_compares_and_replays(shop: Shop) -> None:
    cookie = await an_operator()
    await two_dead_events(shop)
    page = await a_page(cookie)
    assert (page.ready, page.denied, page.at, len(page.dead)) == (True, False, "", 2)
    await call(page, "compare")
    assert (page.holds, [one.title for one in page.wrong], page.busy) == (False, ["Paid at Stripe for an order that does not take it"], False)
    await tamper(1_000)
    for hostile in HOSTILE:
        await call(page, "replay", hostile)
    for event in list(page.dead):
        await call(page, "replay", event.event_id)
    assert page.dead == []
    await call(page, "compare")
    assert (page.holds, page.wrong, page.looked, page.mended) == (True, [], "1", [])


async def test_the_button_says_at_once_that_it_is_under_way(shop: Shop) -> None:
    page = await a_page(await an_operator())
    assert await call(page, "begin") is not None
    assert page.busy
    assert await call(page, "begin") is None


def test_every_finding_is_said_in_words() -> None:
    assert set(FINDINGS) == set(get_args(Code))
