from uuid import UUID

from credit_studio.db.session import transaction
from credit_studio.notifications import service
from tests.api.conftest import Client, problem

ALERTS = "/api/account/alerts"
READ = f"{ALERTS}/read"


async def _told(one: Client, dedupe: str) -> None:
    person = UUID((await one.get("/api/auth/me")).json()["user"]["id"])
    async with transaction() as tx:
        await service.tell(tx, person, "low_balance", dedupe=dedupe, data={"left": 9, "below": 30})


async def test_alerts_are_listed_for_their_owner_by_kind_and_page(ada: Client, bob: Client) -> None:
    for dedupe in ("low:1", "low:2"):
        await _told(ada, dedupe)
    first = (await ada.get(f"{ALERTS}?limit=1&unread=true")).json()
    rest = (await ada.get(f"{ALERTS}?kind=credits&cursor={first['nextCursor']}")).json()
    assert (first["unread"], len(first["items"]), len(rest["items"]), rest["nextCursor"]) == (2, 1, 1, None)
    assert (first["items"][0]["title"], first["items"][0]["link"]) == ("9 credits left", "/account/credits")
    assert (await ada.get(f"{ALERTS}?kind=limits")).json()["items"] == []
    assert (await bob.get(ALERTS)).json() == {"items": [], "nextCursor": None, "unread": 0}
    problem(await ada.get(f"{ALERTS}?kind=x"), 400, "invalid_request")


async def test_alerts_are_marked_as_read_by_their_owner_some_or_all(ada: Client, bob: Client) -> None:
    for dedupe in ("low:1", "low:2", "low:3"):
        await _told(ada, dedupe)
    newest, *_ = [one["alertId"] for one in (await ada.get(ALERTS)).json()["items"]]
    assert (await bob.post(READ, json={"alertIds": [newest]})).json() == {"unread": 0}
    assert (await bob.post(READ, json={"alertIds": None})).json() == {"unread": 0}
    assert (await ada.get(ALERTS)).json()["unread"] == 3
    for _ in range(2):
        assert (await ada.post(READ, json={"alertIds": [newest, str(UUID(int=7))]})).json() == {"unread": 2}
    assert newest not in [one["alertId"] for one in (await ada.get(f"{ALERTS}?unread=true")).json()["items"]]
    assert (await ada.post(READ, json={"alertIds": None})).json() == {"unread": 0}


async def test_what_is_to_be_read_is_named_and_by_a_page_of_ones_own(ada: Client) -> None:
    await _told(ada, "low:1")
    for body in ({}, {"alertIds": "all"}, {"alertIds": ["x"]}, {"alertIds": [str(UUID(int=7))] * 201}, {"alertIds": [], "more": 1}):
        problem(await ada.post(READ, json=body), 422, "invalid_inputs")
    problem(await ada.post(READ, json={"alertIds": None}, headers={"Origin": "https://evil.example"}), 403, "bad_origin")
    assert (await ada.get(ALERTS)).json()["unread"] == 1


async def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    problem(await client.get(ALERTS), 401, "sign_in_required")
    problem(await client.post(READ, json={"alertIds": None}), 401, "sign_in_required")
