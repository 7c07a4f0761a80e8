from uuid import UUID

from credit_studio.core import ids
from credit_studio.core.actor import SYSTEM
from credit_studio.db.session import transaction
from credit_studio.identity import service as identity
from credit_studio.ledger import service as ledger
from credit_studio.offers import promos
from tests.api.conftest import Client, problem


async def _give(one: Client, amount: int) -> None:
    person = (await one.get("/api/auth/me")).json()["user"]["id"]
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=UUID(person), source="purchase", source_ref=str(ids.new_id()), amount=amount)


async def _available(one: Client) -> int:
    return (await one.get("/api/credits/balance")).json()["available"]


async def test_a_code_is_redeemed_over_http_once(ada: Client, client: Client) -> None:
    await promos.make(code="SPRING2026", credits=50)
    done = await ada.post("/api/credits/redeem", json={"code": "spring-2026"})
    assert (done.status_code, done.json()) == (200, {"code": "SPRING2026", "credits": 50, "expiresAt": None, "balance": 350})
    problem(await ada.post("/api/credits/redeem", json={"code": "SPRING2026"}), 409, "code_redeemed")
    problem(await ada.post("/api/credits/redeem", json={"code": "NOTHING1"}), 404, "unknown_code")
    problem(await client.post("/api/credits/redeem", json={"code": "SPRING2026"}), 401, "sign_in_required")
    problem(await ada.post("/api/credits/redeem", json={"code": "SPRING2026"}, headers={"Origin": "https://evil.example"}), 403, "bad_origin")


async def test_a_gift_goes_from_one_to_the_other_by_its_link(ada: Client, bob: Client, client: Client) -> None:
    await _give(ada, 300)
    made = await ada.post("/api/credits/gifts", json={"credits": 200, "from": "Ada", "message": "Enjoy"}, headers={"Idempotency-Key": "g-1"})
    assert made.status_code == 201, made.text
    said = made.json()
    assert said["url"] == f"http://studio.test/gifts/{said['token']}/"
    seen = await client.get(f"/api/credits/gifts/{said['token']}")
    assert {name: seen.json()[name] for name in ("credits", "from", "message", "state", "isOwn")} == {
        "credits": 200,
        "from": "Ada",
        "message": "Enjoy",
        "state": "open",
        "isOwn": False,
    }
    assert seen.headers["x-robots-tag"] == "noindex, nofollow"
    problem(await client.post(f"/api/credits/gifts/{said['token']}/claim"), 401, "sign_in_required")
    problem(await ada.post(f"/api/credits/gifts/{said['token']}/claim"), 409, "own_gift")
    assert (await bob.post(f"/api/credits/gifts/{said['token']}/claim")).json() == {"credits": 200, "balance": 500}
    problem(await ada.delete(f"/api/credits/gifts/{said['gift']['giftId']}"), 409, "gift_over")
    assert [one["state"] for one in (await ada.get("/api/credits/gifts")).json()["items"]] == ["claimed"]
    assert await _available(ada) == 400


async def test_a_gift_is_taken_back_by_its_giver_only_and_its_key_makes_no_second_one(ada: Client, bob: Client) -> None:
    await _give(ada, 300)
    replies = [await ada.post("/api/credits/gifts", json={"credits": 200}, headers={"Idempotency-Key": "g-1"}) for _ in range(2)]
    gift_id = replies[0].json()["gift"]["giftId"]
    assert [reply.headers.get("idempotency-replayed") for reply in replies] == [None, "true"]
    assert await _available(ada) == 400
    problem(await bob.delete(f"/api/credits/gifts/{gift_id}"), 404, "not_found")
    problem(await bob.post(f"/api/credits/gifts/{gift_id}/link"), 404, "not_found")
    assert (await ada.post(f"/api/credits/gifts/{gift_id}/link")).status_code == 200
    assert (await ada.delete(f"/api/credits/gifts/{gift_id}")).json()["state"] == "revoked"
    assert await _available(ada) == 600
    body = problem(await ada.post("/api/credits/gifts", json={"credits": 301}), 402, "insufficient_credits")
    assert (body["required"], body["shortfall"]) == (301, 1)


async def test_an_invitation_is_accepted_by_who_came_later(ada: Client, bob: Client) -> None:
    mine = (await ada.get("/api/referral")).json()
    assert mine["url"] == f"http://studio.test/invite/{mine['code']}/"
    accepted = await bob.post("/api/referral", json={"code": mine["code"]})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "waiting")
    assert [one["state"] for one in (await ada.get("/api/referral")).json()["invited"]] == ["waiting"]
    problem(await ada.post("/api/referral", json={"code": mine["code"]}), 409, "invitation_refused")
    problem(await bob.post("/api/referral", json={"code": "NOBODY1234"}), 404, "unknown_code")


async def test_only_an_operator_makes_and_ends_codes(ada: Client, client: Client) -> None:
    for one, status, code in ((ada, 403, "forbidden"), (client, 401, "sign_in_required")):
        problem(await one.get("/api/admin/promos"), status, code)
        problem(await one.post("/api/admin/promos", json={"credits": 5}), status, code)
        problem(await one.delete(f"/api/admin/promos/{ids.new_id()}"), status, code)
    async with transaction() as tx:
        await identity.make_admin(tx, email="ada@example.com", actor=SYSTEM)
    await ada.post("/api/auth/login", json={"email": "ada@example.com", "password": "orbit-lantern-42-quay"})
    made = await ada.post("/api/admin/promos", json={"credits": 5, "code": "FIVE5", "mostUses": 2, "expiresAt": "2099-01-01T00:00:00Z"})
    assert (made.status_code, made.json()["mostUses"]) == (201, 2), made.text
    ended = await ada.delete(f"/api/admin/promos/{made.json()['promoId']}")
    assert ended.json()["endedAt"] is not None
    problem(await ada.post("/api/credits/redeem", json={"code": "FIVE5"}), 409, "code_over")
