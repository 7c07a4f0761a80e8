from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.ui import words

NOON = datetime(2026, 11, 20, 14, 32, 7, 190_000, tzinfo=UTC)
LONDON = "Europe/London"


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (1834, "1,834"), (-120, "\u2212120"), (-12_000, "\u221212,000")])
def test_numbers_have_comma_groups_and_a_real_minus(value: int, said: str) -> None:
    assert words.number(value) == said


@pytest.mark.parametrize(("value", "said"), [(1, "1 credit"), (0, "0 credits"), (1834, "1,834 credits")])
def test_the_word_follows_the_number(value: int, said: str) -> None:
    assert words.credits_of(value) == said


@pytest.mark.parametrize(("value", "said"), [(4, "+4"), (-4, "\u22124"), (0, "0")])
def test_a_movement_shows_its_sign_and_nothing_for_not_charged(value: int, said: str) -> None:
    assert words.signed(value) == said


def test_a_range_has_an_en_dash_and_one_figure_when_both_ends_are_the_same() -> None:
    assert words.span(3, 5) == "3\u20135"
    assert words.span(3, 3) == "3"


@pytest.mark.parametrize(("ms", "said"), [(55, "55\u00a0ms"), (390, "0.39\u00a0s"), (3_400, "3.4\u00a0s"), (45_000, "45.0\u00a0s")])
def test_a_duration_has_its_unit(ms: int, said: str) -> None:
    assert words.seconds(ms) == said


def test_memory_over_time_counts_1024_megabytes_to_the_gigabyte() -> None:
    assert words.gigabyte_seconds(512, 5_000) == "2.50\u00a0GB\u00a0s"
    assert words.gigabyte_seconds(31, 60) == "0.0018\u00a0GB\u00a0s"


@pytest.mark.parametrize(("used", "limit", "percent"), [(0, 30, 0), (29, 30, 96), (30, 30, 100), (45, 30, 100), (1, 0, 100), (299, 300, 99)])
def test_a_share_is_100_only_when_it_is_reached(used: int, limit: int, percent: int) -> None:
    assert words.share(used, limit) == percent


def test_a_moment_names_its_zone() -> None:
    assert words.moment(NOON, LONDON) == "20 Nov 2026, 14:32 GMT"
    assert words.moment(NOON, "America/New_York") == "20 Nov 2026, 09:32 EST"
    assert words.moment(NOON, "Asia/Tashkent") == "20 Nov 2026, 19:32 UTC+05"
    assert words.moment(NOON, "Not/There") == "20 Nov 2026, 14:32 UTC"


def test_today_is_a_time_and_other_days_are_dates() -> None:
    assert words.clock(NOON, LONDON, now=NOON) == "14:32"
    assert words.clock(NOON - timedelta(days=2), LONDON, now=NOON) == "18 Nov, 14:32"
    assert words.clock(NOON - timedelta(days=400), LONDON, now=NOON) == "16 Oct 2025, 15:32"


def test_a_receipt_tells_tenths_of_a_second() -> None:
    assert words.tenths(NOON, LONDON) == "14:32:07.1"


def test_a_reset_is_an_instant_and_a_duration_and_far_ones_are_a_date() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    assert words.reset_at(midnight, LONDON, now=NOON) == "at 00:00 GMT, in 9\u00a0h 28\u00a0min"
    assert words.reset_at(datetime(2026, 12, 1, tzinfo=UTC), LONDON, now=NOON) == "on 1 Dec, 00:00 GMT"
    assert words.reset_at(None, LONDON, now=NOON) == ""


@pytest.mark.parametrize(("gap", "said"), [(timedelta(seconds=5), "1\u00a0min"), (timedelta(hours=2), "2\u00a0h"), (timedelta(days=3), "3 days")])
def test_a_gap_is_at_least_a_minute(gap: timedelta, said: str) -> None:
    assert words.lasting(gap) == said


def test_a_zone_is_named_with_its_abbreviation() -> None:
    assert words.zone_label(LONDON, NOON) == "Europe/London (GMT)"
    assert words.zone_label("UTC", NOON) == "UTC"
