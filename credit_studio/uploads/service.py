"""What can be done with uploads inside a given transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from credit_studio.core import clock, ids
from credit_studio.db.session import Tx
from credit_studio.uploads import files, rules, store
from credit_studio.uploads.errors import not_found, quota_full
from credit_studio.uploads.views import UploadView


async def add(tx: Tx, *, owner_id: UUID, name: str, written: files.Written) -> UploadView:
    """Write the row of a file that stands on the disk; raises `Conflict` (upload_quota) when the owner has no room left."""
    now = clock.now()
    await store.lock_owner(tx, owner_id)
    open_files, open_bytes = await store.open_of(tx, owner_id, now)
    if not rules.has_room(open_files=open_files, open_bytes=open_bytes, size=written.size):
        raise quota_full()
    view = UploadView(ids.new_id(), rules.clean_name(name), written.size, written.sha256, now + rules.LIFETIME)
    row = {"id": view.upload_id, "owner_id": owner_id, "name": view.name, "size": view.size, "sha256": view.sha256}
    await store.add(tx, row | {"path": written.path, "created_at": now, "expires_at": view.expires_at})
    return view


async def check_room(tx: Tx, *, owner_id: UUID) -> None:
    """Raise `Conflict` (upload_quota) when the owner has no room for even an empty file: before anything is read."""
    open_files, open_bytes = await store.open_of(tx, owner_id, clock.now())
    if not rules.has_room(open_files=open_files, open_bytes=open_bytes, size=0):
        raise quota_full()


async def read_text(tx: Tx, *, owner_id: UUID, upload_id: UUID) -> str:
    """The text of the owner's upload; raises `NotFound` for one that is unknown, expired or somebody else's."""
    path = await store.path_of(tx, owner_id=owner_id, upload_id=upload_id, now=clock.now())
    content = await files.read_text(path) if path else None
    if content is None:
        raise not_found()
    return content


async def take(tx: Tx, *, owner_id: UUID, upload_ids: Sequence[UUID]) -> tuple[str, ...]:
    """A run has what is in these files of the owner: their rows go. Returns the names of the files, for `flow.remove` after the commit."""
    return await store.delete_of(tx, owner_id=owner_id, upload_ids=upload_ids) if upload_ids else ()


async def sweep(tx: Tx, now: datetime) -> tuple[str, ...]:
    """Delete the rows that are past their time. Returns the names of their files, to be removed after the commit (`flow.sweep` does)."""
    return await store.delete_expired(tx, now)
