"""Plans in words: by the month or once, capped or not, sold or by agreement."""

from datetime import UTC, datetime

import pytest

from credit_studio.core.money import Money
from credit_studio.subscriptions.changing import PlanOffer
from credit_studio.subscriptions.views import PlanView
from credit_studio.ui import offering, planning

NOTHING = Money(0, "GBP")
HELD = PlanView("free", "Free", 0, None, datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 12, 21, tzinfo=UTC), credits_once=5)


@pytest.mark.parametrize(
    ("monthly", "once", "sentence", "figure", "line"),
    [
        (300, 0, "300 credits a month", "300", ("Credits a month", "300")),
        (0, 5, "5 credits once", "5, once", ("Credits, once", "5")),
        (0, 1, "1 credit once", "1, once", ("Credits, once", "1")),
    ],
)
def test_what_a_plan_brings_is_said_as_it_comes(monthly: int, once: int, sentence: str, figure: str, line: tuple[str, str]) -> None:
    assert (offering.brings(monthly, once), offering.figure(monthly, once), offering.line(monthly, once)) == (sentence, figure, line)


def test_a_plan_without_a_cap_and_one_by_agreement_say_so() -> None:
    assert (offering.cap(30), offering.cap(None)) == ("30", "no cap")
    assert offering.price(Money(2_000, "GBP"), by_agreement=False) == "£20 a month"
    assert (offering.price(NOTHING, by_agreement=False), offering.price(NOTHING, by_agreement=True)) == ("£0", "by agreement")


def test_the_rows_of_plans_promise_no_renewal_and_no_sale_that_there_is_not() -> None:
    free = PlanOffer("free", "Free", 0, None, NOTHING, is_held=True, change="none", credits_once=5)
    agreed = PlanOffer("enterprise", "Enterprise", 1_000, None, NOTHING, is_held=False, change="none", by_agreement=True)
    mine, theirs = planning.row(free, HELD, "UTC"), planning.row(agreed, HELD, "UTC")
    assert (mine.credits, mine.cap, mine.price, mine.verb, mine.said) == ("5, once", "no cap", "£0", "", "")
    assert (theirs.credits, theirs.price, theirs.verb, theirs.said) == ("1,000", "by agreement", "", "ask the operator")
