"""The pure decisions: the same whatever the numbers."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from credit_studio.core import ids
from credit_studio.ledger import rules
from credit_studio.ledger.terms import Account, Book, Cap, Capture, Done, Grant, HoldCredits, Refusal, Release

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = AT + timedelta(days=30)
grants_given = st.lists(st.tuples(st.sampled_from(["plan", "promo", "purchase"]), st.integers(1, 50)), max_size=6)


def a_book(grants: list[tuple[str, int]], *, plan_cap: int | None = None) -> tuple[Book, UUID]:
    account_id = ids.new_id()
    made = [
        Grant(ids.new_id(), account_id, source, str(n), "", 10 if source == "plan" else 50, LATER, AT, amount, amount, 0)
        for n, (source, amount) in enumerate(grants)
    ]
    total = sum(grant.amount for grant in made)
    book = Book({account_id: Account(account_id, ids.new_id(), total, 0, 0, 0)}, {grant.id: grant for grant in made})
    if plan_cap is not None:
        cap = Cap(account_id, "plan", "day", AT - timedelta(hours=1), AT + timedelta(hours=1), plan_cap, 0)
        book.put_cap(cap)
    return book, account_id


def a_hold(account_id: UUID, amount: int, run_id: UUID | None = None) -> HoldCredits:
    run = run_id or ids.new_id()
    return HoldCredits(account_id=account_id, scope="hold", key=str(run), at=AT, hold_id=ids.new_id(), run_id=run, amount=amount, expires_at=LATER)


@given(grants_given, st.integers(1, 200), st.integers(0, 100))
def test_a_hold_takes_exactly_its_amount_or_nothing_at_all(grants: list[tuple[str, int]], amount: int, plan_cap: int) -> None:
    book, account_id = a_book(grants, plan_cap=plan_cap)
    before = dict(book.grants), dict(book.accounts), dict(book.caps)
    result = rules.decide(book, a_hold(account_id, amount))
    if isinstance(result, Refusal):
        assert (book.grants, book.accounts, book.caps, book.entries) == (*before, [])
        payable = sum(n for source, n in grants if source != "plan") + min(plan_cap, sum(n for source, n in grants if source == "plan"))
        assert payable < amount
    else:
        assert result.hold is not None
        assert sum(part.amount for part in result.hold.parts) == amount == book.accounts[account_id].held
        assert all(cap.used <= plan_cap for cap in book.caps.values())


@given(grants_given, st.integers(1, 100), st.data())
def test_ending_a_hold_moves_what_was_spent_and_returns_the_rest(grants: list[tuple[str, int]], amount: int, data: st.DataObject) -> None:
    book, account_id = a_book(grants, plan_cap=1_000)
    total = book.accounts[account_id].posted
    command = a_hold(account_id, amount)
    if isinstance(rules.decide(book, command), Refusal):
        return
    spent = data.draw(st.integers(0, amount))
    common = {"account_id": account_id, "scope": "settle", "key": str(command.run_id), "at": AT, "run_id": command.run_id, "note": ""}
    ended = rules.decide(book, Capture(amount=spent, **common) if spent else Release(state="released", **common))  # type: ignore[arg-type]
    assert isinstance(ended, Done)
    account = book.accounts[account_id]
    assert (account.posted, account.held) == (total - spent, 0)
    assert sum(grant.remaining for grant in book.grants.values()) == account.posted
    assert sum(grant.held for grant in book.grants.values()) == 0
    paid_by_plan = sum(move.amount for move in book.entries[-1].moves if book.grants[move.grant_id].source == "plan")
    assert [cap.used for cap in book.caps.values()] == [paid_by_plan]


def test_an_own_cap_on_a_single_run_is_told_with_its_limit() -> None:
    book, account_id = a_book([("purchase", 50)])
    book.run_caps[account_id] = 8
    refused = rules.decide(book, a_hold(account_id, 9))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.limit, refused.required) == ("cap_per_run", 8, 9)


def test_a_command_for_an_account_that_was_not_read_is_refused() -> None:
    book, _ = a_book([("purchase", 50)])
    assert rules.decide(book, a_hold(ids.new_id(), 1)) == Refusal("unknown_account")
