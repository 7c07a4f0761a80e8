"""Many commands in one transaction: while one batch commits, the next gathers. No timer: alone, a command is a batch of one.

A batch that fails is done again one by one, so that a failure is one command's own. The queue is bounded, which is the back-pressure.
A caller that is cancelled does not cancel its command: whoever asks again under the same key learns what became of it.
"""

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import writing
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import Done, Refusal
from credit_studio.ledger.writing import Answer, Ask

MOST = 256
WAITING = 2_048
LANES = 2
"""Batches under way at once: one decides while another commits. They meet at the account locks, which are taken in order."""

After = Callable[[Tx, Done], Awaitable[None]]


@dataclass
class _Item:
    ask: Ask
    after: After | None
    answer: "asyncio.Future[Answer]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Batcher:
    """Carries commands out in batches; lives in the event loop that first submits to it."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(WAITING)
        self._lanes: list[asyncio.Task[None]] = []

    async def submit(self, ask: Ask, *, after: After | None = None) -> Done | Refusal:
        """Do one command; `after` adds its own writes to the same transaction when it was accepted (and not replayed).

        Raises `KeyReused`, and whatever `after` or the database raises for this command: then nothing of it was written.
        """
        if not self._lanes:
            self._lanes = [asyncio.create_task(self._work(), name=f"ledger-lane-{lane}") for lane in range(LANES)]
        item = _Item(ask, after)
        await self._queue.put(item)
        answer = await asyncio.shield(item.answer)
        if isinstance(answer, KeyReused):
            raise answer
        return answer

    async def stop(self) -> None:
        """Finish what waits, then end."""
        await self._queue.join()
        for lane in self._lanes:
            lane.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._lanes, return_exceptions=True)
        self._lanes = []

    async def _work(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await asyncio.shield(_carry_out(batch))
            for _ in batch:
                self._queue.task_done()


async def _carry_out(batch: Sequence[_Item]) -> None:
    try:
        async with transaction() as tx:
            answers = await writing.carry_out_all(tx, [item.ask for item in batch])
            for item, answer in zip(batch, answers, strict=True):
                if item.after is not None and isinstance(answer, Done) and not answer.replayed:
                    await item.after(tx, answer)
    except Exception as error:  # noqa: BLE001 - it is given to the one caller whose command it is
        if len(batch) == 1:
            _tell(batch[0], error)
        else:
            for item in batch:
                await _carry_out([item])
        return
    for item, answer in zip(batch, answers, strict=True):
        _tell(item, answer)


def _tell(item: _Item, outcome: Answer | Exception) -> None:
    if item.answer.done():
        return
    if isinstance(outcome, Exception) and not isinstance(outcome, KeyReused):
        item.answer.set_exception(outcome)
    else:
        item.answer.set_result(outcome)


@functools.cache
def batcher() -> Batcher:
    """The batcher of this process."""
    return Batcher()
