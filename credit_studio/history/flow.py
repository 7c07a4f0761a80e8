"""What takes several transactions: giving a whole chain of entries out, a part at a time."""

import json
from collections.abc import AsyncGenerator
from uuid import UUID

from credit_studio.db.session import transaction
from credit_studio.history import service

_AT_ONCE = 500


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
