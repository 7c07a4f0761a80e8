"""Many callers, one batch: while one batch is being written, the next gathers and is decided. No timer: alone, a command is a batch of one.

The queue is bounded, which is the back-pressure. A caller that is cancelled does not cancel its command: whoever asks again under the same
key learns what became of it.
"""

import asyncio
import contextlib
import functools
from uuid import UUID
from weakref import WeakKeyDictionary

from credit_studio.db import session
from credit_studio.ledger.desk import After, Desk, Item, Opening
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import AnyCommand, Done, Refusal

MOST = 256
MANY = 4
"""More than so many that wait are shared among the batches that can be begun; fewer are one: what every statement costs weighs more then."""
AT_ONCE = 2
"""Batches that are written at once, of different accounts: so the database has the next one when it has done with one."""
WAITING = 2_048


class Batcher:
    """Carries commands out in batches; lives in the event loop that first submits to it. `opening` opens a transaction."""

    def __init__(self, opening: Opening = session.batching) -> None:
        self._desk = Desk(opening)
        self._queue: asyncio.Queue[Item] = asyncio.Queue(WAITING)
        self._work: asyncio.Task[None] | None = None
        self._under_way: dict[asyncio.Task[bool], set[UUID]] = {}

    async def submit(self, command: AnyCommand, *, after: After | None = None) -> Done | Refusal:
        """Do one command; `after` adds its own writes to the same transaction when it was accepted (and not replayed).

        Raises `KeyReused`, and whatever `after` or the database raises for this command: then nothing of it was written.
        """
        loop = asyncio.get_running_loop()
        if self._work is None:
            self._work = loop.create_task(self._run(), name="ledger-batches")
        item = Item(command, after, loop.create_future())
        await self._queue.put(item)
        answer = await item.answer
        if isinstance(answer, KeyReused):
            raise answer
        return answer

    async def stop(self) -> None:
        """Finish what waits, then end."""
        await self._queue.join()
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
        self._work = None

    async def _run(self) -> None:
        while True:
            items = await self._gather()
            accounts = {item.command.account_id for item in items}
            batch = self._desk.decide(items)
            self._desk.begin(batch, is_void=not await self._turn(accounts))
            writing = asyncio.create_task(self._desk.carry_out(batch))
            self._under_way[writing] = accounts
            writing.add_done_callback(functools.partial(self._mark_done, len(items)))
            await asyncio.sleep(0)  # let it be sent, so that the database works while the next is decided

    async def _turn(self, accounts: set[UUID]) -> bool:
        """Wait until nothing is being written for these accounts, and there is room; False when what was written for them did not stand."""
        before = [task for task, theirs in self._under_way.items() if not theirs.isdisjoint(accounts)]
        stands = all([await task for task in before])
        while len(self._under_way) >= AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        return stands

    async def _gather(self) -> list[Item]:
        """What waits, up to `MOST`; of many, the share of one of the batches that can still be begun."""
        items = [await self._queue.get()]
        waiting, free = self._queue.qsize(), AT_ONCE - len(self._under_way)
        most = waiting // free if waiting > MANY and free > 0 else waiting
        items += [self._queue.get_nowait() for _ in range(min(most, MOST - 1))]
        return items

    def _mark_done(self, count: int, task: "asyncio.Task[bool]") -> None:
        del self._under_way[task]
        for _ in range(count):
            self._queue.task_done()


_batchers: "WeakKeyDictionary[asyncio.AbstractEventLoop, Batcher]" = WeakKeyDictionary()


def batcher() -> Batcher:
    """The batcher of this process, or rather of its event loop."""
    return _batchers.setdefault(asyncio.get_running_loop(), Batcher())
