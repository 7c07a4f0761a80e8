"""What becomes of results: found again, deleted and brought back, shared by a link, and gone after their time. Each step its own transaction."""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.runs import errors, presenting, rules, service, store
from credit_studio.runs.events import ResultShared, RunDeleted
from credit_studio.runs.views import Link, RunView, SharedResult, StoredResult
from credit_studio.tools import registry, validation
from credit_studio.tools.registry import AnyTool

Verb = Callable[[Actor, UUID], Awaitable[object]]
"""What can be done with one run of one's own."""

_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


async def stored(actor: Actor, tool: AnyTool, inputs: Any) -> StoredResult | None:  # noqa: ANN401 - the tool's inputs
    """The result that the caller has for just these parsed inputs and this version of the tool; None for a visitor."""
    if actor.user_id is None:
        return None
    async with transaction() as tx:
        return await service.stored(tx, person_id=actor.user_id, tool=tool, inputs_json=validation.dump(inputs))


async def tools_of(actor: Actor) -> tuple[AnyTool, ...]:
    """The tools that the caller has runs of, by title."""
    async with transaction() as tx:
        found = [registry.find_tool(tool_id) for tool_id in await store.tools_of(tx, person_id=actor.require_user())]
    return tuple(sorted((tool for tool in found if tool is not None), key=lambda tool: tool.title))


async def delete(actor: Actor, run_id: UUID) -> None:
    """Delete a run of the caller's that has ended, its result and its link; what the ledger says of it stays. Raises `NotFound`, `Conflict`."""
    person_id = actor.require_user()
    async with transaction() as tx:
        await service.view(tx, run_id=run_id, person_id=person_id)
        if not await store.mark_deleted(tx, run_id=run_id, at=clock.now()):
            raise errors.not_ended()
        await tx.emit(RunDeleted(actor=actor, run_id=run_id, person_id=person_id))


async def restore(actor: Actor, run_id: UUID) -> RunView:
    """Bring back a run that the caller deleted less than `rules.UNDO_LASTS` ago; its link is not brought back. Raises `NotFound`."""
    person_id = actor.require_user()
    async with transaction() as tx:
        if not await store.bring_back(tx, run_id=run_id, person_id=person_id, since=clock.now() - rules.UNDO_LASTS):
            raise errors.no_such_run()
        await tx.emit(RunDeleted(actor=actor, run_id=run_id, person_id=person_id, is_back=True))
        return await service.view(tx, run_id=run_id, person_id=person_id)


async def share(actor: Actor, run_id: UUID) -> Link:
    """Let a new link lead to the result of a run of the caller's, as long as it is kept; an earlier link ends. Raises `NotFound`."""
    person_id, token = actor.require_user(), secrets.token_urlsafe(_TOKEN_BYTES)
    async with transaction() as tx:
        run = await service.view(tx, run_id=run_id, person_id=person_id)
        if run.kept_until is None:
            raise errors.no_result()
        await store.put_share(tx, run_id=run_id, token_hash=_hash(token), at=clock.now())
        await tx.emit(ResultShared(actor=actor, run_id=run_id, person_id=person_id))
    return Link(token, run.kept_until)


async def unshare(actor: Actor, run_id: UUID) -> None:
    """End the link to a result of the caller's; one that had ended stays ended. Raises `NotFound`."""
    person_id = actor.require_user()
    async with transaction() as tx:
        await service.view(tx, run_id=run_id, person_id=person_id)
        if await store.end_share(tx, run_id):
            await tx.emit(ResultShared(actor=actor, run_id=run_id, person_id=person_id, is_ended=True))


async def shared(token: str) -> SharedResult:
    """The result that a link leads to, for anybody. Raises `NotFound`, in the same words whatever the reason."""
    if not _TOKEN.fullmatch(token):
        raise errors.no_such_link()
    async with transaction() as tx:
        row = await store.shared(tx, token_hash=_hash(token), since=rules.kept_since(clock.now()))
    if row is None:
        raise errors.no_such_link()
    return presenting.shared_result(row)


async def forget_old(*, batch: int = 500) -> int:
    """Remove the results whose time has passed, and those of runs that were deleted and not brought back; how many."""
    now, total = clock.now(), 0
    while True:
        async with transaction() as tx:
            dropped = await store.drop_results(tx, before=rules.kept_since(now), deleted_before=now - rules.UNDO_LASTS, limit=batch)
        total += dropped
        if dropped < batch:
            return total


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
