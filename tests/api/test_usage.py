"""`/api/account/usage` over HTTP: the contract's members, files that add up, refusals that name the field."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest

from credit_studio.core import clock
from credit_studio.core.actor import Actor
from tests.api.conftest import Client, problem
from tests.makers.usage import QUALITY, RISK, Ran, ended

PATH = "/api/account/usage"
BAR = {"start", "end", "credits", "runs", "notCharged", "groups"}


async def _used(one: Client) -> None:
    me = (await one.get("/api/auth/me")).json()["user"]
    now = clock.now()
    await ended(Actor(user_id=UUID(me["id"])), Ran(now - timedelta(days=2), RISK, 7), Ran(now - timedelta(days=1), QUALITY, 0), Ran(now, QUALITY, 2))


async def test_the_reply_has_what_the_contract_names_and_adds_up(ada: Client) -> None:
    await _used(ada)
    told = (await ada.get(PATH, params={"period": "7d"})).json()
    assert {"period", "timeZone", "totals", "series", "breakdown", "trend", "projection"} <= set(told)
    assert told["totals"] == {"credits": 9, "runs": 2, "notCharged": 1}
    assert (len(told["series"]), set(told["series"][0])) == (7, BAR)
    assert [(one["key"], one["credits"], one["share"]) for one in told["breakdown"]] == [(RISK, 7, 77.8), (QUALITY, 2, 22.2)]
    assert sum(one["share"] for one in told["breakdown"]) == pytest.approx(100.0)
    assert told["projection"]["low"] <= told["projection"]["typical"] <= told["projection"]["high"]


async def test_the_files_say_the_same_with_the_zone_in_the_heads(ada: Client) -> None:
    await _used(ada)
    reply = await ada.get(f"{PATH}/export", params={"period": "7d", "groupBy": "studio"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert reply.headers["content-disposition"].startswith('attachment; filename="credit-studio-usage-')
    head, *rows = csv.reader(io.StringIO(reply.text))
    zone = (await ada.get("/api/auth/me")).json()["user"]["timeZone"]
    assert head == [f"From ({zone})", f"To ({zone})", "Studio", "Title", "Runs", "Not charged", "Credits"]
    assert [[sum(int(row[at]) for row in rows)] for at in (4, 5, 6)] == [[2], [1], [9]]
    as_json = await ada.get(f"{PATH}/export", params={"period": "7d", "groupBy": "studio", "format": "json"})
    assert as_json.json()["series"] == (await ada.get(PATH, params={"period": "7d", "groupBy": "studio"})).json()["series"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"period": "2d"}, "period"), ({"groupBy": "x"}, "groupBy"), ({"bucket": "x"}, "bucket"), ({"period": "custom"}, "from"), ({"format": "pdf"}, "format")],
)
async def test_what_cannot_be_told_is_refused_by_its_field(ada: Client, asked: dict[str, str], field: str) -> None:
    said = problem(await ada.get(f"{PATH}/export", params=asked), 422, "invalid_inputs")
    assert [one["field"] for one in said["errors"]] == [field]


async def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    problem(await client.get(PATH), 401, "sign_in_required")
