import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from credit_studio.api.credit_bodies import PROOF_EXAMPLE
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger import verify
from tests.api.conftest import Client, problem

_SUM = ("opening", "granted", "bought", "refunded", "adjusted")


async def _id(one: Client) -> UUID:
    return UUID((await one.get("/api/auth/me")).json()["user"]["id"])


async def _bought(owner_id: UUID, *amounts: int) -> None:
    async with transaction() as tx:
        for amount in amounts:
            await ledger.grant(tx, owner_id=owner_id, source="purchase", source_ref=str(ids.new_id()), amount=amount)


async def _get(one: Client, path: str, **params: Any) -> Any:
    reply = await one.get(f"/api/credits/{path}", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


# --- proof ------------------------------------------------------------------------------------------------------------------


async def test_the_proof_is_a_file_that_the_verifier_accepts(ada: Client, tmp_path: Path) -> None:
    owner = await _id(ada)
    await _bought(owner, 100, 50)
    reply = await ada.get("/api/credits/proof")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-disposition"] == f'attachment; filename="credit-studio-ledger-{clock.now():%Y-%m-%d}.json"'
    (tmp_path / "ledger.json").write_bytes(reply.content)
    said, status = verify.report(tmp_path / "ledger.json")
    assert (status, said) == (0, f"Holds: 3 entries, balance 450 credits, head {reply.json()['head']}.")
    body = reply.json()
    assert set(body) == {"accountId", "head", "entries"}
    assert list(body["entries"][0]) == ["number", "id", "kind", "at", "amount", "balance", "scope", "key", "prevHash", "hash", "transfers"]
    assert list(body["entries"][0]["transfers"][0]) == ["debitId", "creditId", "grantId", "holdId", "amount"]


async def test_a_proof_longer_than_what_is_read_at_once_holds(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_studio.history.flow._AT_ONCE", 3)
    await _bought(await _id(ada), *range(1, 9))
    followed, fault = verify.check(await _get(ada, "proof"))
    assert (fault, followed.number, followed.balance) == ("", 9, 336)


async def test_an_entry_that_was_changed_in_the_file_is_named(ada: Client) -> None:
    await _bought(await _id(ada), 100, 50)
    body = await _get(ada, "proof")
    body["entries"][1]["at"] = "2026-01-01T00:00:00+00:00"
    assert verify.check(body)[1] == "entry 2 was changed: its content does not give its fingerprint"


async def test_everybody_gets_their_own_proof_and_nobody_anothers(client: Client, ada: Client, bob: Client) -> None:
    mine, theirs = await _get(ada, "proof"), await _get(bob, "proof")
    assert mine["accountId"] != theirs["accountId"]
    assert theirs["accountId"] not in json.dumps(mine)
    assert "ada@example.com" not in json.dumps(mine)
    problem(await client.get("/api/credits/proof"), 401, "sign_in_required")


def test_the_example_of_the_document_passes_the_verifier() -> None:
    assert verify.check(PROOF_EXAMPLE)[1] == ""


# --- the balance then ---------------------------------------------------------------------------------------------------------


async def test_the_balance_at_a_past_instant_is_what_it_was(ada: Client) -> None:
    before = await _get(ada, "balance")
    at = clock.now()
    await _bought(await _id(ada), 100)
    then = await _get(ada, "balance", at=at.isoformat())
    assert set(then) == {"at", "available", "held", "total", "debt", "version", "grants", "timeZone"}
    assert {name: then[name] for name in then if name != "at"} == {name: before[name] for name in then if name != "at"}
    assert (await _get(ada, "balance", at=clock.now().isoformat()))["available"] == 400


async def test_before_there_was_an_account_there_was_nothing(ada: Client) -> None:
    for at in ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"):
        then = await _get(ada, "balance", at=at)
        assert (then["available"], then["version"], then["grants"]) == (0, 0, [])


@pytest.mark.parametrize("at", ["2999-01-01T00:00:00Z", "yesterday", "2026-11-20T14:02:00", "", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
async def test_an_instant_that_is_none_or_is_to_come_is_refused(ada: Client, at: str) -> None:
    body = problem(await ada.get("/api/credits/balance", params={"at": at}), 422, "invalid_inputs")
    assert [error["field"] for error in body["errors"]] == ["at"]


# --- statements ---------------------------------------------------------------------------------------------------------------


async def test_the_statement_of_this_month_adds_up_and_ends_at_the_balance(ada: Client) -> None:
    owner = await _id(ada)
    await _bought(owner, 100)
    async with transaction() as tx:
        await ledger.deduct(tx, owner_id=owner, amount=30, key="k", reason="a mistake", actor=SYSTEM)
    told = await _get(ada, "statement", month=f"{clock.now():%Y-%m}")
    assert told == {
        "month": f"{clock.now():%Y-%m}",
        "timeZone": "UTC",
        "opening": 0,
        "granted": 300,
        "bought": 100,
        "used": 0,
        "expired": 0,
        "refunded": 0,
        "adjusted": -30,
        "closing": 370,
    }
    assert sum(told[name] for name in _SUM) - told["used"] - told["expired"] == told["closing"]
    assert told["closing"] == (await _get(ada, "balance"))["total"]


async def test_a_month_before_the_account_is_empty(ada: Client) -> None:
    told = await _get(ada, "statement", month="2000-02")
    assert set(told.values()) == {"2000-02", "UTC", 0}


@pytest.mark.parametrize("month", ["2999-01", "2026-13", "2026-00", "2026-1", "11-2026", "0001-01", "", "2026-11-20", "٢٠٢٦-11", "2026-11\n"])
async def test_a_month_that_is_none_or_is_to_come_is_refused(ada: Client, month: str) -> None:
    body = problem(await ada.get("/api/credits/statement", params={"month": month}), 422, "invalid_inputs")
    assert [error["field"] for error in body["errors"]] == ["month"]


async def test_the_month_is_the_one_of_the_persons_zone(client: Client) -> None:
    with clock.frozen(datetime(2026, 11, 30, 23, 0, tzinfo=UTC)):
        account = {"email": "zoe@example.com", "password": "orbit-lantern-42-quay", "timeZone": "Pacific/Kiritimati"}
        assert (await client.post("/api/auth/register", json=account)).status_code == 201
        assert (await _get(client, "statement", month="2026-12"))["granted"] == 300
        assert (await _get(client, "statement", month="2026-11"))["closing"] == 0
        problem(await client.get("/api/credits/statement", params={"month": "2027-01"}), 422, "invalid_inputs")


async def test_a_statement_needs_an_account(client: Client) -> None:
    for path in ("statement?month=2026-11", f"balance?at={(clock.now() - timedelta(days=1)).date()}T00:00:00Z"):
        problem(await client.get(f"/api/credits/{path}"), 401, "sign_in_required")


# --- the forecast -------------------------------------------------------------------------------------------------------------


async def test_the_forecast_of_a_new_account_shows_what_is_booked(ada: Client) -> None:
    told = await _get(ada, "forecast")
    assert set(told) == {"timeZone", "basis", "runsOutAt", "days", "bookings"}
    assert (told["timeZone"], told["basis"], told["runsOutAt"]) == ("UTC", "No use yet: only booked changes are shown.", None)
    tomorrow = clock.now().date() + timedelta(days=1)
    assert told["days"][0] == {"date": tomorrow.isoformat(), "low": 300, "typical": 300, "high": 300}
    assert len(told["days"]) == 30
    later = await _get(ada, "forecast", days=90)
    assert [(one["kind"], one["amount"]) for one in later["bookings"]] == [("expiry", 300), ("renewal", 300)] * (len(later["bookings"]) // 2)
    assert len(later["bookings"]) in (4, 6)


@pytest.mark.parametrize("days", ["0", "91", "-1", "soon", "1.5", ""])
async def test_a_forecast_of_no_days_or_too_many_is_refused(ada: Client, days: str) -> None:
    body = problem(await ada.get("/api/credits/forecast", params={"days": days}), 422, "invalid_inputs")
    assert [error["field"] for error in body["errors"]] == ["days"]


async def test_a_forecast_needs_an_account(client: Client) -> None:
    problem(await client.get("/api/credits/forecast"), 401, "sign_in_required")
