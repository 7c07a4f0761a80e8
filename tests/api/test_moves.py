"""What moved: found by type, tool, words and period, paged however rare it is, and taken along as a file."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from credit_studio.core import clock, ids
from credit_studio.db.session import transaction
from credit_studio.history import flow, looking
from credit_studio.ledger import service as ledger
from credit_studio.runs import moving
from credit_studio.tools.registry import get_tool
from tests.api.conftest import Client, problem
from tests.makers.past_runs import add_past, past_run
from tests.makers.people import someone

RISK, SCHEMA = get_tool("cyber-studio-risk-register"), get_tool("cyber-studio-vulnerability-scanner")
PATH = "/api/credits/transactions"


async def _id(one: Client) -> UUID:
    return UUID((await one.get("/api/auth/me")).json()["user"]["id"])


async def _run(person: UUID, tool_id: str, *, charged: int) -> UUID:
    """A run of the tool that was charged so much, or not at all for 0."""
    row = past_run(tool_id, person_id=person, charged=0)
    await add_past(row)
    async with transaction() as tx:
        await ledger.hold(tx, owner_id=person, run_id=row["id"], amount=9, lasts=timedelta(minutes=1), zone="UTC")
        if charged:
            await ledger.capture(tx, owner_id=person, run_id=row["id"], amount=charged, note=get_tool(tool_id).title)
        else:
            await ledger.release(tx, owner_id=person, run_id=row["id"], reason="Stopped after 20 s")
    return row["id"]


async def _grant(person: UUID, amount: int, *, label: str = "") -> None:
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=person, source="purchase", source_ref=str(ids.new_id()), amount=amount, label=label)


async def _found(one: Client, **params: Any) -> list[tuple[str, int]]:
    reply = await one.get(PATH, params=params)
    assert reply.status_code == 200, reply.text
    return [(item["type"], item["amount"]) for item in reply.json()["items"]]


async def test_movements_are_found_by_tool_words_type_and_period(ada: Client) -> None:
    me = await _id(ada)
    await _grant(me, 500, label="Starter pack")
    await _run(me, RISK.id, charged=4)
    await _run(me, RISK.id, charged=0)
    await _run(me, SCHEMA.id, charged=2)
    assert await _found(ada, tool=RISK.id) == [("not_charged", 0), ("consumption", -4)]
    assert await _found(ada, q="starter PACK") == [("purchase", 500)]
    assert await _found(ada, q=RISK.title[:9].lower()) == [("not_charged", 0), ("consumption", -4)]
    assert await _found(ada, q="stopped after") == [("not_charged", 0)]
    assert await _found(ada, q="%") == []
    assert await _found(ada, type=["purchase", "not_charged"]) == [("not_charged", 0), ("purchase", 500)]
    assert await _found(ada, to="2020-01-01T00:00:00Z") == []
    failed = (await ada.get(PATH, params={"type": "not_charged"})).json()["items"][0]
    assert (failed["toolId"], failed["reason"]) == (RISK.id, "Stopped after 20 s")


@pytest.mark.parametrize("params", [{"tool": "x' OR 1"}, {"tool": "x\x00"}, {"q": "x" * 101}, {"type": "hold"}])
async def test_what_cannot_be_looked_for_is_refused(ada: Client, params: dict[str, str]) -> None:
    problem(await ada.get(PATH, params=params), 422, "invalid_inputs")


async def test_a_search_looks_through_so_many_at_once_and_goes_on_from_there(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "SPAN", 3)
    monkeypatch.setattr(looking, "SPANS", 2)
    me = await _id(ada)
    await _grant(me, 7, label="the one looked for")
    for _ in range(10):
        await _grant(me, 1)
    pages, cursor = [], None
    while cursor is not None or not pages:
        page = (await ada.get(PATH, params={"q": "looked for"} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append(page)
        cursor = page["nextCursor"]
    assert [len(page["items"]) for page in pages] == [0, 1]
    assert ["lookedTo" in page for page in pages] == [True, False]
    assert len(await _found(ada, type="purchase")) == 11


async def test_what_is_owed_counts_in_every_line(ada: Client) -> None:
    me = await _id(ada)
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=me, source="purchase", source_ref="pack", amount=100)
    await _run(me, RISK.id, charged=9)
    async with transaction() as tx:
        await ledger.claw_back(tx, owner_id=me, source="purchase", source_ref="pack", amount=100, key="k", reason="a dispute")
    await _grant(me, 3)
    items = (await ada.get(PATH)).json()["items"]
    balance = (await ada.get("/api/credits/balance")).json()
    assert items[0]["balanceAfter"] == balance["total"]
    assert sum(item["amount"] for item in items) == balance["total"]
    for newer, older in pairwise(items):
        assert newer["balanceAfter"] == older["balanceAfter"] + newer["amount"]


async def test_the_history_is_taken_along_in_ones_own_zone_and_no_cell_is_a_formula(ada: Client, bob: Client) -> None:
    me = await _id(ada)
    await _grant(me, 5, label='=HYPERLINK("https://evil.example", "x")')
    await _grant(await _id(bob), 77, label="somebody else's")
    run = await _run(me, RISK.id, charged=4)
    reply = await ada.get(f"{PATH}/export", params={"format": "csv"})
    head, *rows = list(csv.reader(io.StringIO(reply.text)))
    assert reply.headers["content-disposition"].startswith('attachment; filename="credit-studio-history-')
    assert head[0] == f"Time ({(await ada.get('/api/credits/balance')).json()['timeZone']})"
    assert [row[1] for row in rows] == ["allocation", "purchase", "consumption"]
    assert rows[1][2].startswith("'=")
    assert rows[2][2:] == [RISK.title, "", RISK.id, str(run), "-4", str(300 + 5 - 4)]
    assert datetime.fromisoformat(rows[0][0]).utcoffset() is not None
    told = (await ada.get(f"{PATH}/export", params={"format": "json"})).json()
    assert told["items"] == (await ada.get(PATH)).json()["items"][::-1]
    assert (await ada.get(f"{PATH}/export?format=json&to=2020-01-01T00:00:00Z")).json()["items"] == []


async def test_a_file_is_refused_to_a_visitor_and_in_another_form(ada: Client, client: Client) -> None:
    problem(await client.get(f"{PATH}/export"), 401, "sign_in_required")
    problem(await ada.get(f"{PATH}/export?format=xlsx"), 422, "invalid_inputs")


async def test_a_months_statement_is_printed_and_adds_up(ada: Client, client: Client) -> None:
    me = await _id(ada)
    await _grant(me, 1_234)
    await _run(me, RISK.id, charged=4)
    month = f"{clock.now():%Y-%m}"
    told = (await ada.get("/api/credits/statement", params={"month": month})).json()
    reply = await ada.get("/api/credits/statement.pdf", params={"month": month})
    assert reply.headers["content-disposition"] == f'attachment; filename="credit-studio-statement-{month}.pdf"'
    lines = PdfReader(io.BytesIO(reply.content)).pages[0].extract_text().splitlines()
    figures = [int(line.split()[-1].replace(",", "").replace("\u2212", "-")) for line in lines if line.split()[-1].strip("+\u2212").replace(",", "").isdigit()]
    opening, *between, closing = figures[-8:]
    assert between == [300, 1_234, -4, 0, 0, 0]
    assert opening + sum(between) == closing == told["closing"] == (await ada.get("/api/credits/balance")).json()["total"]
    assert "ada@example.com" in lines
    problem(await client.get("/api/credits/statement.pdf", params={"month": month}), 401, "sign_in_required")
    problem(await ada.get("/api/credits/statement.pdf?month=2999-01"), 422, "invalid_inputs")


async def _peak(person: UUID) -> int:
    """The most memory that giving it all out took at once, in bytes."""
    tracemalloc.start()
    count = 0
    async for part in flow.movements(owner_id=person, since=None, until=None, naming=moving.with_tools):
        count += len(part)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 50
    return peak


async def test_taking_along_ten_times_as_much_takes_no_more_memory(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "_MOVES_AT_ONCE", 50)
    ada, bob = await someone(), await someone()
    with clock.frozen(datetime(2026, 11, 20, tzinfo=UTC)):
        for person, times in ((ada, 60), (bob, 600)):
            async with transaction() as tx:
                for _ in range(times):
                    await ledger.grant(tx, owner_id=person.id, source="purchase", source_ref=str(ids.new_id()), amount=1)
    await _peak(ada.id)
    assert await _peak(bob.id) < 1.3 * await _peak(ada.id)
