"""States as a page drives them, and as a stranger would: over a real database, without a browser."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from reflex.istate.data import RouterData
from reflex_base.event import Event

from credit_studio.analytics import service as analytics
from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM
from credit_studio.db import hits, rates
from credit_studio.db.session import transaction
from credit_studio.identity import flow as identity
from credit_studio.identity.views import NewSession
from credit_studio.notifications import service as notifications
from credit_studio.reconciliation import service as reconciliation
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.tools import validation
from credit_studio.tools.registry import get_tool
from credit_studio.ui import live
from credit_studio.ui.states.account import Account
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.demo import MOST_ITERATIONS, Demo
from credit_studio.ui.states.notice import Notice
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.privacy import PrivacyGuard
from credit_studio.ui.states.receipt import Receipt
from credit_studio.ui.states.run import Run
from credit_studio.ui.states.session import Session, own_path
from tests.makers.accounts import a_grant

RISK = "cyber-studio-risk-register"
CLIENT_ONLY = "dev-studio-cost"
NONSENSE: tuple[Any, ...] = (None, 7, [], {}, "nope", CLIENT_ONLY, "x" * 10_000, True)


def _router(cookie: str = "", path: str = "/") -> RouterData:
    headers = {"cookie": f"cs_session={cookie}"} if cookie else {}
    data = {"headers": headers, "token": "tab", "sid": "connection", "pathname": path, "asPath": path, "ip": "127.0.0.1"}
    return RouterData.from_router_data(data)


def _tab(cookie: str = "", path: str = "/") -> rx.State:
    root = rx.State()
    root.router = _router(cookie, path)
    return root


def _part(root: rx.State, cls: type[Any]) -> Any:
    return root.get_substate(cls.get_full_name().split("."))


async def _change(price: Any, tool_id: Any, values: Any) -> None:
    async for _ in Price.change.fn(price, tool_id, values):
        pass


async def _person(name: str) -> NewSession:
    return await subscriptions.register(
        email=f"{name}-{uuid4().hex[:8]}@example.com", password="correct horse battery staple", display_name=name, time_zone="Europe/London", actor=SYSTEM
    )


# --- price ------------------------------------------------------------------------------------------------------------------


async def test_the_panel_begins_with_the_price_of_the_example() -> None:
    price = _part(_tab(), Price)
    price.load(RISK)
    assert (price.tool_id, price.least) == (RISK, 3)
    assert price.least <= price.typical <= price.most
    assert price.base == "2.00"
    assert "20,000 iterations over 6 risks" in price.explanation


async def test_more_iterations_move_the_sum_and_the_maximum() -> None:
    price, example = _part(_tab(), Price), validation.example_json(get_tool(RISK))
    price.load(RISK)
    before = (price.most, float(price.cpu))
    await _change(price, RISK, example | {"iterations": 500_000, "risks": example["risks"] * 5})
    assert price.most > before[0]
    assert float(price.cpu) > before[1]


async def test_inputs_that_are_not_complete_keep_the_last_figures_and_say_so() -> None:
    price = _part(_tab(), Price)
    price.load(RISK)
    before = (price.least, price.typical, price.most)
    await _change(price, RISK, {"iterations": "many"})
    assert (price.least, price.typical, price.most) == before
    assert price.why_not == "Shown for the last complete inputs."


@pytest.mark.parametrize("tool_id", NONSENSE, ids=lambda one: str(one)[:12])
async def test_a_tool_that_has_no_price_changes_nothing(tool_id: Any) -> None:
    price = _part(_tab(), Price)
    price.load(tool_id)
    await _change(price, tool_id, {})
    assert price.tool_id == ""


@pytest.mark.parametrize("values", [None, 7, "text", [], True])
async def test_inputs_that_are_no_object_change_nothing(values: Any) -> None:
    price = _part(_tab(), Price)
    await _change(price, RISK, values)
    assert price.tool_id == ""


@pytest.mark.parametrize(
    ("text", "cap"), [("5", 5), (" 12 ", 12), ("1,0", 10), ("", 0), ("2", 0), ("26", 0), ("-5", 0), ("5.5", 0), ("1e1", 0), ("\u0665", 0), ("9" * 400, 0)]
)
async def test_a_ceiling_is_a_whole_number_the_tool_allows(text: str, cap: int) -> None:
    price = _part(_tab(), Price)
    price.load(RISK)
    price.limit(text)
    assert price.cap == cap
    assert bool(price.cap_error) is (cap == 0 and text != "")


@pytest.mark.parametrize("text", [None, 5, [], {}])
async def test_a_ceiling_that_is_no_text_is_none(text: Any) -> None:
    price = _part(_tab(), Price)
    price.load(RISK)
    price.limit(text)
    assert (price.cap, price.cap_error) == (0, "")


@pytest.mark.parametrize(("value", "kept"), [(12, 12), (0, 1), (51, 50), (3.7, 3), (float("nan"), 30), (float("inf"), 30), ("7", 30), (None, 30), (True, 30)])
async def test_a_slider_stays_within_its_ends_whatever_is_sent(value: Any, kept: int) -> None:
    root = _tab()
    await Demo.set_risks.fn(_part(root, Demo), value)
    assert _part(root, Demo).risks == kept
    assert _part(root, Demo).iterations == MOST_ITERATIONS
    assert _part(root, Price).tool_id == RISK


# --- who sees what ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/tools/", "/tools/"),
        ("/runs/x?y=1", "/runs/x?y=1"),
        *[(bad, "/account/") for bad in ("", "tools", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb")],
    ],
)
def test_only_a_path_of_this_host_is_returned_to(target: str, path: str) -> None:
    assert own_path(target) == path


async def test_a_visitor_sees_nothing_private_and_is_asked_to_sign_in(database: None) -> None:
    root = _tab(path="/account/")
    asked = await Session.require.fn(_part(root, Session))
    assert "/login/?next=%2Faccount%2F" in str(asked)
    assert _part(root, Session).ready
    assert not _part(root, Session).signed_in
    assert not _part(root, Balance).ready


async def test_a_person_sees_their_balance(database: None) -> None:
    session = await _person("ada")
    root = _tab(session.token)
    await Session.load.fn(_part(root, Session))
    assert (_part(root, Session).name, _part(root, Session).initial) == ("ada", "A")
    assert _part(root, Session).zone.startswith("Europe/London")
    assert (_part(root, Balance).available, _part(root, Balance).look) == (300, "ok")
    assert [limit.limit for limit in _part(root, Balance).limits][:1] == [30]
    live.unwatch(session.person.id, "tab")


async def test_the_overview_tells_where_the_credits_come_from(database: None) -> None:
    session = await _person("ada")
    root = _tab(session.token)
    account = _part(root, Account)
    await Account.load.fn(account)
    assert account.plan == "Free"
    assert [(part.amount, part.look) for part in account.parts] == [("300", "plan")]
    assert [(line.amount, line.after, line.tone) for line in account.lines] == [("+300", "300", "good")]
    assert account.runs == []
    assert account.heading.basis == "No use yet: only booked changes are shown."
    assert (account.heading.widest, account.heading.past, account.heading.line[:6]) == ("300", "", "M0.0 0")
    assert [(mark.label, mark.look) for mark in account.heading.marks][:1] == [("300", "dot")]
    assert account.parts[0].said.startswith("from Free, end ")
    assert (account.advice.head, [one.amount for one in account.spent]) == ("", ["0", "0"])


async def test_the_overview_tells_the_past_what_ends_first_and_one_thing_to_do(database: None) -> None:
    begun = datetime(2026, 11, 1, 9, tzinfo=UTC)
    with clock.frozen(begun):
        session = await _person("ada")
    person_id, ends = session.person.id, datetime(2026, 11, 24, 10, tzinfo=UTC)
    with clock.frozen(begun + timedelta(days=9)):
        await a_grant(person_id, 100)
        await a_grant(person_id, 40, source="goodwill", expires_at=ends)
    async with transaction() as tx:
        for day in range(3, 20):
            at = begun + timedelta(days=day)
            await analytics.count_run(tx, person_id=person_id, tool_id=RISK, at=at, charged=60, succeeded=True)
    with clock.frozen(begun + timedelta(days=20)):
        now_in = await identity.login(email=session.person.email, password="correct horse battery staple", actor=SYSTEM)
        account = _part(_tab(now_in.token), Account)
        await Account.load.fn(account)
    assert [part.said for part in account.parts] == [
        "from Free, end 1 Dec 2026, 09:00 GMT",
        "bought or given, 40 of them end 24 Nov 2026, 10:00 GMT",
    ]
    assert account.heading.past.count("L") == 20
    assert [mark.label for mark in account.heading.dates] == ["2 Nov", "Today", "21 Dec"]
    assert account.heading.says[0] == "On 2 Nov there were 300 credits, now 440."
    assert [(one.amount, one.said) for one in account.spent] == [("780", "in the last 14 days, 0 of it today"), ("1,020", "in November so far")]
    assert account.advice.label == "See packs and plans"


async def test_the_overview_is_read_no_more_often_than_other_pages(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await _person("hasty")
    monkeypatch.setattr(rates, "per_minute", lambda _: 1)
    hits.forget()
    root = _tab(session.token)
    account, notice = _part(root, Account), _part(root, Notice)
    await Account.load.fn(account)
    assert (account.ready, notice.head) == (True, "")
    await Account.load.fn(account)
    hits.forget()
    assert (account.ready, "requests a minute" in notice.head) == (True, True)


async def test_the_overview_knows_a_cap_that_was_reached_lately(database: None) -> None:
    session, now = await _person("ada"), clock.now()
    data = {"subject": "plan", "label": "day", "percent": 100, "spent": 30, "limit": 30, "resets_at": now.isoformat(), "zone": "Europe/London"}
    async with transaction() as tx:
        for ago, changed in ((1, {}), (3, {}), (4, {"subject": "own"}), (5, {"label": "month"}), (8, {})):
            with clock.frozen(now - timedelta(days=ago)):
                await notifications.tell(tx, session.person.id, "cap_reached", dedupe=str(ago), data=data | changed)
    account = _part(_tab(session.token), Account)
    await Account.load.fn(account)
    assert account.advice.head == "The plan’s daily cap was reached on 2 of the last 7 days."  # noqa: RUF001 - a typographic apostrophe


@pytest.mark.parametrize(
    ("broken", "later_h", "said", "look"),
    [
        ([], 0, "Books agree, checked 14:30 GMT", "agree"),
        ([], 10, "Books agree, checked 20 Nov, 14:30 GMT", "agree"),
        (["9 the entries: ..."], 0, "Books do not agree, checked 14:30 GMT", "broken"),
        (None, 0, "Not checked yet", "unknown"),
    ],
)
async def test_the_overview_tells_when_the_books_were_checked(database: None, broken: list[str] | None, later_h: int, said: str, look: str) -> None:
    afternoon = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    with clock.frozen(afternoon):
        session = await _person("ada")
        if broken is not None:
            async with transaction() as tx:
                await reconciliation.record(tx, broken=broken)
    account = _part(_tab(session.token), Account)
    with clock.frozen(afternoon + timedelta(hours=later_h)):
        await Account.load.fn(account)
    assert (account.books, account.books_look) == (said, look)


async def test_another_cookie_empties_what_the_tab_held(database: None) -> None:
    ada, eve = await _person("ada"), await _person("eve")
    root = _tab(ada.token)
    await _guard(root)
    await Session.load.fn(_part(root, Session))
    await Account.load.fn(_part(root, Account))
    for cookie in (eve.token, ""):
        root.router = _router(cookie)
        await _guard(root)
        assert not _part(root, Session).email
        assert not _part(root, Balance).ready
        assert not _part(root, Account).lines
        await Session.load.fn(_part(root, Session))
        assert _part(root, Session).name == ("eve" if cookie else "")
    live.unwatch(ada.person.id, "tab")
    live.unwatch(eve.person.id, "tab")


async def test_a_session_that_has_ended_finds_its_tab_empty_when_it_connects_again(database: None) -> None:
    ada = await _person("ada")
    root = _tab(ada.token)
    await _guard(root)
    await Session.load.fn(_part(root, Session))
    await identity.logout(token=ada.token, actor=SYSTEM)
    await _guard(root, "reflex___state____state.hydrate_and_load")
    assert not _part(root, Session).email
    assert not _part(root, Balance).ready
    live.unwatch(ada.person.id, "tab")


async def _guard(root: rx.State, name: str = "reflex___state____state.any") -> None:
    await PrivacyGuard().preprocess(None, root, Event(name=name, payload={}))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/runs/not-an-id/", "/runs/01a1f89a-fa6d-7637-8126-66c0e1213b7e/", "/runs//", "/"])
async def test_a_run_that_is_not_yours_is_as_good_as_none(database: None, path: str) -> None:
    session = await _person("ada")
    receipt = _part(_tab(session.token, path), Receipt)
    await Receipt.load.fn(receipt)
    assert (receipt.ready, receipt.missing, receipt.title) == (True, True, "")


async def test_a_visitor_who_starts_a_run_is_refused_and_nothing_is_stored(database: None) -> None:
    root = _tab()
    await Run.start.fn(_part(root, Run), RISK, validation.example_json(get_tool(RISK)))
    run = _part(root, Run)
    assert (run.busy, run.run_id, run.status) == (False, "", "")
    assert "Sign in" in _part(root, Notice).head


@pytest.mark.parametrize("tool_id", NONSENSE, ids=lambda one: str(one)[:12])
async def test_a_run_of_no_tool_does_nothing(tool_id: Any) -> None:
    run = _part(_tab(), Run)
    await asyncio.wait_for(Run.start.fn(run, tool_id, {}), 1)
    assert not run.busy


async def test_cancelling_nothing_does_nothing() -> None:
    run = _part(_tab(), Run)
    run.run_id, run.busy = "not an id", True
    await Run.cancel.fn(run)
    assert run.busy


async def test_runs_from_a_page_are_limited_like_those_over_http(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await _person("hasty")
    monkeypatch.setattr(rates, "per_minute", lambda _: 1)
    hits.forget()
    root = _tab(session.token)
    run, notice = _part(root, Run), _part(root, Notice)
    for _ in range(2):
        await Run.start.fn(run, RISK, {})
    hits.forget()
    assert "requests a minute" in notice.head
