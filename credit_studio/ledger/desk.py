"""Carries batches of commands out. Accounts that were lately written are kept as sheets, so that a batch on them needs no reading.

Such a batch is decided on the sheets before its turn to be written comes, and written only if the accounts still have the revisions that
the sheets have. Whenever anything fails, its sheets are dropped and the batch is done again from what stands in the database; if it fails
there, too, its commands are done one by one, so that a failure is one command's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from uuid import UUID

from credit_studio.db.session import Tx
from credit_studio.ledger import rules, writing
from credit_studio.ledger.store import Table, Writes
from credit_studio.ledger.terms import AnyCommand, Book, ClawBack, Done, Expire, HoldCredits, Refund, Refusal, Reinstate, Sheet
from credit_studio.ledger.writing import Answer, Settling

SHEETS = 10_000
"""Accounts that are kept; a sheet has about 3 kB."""
HOLDS = 1_000
"""Open holds that are kept of an account."""
_READING = frozenset({Refund, ClawBack, Reinstate, Expire})
"""Commands that need what a sheet does not keep: ended holds, used-up grants."""

After = Callable[[Tx, Done], Awaitable[None]]
Opening = Callable[..., AbstractAsyncContextManager[Tx]]
"""Opens a transaction, as `db.session.batching` does."""


@dataclass(slots=True, eq=False)
class Item:
    """A command, what is to be written with it, and who waits for the answer."""

    command: AnyCommand
    after: After | None
    answer: "asyncio.Future[Answer]"

    def tell(self, outcome: Answer | Exception) -> None:
        """Answer, unless nobody waits any more."""
        if self.answer.done():
            return
        if isinstance(outcome, Exception) and not isinstance(outcome, writing.KeyReused):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


@dataclass(slots=True)
class Batch:
    """Commands on their way: those decided ahead with their answers and writes, and those that must read first."""

    ahead: list[tuple[Item, Answer]] = field(default_factory=list[tuple[Item, Answer]])
    writes: Writes = field(default_factory=list[Table])
    reading: list[Item] = field(default_factory=list[Item])


class Desk:
    """Decides and writes batches, those of one account one after the other, each in a transaction that `opening` opens."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._sheets: dict[UUID, Sheet] = {}

    def decide(self, items: Sequence[Item]) -> Batch:
        """Decide what the sheets allow to, on top of all batches decided before. Each batch must begin, in this order, and be carried out."""
        try:
            return self._decide(items)
        except Exception:  # noqa: BLE001 - whose fault it is is found when they are done one by one
            self._forget(items)
            return Batch(reading=list(items))

    def _decide(self, items: Sequence[Item]) -> Batch:
        batch, book = Batch(), Book({})
        reading = {item.command.account_id for item in items if not self._covers(item.command)}
        for item in items:
            account_id = item.command.account_id
            if account_id in reading:
                batch.reading.append(item)
                continue
            book.sheets[account_id] = self._sheets[account_id]
            answer = rules.decide(book, item.command)
            if isinstance(answer, Refusal):
                batch.reading.append(item)  # it may have been accepted once under the same key
            else:
                batch.ahead.append((item, answer))
        batch.writes = writing.seal(book)
        _trim(book)
        return batch

    def _covers(self, command: AnyCommand) -> bool:
        sheet = self._sheets.get(command.account_id)
        if sheet is None or type(command) in _READING:
            return False
        if isinstance(command, HoldCredits):
            return command.run_id not in sheet.holds
        return not isinstance(command, Settling) or command.run_id in sheet.holds

    def begin(self, batch: Batch, *, is_void: bool) -> None:
        """Let a batch's turn come, before the next is decided. `is_void`: one before it did not stand, so this was decided on what never was."""
        if is_void:
            self._undo(batch)
        if batch.reading:
            self._decide_after(batch)
            self._forget(batch.reading)

    def _decide_after(self, batch: Batch) -> None:
        """Decide what the batch before has read: an account that is in every batch would never be decided ahead otherwise."""
        ahead = {item.command.account_id for item, _ in batch.ahead}
        read = {item: None for item in batch.reading if item.command.account_id in self._sheets and item.command.account_id not in ahead}
        if not read:
            return
        more = self.decide(list(read))
        batch.reading = [*(item for item in batch.reading if item not in read), *more.reading]
        batch.ahead += more.ahead
        both = zip(batch.writes, more.writes, strict=bool(batch.writes and more.writes))
        batch.writes = [mine + theirs for mine, theirs in both] or batch.writes or more.writes

    async def carry_out(self, batch: Batch) -> bool:
        """Write a batch that has begun and answer its callers; False when what was decided ahead did not stand, and was done anew."""
        stands = await self._write(batch)
        if not stands:
            self._undo(batch)
        if batch.reading:
            await self._read_and_write(batch.reading)
        return stands

    def _undo(self, batch: Batch) -> None:
        batch.reading[:0] = [item for item, _ in batch.ahead]
        batch.ahead, batch.writes = [], []
        self._forget(batch.reading)

    def _forget(self, items: Sequence[Item]) -> None:
        for item in items:
            self._sheets.pop(item.command.account_id, None)

    async def _write(self, batch: Batch) -> bool:
        try:
            if batch.writes:
                async with self._opening(one_statement=all(item.after is None for item, _ in batch.ahead)) as tx:
                    await writing.write(tx, batch.writes)
                    await _write_after(tx, batch.ahead)
        except Exception:  # noqa: BLE001 - what it was is found when it is done again
            return False
        for item, answer in batch.ahead:
            item.tell(answer)
        return True

    async def _read_and_write(self, items: Sequence[Item]) -> None:
        try:
            async with self._opening() as tx:
                answers, book = await writing.carry_out_all(tx, [item.command for item in items])
                answered = list(zip(items, answers, strict=True))
                await _write_after(tx, answered)
        except Exception as error:  # noqa: BLE001 - it is given to the one caller whose command it is
            if len(items) == 1:
                items[0].tell(error)
            else:
                for item in items:
                    await self._read_and_write([item])
            return
        self._keep(book)
        for item, answer in answered:
            item.tell(answer)

    def _keep(self, book: Book) -> None:
        _trim(book)
        self._sheets |= book.sheets
        while len(self._sheets) > SHEETS:
            del self._sheets[next(iter(self._sheets))]


async def _write_after(tx: Tx, answered: Sequence[tuple[Item, Answer]]) -> None:
    for item, answer in answered:
        if item.after is not None and isinstance(answer, Done) and not answer.replayed:
            await item.after(tx, answer)


def _trim(book: Book) -> None:
    """Take off the sheets what no command decided ahead needs: ended holds, used-up grants."""
    for hold in (*book.new_holds.values(), *book.holds.values()):
        if hold.state != "open":
            del book.sheets[hold.account_id].holds[hold.run_id]
    for grant in (*book.new_grants, *book.grants):
        if not (grant.remaining or grant.held):
            book.sheets[grant.account_id].grants.remove(grant)
    for sheet in book.sheets.values():
        while len(sheet.holds) > HOLDS:
            del sheet.holds[next(iter(sheet.holds))]
