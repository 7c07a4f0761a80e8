"""`/api/account/settings/credits` over HTTP, and what its caps do to runs."""

from typing import Any

from tests.api.conftest import Client, problem

PATH = "/api/account/settings/credits"
MEMBERS = {"dailyCap", "monthlyCap", "perRunMax", "alertThresholds", "notifications", "autoRecharge", "timeZone"}


async def test_put_takes_what_get_gave_or_a_part_of_it(ada: Client) -> None:
    given = (await ada.get(PATH)).json()
    assert set(given) == MEMBERS
    assert (given["dailyCap"], given["monthlyCap"], given["perRunMax"], given["timeZone"]) == (None, None, None, "UTC")
    assert set(given["notifications"]) == {"inApp", "email", "sms", "webhookUrl"}
    assert set(given["autoRecharge"]) == {"enabled", "below", "packId", "monthlyCeiling"}
    same = await ada.put(PATH, json=given)
    assert (same.status_code, same.json()) == (200, given)
    part = {"dailyCap": 20, "alertThresholds": [100, 50], "notifications": {"email": False}, "autoRecharge": {"below": 150}, "timeZone": "Asia/Kolkata"}
    after = (await ada.put(PATH, json=part)).json()
    assert after == (await ada.get(PATH)).json()
    assert (after["dailyCap"], after["alertThresholds"], after["timeZone"]) == (20, [50, 100], "Asia/Kolkata")
    assert after["notifications"] == given["notifications"] | {"email": False}
    assert after["autoRecharge"] == given["autoRecharge"] | {"below": 150}
    assert (await ada.put(PATH, json={"dailyCap": None})).json() == after | {"dailyCap": None}
    assert (await ada.put(PATH, json={})).json() == after | {"dailyCap": None}


MISFITS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"dailyCap": 31}, "dailyCap"),
    ({"dailyCap": "20"}, "dailyCap"),
    ({"dailyCap": 1.5}, "dailyCap"),
    ({"monthlyCap": -1}, "monthlyCap"),
    ({"perRunMax": 10**12}, "perRunMax"),
    ({"alertThresholds": [33]}, "alertThresholds"),
    ({"alertThresholds": ["50"]}, "alertThresholds.0"),
    ({"notifications": {"webhookUrl": "http://127.0.0.1/x"}}, "notifications.webhookUrl"),
    ({"notifications": {"pager": True}}, "notifications.pager"),
    ({"autoRecharge": {"packId": "none"}}, "autoRecharge.packId"),
    ({"autoRecharge": {"enabled": True}}, "autoRecharge.consent"),
    ({"autoRecharge": {"monthlyCeiling": {"amount": 3000, "currency": "USD"}}}, "autoRecharge.monthlyCeiling.currency"),
    ({"timeZone": "Mars/Base"}, "timeZone"),
    ({"timeZone": "../../etc/passwd"}, "timeZone"),
    ({"timeZone": None}, "timeZone"),
    ({"userId": "somebody"}, "userId"),
)


async def test_what_does_not_fit_names_its_field_and_changes_nothing(ada: Client) -> None:
    before = (await ada.get(PATH)).json()
    for part, field in MISFITS:
        body = problem(await ada.put(PATH, json={"alertThresholds": [25], "dailyCap": 7} | part), 422, "invalid_inputs")
        assert field in [one["field"] for one in body["errors"]], body
        assert (await ada.get(PATH)).json() == before


async def test_they_are_ones_own_and_foreign_pages_change_nothing(client: Client, ada: Client, bob: Client) -> None:
    problem(await client.get(PATH), 401, "sign_in_required")
    problem(await client.put(PATH, json={"dailyCap": 1}), 401, "sign_in_required")
    problem(await ada.put(PATH, json={"dailyCap": 1}, headers={"Origin": "https://evil.example"}), 403, "bad_origin")
    assert (await ada.put(PATH, json={"dailyCap": 5})).status_code == 200
    assert (await bob.get(PATH)).json()["dailyCap"] is None
