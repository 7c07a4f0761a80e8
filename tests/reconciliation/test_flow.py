"""The check of the whole book: made once, by one process, told to the page, audited when it finds something."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import snapshot, transaction
from credit_studio.jobs import nightly
from credit_studio.reconciliation import flow, service, store
from credit_studio.reconciliation.views import BookCheck
from tests.makers.accounts import an_account

pytestmark = pytest.mark.usefixtures("database")
AFTERNOON = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


async def _last() -> BookCheck | None:
    async with snapshot() as tx:
        return await service.last(tx)


async def _count(table: str) -> int:
    statements = {"book_check": "SELECT count(*) FROM book_check", "audit_entry": "SELECT count(*) FROM audit_entry WHERE event = 'books.broken'"}
    async with transaction() as tx:
        return (await tx.execute(text(statements[table]))).scalar_one()


async def _break() -> None:
    await an_account(100)
    async with transaction() as tx:
        await tx.execute(text("UPDATE account SET posted = posted + 5"))


async def test_a_sound_book_is_noted_with_the_time() -> None:
    await an_account(100)
    with clock.frozen(AFTERNOON):
        found = await flow.check_when_due()
    assert found == await _last() == BookCheck(AFTERNOON, holds=True, detail="")
    assert await _count("audit_entry") == 0


async def test_it_is_checked_once_a_night_however_often_it_is_asked_for() -> None:
    with clock.frozen(AFTERNOON):
        found = await asyncio.gather(*(flow.check_when_due() for _ in range(5)))
        assert sum(one is not None for one in found) == 1
        assert await flow.check_when_due() is None
    with clock.frozen(AFTERNOON + timedelta(days=1)):
        assert await flow.check_when_due() is not None
    assert await _count("book_check") == 2


async def test_while_one_process_checks_no_other_does() -> None:
    async with transaction() as tx:
        assert await store.is_mine(tx)
        assert await flow.check_when_due() is None
    assert await flow.check_when_due() is not None


async def test_a_broken_book_is_noted_with_what_was_found_and_audited() -> None:
    await _break()
    found = await flow.check_when_due()
    assert found is not None
    assert not found.holds
    assert [line[:2] for line in found.detail.splitlines()] == ["2 ", "2 ", "6 ", "9 "]
    assert "the balance: the row says 105, the entries say 100" in found.detail
    assert await _count("audit_entry") == 1


async def test_a_repair_is_told_an_hour_later() -> None:
    await _break()
    with clock.frozen(AFTERNOON):
        assert await flow.check_when_due() is not None
    async with transaction() as tx:
        await tx.execute(text("UPDATE account SET posted = posted - 5"))
    with clock.frozen(AFTERNOON + timedelta(hours=1)):
        found = await flow.check_when_due()
    assert found is not None
    assert found.holds


async def test_the_job_checks_after_a_start_and_goes_on_after_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    check, faults = flow.check_when_due, iter([OSError("no connection")])

    async def check_after_a_fault() -> BookCheck | None:
        for fault in faults:
            raise fault
        return await check()

    monkeypatch.setattr(nightly, "_FIRST_S", 0)
    monkeypatch.setattr(nightly, "_EVERY_S", 0.01)
    monkeypatch.setattr(flow, "check_when_due", check_after_a_fault)
    task = asyncio.create_task(nightly.keep_checking())
    async with asyncio.timeout(10):
        while await _last() is None:  # noqa: ASYNC110 - another task does it, in the database
            await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await _count("book_check") == 1
