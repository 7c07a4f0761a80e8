"""What takes several transactions: giving a whole chain of entries out, a part at a time."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from credit_studio.db.session import Tx, transaction
from credit_studio.history import looking, service, store
from credit_studio.history.views import Movement

_AT_ONCE = 500
_MOVES_AT_ONCE = 1_000
Naming = Callable[[Tx, Sequence[Movement]], Awaitable[Sequence[Movement]]]
"""Gives movements back with the tools of their runs, which the book does not know."""


async def proof(*, owner_id: UUID) -> AsyncGenerator[str]:
    """The JSON that `verify.py` checks, in parts, however long the chain is: entries never change, so no transaction waits for a slow reader.

    Raises `NotFound` without an account, before the first part.
    """
    async with transaction() as tx:
        chain = await service.proof(tx, owner_id=owner_id)
        entries = await service.entries(tx, of=chain, after=0, limit=_AT_ONCE)
    yield f'{{"accountId":"{chain.account_id}","head":"{chain.head}","entries":['
    between = ""
    while entries:
        yield between + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        between = ",\n"
        async with transaction() as tx:
            entries = await service.entries(tx, of=chain, after=entries[-1]["number"], limit=_AT_ONCE)
    yield "]}\n"


async def movements(*, owner_id: UUID, since: datetime | None, until: datetime | None, naming: Naming) -> AsyncGenerator[Sequence[Movement]]:
    """Every movement of a period, the oldest first, in parts and with flat memory; what comes later is not in it. Raises `NotFound` as `proof`."""
    async with transaction() as tx:
        chain = await service.proof(tx, owner_id=owner_id)
        above, up_to = await service.span(tx, chain.account_id, length=chain.length, since=since, until=until)
        owed = await store.debt_at(tx, chain.account_id, above)
    names = looking.names_of(())
    while True:
        async with transaction() as tx:
            rows = await store.entries_after(tx, chain.account_id, names=names, above=above, up_to=up_to, limit=_MOVES_AT_ONCE)
            told: list[Movement] = []
            for row in rows:
                owed += looking.owed_by(row)
                told.append(looking.movement(row, owed=owed))
            part = await naming(tx, told)
        yield part
        if len(rows) < _MOVES_AT_ONCE:
            return
        above = rows[-1]["number"]
