"""The pure decisions: the same whatever the numbers."""

import copy
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from credit_studio.core import ids
from credit_studio.ledger import rules
from credit_studio.ledger.terms import BURN_ORDER, Account, Book, Cap, Capture, Done, Grant, HoldCredits, Refusal, Release, Rule, Sheet

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = AT + timedelta(days=30)
grants_given = st.lists(st.tuples(st.sampled_from(["plan", "promo", "purchase"]), st.integers(1, 50)), max_size=6)


def a_book(grants: list[tuple[str, int]], *, plan_cap: int | None = None) -> tuple[Book, Sheet]:
    account_id = ids.new_id()
    made = [
        Grant(ids.new_id(), account_id, source, str(n), "", 10 if source == "plan" else 50, LATER, AT, amount, amount)
        for n, (source, amount) in enumerate(grants)
    ]
    sheet = Sheet(Account(account_id, ids.new_id(), posted=sum(grant.amount for grant in made)))
    sheet.grants = sorted(made, key=BURN_ORDER)
    if plan_cap is not None:
        sheet.caps = [Cap(ids.new_id(), account_id, "plan", "day", AT - timedelta(hours=1), AT + timedelta(hours=1), plan_cap)]
    return Book({account_id: sheet}), sheet


def a_hold(account_id: UUID, amount: int, run_id: UUID | None = None) -> HoldCredits:
    run = run_id or ids.new_id()
    return HoldCredits(account_id=account_id, scope="hold", key=str(run), at=AT, run_id=run, amount=amount, expires_at=LATER)


@given(grants_given, st.integers(1, 200), st.integers(0, 100))
def test_a_hold_takes_exactly_its_amount_or_nothing_at_all(grants: list[tuple[str, int]], amount: int, plan_cap: int) -> None:
    book, sheet = a_book(grants, plan_cap=plan_cap)
    before = copy.deepcopy(sheet)
    result = rules.decide(book, a_hold(sheet.account.id, amount))
    if isinstance(result, Refusal):
        assert asdict(sheet) == asdict(before) | {"lapses_from": sheet.lapses_from}  # it had not been asked for
        assert book == Book(book.sheets)
        payable = sum(n for source, n in grants if source != "plan") + min(plan_cap, sum(n for source, n in grants if source == "plan"))
        assert payable < amount
    else:
        assert result.hold is not None
        assert sum(part.amount for part in result.hold.parts) == amount == sheet.account.held
        assert all(cap.used <= plan_cap for cap in sheet.caps)


@given(grants_given, st.integers(1, 100), st.data())
def test_ending_a_hold_moves_what_was_spent_and_returns_the_rest(grants: list[tuple[str, int]], amount: int, data: st.DataObject) -> None:
    book, sheet = a_book(grants, plan_cap=1_000)
    account_id, total = sheet.account.id, sheet.account.posted
    sources = {grant.id: grant.source for grant in sheet.grants}
    command = a_hold(account_id, amount)
    if isinstance(rules.decide(book, command), Refusal):
        return
    spent = data.draw(st.integers(0, amount))
    common = {"account_id": account_id, "scope": "settle", "key": str(command.run_id), "at": AT, "run_id": command.run_id, "note": ""}
    ended = rules.decide(book, Capture(amount=spent, **common) if spent else Release(state="released", **common))  # type: ignore[arg-type]
    assert isinstance(ended, Done)
    assert (sheet.account.posted, sheet.account.held) == (total - spent, 0)
    assert sum(grant.remaining for grant in sheet.grants) == sheet.account.posted
    assert sum(grant.held for grant in sheet.grants) == 0
    paid_by_plan = sum(move.amount for move in book.entries[-1].moves if sources[move.grant_id] == "plan")
    assert [cap.used for cap in sheet.caps] == [paid_by_plan]


def test_an_own_cap_on_a_single_run_is_told_with_its_limit() -> None:
    book, sheet = a_book([("purchase", 50)])
    sheet.rules = [Rule("own", "run", 8, None)]
    refused = rules.decide(book, a_hold(sheet.account.id, 9))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.limit, refused.required) == ("cap_per_run", 8, 9)


def test_a_command_for_an_account_that_was_not_read_is_refused() -> None:
    book, _ = a_book([("purchase", 50)])
    assert rules.decide(book, a_hold(ids.new_id(), 1)) == Refusal("unknown_account")
