"""Taking a file, and clearing away: the disk is written outside of every transaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.uploads import files, rules, service
from credit_studio.uploads.views import UploadView

_GRACE = timedelta(minutes=10)
"""A file is written before its row: only what is older than a row can be, and this much more, has surely lost its row."""


async def save(actor: Actor, *, name: str, chunks: AsyncIterator[bytes]) -> UploadView:
    """Take a file of UTF-8 text up to 20 MB; it is the actor's only, and gone with the run that takes it, or after an hour.

    Raises `NotSignedIn`, `TooLarge`, `InvalidInputs` (field "file") for what is no text, `Conflict` (upload_quota) and `Unavailable`
    when the disk is full. Whatever it raises, nothing is left behind.
    """
    owner_id = actor.require_user()
    async with transaction() as tx:
        await service.check_room(tx, owner_id=owner_id)
    written = await files.write(chunks)
    try:
        async with transaction() as tx:
            return await service.add(tx, owner_id=owner_id, name=name, written=written)
    except BaseException:
        files.remove([written.path])
        raise


async def remove(paths: Sequence[str]) -> None:
    """Remove files whose rows are gone. What a crash leaves before this is a file without a row: the sweep takes it."""
    if paths:
        await asyncio.to_thread(files.remove, paths)


async def sweep() -> int:
    """Clear away what is past its time: rows first, their files after the commit, then files that a crash left without a row. How many files."""
    now = clock.now()
    async with transaction() as tx:
        expired = await service.sweep(tx, now)
    await asyncio.to_thread(files.remove, expired)
    lost = await asyncio.to_thread(files.remove_older_than, (now - rules.LIFETIME - _GRACE).timestamp())
    return len(expired) + lost
