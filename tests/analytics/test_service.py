"""Usage by hour, as it is settled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from credit_studio.analytics import flow, service
from credit_studio.core import clock, ids
from credit_studio.db.session import transaction

pytestmark = pytest.mark.usefixtures("database")
AT = datetime(2026, 3, 1, 12, 59, 59, 999_999, tzinfo=UTC)
PERSON = ids.new_id()


async def _count(**changed: Any) -> None:
    asked = {"person_id": PERSON, "tool_id": "a", "at": AT, "charged": 3, "succeeded": True} | changed
    async with transaction() as tx:
        await service.count_run(tx, **asked)


async def _hours() -> list[tuple[Any, ...]]:
    async with transaction() as tx:
        found = await tx.execute(text("SELECT tool_id, hour, runs, failed, credits FROM usage_hour ORDER BY tool_id, hour, runs"))
        return [tuple(row) for row in found]


async def test_runs_of_one_hour_are_summed() -> None:
    for charged, succeeded in ((3, True), (5, True), (0, False)):
        await _count(charged=charged, succeeded=succeeded)
    assert await _hours() == [("a", datetime(2026, 3, 1, 12, tzinfo=UTC), 3, 1, 8)]


async def test_another_hour_tool_or_person_has_a_row_of_its_own() -> None:
    await _count()
    await _count(at=AT + timedelta(microseconds=1))
    await _count(tool_id="b")
    await _count(person_id=ids.new_id())
    assert [(tool, hour.hour, runs) for tool, hour, runs, _, _ in await _hours()] == [("a", 12, 1), ("a", 12, 1), ("a", 13, 1), ("b", 12, 1)]


async def test_popularity_is_a_class_of_what_everybody_ran_with_a_result_in_thirty_days() -> None:
    flow.forget()
    for person in (PERSON, ids.new_id()):
        for _ in range(6):
            await _count(person_id=person)
    for _ in range(9):
        await _count(tool_id="few")
    for _ in range(12):
        await _count(tool_id="old", at=AT - timedelta(days=31))
        await _count(tool_id="failing", succeeded=False)
    with clock.frozen(AT):
        assert await flow.popularity() == {"a": 10, "few": 0, "failing": 0}


async def test_popularity_is_read_once_a_minute() -> None:
    flow.forget()
    with clock.frozen(AT):
        assert await flow.popularity() == {}
    for _ in range(10):
        await _count()
    with clock.frozen(AT + timedelta(seconds=59)):
        assert await flow.popularity() == {}
    with clock.frozen(AT + timedelta(seconds=60)):
        assert await flow.popularity() == {"a": 10}
    flow.forget()


async def test_what_is_rolled_back_is_not_counted() -> None:
    async def count_and_fail() -> None:
        async with transaction() as tx:
            await service.count_run(tx, person_id=PERSON, tool_id="a", at=AT, charged=3, succeeded=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await count_and_fail()
    assert await _hours() == []
