from datetime import UTC, datetime
from uuid import UUID

import pytest

from credit_studio.engine.views import CapState
from credit_studio.ledger.views import Balance, GrantView
from credit_studio.ui import widget

NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
ID = UUID(int=1)


def _grant(source: str, amount: int, held: int = 0) -> GrantView:
    return GrantView(ID, source, amount, amount - held, held, None, 10)


def _balance(*grants: GrantView, debt: int = 0, available: int | None = None) -> Balance:
    held = sum(grant.held for grant in grants)
    total = sum(grant.remaining + grant.held for grant in grants)
    return Balance(ID, total - held if available is None else available, held, total, debt, 7, grants)


def _day(used: int, limit: int = 30, scope: str = "plan") -> CapState:
    return CapState("day", scope, limit, used, MIDNIGHT)  # type: ignore[arg-type]


def _shape(balance: Balance, *caps: CapState) -> widget.Shown:
    return widget.shape(balance, caps, "Europe/London", now=NOW)


@pytest.mark.parametrize(
    ("balance", "caps", "look"),
    [
        (_balance(_grant("plan", 300)), (_day(0),), "ok"),
        (_balance(_grant("plan", 300, held=12)), (_day(12),), "holding"),
        (_balance(_grant("plan", 277)), (_day(23),), "near"),
        (_balance(_grant("plan", 270), _grant("purchase", 500)), (_day(30),), "plan_capped"),
        (_balance(_grant("plan", 270)), (_day(30),), "capped"),
        (_balance(_grant("plan", 270), _grant("purchase", 500)), (_day(140, 140, "own"),), "capped"),
        (_balance(), (_day(30),), "empty"),
        (_balance(debt=120, available=-120), (_day(30),), "negative"),
    ],
)
def test_the_worst_state_wins(balance: Balance, caps: tuple[CapState, ...], look: str) -> None:
    assert _shape(balance, *caps).look == look


def _with_declined_card(balance: Balance, *caps: CapState) -> widget.Shown:
    return widget.shape(balance, caps, "Europe/London", now=NOW, has_card_trouble=True)


def test_a_card_that_cannot_be_charged_is_told_unless_something_is_worse() -> None:
    shown = _with_declined_card(_balance(_grant("plan", 277)), _day(23))
    assert (shown.look, shown.say_head, shown.say_tail, shown.action) == ("card_failed", "Card declined.", "Top-up is paused", "fix_card")
    assert _with_declined_card(_balance(_grant("plan", 270), _grant("purchase", 5)), _day(30)).look == "card_failed"
    assert [_with_declined_card(one, _day(30)).look for one in (_balance(), _balance(_grant("plan", 270)))] == ["empty", "capped"]


def test_the_one_action_is_a_top_up_unless_an_own_cap_is_what_stops() -> None:
    assert _shape(_balance(_grant("plan", 270)), _day(30)).action == "top_up"
    assert _shape(_balance(_grant("plan", 270), _grant("purchase", 500)), _day(140, 140, "own")).action == "limits"
    assert _shape(_balance(), _day(30, 30, "own")).action == "top_up"


def test_credits_that_are_all_held_are_no_empty_balance() -> None:
    assert _shape(_balance(_grant("plan", 5, held=5)), _day(5)).look == "holding"


def test_the_plans_cap_leaves_room_for_own_credits_and_an_own_cap_does_not() -> None:
    mixed = _balance(_grant("plan", 270), _grant("purchase", 500, held=20))
    assert _shape(mixed, _day(24)).room == 6 + 480
    assert _shape(mixed, _day(24, 30, "own")).room == 6
    assert _shape(mixed).room == 750


def test_a_cap_says_whose_it_is_how_far_and_until_when() -> None:
    shown = _shape(_balance(_grant("plan", 276)), _day(24))
    assert shown.block_head == "The plan\u2019s daily cap: 24 of 30 spent."
    assert shown.block_tail == "Resets at 00:00 GMT, in 9\u00a0h 28\u00a0min."


def test_a_reached_cap_says_when_it_resets() -> None:
    shown = _shape(_balance(_grant("plan", 270)), _day(30))
    assert (shown.say_head, shown.say_tail) == ("Plan\u2019s daily cap is reached.", "Resets at 00:00 GMT")


def test_the_name_of_the_widget_is_a_whole_sentence() -> None:
    month = CapState("month", "own", 3_000, 1_834, datetime(2026, 12, 1, tzinfo=UTC))
    shown = _shape(_balance(_grant("plan", 2_832)), _day(74, 300), month)
    assert shown.sentence == "2,832 credits available. Today 74 of 300, this month 1,834 of 3,000."


def test_the_tighter_cap_of_a_window_is_the_one_that_is_metered() -> None:
    shown = _shape(_balance(_grant("plan", 270)), _day(24, 30), _day(24, 140, "own"))
    assert [(limit.limit, limit.whose) for limit in shown.limits] == [(30, "the plan\u2019s cap")]


def test_a_debt_is_owed_and_a_purchase_repays_it() -> None:
    shown = _shape(_balance(debt=120, available=-120))
    assert (shown.say_head, shown.say_tail, shown.room) == ("120 owed.", "A purchase repays it", 0)


def test_a_cap_for_one_run_bounds_the_next_run_and_is_named() -> None:
    single = CapState("run", "own", 4, 0, None)
    shown = _shape(_balance(_grant("plan", 270)), _day(10), single)
    assert (shown.room, shown.block_head, shown.block_tail) == (4, "Your own cap for one run: 4 credits.", "")
    assert (shown.block_window, shown.block_is_own, shown.look) == ("run", True, "ok")
    tighter = _shape(_balance(_grant("plan", 270)), _day(28), single)
    assert (tighter.room, tighter.block_window, tighter.block_is_own) == (2, "day", False)


def test_a_cap_that_is_near_is_said_before_it_stops_a_run() -> None:
    near = _shape(_balance(_grant("plan", 270)), _day(23), _day(15, 20, "own"))
    assert (near.near_window, near.near_is_own) == ("day", True)
    assert (near.near_head, near.near_tail) == ("Near your own cap: 15 of 20 spent today.", "Resets at 00:00 GMT, in 9\u00a0h 28\u00a0min.")
    mixed = _shape(_balance(_grant("plan", 270), _grant("purchase", 500)), _day(24))
    assert (mixed.near_tail.endswith("Bought credits pay what goes beyond."), mixed.near_window) == (True, "")
    for calm in (_shape(_balance(_grant("plan", 270)), _day(22)), _shape(_balance(_grant("plan", 270)), _day(30)), _shape(_balance(), _day(24))):
        assert (calm.near_head, calm.near_tail) == ("", "")
