"""The one gate: what it lets through, and which limit it names when it does not."""

from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.core import clock, ids
from credit_studio.core.errors import NotFound, PaymentRequired
from credit_studio.db.session import Tx, transaction
from credit_studio.engine import gate
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import Cap, Refusal
from tests.makers.people import Someone, someone

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _cap(subject: str, label: str) -> Cap:
    return Cap(ids.new_id(), ids.new_id(), subject, label, NOON - HOUR, MIDNIGHT, 1_300, 1_299)


@pytest.mark.parametrize(
    ("refused", "said", "action", "helps"),
    [
        (Refusal("insufficient_credits", available=1_002, required=1_005), "1,002 credits available, 1,005 needed. Nothing was charged.", "Buy", "purchase"),
        (
            Refusal("insufficient_credits", available=2, held=8, required=5),
            "2 credits available, 5 needed. 8 more are held by runs in progress. Nothing was charged.",
            "Buy",
            "upgrade",
        ),
        (
            Refusal("cap_per_run", limit=4, required=5),
            "Your own cap for one run is 4 credits, and this run may need 5. Nothing was charged.",
            "Lower the inputs",
            "settings",
        ),
        (
            Refusal("cap_daily", cap=_cap("plan", "day"), required=5),
            "The plan's daily cap: 1,299 of 1,300 spent. This run needs 5. Nothing was charged.",
            "Wait until it resets, move to a larger plan",
            "upgrade",
        ),
        (
            Refusal("cap_monthly", cap=_cap("own", "month"), required=5),
            "Your own monthly cap: 1,299 of 1,300 spent. This run needs 5. Nothing was charged.",
            "Raise your cap",
            "settings",
        ),
    ],
)
def test_a_refusal_says_which_limit_how_far_and_what_helps(refused: Refusal, said: str, action: str, helps: str) -> None:
    error = gate.refusal(refused)
    assert (error.code, error.message) == (refused.code, said)
    assert error.action.startswith(action)
    assert helps in error.helps
    assert error.facts.required == refused.required


def test_the_facts_of_a_refusal_are_its_numbers() -> None:
    short = gate.refusal(Refusal("insufficient_credits", available=2, held=1, required=5)).facts
    assert (short.balance, short.held, short.required, short.shortfall) == (2, 1, 5, 3)
    capped = gate.refusal(Refusal("cap_daily", cap=_cap("plan", "day"), available=9, required=5)).facts
    assert (capped.limit, capped.spent, capped.resets_at, capped.balance, capped.shortfall) == (1_300, 1_299, MIDNIGHT, 9, None)
    one = gate.refusal(Refusal("cap_per_run", limit=4, required=5)).facts
    assert (one.limit, one.spent, one.resets_at) == (4, 0, None)


# --- with the book ----------------------------------------------------------------------------------------------------------


async def _hold(person: Someone, amount: int) -> int:
    async with transaction() as tx:
        zone = await gate.zone_of(tx, person.id)
    return (await gate.hold(person_id=person.id, run_id=ids.new_id(), amount=amount, lasts=HOUR, zone=zone, after=_nothing)).amount


async def _nothing(tx: Tx, done: object) -> None:
    """Nothing belongs to a hold of these tests."""


async def _refused(person: Someone, amount: int) -> PaymentRequired:
    with pytest.raises(PaymentRequired) as refused:
        await _hold(person, amount)
    return refused.value


async def _own_cap(person: Someone, label: str, limit: int) -> None:
    async with transaction() as tx:
        await ledger.set_cap(tx, owner_id=person.id, subject="own", label=label, limit=limit, zone="UTC")


async def test_a_hold_that_everything_allows_is_made(database: None) -> None:
    person = await someone()
    assert await _hold(person, 5) == 5
    async with transaction() as tx:
        assert (await ledger.balance(tx, owner_id=person.id)).held == 5


async def test_more_than_there_is_is_refused_with_the_shortfall(database: None) -> None:
    person = await someone(plan="pro")
    await _hold(person, 1_500)
    error = await _refused(person, 20_000)
    assert (error.code, error.facts.balance, error.facts.held, error.facts.shortfall) == ("insufficient_credits", 10_500, 1_500, 9_500)


async def test_the_plans_day_stops_the_plans_credits_and_says_until_when(database: None) -> None:
    with clock.frozen(NOON):
        person = await someone()
        await _hold(person, 28)
        error = await _refused(person, 3)
    assert (error.code, error.facts.limit, error.facts.spent, error.facts.resets_at) == ("cap_daily", 30, 28, MIDNIGHT)
    assert error.helps == ("upgrade", "purchase")


async def test_bought_credits_pass_the_plans_cap(database: None) -> None:
    person = await someone(bought=10)
    assert await _hold(person, 30) == 30
    assert await _hold(person, 10) == 10
    assert (await _refused(person, 1)).code == "cap_daily"


async def test_a_day_resets_in_the_persons_own_zone(database: None) -> None:
    with clock.frozen(NOON):
        person = await someone(zone="Asia/Kolkata")
        await _hold(person, 30)
        error = await _refused(person, 3)
    assert error.facts.resets_at == datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    with clock.frozen(datetime(2026, 3, 1, 18, 30, tzinfo=UTC)):
        assert await _hold(person, 3) == 3


async def test_a_persons_own_caps_stop_bought_credits_too(database: None) -> None:
    person = await someone(bought=100)
    await _own_cap(person, "run", 20)
    assert (await _refused(person, 21)).code == "cap_per_run"
    await _own_cap(person, "month", 25)
    await _hold(person, 20)
    error = await _refused(person, 6)
    assert (error.code, error.facts.limit, error.facts.spent, error.helps) == ("cap_monthly", 25, 20, ("settings",))


async def test_caps_are_told_shortest_window_first(database: None) -> None:
    person = await someone()
    for label, limit in (("month", 200), ("run", 9), ("day", 20)):
        await _own_cap(person, label, limit)
    await _hold(person, 7)
    async with transaction() as tx:
        states = await gate.cap_states(tx, person_id=person.id)
    told = [(state.window, state.scope, state.limit, state.used) for state in states]
    assert told[0][:3] == ("run", "own", 9)
    assert told[1:] == [("day", "own", 20, 7), ("day", "plan", 30, 7), ("month", "own", 200, 7), ("month", "plan", 300, 7)]
    assert states[0].resets_at is None
    assert all(state.resets_at is not None for state in states[1:])


async def test_nobody_has_no_zone(database: None) -> None:
    with pytest.raises(NotFound):
        async with transaction() as tx:
            await gate.zone_of(tx, ids.new_id())
