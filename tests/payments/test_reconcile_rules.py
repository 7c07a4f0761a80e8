"""When a check of the money is due, and what disagrees between what was sold and what was granted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from credit_studio.payments import reconcile_rules as rules
from credit_studio.payments.claim_rules import Claim

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER, BUYER, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
NAME = f"order:{ORDER}"
SOLD = rules.Sold(ORDER, BUYER, 500, 1_000, (), 0)
GRANT = rules.Granted(NAME, BUYER, 500, 0)


def codes(order: rules.Sold, *grants: rules.Granted) -> list[str]:
    """What is wrong with the order's grants."""
    return [one.code for one in rules.disagreements([order], {NAME: grants})]


def test_a_paid_order_has_its_one_grant() -> None:
    assert codes(SOLD, GRANT) == []


def test_what_brought_no_credits_needs_no_grant() -> None:
    assert codes(replace(SOLD, credits=0)) == []


@pytest.mark.parametrize(
    ("grants", "code"),
    [
        ((), "paid_not_granted"),
        ((GRANT, GRANT), "granted_twice"),
        ((replace(GRANT, amount=499),), "granted_other"),
        ((replace(GRANT, owner_id=OTHER),), "granted_to_another"),
        ((replace(GRANT, clawed=1),), "taken_other"),
    ],
)
def test_every_other_case_is_found(grants: tuple[rules.Granted, ...], code: str) -> None:
    assert codes(SOLD, *grants) == [code]


def test_what_went_back_has_taken_its_credits_in_both_books() -> None:
    back = replace(SOLD, claims=(Claim("re", 400, counts=True), Claim("dp", 1_000, counts=False)), held=200)
    assert codes(back, replace(GRANT, clawed=200)) == []
    assert codes(back, GRANT) == ["taken_other"]
    assert codes(replace(back, held=100), replace(GRANT, clawed=200)) == ["taken_other"]


def test_a_check_is_due_every_hour_and_looks_back_over_the_last_one() -> None:
    assert rules.is_due(None, NOW)
    assert rules.is_due(NOW - rules.EVERY, NOW)
    assert not rules.is_due(NOW - rules.EVERY + timedelta(seconds=1), NOW)
    assert rules.look_from(None, NOW) == NOW - rules.FIRST
    assert rules.look_from(NOW, NOW) == NOW - rules.OVERLAP
