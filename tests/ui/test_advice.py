"""The one suggestion of the overview: which applies, and that the weightiest is said."""

from datetime import date, timedelta
from typing import Any

import pytest

from credit_studio.analytics.views import Booking, Forecast, Outlook
from credit_studio.ui.advice import Advice, Facts, Favourite, advise

TODAY = date(2026, 11, 20)
RISKS = Favourite("Risk Register Builder", "/cyber-studio/risk-register/", 4)


def _forecast(*, out: int | None = None, renews: int | None = None, lost: int = 0) -> Forecast:
    """Nothing left, and renewed, in so many days; `lost` credits end with the old period."""
    renewal = TODAY + timedelta(days=renews or 0)
    booked = (Booking(renewal, "expiry", lost), Booking(renewal, "renewal", 300)) if renews is not None else ()
    days = tuple(Outlook(TODAY + timedelta(days=ahead), 9, 9, 9) for ahead in range(1, 31))
    return Forecast(days, booked, None if out is None else TODAY + timedelta(days=out), "28 days, 5.2 credits a day", "UTC")


def _said(forecast: Forecast, **more: Any) -> Advice:
    plain: dict[str, Any] = {"look": "ok", "today": TODAY, "forecast": forecast, "available": 100, "own_credits": 0, "spent": 50}
    return advise(Facts(**(plain | more)))


def test_nothing_is_suggested_when_nothing_applies() -> None:
    assert _said(_forecast(renews=20), tool=RISKS, has_card=True, low=30) == Advice()


@pytest.mark.parametrize(
    ("forecast", "head"),
    [
        (_forecast(out=5, renews=15), "At this pace there are 10 days without credits before the renewal."),
        (_forecast(out=14, renews=15), "At this pace there is 1 day without credits before the renewal."),
        (_forecast(out=5), "At this pace the credits will be used up, and none are booked to come."),
    ],
)
def test_credits_that_do_not_last_are_told_with_packs_and_plans(forecast: Forecast, head: str) -> None:
    assert _said(forecast) == Advice(head, "Server runs stop then; browser runs still cost 0.", "See packs and plans", "/account/credits/")


@pytest.mark.parametrize("more", [{"spent": 0}, {"is_topped_up": True}])
def test_who_spends_nothing_or_is_topped_up_has_nothing_to_buy(more: dict[str, Any]) -> None:
    assert _said(_forecast(out=5, renews=15), **more) == Advice()
    assert _said(_forecast(out=15, renews=15)) == Advice()


@pytest.mark.parametrize("look", ["negative", "empty", "capped", "card_failed"])
def test_what_the_header_says_is_not_said_again(look: str) -> None:
    assert _said(_forecast(out=1, renews=15), look=look, reached=("own", "own")) == Advice()


def test_an_own_cap_that_is_reached_often_can_be_changed() -> None:
    said = _said(_forecast(renews=20), reached=("own", "own", "plan"))
    assert (said.head, said.label) == ("Your own daily cap was reached on 2 of the last 7 days.", "Change the cap")
    assert said.href == "/account/settings/credits/#daily-cap"
    assert _said(_forecast(renews=20), reached=("own",)) == Advice()


def test_the_plans_cap_is_told_to_who_has_only_the_plans_credits() -> None:
    assert _said(_forecast(renews=20), reached=("plan", "plan", "plan")).head.startswith("The plan’s daily cap was reached on 3 of")  # noqa: RUF001 - a typographic apostrophe
    assert _said(_forecast(renews=20), reached=("plan", "plan", "plan"), own_credits=5) == Advice()


def test_plan_credits_that_would_end_unused_are_counted_in_runs_of_the_tool_in_use() -> None:
    said = _said(_forecast(renews=7, lost=180), tool=RISKS)
    assert said.head == "The plan credits that end on 27 Nov would pay for about 45 runs of Risk Register Builder."
    assert (said.label, said.href) == ("Open Risk Register Builder", RISKS.href)
    assert _said(_forecast(renews=7, lost=7), tool=RISKS).head.endswith("about 1 run of Risk Register Builder.")


@pytest.mark.parametrize(("renews", "lost", "tool"), [(7, 3, RISKS), (7, 3_000, RISKS), (8, 180, RISKS), (7, 180, None)])
def test_few_plan_credits_far_too_many_those_of_later_and_no_tool_in_use_are_left_alone(renews: int, lost: int, tool: Favourite | None) -> None:
    assert _said(_forecast(renews=renews, lost=lost), tool=tool) == Advice()


def test_a_low_balance_with_a_saved_card_leads_to_auto_recharge_and_only_then() -> None:
    facts = {"has_card": True, "low": 101}
    assert _said(_forecast(renews=20), **facts).href == "/account/settings/credits/#buying"
    for other in ({"has_card": False}, {"low": None}, {"low": 100}, {"is_topped_up": True}):
        assert _said(_forecast(renews=20), **(facts | other)) == Advice()


def test_the_weightiest_is_said() -> None:
    every = {"reached": ("own", "own"), "tool": RISKS, "has_card": True, "low": 500}
    assert _said(_forecast(out=2, renews=6, lost=50), **every).href == "/account/credits/"
    assert _said(_forecast(renews=6, lost=50), **every).label == "Change the cap"
    assert _said(_forecast(renews=6, lost=50), **(every | {"reached": ()})).href == RISKS.href
