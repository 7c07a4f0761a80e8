import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport

from credit_studio.api import errors
from credit_studio.api.openapi import CODES
from credit_studio.api.route import StudioRoute
from credit_studio.api.security import secure
from credit_studio.core.errors import Facts, InvariantBroken, Kind, PaymentRequired, StudioError
from tests.api.conftest import HOST, Client, problem


def _kinds(cls: type[StudioError]) -> list[type[StudioError]]:
    return [found for sub in cls.__subclasses__() for found in (sub, *_kinds(sub))]


def test_every_kind_has_a_status() -> None:
    assert set(errors.STATUS) == set(Kind)


def test_every_error_class_has_a_kind_with_a_status() -> None:
    assert {cls.kind for cls in _kinds(StudioError)} == set(Kind)


def test_every_documented_code_has_a_status_that_a_problem_can_have() -> None:
    assert {status for status, _ in CODES.values()} == {*errors.STATUS.values(), 405, 500}


def _client_of(failure: Exception) -> Client:
    api = FastAPI()
    errors.install(api)
    router = APIRouter(route_class=StudioRoute)

    @router.get("/api/fails")
    async def fails() -> None:
        raise failure

    api.include_router(router)
    return Client(transport=ASGITransport(app=secure(api)), base_url=HOST)  # type: ignore[arg-type]


@pytest.mark.parametrize("failure", [RuntimeError("secret /srv/path"), InvariantBroken("secret"), KeyError("secret"), ZeroDivisionError()])
async def test_what_should_not_happen_is_a_500_without_a_word_of_what_it_was(failure: Exception) -> None:
    async with _client_of(failure) as client:
        reply = await client.get("/api/fails")
    problem(reply, 500, "internal_error")
    assert "secret" not in reply.text


@pytest.mark.parametrize("failure", [ConnectionRefusedError("secret"), OSError(28, "No space left"), TimeoutError()])
async def test_what_the_studio_needs_and_cannot_reach_is_a_503(failure: Exception) -> None:
    async with _client_of(failure) as client:
        reply = await client.get("/api/fails")
    problem(reply, 503, "unavailable")
    assert "secret" not in reply.text


async def test_a_refusal_of_credits_says_how_far_it_is_and_where_help_is() -> None:
    facts = Facts(balance=2, held=0, required=6, shortfall=4)
    async with _client_of(PaymentRequired("Short by 4.", facts=facts, helps=("purchase", "upgrade", "nonsense"), action="Buy credits.")) as client:
        body = problem(await client.get("/api/fails"), 402, "insufficient_credits")
    assert {key: body[key] for key in ("balance", "held", "required", "shortfall")} == {"balance": 2, "held": 0, "required": 6, "shortfall": 4}
    assert body["urls"] == {"purchase": "/account/credits", "upgrade": "/pricing"}
    assert not {"limit", "spent", "resetsAt"} & set(body)


@pytest.mark.parametrize("path", ["/api/nonsense", "/api/", "/api/tools/", "/api/runs/x/y/z", "/api/../etc/passwd", "/api/%00"])
async def test_what_is_not_there_is_a_404(client: Client, path: str) -> None:
    problem(await client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/tools", "GET"),
        ("GET", "/api/auth/login", "POST"),
        ("DELETE", "/api/cyber-studio/risk-register/run", "POST"),
        ("POST", "/healthz", "GET"),
        ("OPTIONS", "/api/tools", "GET"),
    ],
)
async def test_another_method_is_a_405_that_names_the_right_one(client: Client, method: str, path: str, allowed: str) -> None:
    reply = await client.request(method, path)
    problem(reply, 405, "method_not_allowed")
    assert reply.headers["allow"] == allowed


async def test_what_only_asks_for_the_head_gets_no_body(client: Client) -> None:
    reply = await client.head("/api/tools")
    assert (reply.status_code, reply.headers["allow"], reply.content) == (405, "GET", b"")


async def test_a_missing_query_type_is_named(ada: Client) -> None:
    body = problem(await ada.get("/api/runs", params={"limit": "201"}), 422, "invalid_inputs")
    assert body["errors"] == [{"field": "limit", "message": "Must be at most 200."}]
