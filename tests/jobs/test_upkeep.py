"""What is cleared up without anybody asking goes on, whatever happens to one of its steps."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.jobs import upkeep
from credit_studio.ledger import service as ledger
from tests.makers.accounts import an_account
from tests.makers.sessions import make_person, make_session

PATIENCE_S = 10


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns follow each other at once, and every one is a whole one."""
    monkeypatch.setattr(upkeep, "EVERY_S", 0.01)
    monkeypatch.setattr(upkeep, "_SWEEP_EVERY", 1)


@asynccontextmanager
async def _kept_up() -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(upkeep.keep_up())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - another task does it, in the database
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("broken", ["recover", "expire_lapsed", "sweep", None])
async def test_credits_and_sessions_end_whichever_other_step_fails(database: None, quick: None, monkeypatch: pytest.MonkeyPatch, broken: str | None) -> None:
    failed: list[str] = []

    async def fail(*_: object) -> None:
        failed.append("failed")
        raise OSError("the database went away")

    owner = await an_account(10, expires_at=clock.now() + timedelta(seconds=0.2))
    session = await make_session(await make_person())
    async with transaction() as tx:
        await tx.execute(text("UPDATE login_session SET expires_at = now() - interval '1 second'"))
    if broken:
        room = {"recover": upkeep.working, "expire_lapsed": upkeep.ledger, "sweep": upkeep.uploads}[broken]
        monkeypatch.setattr(room, broken, fail)

    async def is_expired() -> bool:
        async with transaction() as tx:
            return (await ledger.balance(tx, owner_id=owner)).total == 0

    async def is_ended() -> bool:
        query = text("SELECT count(*) FROM audit_entry WHERE event = 'session.expired' AND user_id = :person")
        async with transaction() as tx:
            return (await tx.execute(query, {"person": session.person.id})).scalar_one() == 1

    async with _kept_up() as task:
        await _until(is_ended)
        if broken != "expire_lapsed":
            await _until(is_expired)
        if broken:
            seen = len(failed)

            async def goes_on() -> bool:
                return len(failed) > seen + 2

            await _until(goes_on)
        assert not task.done()


async def test_a_step_that_fails_once_is_done_on_the_next_turn(database: None, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []

    async def recover() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise RuntimeError("once")

    monkeypatch.setattr(upkeep.working, "recover", recover)

    async def twice() -> bool:
        return len(turns) > 1

    async with _kept_up() as task:
        await _until(twice)
        assert not task.done()
