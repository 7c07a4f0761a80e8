"""When a pack is bought by itself: below the line, one at a time, not in a loop, within the month's ceiling, and never after a no."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.payments import recharge_rules as rules

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOW = rules.Standing(enabled=True, available=99, below=100, price=1_000, ceiling=3_000, tried_amount=2_000, in_flight=False, cool_until=None)


def test_a_pack_is_bought_below_the_line_and_up_to_the_ceiling() -> None:
    assert rules.verdict(LOW, NOW) == "go"


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (replace(LOW, enabled=False), "off"),
        (replace(LOW, available=100), "enough"),
        (replace(LOW, in_flight=True), "in_flight"),
        (replace(LOW, cool_until=NOW + timedelta(seconds=1)), "cooling"),
        (replace(LOW, tried_amount=2_001), "ceiling"),
        (replace(LOW, ceiling=999, tried_amount=0), "ceiling"),
    ],
)
def test_nothing_is_bought_otherwise_and_the_reason_is_said(standing: rules.Standing, said: str) -> None:
    assert rules.verdict(standing, NOW) == said


def test_a_debt_is_below_every_line() -> None:
    assert rules.verdict(replace(LOW, available=-500), NOW) == "go"


def test_the_cool_down_is_over_at_its_instant() -> None:
    assert rules.verdict(replace(LOW, cool_until=NOW), NOW) == "go"
    assert rules.cool_until(NOW, failed=True) - rules.cool_until(NOW, failed=False) == rules.SOFT_PAUSE - rules.COOL_DOWN


@pytest.mark.parametrize("code", ["authentication_required", "expired_card", "lost_card", "generic_decline", "do_not_honor", "fraudulent"])
def test_a_demand_of_the_bank_or_a_hard_no_ends_it(code: str) -> None:
    assert rules.ends_it(code)


@pytest.mark.parametrize("code", ["insufficient_funds", "issuer_not_available", "processing_error", "refused"])
def test_what_may_pass_by_itself_does_not_end_it(code: str) -> None:
    assert not rules.ends_it(code)


def test_the_month_is_the_owners() -> None:
    start, end = rules.month_of(datetime(2026, 11, 1, 3, tzinfo=UTC), "America/New_York")
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (datetime(2026, 10, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC))
    start, end = rules.month_of(datetime(2026, 12, 31, 23, tzinfo=UTC), "Europe/London")
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def test_the_consent_names_every_figure() -> None:
    said = rules.consent_text(below=1_200, pack="Starter", price="£10.00", ceiling="£40.00")
    assert all(figure in said for figure in ("1,200 credits", "Starter pack for £10.00", "At most £40.00 in a calendar month"))
