from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.settings import Settings
from tests.api.conftest import Client, problem


async def test_alive_and_not_ready_without_a_worker(client: Client) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert problem(await client.get("/readyz"), 503, "unavailable")["reason"] == "worker"


@pytest.fixture
async def older_schema(database: None) -> AsyncIterator[None]:
    async with transaction() as tx:
        newest = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        await tx.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    yield
    async with transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


async def test_not_ready_with_another_schema(client: Client, older_schema: None) -> None:
    assert problem(await client.get("/readyz"), 503, "unavailable")["reason"] == "migrations"


async def test_not_ready_without_a_database(client: Client, configured: Callable[..., Settings], tmp_path: Path) -> None:
    await db.dispose()
    configured(database_url=f"postgresql:///nothing?host={tmp_path}", rate_limit_scale=0)
    assert problem(await client.get("/readyz"), 503, "unavailable")["reason"] == "database"
    assert (await client.get("/healthz")).status_code == 200
    problem(await client.get("/api/auth/me", headers={"Cookie": f"cs_session={'x' * 43}"}), 503, "unavailable")
    await db.dispose()
