"""What refunds and disputes take: by the sum of what is gone, once, and nothing that does not divide before all of it is gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.payments import claim_rules as rules
from credit_studio.payments.claim_rules import Claim

CLAIMS = st.lists(st.tuples(st.integers(1, 6_000), st.booleans()), max_size=8).map(
    lambda drawn: [Claim(f"c{number}", amount, counts) for number, (amount, counts) in enumerate(drawn)]
)


@pytest.mark.parametrize(("back", "taken"), [(0, 0), (1, 0), (2, 1), (333, 166), (500, 250), (999, 499), (1_000, 500), (5_000, 500)])
def test_credits_go_with_the_money_and_what_does_not_divide_stays(back: int, taken: int) -> None:
    assert rules.credits_taken(500, 1_000, back) == taken


def test_an_order_for_nothing_has_nothing_to_take() -> None:
    assert rules.credits_taken(500, 0, 0) == 0


@given(credits_=st.integers(0, 20_000), amount=st.integers(1, 10_000), claims=CLAIMS)
def test_the_shares_of_all_claims_are_what_their_money_takes_together(credits_: int, amount: int, claims: list[Claim]) -> None:
    held = rules.shares(credits_, amount, claims)
    assert all(share >= 0 for share in held.values())
    assert all(held[claim.id] == 0 for claim in claims if not claim.counts)
    assert sum(held.values()) == rules.credits_taken(credits_, amount, rules.money_back(amount, claims)) <= credits_


@given(credits_=st.integers(1, 20_000), parts=st.lists(st.integers(1, 500), min_size=1, max_size=10))
def test_many_small_refunds_take_what_one_of_their_sum_takes(credits_: int, parts: list[int]) -> None:
    amount = sum(parts)
    held = rules.shares(credits_, amount, [Claim(str(number), part, counts=True) for number, part in enumerate(parts)])
    assert sum(held.values()) == credits_


def test_a_refund_and_a_dispute_of_one_payment_take_its_credits_once() -> None:
    both = [Claim("dp", 1_000, counts=True), Claim("re", 400, counts=True)]
    assert rules.shares(500, 1_000, both) == {"dp": 500, "re": 0}
    assert rules.refund_left(1_000, both) == 0


def test_a_dispute_that_is_won_leaves_what_a_refund_takes() -> None:
    assert rules.shares(500, 1_000, [Claim("dp", 1_000, counts=False), Claim("re", 400, counts=True)]) == {"dp": 0, "re": 200}


@pytest.mark.parametrize(("status", "counts"), [("pending", True), ("requires_action", True), ("succeeded", True), ("failed", False), ("canceled", False)])
def test_money_on_its_way_back_counts_and_a_refund_that_failed_does_not(status: str, *, counts: bool) -> None:
    assert rules.refund_counts(status) is counts


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("warning_needs_response", False),
        ("warning_closed", False),
        ("needs_response", True),
        ("under_review", True),
        ("lost", True),
        ("appeal_under_review", True),
        ("won", False),
        ("prevented", False),
    ],
)
def test_a_dispute_counts_until_it_is_won_and_an_inquiry_never(status: str, *, counts: bool) -> None:
    assert rules.dispute_counts(status) is counts


def test_what_was_read_before_and_comes_after_takes_nothing_back() -> None:
    assert rules.is_later_dispute("needs_response", "won")
    assert not rules.is_later_dispute("won", "needs_response")
    assert rules.is_later_dispute("lost", "appeal_under_review")
    assert rules.is_later_dispute("warning_closed", "needs_response")
    assert rules.is_later_refund("succeeded", "failed")
    assert not rules.is_later_refund("failed", "pending")
    assert not rules.is_later_refund("succeeded", "succeeded")
