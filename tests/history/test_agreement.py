"""Whatever happened to an account: the header, the overview, the history, its files, the statements and the ledger say the same, to the credit."""

import csv
import io
from datetime import UTC, datetime

import pytest

from credit_studio.core import clock
from credit_studio.db.session import snapshot
from credit_studio.history import flow, sheets
from credit_studio.history import service as history
from credit_studio.history.views import Movement, Statement
from credit_studio.ledger import service as ledger
from credit_studio.ledger.views import Balance
from credit_studio.runs import moving
from tests.makers.histories import Life, Step, drawn, lived

pytestmark = pytest.mark.usefixtures("book")
START = datetime(2026, 1, 31, 22, tzinfo=UTC)
ZONE = "Pacific/Chatham"
LIVES = drawn(6, steps=40)


async def _paged(life: Life) -> list[Movement]:
    """The whole history, the oldest first, as the page turns it."""
    found: list[Movement] = []
    cursor = None
    async with snapshot() as tx:
        while True:
            page = await moving.movements(tx, person_id=life.owner_id, cursor=cursor, limit=7)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found[::-1]


async def _exported(life: Life) -> list[list[str]]:
    text = sheets.head(ZONE)
    async for part in flow.movements(owner_id=life.owner_id, since=None, until=None, naming=moving.with_tools):
        text += sheets.rows(part, ZONE)
    return list(csv.reader(io.StringIO(text)))[1:]


async def _statements(life: Life, until: datetime) -> list[Statement]:
    """Of every month from the beginning on."""
    months = [divmod(number, 12) for number in range(START.year * 12, until.year * 12 + until.month + 1)]
    async with snapshot() as tx:
        return [await history.statement(tx, owner_id=life.owner_id, year=year, month=month + 1, zone=ZONE) for year, month in months]


def _adds_up(told: Statement) -> bool:
    return told.closing == told.opening + told.granted + told.bought - told.used - told.expired + told.refunded + told.adjusted


async def _agree(steps: list[Step]) -> None:
    life = await lived(steps, start=START)
    now, last = life.noted[-1]
    with clock.frozen(now):
        async with snapshot() as tx:
            book: Balance = await ledger.balance(tx, owner_id=life.owner_id)
        moves, rows, months = await _paged(life), await _exported(life), await _statements(life, now)
    assert book.total == last.total == book.available + book.held == sum(move.amount for move in moves)
    assert sum(grant.remaining for grant in book.grants) - book.debt == book.available
    running = 0
    for move in moves:
        running += move.amount
        assert move.balance_after == running
    assert [(int(row[-2]), int(row[-1])) for row in rows] == [(move.amount, move.balance_after) for move in moves]
    assert all(_adds_up(told) for told in months)
    assert [told.opening for told in months] == [0, *(told.closing for told in months[:-1])]
    assert months[-1].closing == book.total
    assert sum(told.used for told in months) == -sum(move.amount for move in moves if move.kind == "consumption")


@pytest.mark.parametrize("steps", LIVES, ids=range(len(LIVES)))
async def test_all_totals_agree(steps: list[Step]) -> None:
    await _agree(steps)


@pytest.mark.soak
async def test_all_totals_agree_over_many_lives() -> None:
    for steps in drawn(200, steps=80):
        await _agree(steps)
