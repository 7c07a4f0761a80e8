"""A process to be killed: 64 callers charge runs through a batcher and note each one that was acknowledged, in a file.

`python -m tests.ledger.charging OWNER COUNT FILE`. The runs of an owner are the same in every life of the process, so that the next one
asks again for what the last one may have done. Status 0 when all are charged.
"""

import asyncio
import os
import sys
from uuid import UUID, uuid5

from credit_studio.core import clock
from credit_studio.db import session
from credit_studio.ledger import service as ledger
from credit_studio.ledger.batcher import Batcher
from credit_studio.ledger.terms import Done
from tests.makers import commands

CALLERS = 64
HELD, SPENT = 3, 2


async def charge_all(owner_id: UUID, count: int, file: int) -> None:
    """Charge every run of the owner, each caller its own ones."""
    async with session.transaction() as tx:
        account = await ledger.open_account(tx, owner_id=owner_id)
        await ledger.grant(tx, owner_id=owner_id, source="purchase", source_ref=str(owner_id), amount=HELD * count)
    batcher = Batcher()
    try:
        await asyncio.gather(*(_charge(batcher, account, [uuid5(owner_id, str(n)) for n in range(at, count, CALLERS)], file) for at in range(CALLERS)))
    finally:
        await batcher.stop()
        await session.dispose()


async def _charge(batcher: Batcher, account: UUID, runs: list[UUID], file: int) -> None:
    for run in runs:
        hold = commands.hold(account, clock.now(), run_id=run, amount=HELD)
        for command in (hold, commands.capture(account, clock.now(), run_id=run, amount=SPENT)):
            answer = await batcher.submit(commands.ask(command))
            if not isinstance(answer, Done):
                raise TypeError(answer.code)
        os.write(file, f"{run}\n".encode())


if __name__ == "__main__":
    asyncio.run(charge_all(UUID(sys.argv[1]), int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT | os.O_APPEND)))
