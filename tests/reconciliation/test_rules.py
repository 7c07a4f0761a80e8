from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.reconciliation.rules import is_due
from credit_studio.reconciliation.views import BookCheck

NIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_a_book_that_was_never_checked_is_due() -> None:
    assert is_due(None, now=NIGHT)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (NIGHT - MINUTE, NIGHT - HOUR / 2, False),
        (NIGHT - MINUTE, NIGHT, True),
        (NIGHT, NIGHT, False),
        (NIGHT + MINUTE, NIGHT + 23 * HOUR, False),
        (NIGHT + MINUTE, NIGHT + 24 * HOUR, True),
        (NIGHT - 25 * HOUR, NIGHT - HOUR, True),
        (NIGHT + 11 * HOUR, NIGHT + 36 * HOUR, True),
    ],
)
def test_it_is_due_once_since_the_last_night_began(last: datetime, now: datetime, *, due: bool) -> None:
    assert is_due(BookCheck(last, holds=True, detail=""), now=now) is due


@pytest.mark.parametrize(("minutes", "due"), [(59, False), (60, True)])
def test_a_book_that_did_not_agree_is_looked_at_again_after_an_hour(minutes: int, *, due: bool) -> None:
    assert is_due(BookCheck(NIGHT + HOUR, holds=False, detail="9"), now=NIGHT + HOUR + minutes * MINUTE) is due
