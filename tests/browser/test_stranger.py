"""What a stranger can do over the pages' socket: call everything, read nothing private, change nothing."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import socketio
from playwright.async_api import Browser, BrowserContext, Page, expect
from socketio.exceptions import ConnectionError as Refused

from credit_studio.db import embedded
from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests.browser.conftest import SignUp, settled
from tests.browser.sockets import Socket, connected, handlers
from tests.studios import Place

pytestmark = pytest.mark.browser
TOOL = get_tool("cyber-studio-risk-register")
RUN = "reflex___state____state.credit_studio___ui___states___run____run"
GIFT = 7_654_321
PRIVATE_PATHS = ("/api/auth/me", "/api/credits/balance", "/api/credits/transactions", "/api/runs")


@dataclass(frozen=True)
class Victim:
    """A person with a run and a balance like nobody else's: what must never come back to anybody else."""

    email: str
    cookie: str
    run_id: str

    def secrets(self, available: int) -> set[str]:
        """Texts that only this person may see."""
        return {self.email, self.email.partition("@")[0], self.cookie, self.run_id, self.run_id[-8:], str(available), f"{available:,}", str(GIFT), f"{GIFT:,}"}


async def _seen(studio: str, victim: Victim) -> dict[str, Any]:
    """All that the victim reads over HTTP."""
    async with httpx.AsyncClient(base_url=studio, cookies={"cs_session": victim.cookie}) as http:
        replies = [await http.get(path) for path in PRIVATE_PATHS]
    assert [reply.status_code for reply in replies] == [200] * len(PRIVATE_PATHS)
    return {path: reply.json() for path, reply in zip(PRIVATE_PATHS, replies, strict=True)}


async def _written(place: Place, email: str) -> list[tuple[Any, ...]]:
    """What the database keeps of the person: the audit, runs, holds."""
    conn = await asyncpg.connect(embedded.running_url(place.data / "pg"))
    try:
        person = await conn.fetchval("SELECT id FROM person WHERE email = $1", email)
        audit = await conn.fetch("SELECT id, event, actor FROM audit_entry WHERE user_id = $1 ORDER BY id", person)
        runs = await conn.fetch("SELECT id, status, charged FROM run WHERE person_id = $1 ORDER BY id", person)
        total = await conn.fetch("SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM person)")
    finally:
        await conn.close()
    return [tuple(row) for row in (*audit, *runs, *total)]


@pytest.fixture
async def victim(place: Place, context: BrowserContext, sign_up: SignUp) -> Victim:
    """Signed up, rich, with one run behind them."""
    someone = await sign_up(context)
    place.command("grant", "--email", someone.email, "--credits", str(GIFT), "--source", "gift")
    async with httpx.AsyncClient(base_url=place.url, cookies={"cs_session": someone.cookie}, timeout=60) as http:
        ran = await http.post(f"/api{TOOL.path}/run", json={"inputs": example_json(TOOL) | {"iterations": 1_000}})
    assert ran.status_code == 200, ran.text
    return Victim(someone.email, someone.cookie, ran.json()["runId"])


def _hostile(arguments: tuple[str, ...], victim: Victim) -> list[dict[str, Any]]:
    """Payloads for one handler: its arguments filled with what might lead somewhere, and what might break something."""
    inputs = example_json(TOOL) | {"iterations": 1_000}
    sensible = {"tool_id": TOOL.id, "values": inputs, "text": "25", "value": 7, "var_name": "email", "vars": {}, "hashes": []}
    nasty: list[Any] = [None, True, -1, 10**30, "", victim.run_id, TOOL.id, [], [[]], {}, {"uploadId": victim.run_id}, "x" * 5_000, "\x00\u202e"]
    filled: list[dict[str, Any]] = [dict.fromkeys(arguments, value) for value in nasty] if arguments else []
    likely = {name: sensible.get(name, victim.run_id) for name in arguments}
    posing = {"user_id": victim.run_id, "run_id": victim.run_id, "_mark": "", "self": None}
    return [{}, likely, likely | posing, *filled]


