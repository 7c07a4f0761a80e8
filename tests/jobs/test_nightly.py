"""Results go when their time has passed, and a fault in that waits for the next turn."""

import pytest

from credit_studio.jobs import nightly
from credit_studio.runs import keeping


async def test_a_fault_in_removing_results_ends_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([OSError("the database is away"), 3, 0])
    done: list[int] = []

    async def forget_old() -> int:
        turn = next(turns)
        if isinstance(turn, OSError):
            raise turn
        done.append(turn)
        return turn

    monkeypatch.setattr(keeping, "forget_old", forget_old)
    for _ in range(3):
        await nightly.clear_results()
    assert done == [3, 0]
