from collections.abc import Callable

from credit_studio.settings import Settings
from tests.api.conftest import Client, new_client, problem
from tests.makers.sessions import PASSWORD


async def test_every_reply_says_how_its_limit_stands(client: Client, configured: Callable[..., Settings]) -> None:
    configured(rate_limit_scale=1)
    reply = await client.get("/api/tools")
    assert reply.headers["ratelimit-policy"] == '"other";q=300;w=60'
    assert reply.headers["ratelimit"].startswith('"other";r=299;t=')


async def test_sign_in_is_limited_by_address_before_anything_is_read(client: Client, configured: Callable[..., Settings]) -> None:
    configured(rate_limit_scale=1)
    for _ in range(20):
        assert (await client.post("/api/auth/login", json={})).status_code == 422
    reply = await client.post("/api/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
    body = problem(reply, 429, "rate_limited")
    assert body["limit"] == 20
    assert 1 <= int(reply.headers["retry-after"]) <= 121
    assert reply.headers["ratelimit"].startswith('"sign-in";r=0')


async def test_runs_are_limited_by_account(configured: Callable[..., Settings], ada: Client, bob: Client) -> None:
    configured(rate_limit_scale=1)
    path = "/api/cyber-studio/risk-register/run"
    taken = 0
    while (reply := await ada.post(path, json={"inputs": {}})).status_code == 422 and taken < 120:
        taken += 1
    assert 60 <= taken < 120  # the window slides: while they come, the first ones begin to count less
    problem(reply, 429, "rate_limited")
    problem(await ada.post("/api/nonsense/nonsense/run", json={"inputs": {}}), 429, "rate_limited")
    assert (await bob.post(path, json={"inputs": {}})).status_code == 422
    assert (await ada.get("/api/tools")).status_code == 200


async def test_the_scale_multiplies_and_zero_turns_off(client: Client, configured: Callable[..., Settings]) -> None:
    configured(rate_limit_scale=0.1)
    assert '"other";q=30;' in (await client.get("/api/tools")).headers["ratelimit-policy"]
    configured(rate_limit_scale=0)
    assert "ratelimit" not in (await client.get("/api/tools")).headers


async def test_routes_that_are_not_there_are_limited_too(client: Client, configured: Callable[..., Settings]) -> None:
    configured(rate_limit_scale=0.01)
    for _ in range(3):
        problem(await client.get("/api/nonsense"), 404, "not_found")
    problem(await client.get("/api/nonsense"), 429, "rate_limited")


async def test_guessing_is_slowed_down_with_a_429(ada: Client, client: Client, configured: Callable[..., Settings]) -> None:
    configured(rate_limit_scale=1)
    for _ in range(5):
        problem(await client.post("/api/auth/login", json={"email": "ada@example.com", "password": "wrong-wrong-wrong"}), 401, "invalid_credentials")
    reply = await client.post("/api/auth/login", json={"email": "ada@example.com", "password": PASSWORD})
    body = problem(reply, 429, "rate_limited")
    assert body["reason"] == "sign_in_throttled"
    assert int(reply.headers["retry-after"]) <= 61


async def test_behind_a_proxy_the_client_is_limited_and_cannot_choose_its_address(configured: Callable[..., Settings], client: Client) -> None:
    configured(rate_limit_scale=0.01, trusted_proxy_hops=1)
    for number in range(3):
        await client.get("/api/tools", headers={"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.1"})
    problem(await client.get("/api/tools", headers={"X-Forwarded-For": "203.0.113.99, 198.51.100.1"}), 429, "rate_limited")
    async with new_client() as other:
        assert (await other.get("/api/tools", headers={"X-Forwarded-For": "198.51.100.2"})).status_code == 200