async def _call_everything(socket: Socket, victim: Victim) -> None:
    for name, arguments in handlers().items():
        for payload in _hostile(arguments, victim):
            await socket.call(name, payload, path=f"/runs/{victim.run_id}/")
        await socket.answered()
    socket.heard[:] = [said for said in socket.heard if not _is_echo(said)]
    states = {name.rpartition(".")[0] for name in handlers()}
    fields = ("email", "signed_in", "run_id", "busy", "available", "version", "_mark", "result_url", "room")
    forged = {f"{state}.{one}": victim.run_id for state in states for one in fields}
    await socket.call("reflex___state____state.hydrate_and_load", {"vars": forged, "hashes": []}, path="/account/")
    for path in ("/account/", f"/runs/{victim.run_id}/", f"{TOOL.path}/", "/"):
        await socket.hydrate(path=path)
        await socket.answered()
    await asyncio.sleep(0.5)


async def _call_once(socket: Socket) -> None:
    """Every handler before any page has opened, so that the tab's State is still as it was left."""
    for name in handlers():
        await socket.call(name, {}, path="/account/")
    await socket.call(f"{RUN}.cancel", {}, path="/account/")
    await socket.answered()


def _is_echo(said: str) -> bool:
    """True for the one flag of Reflex's own that anybody may set to anything in their own tab: what was sent comes back."""
    update = json.loads(said)[-1]
    changes = list(update.get("delta", {}).values()) if isinstance(update, dict) else []
    return [list(change) for change in changes] == [["is_hydrated_rx_state_"]]


def _leaks(socket: Socket, secrets: set[str]) -> set[str]:
    """Which secrets came back; the address that the caller named itself is none."""
    return {f"{secret} in {said[:1_500]}" for said in map(_without_address, socket.heard) for secret in secrets if secret in said}


def _without_address(said: str) -> str:
    return re.sub(r"/runs/[0-9a-f-]{36}/(?=\")|%2Fruns%2F[0-9a-f-]{36}%2F", "", said)


async def _token_of(page: Page) -> str:
    return await page.evaluate("sessionStorage.getItem('token')")


async def _shown_to_its_owner(page: Page, studio: str, victim: Victim) -> str:
    """Open the pages that hold most, so that the tab's State is full; its client token."""
    await settled(page, f"{studio}/account/")
    await expect(page.locator("header .bal .n").first).to_contain_text("7,654")
    await settled(page, f"{studio}{TOOL.path}/")
    await settled(page, f"{studio}/runs/{victim.run_id}/")
    await expect(page.get_by_text(victim.run_id[-8:]).first).to_be_visible()
    return await _token_of(page)


def test_every_handler_of_the_studio_is_among_those_that_are_called() -> None:
    names = {name.rpartition("____")[2] for name in handlers()}
    ours = {"session.load", "session.require", "account.load", "receipt.load", "run.start", "run.cancel", "price.change", "notice.close", "demo.set_risks"}
    assert names >= ours
    assert "run.start" in names
    assert len(handlers()) >= 30


async def test_without_a_cookie_everything_can_be_called_and_nothing_is_read_or_changed(place: Place, victim: Victim) -> None:
    before, rows = await _seen(place.url, victim), await _written(place, victim.email)
    async with connected(place.url, token=str(uuid4())) as stranger:
        await _call_everything(stranger, victim)
    private = victim.secrets(before["/api/credits/balance"]["available"])
    assert _leaks(stranger, private) == set()
    assert await _seen(place.url, victim) == before
    assert await _written(place, victim.email) == rows
    assert "all hold" in place.command("doctor")


async def test_another_persons_cookie_with_this_persons_token_reads_and_changes_nothing(
    place: Place, victim: Victim, page: Page, browser: Browser, sign_up: SignUp
) -> None:
    token = await _shown_to_its_owner(page, place.url, victim)
    other = await sign_up(await browser.new_context())
    before, rows = await _seen(place.url, victim), await _written(place, victim.email)
    secrets = victim.secrets(before["/api/credits/balance"]["available"])
    await page.close()
    await asyncio.sleep(0.5)
    async with connected(place.url, token=token, cookie=other.cookie) as thief:
        await _call_once(thief)
        for path in ("/account/", f"/runs/{victim.run_id}/", f"{TOOL.path}/"):
            await thief.hydrate(path=path)
            await thief.answered()
        assert any(other.email in said for said in thief.heard), "the page of whoever the cookie belongs to"
        assert _leaks(thief, secrets) == set()
        place.command("grant", "--email", victim.email, "--credits", "1", "--source", "gift")
        await asyncio.sleep(1)
        assert not _leaks(thief, secrets | {str(GIFT + 1)})
    after = await _seen(place.url, victim)
    assert after["/api/runs"] == before["/api/runs"]
    assert after["/api/credits/balance"]["available"] == before["/api/credits/balance"]["available"] + 1
    assert [row for row in await _written(place, victim.email) if row not in rows and row[1] != "credits.granted"] == []


