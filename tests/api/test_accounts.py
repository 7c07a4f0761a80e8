import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from credit_studio.db.session import transaction
from credit_studio.settings import Settings
from tests.api.conftest import Client, new_client, problem
from tests.makers.sessions import PASSWORD

ADA = {"email": "ada@example.com", "password": PASSWORD}


async def _events() -> list[str]:
    async with transaction() as tx:
        return list((await tx.execute(text("SELECT event FROM audit_entry ORDER BY id"))).scalars())


async def test_registering_answers_the_person_the_cookie_and_the_free_credits(client: Client) -> None:
    reply = await client.post("/api/auth/register", json=ADA | {"displayName": "Ada"}, headers={"X-Time-Zone": "Europe/London"})
    assert reply.status_code == 201
    user = reply.json()["user"]
    assert set(user) == {"id", "email", "displayName", "role", "timeZone", "createdAt"}
    assert (user["email"], user["displayName"], user["role"], user["timeZone"]) == ("ada@example.com", "Ada", "user", "Europe/London")
    assert (await client.get("/api/auth/me")).json() == reply.json()
    assert (await client.get("/api/credits/balance")).json()["available"] == 300
    assert sorted(await _events()) == ["credits.granted", "register"]


async def test_the_cookie_is_http_only_lax_and_opaque(client: Client) -> None:
    reply = await client.post("/api/auth/register", json=ADA)
    cookie = reply.headers["set-cookie"]
    assert re.fullmatch(r"cs_session=[\w-]{43}; Max-Age=\d+; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert reply.headers["cache-control"] == "no-store"


async def test_on_https_the_cookie_is_bound_to_the_host(client: Client, configured: Callable[..., Settings]) -> None:
    configured(public_url="https://studio.test", rate_limit_scale=0)
    cookie = (await client.post("/api/auth/register", json=ADA)).headers["set-cookie"]
    assert cookie.startswith("__Host-cs_session=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")


async def test_a_known_address_is_taken(ada: Client, client: Client) -> None:
    body = problem(await client.post("/api/auth/register", json=ADA | {"email": "ADA@example.com"}), 409, "email_taken")
    assert body["urls"] == {"sign_in": "/login"}


async def test_every_field_that_does_not_fit_is_named(client: Client) -> None:
    body = problem(await client.post("/api/auth/register", json={"email": "nonsense", "password": "short"}), 422, "invalid_inputs")
    assert [error["field"] for error in body["errors"]] == ["email", "password"]
    assert await _events() == []


async def test_signing_in_answers_a_new_token_and_ends_the_old_session(ada: Client) -> None:
    old = ada.cookies["cs_session"]
    reply = await ada.post("/api/auth/login", json=ADA)
    assert reply.status_code == 200
    assert ada.cookies["cs_session"] != old
    async with new_client(cookies={"cs_session": old}) as thief:
        problem(await thief.get("/api/auth/me"), 401, "sign_in_required")


async def test_unknown_address_and_wrong_password_answer_alike(ada: Client, client: Client) -> None:
    wrong = problem(await client.post("/api/auth/login", json=ADA | {"password": "wrong-wrong-wrong"}), 401, "invalid_credentials")
    unknown = problem(await client.post("/api/auth/login", json=ADA | {"email": "nobody@example.com"}), 401, "invalid_credentials")
    assert wrong | {"requestId": ""} == unknown | {"requestId": ""}
    assert (await _events())[-2:] == ["login.failed", "login.failed"]


async def test_signing_out_ends_the_session_and_takes_the_cookie_away(ada: Client) -> None:
    token = ada.cookies["cs_session"]
    reply = await ada.post("/api/auth/logout")
    assert reply.status_code == 204
    assert "Max-Age=0" in reply.headers["set-cookie"]
    async with new_client(cookies={"cs_session": token}) as later:
        problem(await later.get("/api/auth/me"), 401, "sign_in_required")


async def test_a_visitor_may_sign_out(client: Client) -> None:
    assert (await client.post("/api/auth/logout")).status_code == 204


async def test_a_visitor_is_nobody(client: Client) -> None:
    body = problem(await client.get("/api/auth/me"), 401, "sign_in_required")
    assert body["urls"] == {"sign_in": "/login"}


async def test_an_api_key_is_not_valid_yet_and_beats_the_cookie(ada: Client) -> None:
    problem(await ada.get("/api/auth/me", headers={"Authorization": "Bearer cs_live_x"}), 401, "invalid_key")


async def test_another_scheme_of_authorization_is_somebody_elses_matter(ada: Client) -> None:
    assert (await ada.get("/api/auth/me", headers={"Authorization": "Basic eDp5"})).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ada@example.com"},
        {"email": 5, "password": PASSWORD},
        {"email": "ada@example.com", "password": PASSWORD, "role": "admin"},
        {"email": "ada@example.com", "password": PASSWORD, "userId": "x"},
        {"email": ["ada@example.com"], "password": {"$ne": ""}},
        [],
        "text",
        None,
    ],
)
async def test_bodies_that_do_not_fit_are_refused(client: Client, body: object) -> None:
    problem(await client.post("/api/auth/register", json=body), 422, "invalid_inputs")
