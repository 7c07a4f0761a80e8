"""The whole API behind its security layers, over a real database, without a socket."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest
from httpx import ASGITransport

from credit_studio import settings
from credit_studio.api.app import make_api
from credit_studio.api.security import secure
from credit_studio.core import ids
from credit_studio.db import hits
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.settings import Settings
from tests.makers.sessions import PASSWORD

HOST = "http://studio.test"
Client = httpx.AsyncClient
_app = secure(make_api())  # type: ignore[arg-type] - an ASGI app


def new_client(**more: object) -> Client:
    """A browser without cookies."""
    return Client(transport=ASGITransport(app=_app, client=("192.0.2.1", 4242)), base_url=HOST, **more)  # type: ignore[arg-type]


@pytest.fixture
async def client(database: None) -> AsyncIterator[Client]:
    """A visitor."""
    async with new_client() as one:
        yield one


async def register(one: Client, email: str) -> Client:
    """Make an account and stay signed in."""
    reply = await one.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    assert reply.status_code == 201, reply.text
    return one


@pytest.fixture
async def ada(database: None) -> AsyncIterator[Client]:
    """A person who has signed in."""
    async with new_client() as one:
        yield await register(one, "ada@example.com")


@pytest.fixture
async def bob(database: None) -> AsyncIterator[Client]:
    """Another person."""
    async with new_client() as one:
        yield await register(one, "bob@example.com")


@pytest.fixture
async def rich(worker: object) -> AsyncIterator[Client]:
    """A person with a million bought credits, whose runs are done."""
    async with new_client(timeout=120) as one:
        await register(one, f"{ids.new_id().hex}@example.com")
        person = (await one.get("/api/auth/me")).json()["user"]["id"]
        async with transaction() as tx:
            await ledger.grant(tx, owner_id=UUID(person), source="purchase", source_ref=person, amount=1_000_000)
        yield one


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Change settings for one test: `configured(public_url=...)`."""

    def change(**values: object) -> Settings:
        hits.forget()
        chosen = settings.Settings(**values)  # type: ignore[arg-type]
        monkeypatch.setattr(settings, "get", lambda: chosen)
        return chosen

    return change


PROBLEM = {"type", "title", "status", "detail", "instance", "error", "code", "reason", "action", "urls", "requestId"}


def problem(reply: httpx.Response, status: int, code: str) -> dict:
    """The problem document of a reply, checked for what every one has."""
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    body = reply.json()
    assert (reply.status_code, body["status"], body["code"]) == (status, status, code), body
    assert set(body) >= PROBLEM
    assert body["requestId"] == reply.headers["x-request-id"]
    assert body["error"] == body["detail"]
    assert "Traceback" not in reply.text
    return body
