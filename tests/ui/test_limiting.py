"""What is said of caps before they are set, and when they open again."""

from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.core import ids
from credit_studio.core.errors import Facts, PaymentRequired
from credit_studio.ledger.windows import next_window
from credit_studio.limits.views import Blocked, Bounds, Simulation, Window
from credit_studio.ui import limiting, words
from credit_studio.ui.limiting import Taken

NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
TODAY = Taken(180, "at 00:00 GMT, in 9 h 28 min")


@pytest.mark.parametrize(
    ("window", "before", "after", "said"),
    [
        ("day", 200, 320, "Raising it lets 120 more credits be spent today. It resets at 00:00 GMT, in 9 h 28 min."),
        ("day", 100, 181, "Raising it lets 1 more credit be spent today. It resets at 00:00 GMT, in 9 h 28 min."),
        ("day", 300, 200, "Lowering it leaves 20 credits for the rest of today. It resets at 00:00 GMT, in 9 h 28 min."),
        ("day", 300, 150, "Lowering it stops paid runs at once: 180 of 150 are spent today. It resets at 00:00 GMT, in 9 h 28 min."),
        ("day", None, 200, "It leaves 20 credits for the rest of today. It resets at 00:00 GMT, in 9 h 28 min."),
        ("month", None, 181, "It leaves 1 credit for the rest of this month. It resets at 00:00 GMT, in 9 h 28 min."),
        ("day", 200, 200, "180 of 200 spent today. Resets at 00:00 GMT, in 9 h 28 min."),
        ("day", 200, 1_001, "That is more than you can set: 1,000 at most."),
        ("day", None, None, "No cap of your own. 180 credits spent today."),
        ("day", 200, None, "Without it only the plan\u2019s caps hold, and those limit the plan\u2019s credits."),
        ("day", 200, 0, "Stops every paid run until you raise it. Runs in the browser stay free."),
        ("run", None, 20, "A run that may cost more than 20 credits does not start, and costs nothing. A smaller maximum can be asked for instead."),
        ("run", 20, 20, "Runs that may cost more than 20 credits do not start."),
    ],
)
def test_what_a_cap_means_is_said_before_it_is_set(window: Window, before: int | None, after: int | None, said: str) -> None:
    assert limiting.meaning(window, before, after, TODAY, bounds=Bounds(1_000, 1_000, 0)) == said


def test_what_may_be_typed_names_the_plans_and_ones_own() -> None:
    monthly = limiting.most("month", Bounds(300, 3_000, 1_000))
    assert monthly == "Up to 4,000: the plan\u2019s 3,000 a month and 1,000 credits of your own. Empty for no cap of your own."
    assert limiting.most("run", Bounds(300, 3_000, 0)) == "Up to 300: the plan\u2019s 300 a day. Empty for no cap of your own."


def test_a_plan_without_a_cap_is_not_said_to_have_one() -> None:
    monthly, none = Bounds(None, 100, 5), Bounds(None, None, 1)
    assert limiting.most("day", monthly) == "Up to 105: the plan\u2019s 100 a month and 5 credits of your own. Empty for no cap of your own."
    assert limiting.most("month", none) == "Up to 1: 1 credit of your own. Empty for no cap of your own."
    assert limiting.meaning("day", 1, None, TODAY, bounds=none) == "Without it no cap limits your runs: your plan has none."


@pytest.mark.parametrize(
    ("runs", "count", "has_caps", "said"),
    [
        (0, 0, True, "There was no paid run in the last 30 days."),
        (12, 0, False, "Without a cap of your own no run of the last 30 days would have been blocked."),
        (12, 0, True, "With these caps no run of the last 30 days would have been blocked."),
        (12, 1, True, "With these caps 1 run of the last 30 days would have been blocked."),
    ],
)
def test_the_simulator_says_how_many_runs(runs: int, count: int, has_caps: bool, said: str) -> None:  # noqa: FBT001 - a parameter of the test
    assert limiting.blocked_head(Simulation(NOW, runs, count, ()), has_caps=has_caps) == said


def test_a_run_that_would_have_been_blocked_is_named_with_its_reason() -> None:
    run_id, at = ids.new_id(), NOW - timedelta(days=2)
    daily = limiting.stopped(Blocked(run_id, "cyber-studio-risk-register", at, "day", 300, 294, 16), "Europe/London", now=NOW)
    assert (daily.href, daily.title, daily.why) == (f"/runs/{run_id}/", "Risk Register Builder", "needed 16, 294 of 300 daily spent")
    assert limiting.stopped(Blocked(run_id, "gone", at, "run", 10, 0, 16), "UTC", now=NOW).why == "needed 16 in one run"


def test_a_refusal_leads_to_the_cap_that_stopped_the_run() -> None:
    own = PaymentRequired("", code="cap_daily", helps=("settings",), facts=Facts(limit=3))
    assert limiting.way_out_of(own) == ("/account/settings/credits/#daily-cap", "Raise my daily cap")
    single = PaymentRequired("", code="cap_per_run", helps=("settings",))
    assert limiting.way_out_of(single) == ("/account/settings/credits/#run-cap", "Raise my cap for one run")
    plan = PaymentRequired("", code="cap_monthly", helps=("upgrade", "purchase"))
    assert limiting.way_out_of(plan)[0] == "/account/credits/"
    assert limiting.way_out_of(PaymentRequired("", helps=("purchase",))) == ("/account/credits/", "Buy credits")
    assert limiting.way_out_of(PaymentRequired("", code="card_declined")) == ("", "")


@pytest.mark.parametrize(
    ("zone", "at", "said"),
    [
        ("Europe/London", "2026-03-29T00:30:00+00:00", "at 00:00 BST, in 22 h 30 min"),
        ("Europe/London", "2026-10-25T00:30:00+01:00", "at 00:00 GMT, in 24 h 30 min"),
        ("America/New_York", "2026-03-08T00:30:00-05:00", "at 00:00 EDT, in 22 h 30 min"),
        ("America/New_York", "2026-11-01T00:30:00-04:00", "at 00:00 EST, in 24 h 30 min"),
        ("Asia/Kolkata", "2026-03-29T00:30:00+05:30", "at 00:00 IST, in 23 h 30 min"),
        ("Asia/Kolkata", "2026-10-25T00:30:00+05:30", "at 00:00 IST, in 23 h 30 min"),
        ("Pacific/Chatham", "2026-09-27T00:30:00+12:45", "at 00:00 UTC+13:45, in 22 h 30 min"),
        ("Pacific/Chatham", "2026-04-05T00:30:00+13:45", "at 00:00 UTC+12:45, in 24 h 30 min"),
        ("Europe/London", "2026-10-25T19:00:00+00:00", "at 00:00 GMT, in 5 h"),
    ],
)
def test_a_reset_is_right_on_the_days_when_clocks_change(zone: str, at: str, said: str) -> None:
    now = datetime.fromisoformat(at).astimezone(UTC)
    _, end = next_window("day", zone, at=now, after=None)
    assert words.reset_at(end, zone, now=now).replace(words.NARROW, " ") == said
