"""The forecast as a drawing and in sentences."""

from datetime import date

import pytest

from credit_studio.analytics.views import Booking, Forecast, Outlook
from credit_studio.ui.outlook import shape


def _forecast(*days: tuple[int, int, int], bookings: tuple[Booking, ...] = (), out: date | None = None) -> Forecast:
    outlooks = tuple(Outlook(date(2026, 11, 21 + ahead), *day) for ahead, day in enumerate(days))
    return Forecast(outlooks, bookings, out, "28 days, 5.2 credits a day", "UTC")


def test_the_line_goes_from_now_at_the_left_through_each_day() -> None:
    drawn = shape(_forecast((60, 80, 90), (0, 50, 80)), 100)
    assert (drawn.top, drawn.last, drawn.basis) == ("100", "22 Nov", "28 days, 5.2 credits a day")
    assert drawn.line == "M0.0 0.0 L50.0 20.0 L100.0 50.0"
    assert drawn.band == "M0.0 0.0 L50.0 10.0 L100.0 20.0 L100.0 100.0 L50.0 40.0 L0.0 0.0Z"


@pytest.mark.parametrize(("most", "top"), [(0, "10"), (1, "10"), (11, "20"), (100, "100"), (101, "200"), (2_832, "5,000"), (5_001, "10,000")])
def test_the_scale_ends_at_a_round_number(most: int, top: str) -> None:
    assert shape(_forecast((0, 0, 0)), most).top == top


def test_a_debt_lies_on_the_ground_line() -> None:
    assert shape(_forecast((-50, -40, -30)), -40).line == "M0.0 100.0 L100.0 100.0"


def test_sentences_say_what_is_left_and_what_is_booked() -> None:
    booked = ((21, "expiry", 1), (22, "expiry", 180), (22, "expiry", 1_000), (22, "renewal", 3_000))
    bookings = tuple(Booking(date(2026, 11, day), kind, amount) for day, kind, amount in booked)  # type: ignore[arg-type]
    assert shape(_forecast((1, 1, 1), (1, 1, 1), bookings=bookings), 5).says == [
        "On 21 Nov 1 credit ends unused.",
        "On 22 Nov 3,000 plan credits arrive and 1,180 credits end unused.",
        "At this pace 1 credit is left on 22 Nov.",
    ]
    assert shape(_forecast((0, 0, 9), out=date(2026, 11, 21)), 5).says == ["At this pace nothing is left on 21 Nov."]