async def test_this_persons_token_alone_reads_and_changes_nothing(place: Place, victim: Victim, page: Page) -> None:
    token = await _shown_to_its_owner(page, place.url, victim)
    before, rows = await _seen(place.url, victim), await _written(place, victim.email)
    await page.close()
    await asyncio.sleep(0.5)
    async with connected(place.url, token=token) as thief:
        await _call_once(thief)
        await thief.hydrate(path="/account/")
        await thief.answered()
        await thief.hydrate(path=f"/runs/{victim.run_id}/")
        await thief.answered()
    assert _leaks(thief, victim.secrets(before["/api/credits/balance"]["available"])) == set()
    assert (await _seen(place.url, victim), await _written(place, victim.email)) == (before, rows)


async def test_a_token_whose_tab_is_open_leads_nowhere(place: Place, victim: Victim, page: Page) -> None:
    token = await _shown_to_its_owner(page, place.url, victim)
    before = await _seen(place.url, victim)
    async with connected(place.url, token=token) as thief:
        await thief.hydrate(path="/account/")
        await thief.answered()
        place.command("grant", "--email", victim.email, "--credits", "1", "--source", "gift")
        await asyncio.sleep(1)
    available = before["/api/credits/balance"]["available"]
    assert _leaks(thief, victim.secrets(available) | victim.secrets(available + 1)) - {token} == set()
    await settled(page, f"{place.url}/account/")
    await expect(page.locator("header .bal .n").first).to_contain_text(f"{available + 1:,}")


async def test_a_run_goes_on_unseen_when_its_tab_is_taken_over(place: Place, victim: Victim, page: Page) -> None:
    await settled(page, f"{place.url}{TOOL.path}/")
    await page.get_by_label("Iterations").fill("500000")
    await page.locator("label", has_text="On the server").click()
    await page.get_by_role("button", name="Run for up to").click()
    await expect(page.get_by_role("button", name="Cancel").first).to_be_visible()
    token = await _token_of(page)
    await page.close()
    async with connected(place.url, token=token) as thief:
        lines = []
        async with asyncio.timeout(60):
            while not lines or lines[0]["status"] in {"queued", "running"}:
                await asyncio.sleep(0.2)
                lines = (await _seen(place.url, victim))["/api/runs"]["items"]
        await asyncio.sleep(0.5)
    available = (await _seen(place.url, victim))["/api/credits/balance"]["available"]
    assert lines[0]["status"] == "succeeded"
    assert _leaks(thief, victim.secrets(available) | {lines[0]["runId"]}) == set()
    assert [said for said in thief.heard if "states___run____run" in said] == []


async def test_a_refusal_is_not_told_to_whoever_comes_after(place: Place, context: BrowserContext, sign_up: SignUp) -> None:
    poor, token = await sign_up(context), str(uuid4())
    example = example_json(TOOL)
    async with httpx.AsyncClient(base_url=place.url, cookies={"cs_session": poor.cookie}, timeout=60) as http:
        statuses = [(await http.post(f"/api{TOOL.path}/run", json={"inputs": example, "fresh": True})).status_code for _ in range(11)]
    assert statuses[-1] == 402
    async with connected(place.url, token=token, cookie=poor.cookie) as own:
        await own.call(f"{RUN}.start", {"tool_id": TOOL.id, "values": example | {"seed": 4_711}})
        await own.hears("of 30 spent")
    for cookie in (None, "nonsense"):
        async with connected(place.url, token=token, cookie=cookie) as thief:
            await thief.hydrate(path=f"{TOOL.path}/")
            await thief.answered()
        assert not [said for said in thief.heard if "of 30 spent" in said]


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"])
async def test_a_socket_from_elsewhere_is_refused(studio: str, origin: str) -> None:
    with pytest.raises(Refused):
        async with connected(studio, token=str(uuid4()), origin=origin):
            pass


async def test_a_socket_over_long_polling_is_held_to_the_same(studio: str) -> None:
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    with pytest.raises(Refused):
        await client.connect(f"{studio}?token={uuid4()}", socketio_path="/_event", namespaces=["/_event"], transports=["polling"])
    await client.disconnect()


def test_what_is_called_is_json() -> None:
    made = Victim("a@example.com", "cookie", str(uuid4()))
    assert json.dumps([_hostile(arguments, made) for arguments in handlers().values()])
