from datetime import UTC, datetime, timedelta, timezone

import pytest

from credit_studio.core import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_clock_tells_utc_and_can_be_held_and_let_go() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    with clock.frozen(NOON):
        assert clock.now() == NOON
        with clock.frozen(NOON + timedelta(days=1)):
            assert clock.now() == NOON + timedelta(days=1)
        assert clock.now() == NOON
    assert clock.now() >= before


def test_a_held_clock_is_in_utc_whatever_zone_it_was_given_in() -> None:
    with clock.frozen(NOON.astimezone(timezone(timedelta(hours=-5)))):
        assert clock.now() == NOON
        assert clock.now().utcoffset() == timedelta(0)


def test_the_clock_goes_on_after_a_fault() -> None:
    with pytest.raises(RuntimeError), clock.frozen(NOON):
        raise RuntimeError
    assert clock.now() != NOON


def test_the_far_future_is_after_everything_and_has_a_zone() -> None:
    assert clock.now() + timedelta(days=365_000) < clock.FAR_FUTURE
