from datetime import UTC, datetime

import pytest

from credit_studio.core.money import Money
from credit_studio.subscriptions.changes import ChangePreview, Kind
from credit_studio.subscriptions.changing import PlanOffer
from credit_studio.subscriptions.views import PlanView
from credit_studio.ui import planning

ZONE = "Europe/London"
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
SUPPORTER = PlanOffer("supporter", "Supporter", 3_000, 300, Money(1_000, "GBP"), is_held=True, change="none")
FREE = PlanOffer("free", "Free", 300, 30, Money(0, "GBP"), is_held=False, change="cancel")


def _view(**more: object) -> PlanView:
    return PlanView("supporter", "Supporter", 3_000, 300, START, END, is_paid=True, **more)  # type: ignore[arg-type]


def _preview(kind: Kind, *, due: int = 0, starts_at: datetime | None = None, at: datetime | None = None) -> ChangePreview:
    money = Money(due, "GBP")
    return ChangePreview(kind, "supporter", "free", money, 0, at, starts_at, Money(0, "GBP"), None, ("It stays.",), ("It ends.",), ("It carries over.",))


def test_a_row_says_what_the_plan_brings_and_what_may_be_chosen() -> None:
    held, other = planning.row(SUPPORTER, _view(), ZONE), planning.row(FREE, _view(), ZONE)
    assert (held.credits, held.cap, held.price, held.verb, held.said) == ("3,000", "300", "\u00a310 a month", "", "renews 1 Dec")
    assert (other.price, other.verb, other.said) == ("\u00a30", "Downgrade", "")
    assert planning.row(SUPPORTER, _view(status="past_due"), ZONE).said == "payment failed"


def test_a_plan_that_follows_says_from_when_on() -> None:
    following = PlanOffer("free", "Free", 300, 30, Money(0, "GBP"), is_held=False, change="none")
    assert planning.row(following, _view(cancel_at=END), ZONE).said == "follows 1 Dec"


@pytest.mark.parametrize(
    ("view", "look", "head"),
    [
        (_view(), "", ""),
        (_view(status="past_due"), "due", "The payment for Supporter failed."),
        (_view(cancel_at=END), "ending", "Supporter ends on 1 December."),
        (_view(next_plan_id="free"), "changing", "Free follows on 1 December."),
    ],
)
def test_a_plan_that_does_not_simply_go_on_says_so(view: PlanView, look: str, head: str) -> None:
    told = planning.standing(view, "Free", ZONE)
    assert (told.look, told.head) == (look, head)


@pytest.mark.parametrize(
    ("kind", "question", "verb"),
    [
        ("subscribe", "Subscribe to Free for \u00a312.50 a month?", "Subscribe for \u00a312.50, at Stripe"),
        ("upgrade", "Upgrade to Free for \u00a312.50 now?", "Upgrade for \u00a312.50"),
        ("downgrade", "Change to Free on 1 December?", "Change to Free"),
        ("cancel", "End Supporter on 1 December?", "End Supporter"),
        ("resume", "Keep Supporter?", "Keep Supporter"),
        ("none", "Free is your plan.", ""),
    ],
)
def test_a_change_asks_with_its_amount_and_repeats_the_verb(kind: Kind, question: str, verb: str) -> None:
    asked = planning.change(_preview(kind, due=1_250, starts_at=END), SUPPORTER, FREE, ZONE)
    assert (asked.question, asked.verb) == (question, verb)
    assert (asked.stays, asked.ends, asked.carries) == (["It stays."], ["It ends."], ["It carries over."])


def test_the_price_that_was_shown_goes_back_with_the_yes() -> None:
    assert planning.change(_preview("upgrade", at=START), SUPPORTER, FREE, ZONE).priced_at == "2026-11-01T00:00:00+00:00"
    assert planning.change(_preview("upgrade"), SUPPORTER, FREE, ZONE).priced_at == ""
