"""The money is compared in its turn, and a fault in that waits for the next one."""

import pytest

from credit_studio.core import clock
from credit_studio.jobs import payments
from credit_studio.payments import recharging, reconciling
from credit_studio.payments.views import MoneyVerdict


async def test_a_fault_in_comparing_ends_nothing_and_a_look_at_the_low_follows_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([OSError("Stripe is away"), None, MoneyVerdict(clock.now(), clock.now(), 3, (), ())])
    looked: list[int] = []

    async def check_when_due() -> MoneyVerdict | None:
        turn = next(turns)
        if isinstance(turn, OSError):
            raise turn
        return turn

    async def consider_all() -> int:
        looked.append(1)
        return 1

    monkeypatch.setattr(reconciling, "check_when_due", check_when_due)
    monkeypatch.setattr(recharging, "consider_all", consider_all)
    for _ in range(3):
        await payments.compare_when_due()
    assert looked == [1]
