"""What makes no sense is refused in the book's own words at every verb and by every door: nothing is written, and the key is free again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, literal_column, select, table, text, union_all

from credit_studio import schema
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import StudioError
from credit_studio.core.money import Money
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.terms import AnyCommand, Refusal
from tests.makers import commands
from tests.makers.accounts import a_grant, an_account

pytestmark = pytest.mark.usefixtures("book")
_PRINT = func.sum(func.hashtextextended(literal_column("t::text"), 0)).label("print")
_TABLES = [
    select(literal(name).label("name"), func.count().label("rows"), _PRINT).select_from(table(name).alias("t")) for name in sorted(schema.metadata.tables)
]
_ALL = union_all(*_TABLES)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stand:
    """An owner with 50 credits bought (10 of which were taken back), a run that holds 10 of them and one that spent 5; and somebody else."""

    owner: UUID
    other: UUID
    account: UUID
    grant: UUID
    bought: str
    holding: UUID
    spent: UUID


async def _stand() -> Stand:
    owner, other, bought, holding, spent = await an_account(), await an_account(5), str(ids.new_id()), ids.new_id(), ids.new_id()
    await a_grant(owner, 50, ref=bought)
    async with transaction() as tx:
        account = await ledger.account_id_of(tx, owner_id=owner)
        for run, amount in ((holding, 10), (spent, 5)):
            await ledger.hold(tx, owner_id=owner, run_id=run, amount=amount, lasts=MINUTE, zone="UTC")
        await ledger.capture(tx, owner_id=owner, run_id=spent, amount=5)
        await ledger.claw_back(tx, owner_id=owner, source="purchase", source_ref=bought, amount=10, key=str(ids.new_id()), reason="")
        grant = (await ledger.balance(tx, owner_id=owner)).grants[0].id
    return Stand(owner, other, account, grant, bought, holding, spent)


Verb = Callable[[Tx, Stand, Any, Any], Awaitable[object]]
KEYED: dict[str, Verb] = {
    "grant": lambda tx, at, amount, key: ledger.grant(tx, owner_id=at.owner, source="promo", source_ref=key, amount=amount),
    "refund": lambda tx, at, amount, key: ledger.refund(tx, owner_id=at.owner, run_id=at.spent, amount=amount, key=key, reason=""),
    "claw_back": lambda tx, at, amount, key: ledger.claw_back(
        tx, owner_id=at.owner, source="purchase", source_ref=at.bought, amount=amount, key=key, reason=""
    ),
    "reinstate": lambda tx, at, amount, key: ledger.reinstate(
        tx, owner_id=at.owner, source="purchase", source_ref=at.bought, amount=amount, key=key, reason=""
    ),
    "transfer": lambda tx, at, amount, key: ledger.transfer(tx, from_owner=at.owner, to_owner=at.other, amount=amount, key=key, note=""),
    "deduct": lambda tx, at, amount, key: ledger.deduct(tx, owner_id=at.owner, amount=amount, key=key, reason="", actor=SYSTEM),
}
OF_RUNS: dict[str, Verb] = {
    "hold": lambda tx, at, amount, key: ledger.hold(tx, owner_id=at.owner, run_id=UUID(key), amount=amount, lasts=MINUTE, zone="UTC"),
    "capture": lambda tx, at, amount, _: ledger.capture(tx, owner_id=at.owner, run_id=at.holding, amount=amount),
}
VERBS = KEYED | OF_RUNS
MADE: dict[str, Callable[[Stand, Any, Any], AnyCommand]] = {
    "grant": lambda at, amount, key: commands.grant(at.account, clock.now(), grant_id=ids.new_id(), key=key, amount=amount),
    "refund": lambda at, amount, key: commands.refund(at.account, clock.now(), run_id=at.spent, amount=amount, key=key),
    "claw_back": lambda at, amount, key: commands.claw_back(at.account, clock.now(), grant_id=at.grant, amount=amount, key=key),
    "reinstate": lambda at, amount, key: commands.reinstate(at.account, clock.now(), grant_id=at.grant, new_grant_id=ids.new_id(), amount=amount, key=key),
    "deduct": lambda at, amount, key: commands.deduct(at.account, clock.now(), amount=amount, key=key),
    "hold": lambda at, amount, key: commands.hold(at.account, clock.now(), run_id=UUID(key), amount=amount),
    "capture": lambda at, amount, _: commands.capture(at.account, clock.now(), run_id=at.holding, amount=amount),
}
no_amounts = (
    st.integers(max_value=0)
    | st.integers(min_value=MAX_CREDITS + 1)
    | st.sampled_from([2**31, 2**63 - 1, 2**63, 2**64, -(2**63), 10**30])
    | st.booleans()
    | st.floats()
    | st.decimals()
    | st.text(max_size=5)
    | st.sampled_from([None, b"5", [5], Money(500, "EUR"), "5", "5 EUR", Decimal(5)])
)
NO_KEYS = ["", "k" * 201, "k" * 10_000, "a\0b", "\ud800", "two\nlines"]


@pytest.fixture
async def batcher() -> AsyncIterator[Batcher]:
    """A batcher that lives through all examples, so that it comes to know their accounts."""
    made = Batcher()
    yield made
    await made.stop()


async def _verb(name: str, stand: Stand, amount: object, key: str) -> str:
    """What a verb says: "done", or the code of its refusal. Whatever else it raises is a fault."""
    try:
        async with transaction() as tx:
            answer = await VERBS[name](tx, stand, amount, key)
    except StudioError as refused:
        return refused.code
    return answer.code if isinstance(answer, Refusal) else "done"


async def _command(batcher: Batcher, name: str, stand: Stand, amount: object, key: str) -> str:
    """The same through a batcher."""
    try:
        answer = await batcher.submit(commands.ask(MADE[name](stand, amount, key)))
    except StudioError as refused:
        return refused.code
    return answer.code if isinstance(answer, Refusal) else "done"


async def _everything() -> dict[str, tuple[int, object]]:
    """Every table: how many rows it has, and a fingerprint of all that stands in them."""
    async with transaction() as tx:
        return {row["name"]: (row["rows"], row["print"]) for row in (await tx.execute(_ALL)).mappings()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(VERBS)), amount=no_amounts)
async def test_what_is_no_whole_number_of_credits_is_refused_by_every_verb(name: str, amount: object) -> None:
    stand, key = await _stand(), str(ids.new_id())
    before = await _everything()
    assert await _verb(name, stand, amount, key) == "invalid_amount"
    assert await _everything() == before
    assert await _verb(name, stand, 3, key) == "done"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(MADE)), amount=no_amounts)
async def test_what_is_no_whole_number_of_credits_is_refused_through_a_batcher_too(batcher: Batcher, name: str, amount: object) -> None:
    stand, key, other = await _stand(), str(ids.new_id()), str(ids.new_id())
    before = await _everything()
    assert await _command(batcher, name, stand, amount, key) == "invalid_amount"
    assert await _everything() == before
    assert await _command(batcher, "grant", stand, 1, str(ids.new_id())) == "done"
    between = await _everything()
    assert await _command(batcher, name, stand, amount, key) == "invalid_amount"
    assert await _everything() == between
    asked = ((name, stand, 3, key), ("deduct", stand, amount, other))
    assert await asyncio.gather(*(_command(batcher, *one) for one in asked)) == ["done", "invalid_amount"]
    assert await _command(batcher, "deduct", stand, 2, other) == "done"


@pytest.mark.parametrize("key", NO_KEYS, ids=lambda key: ascii(key[:3]) + str(len(key)))
@pytest.mark.parametrize("name", KEYED)
async def test_a_key_that_cannot_be_kept_is_refused_by_every_verb(name: str, key: str) -> None:
    stand = await _stand()
    before = await _everything()
    assert await _verb(name, stand, 3, key) == "invalid_key"
    assert await _everything() == before
    assert await _verb(name, stand, 3, "k" * 200) == "done"


@pytest.mark.parametrize("key", NO_KEYS, ids=lambda key: ascii(key[:3]) + str(len(key)))
async def test_a_key_that_cannot_be_kept_is_one_commands_own_fault_in_a_batch(batcher: Batcher, key: str) -> None:
    stand = await _stand()
    asked = [_command(batcher, "deduct", stand, 1, key if n == 3 else str(ids.new_id())) for n in range(6)]
    assert await asyncio.gather(*asked) == ["done", "done", "done", "invalid_key", "done", "done"]


@pytest.mark.parametrize("name", [*VERBS, "release"])
async def test_an_owner_without_an_account_is_refused_by_every_verb(name: str) -> None:
    stand = await _stand()
    stranger = Stand(ids.new_id(), stand.other, ids.new_id(), stand.grant, stand.bought, stand.holding, stand.spent)
    before = await _everything()
    with pytest.raises(StudioError, match="no account") as refused:
        async with transaction() as tx:
            await (VERBS.get(name) or _release)(tx, stranger, 3, str(ids.new_id()))
    assert refused.value.code == "unknown_account"
    assert await _everything() == before


def _release(tx: Tx, at: Stand, _amount: object, _key: object) -> Awaitable[object]:
    return ledger.release(tx, owner_id=at.owner, run_id=at.holding, reason="")


async def test_an_account_that_is_not_there_is_refused_through_a_batcher(batcher: Batcher) -> None:
    stand = await _stand()
    stranger = Stand(stand.owner, stand.other, ids.new_id(), stand.grant, stand.bought, stand.holding, stand.spent)
    before = await _everything()
    assert {await _command(batcher, name, stranger, 3, str(ids.new_id())) for name in MADE} == {"unknown_account"}
    assert await _everything() == before


@pytest.mark.parametrize(
    ("name", "amount", "code"),
    [("capture", 11, "invalid_amount"), ("refund", 6, "invalid_amount"), ("hold", 26, "insufficient_credits"), ("deduct", 26, "insufficient_credits")],
)
async def test_more_than_there_is_is_refused_and_can_be_asked_for_again(batcher: Batcher, name: str, amount: int, code: str) -> None:
    stand, key = await _stand(), str(ids.new_id())
    before = await _everything()
    assert await _verb(name, stand, amount, key) == code
    assert await _command(batcher, name, stand, amount, key) == code
    assert await _everything() == before
    assert await _verb(name, stand, amount - 1, key) == "done"


@pytest.mark.parametrize("state", ["released", "expired"])
async def test_a_hold_that_has_ended_is_ended_for_every_verb_and_door(batcher: Batcher, state: str) -> None:
    stand, expired = await _stand(), state == "expired"
    async with transaction() as tx:
        await ledger.release(tx, owner_id=stand.owner, run_id=stand.holding, reason="", expired=expired)
    before = await _everything()
    for amount in (1, 10):
        assert await _verb("capture", stand, amount, "") == "hold_ended"
        assert await _command(batcher, "capture", stand, amount, "") == "hold_ended"
    with pytest.raises(StudioError) as refused:
        async with transaction() as tx:
            await ledger.release(tx, owner_id=stand.owner, run_id=stand.holding, reason="", expired=not expired)
    assert refused.value.code == "hold_ended"
    assert await _everything() == before


@pytest.mark.parametrize("subject", ["claw_back", "reinstate"])
async def test_a_reference_that_nothing_can_have_is_unknown(subject: str) -> None:
    stand = await _stand()
    before = await _everything()
    for reference in NO_KEYS:
        with pytest.raises(StudioError) as refused:
            async with transaction() as tx:
                await getattr(ledger, subject)(tx, owner_id=stand.owner, source="purchase", source_ref=reference, amount=1, key="k", reason="")
        assert refused.value.code == "unknown_grant"
    assert await _everything() == before


HOSTILE = "caf\xe9 \0 \ud800 \U0001f4a9 \n\u202e'; DROP TABLE entry; --"


async def test_words_that_no_database_can_keep_are_kept_without_what_it_cannot(batcher: Batcher) -> None:
    stand = await _stand()
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=stand.owner, source="promo", source_ref=str(ids.new_id()), amount=1, label=HOSTILE)
        await ledger.transfer(tx, from_owner=stand.owner, to_owner=stand.other, amount=1, key=str(ids.new_id()), note=HOSTILE)
        await ledger.deduct(tx, owner_id=stand.owner, amount=1, key=str(ids.new_id()), reason=HOSTILE, actor=SYSTEM)
    command = service_release(stand)
    assert not isinstance(await batcher.submit(command), Refusal)
    async with transaction() as tx:
        notes = (await tx.execute(_NOTES, {"account": stand.account})).scalars().all()
    assert len(notes) == 3
    assert all("caf\xe9 ? ? \U0001f4a9 \n\u202e'; DROP TABLE entry; --" in note for note in notes)


def service_release(stand: Stand) -> AnyCommand:
    """A release whose reason is a hostile text: it must not keep the credits."""
    return ledger.releasing(stand.account, run_id=stand.holding, reason=HOSTILE)


_NOTES = text("SELECT result ->> 'note' FROM entry WHERE account_id = :account AND result ->> 'note' LIKE '%TABLE%' ORDER BY number")


@pytest.mark.parametrize("limit", [-1, 2**63, "5", None, 1.5, 0.0, True, MAX_CREDITS + 1])
async def test_a_cap_of_no_whole_number_is_refused(limit: Any) -> None:
    assert await _cap("own", "day", limit) == "invalid_cap"


@pytest.mark.parametrize(("subject", "label"), [("mine", "day"), ("own", "week"), ("", ""), ("own", None), (None, "day"), ("own\0", "day")])
async def test_a_cap_of_another_kind_is_refused(subject: Any, label: Any) -> None:
    assert await _cap(subject, label, 5) == "invalid_cap"


async def _cap(subject: Any, label: Any, limit: Any) -> str:
    stand = await _stand()
    before = await _everything()
    with pytest.raises(StudioError) as refused:
        async with transaction() as tx:
            await ledger.set_cap(tx, owner_id=stand.owner, subject=subject, label=label, limit=limit, zone="UTC")
    assert await _everything() == before
    return refused.value.code
