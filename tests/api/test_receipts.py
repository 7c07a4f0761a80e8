import io
from uuid import UUID

import pytest
from pypdf import PdfReader

from credit_studio.catalog.service import catalog
from credit_studio.core import ids
from credit_studio.db.session import transaction
from credit_studio.payments import service as payments
from credit_studio.payments.service import Paid
from tests.api.conftest import Client, problem

PACK = payments.get_pack("starter")
TO = {"name": "Łódź Küche & Søn, Ирина Ελένη", "address": "12 Straße\nLondon", "country": "United Kingdom", "taxId": "GB123456789"}


async def _buys(one: Client) -> str:
    person = UUID((await one.get("/api/auth/me")).json()["user"]["id"])
    async with transaction() as tx:
        order = await payments.open_order(tx, person_id=person, kind="pack", pack=PACK, key=None)
        await payments.pay(tx, order.row["id"], Paid(PACK.price, catalog().currency))
    return str(order.row["id"])


async def _paper(one: Client, receipt_id: str) -> str:
    reply = await one.get(f"/api/billing/receipts/{receipt_id}.pdf")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/pdf"), reply.text
    assert reply.headers["content-disposition"].startswith('attachment; filename="R-')
    return PdfReader(io.BytesIO(reply.content)).pages[0].extract_text()


async def test_receipts_are_numbered_without_gaps_over_everybody_and_listed_for_their_owner(ada: Client, bob: Client) -> None:
    bought = [await _buys(one) for one in (ada, bob, ada)]
    first = (await ada.get("/api/billing/receipts?limit=1")).json()
    rest = (await ada.get(f"/api/billing/receipts?cursor={first['nextCursor']}")).json()
    mine = [*first["items"], *rest["items"]]
    assert [one["receiptId"] for one in mine] == [bought[2], bought[0]]
    assert rest["nextCursor"] is None
    numbers = sorted(int(one["number"].removeprefix("R-")) for one in [*mine, *(await bob.get("/api/billing/receipts")).json()["items"]])
    assert numbers == [1, 2, 3]
    problem(await ada.get("/api/billing/receipts?cursor=x"), 422, "invalid_inputs")


async def test_a_receipt_says_what_was_paid_by_whom_in_any_alphabet(ada: Client) -> None:
    assert (await ada.put("/api/billing/details", json=TO)).json() == TO
    said = await _paper(ada, await _buys(ada))
    for part in ("R-000001", *TO["address"].split("\n"), TO["name"], TO["country"], TO["taxId"], "Starter pack: 500 credits", "£10.00", "ada@example.com"):
        assert part in said, (part, said)


async def test_a_receipt_keeps_what_it_was_made_out_to_and_one_to_nobody_follows(ada: Client) -> None:
    to_nobody = await _buys(ada)
    await ada.put("/api/billing/details", json=TO)
    kept = await _buys(ada)
    await ada.put("/api/billing/details", json={"name": "Another Ltd"})
    assert TO["taxId"] in await _paper(ada, kept)
    assert "Another Ltd" in await _paper(ada, to_nobody)
    assert "Another Ltd" not in await _paper(ada, kept)


async def test_somebody_elses_receipt_and_one_of_an_unpaid_order_are_not_there(ada: Client, bob: Client, client: Client) -> None:
    receipt = await _buys(ada)
    person = UUID((await bob.get("/api/auth/me")).json()["user"]["id"])
    async with transaction() as tx:
        unpaid = (await payments.open_order(tx, person_id=person, kind="pack", pack=PACK, key=None)).row["id"]
    for wrong in (receipt, unpaid, ids.new_id(), "nonsense"):
        problem(await bob.get(f"/api/billing/receipts/{wrong}.pdf"), 404, "not_found")
        problem(await bob.get(f"/api/billing/receipts/{wrong}/stripe"), 404, "not_found")
    problem(await client.get(f"/api/billing/receipts/{receipt}.pdf"), 401, "sign_in_required")
    assert (await bob.get("/api/billing/receipts")).json()["items"] == []


@pytest.mark.parametrize("tax_id", ["<b>", "G", "A" * 41, "GB\u202e123", "12;34"])
async def test_what_is_no_tax_number_is_named(ada: Client, tax_id: str) -> None:
    body = problem(await ada.put("/api/billing/details", json=TO | {"taxId": tax_id}), 422, "invalid_inputs")
    assert [error["field"] for error in body["errors"]] == ["taxId"]
    assert (await ada.get("/api/billing/details")).json()["taxId"] == ""


async def test_a_name_in_letters_that_no_font_has_is_printed_with_a_mark_and_refused_never(ada: Client) -> None:
    await ada.put("/api/billing/details", json=TO | {"name": "王小明 Ltd 🙂"})
    assert "??? Ltd ?" in await _paper(ada, await _buys(ada))
