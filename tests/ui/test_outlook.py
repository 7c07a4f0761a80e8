"""The balance's past and its forecast as a drawing and in sentences."""

from datetime import UTC, date, datetime, timedelta

import pytest

from credit_studio.analytics.views import Booking, Forecast, Outlook, Stood
from credit_studio.ui import outlook
from credit_studio.ui.outlook import Heading

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)


def _forecast(*days: tuple[int, int, int], bookings: tuple[Booking, ...] = (), out: date | None = None) -> Forecast:
    outlooks = tuple(Outlook(date(2026, 11, 21) + timedelta(days=ahead), *day) for ahead, day in enumerate(days))
    return Forecast(outlooks, bookings, out, "28 days, 5.2 credits a day", "UTC")


def _drawn(forecast: Forecast, available: int, *past: int, now: datetime = NOON) -> Heading:
    """With a past of so many days, the last figure that of this morning."""
    stood = [Stood(MIDNIGHT - timedelta(days=ago), total) for ago, total in zip(range(len(past) - 1, -1, -1), past, strict=True)]
    return outlook.draw(forecast, stood, available, now=now)


def test_the_past_leads_to_today_and_the_forecast_on_from_there() -> None:
    drawn = _drawn(_forecast((60, 80, 90), (0, 50, 80)), 100, 40, 120, now=MIDNIGHT)
    assert drawn.past == "M0.0 73.3 L25.0 20.0 L25.0 33.3"
    assert drawn.line == "M25.0 33.3 L75.0 46.7 L100.0 66.7"
    assert drawn.band == "M25.0 33.3 L75.0 40.0 L100.0 46.7 L100.0 100.0 L75.0 60.0 L25.0 33.3Z"
    assert [(mark.label, mark.left, mark.look) for mark in drawn.marks] == [("100", 25.0, "dot")]
    assert [(mark.label, mark.left, mark.side) for mark in drawn.dates] == [("Today", 25.0, "mid"), ("22 Nov", 100, "end")]
    assert drawn.basis == "Dotted: use as in the last 28 days, 5.2 credits a day. Band: calm and busy weeks."
    assert drawn.says[0] == "On 19 Nov there were 40 credits, now 100."


def test_the_first_day_is_named_where_it_has_room() -> None:
    drawn = _drawn(_forecast((300, 300, 300)), 300, 300, 300)
    assert [(mark.label, mark.left, mark.side) for mark in drawn.dates] == [("19 Nov", 0, "start"), ("Today", 50.0, "mid"), ("21 Nov", 100, "end")]


def test_an_account_of_today_has_no_past_and_one_of_yesterday_a_short_flat_line() -> None:
    fresh = _drawn(_forecast(*[(300, 300, 300)] * 30), 300)
    assert (fresh.past, [mark.label for mark in fresh.dates], fresh.dates[0].side) == ("", ["Today", "20 Dec"], "start")
    assert fresh.says == ["At this pace 300 credits are left on 20 Dec."]
    young = _drawn(_forecast(*[(300, 300, 300)] * 30), 300, 300)
    assert young.past == "M0.0 0.0 L1.6 0.0"
    assert [mark.label for mark in young.dates] == ["Today", "20 Dec"]


def test_a_renewal_goes_straight_up_to_a_ring() -> None:
    bookings = (Booking(date(2026, 11, 22), "expiry", 10), Booking(date(2026, 11, 22), "renewal", 300))
    drawn = _drawn(_forecast((50, 50, 50), (300, 300, 300), (250, 250, 250), bookings=bookings), 100, now=MIDNIGHT)
    assert drawn.line == "M0.0 66.7 L50.0 83.3 L75.0 83.3 L75.0 0.0 L100.0 16.7"
    dot, ring = drawn.marks
    assert (ring.label, ring.left, ring.top, ring.look, ring.side) == ("300 after renewal", 75.0, 0.0, "ring", "mid")
    assert (dot.is_under, ring.is_under) == (False, False)


def test_todays_figure_makes_room_for_a_renewal_that_is_near_and_as_high() -> None:
    bookings = (Booking(date(2026, 11, 21), "renewal", 300),)
    drawn = _drawn(_forecast(*[(300, 300, 300)] * 30, bookings=bookings), 300, *[300] * 31)
    assert [mark.is_under for mark in drawn.marks] == [True, False]


@pytest.mark.parametrize(
    ("most", "figures"),
    [
        (0, "10 8 6 4 2 0"),
        (1, "10 8 6 4 2 0"),
        (11, "15 10 5 0"),
        (100, "100 80 60 40 20 0"),
        (101, "150 100 50 0"),
        (2_832, "3,000 2,000 1,000 0"),
        (4_612, "5,000 4,000 3,000 2,000 1,000 0"),
        (5_001, "6,000 4,000 2,000 0"),
    ],
)
def test_the_figures_at_the_side_are_round_and_reach_over_all(most: int, figures: str) -> None:
    drawn = _drawn(_forecast((0, 0, 0)), most)
    assert " ".join(mark.label for mark in drawn.scale) == figures
    assert (drawn.scale[0].top, drawn.scale[-1].top, drawn.widest) == (0.0, 100.0, max(figures.split(), key=len))


def test_a_debt_lies_below_the_line_of_nothing() -> None:
    drawn = _drawn(_forecast((-50, -40, -30)), -40, 100)
    assert [mark.label for mark in drawn.scale] == ["100", "50", "0", "\u221250"]
    assert [(mark.label, mark.top) for mark in drawn.marks] == [("\u221240", 93.33)]


def test_sentences_say_what_is_left_and_what_is_booked() -> None:
    booked = ((21, "expiry", 1), (22, "expiry", 180), (22, "expiry", 1_000), (22, "renewal", 3_000))
    bookings = tuple(Booking(date(2026, 11, day), kind, amount) for day, kind, amount in booked)  # type: ignore[arg-type]
    assert outlook.says(_forecast((1, 1, 1), (1, 1, 1), bookings=bookings)) == [
        "On 21 Nov 1 credit ends unused.",
        "On 22 Nov 3,000 plan credits arrive and 1,180 credits end unused.",
        "At this pace 1 credit is left on 22 Nov.",
    ]
    assert outlook.says(_forecast((0, 0, 9), out=date(2026, 11, 21))) == ["At this pace nothing is left on 21 Nov."]


@pytest.mark.parametrize(
    ("daily", "line"), [([0, 2, 4], "M0.0 100.0 L50.0 50.0 L100.0 0.0"), ([3], "M0.0 0.0 L100.0 0.0"), ([0, 0], "M0.0 100.0 L100.0 100.0")]
)
def test_a_spark_goes_from_nothing_to_the_most_of_its_days(daily: list[int], line: str) -> None:
    assert outlook.spark(daily) == line
